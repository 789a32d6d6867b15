/* SPDX-License-Identifier: Apache-2.0
 *
 * event.c - what a node tells: events, limited per second, and observations of messages. */
#include "node/node_internal.h"

#include <stdarg.h>
#include <stdio.h>

#define EVENTS_PER_SECOND 100u

void ockam_node_event(ockam_node_t *node, ockam_level_t level, const char *name, const ockam_error_t *err,
                      const char *format, ...)
{
    char          text[512];
    size_t        used;
    va_list       args;
    uint64_t      second;
    ockam_event_t event = {.level = level, .status = err != NULL ? err->status : OCKAM_OK, .name = name, .text = text};

    if (node->options.on_event == NULL)
        return;
    second = uv_now(&node->loop) / 1000;
    if (second != node->events.second) {
        node->events.second = second;
        node->events.count  = 0;
    }
    if (node->events.count++ >= EVENTS_PER_SECOND) {
        node->events.left_out++;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    used = strlen(text);
    if (err != NULL && used + 3 < sizeof(text)) {
        (void)snprintf(text + used, sizeof(text) - used, ": ");
        (void)ockam_error_text(err, text + used + 2, sizeof(text) - used - 2);
    }
    used = strlen(text);
    if (node->events.left_out > 0 && used < sizeof(text)) {
        (void)snprintf(text + used, sizeof(text) - used, " (%u events left out)", node->events.left_out);
        node->events.left_out = 0;
    }
    for (char *p = text; *p != '\0'; p++)
        if (*p < 0x20 || *p > 0x7e)
            *p = '?';
    node->busy++; /* told in the middle of something: the owner may look and stop things, not wait or run the loop */
    node->options.on_event(node->options.event_context, &event);
    node->busy--;
}

void ockam_node_observe(ockam_node_t *node, ockam_seen_t seen, const ockam_box_t *at, const ockam_message_t *m)
{
    ockam_observation_t observation;

    if (node->options.observer == NULL)
        return;
    observation = (ockam_observation_t){.seen         = seen,
                                        .onward_route = &m->onward_route,
                                        .return_route = &m->return_route,
                                        .payload      = ockam_message_payload(m)};
    if (at != NULL)
        observation.at = ockam_box_address(at);
    node->busy++;
    node->options.observer(node->options.observer_context, &observation);
    node->busy--;
}
