/* SPDX-License-Identifier: Apache-2.0
 *
 * example.c - options, signals and printing of the example programs. */
#include "example.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define EXIT_USAGE  64
#define EXIT_FAILED 70
#define OPTIONS_MAX 12

static const char   *program    = "example";
static const char   *trace_path = NULL;
static FILE         *trace      = NULL;
static ockam_node_t *running    = NULL; /* for the signal handler */

static void help(const char *purpose, const example_option_t *options, size_t count)
{
    printf("%s\n\nUsage: %s [OPTIONS]\n\n", purpose, program);
    for (size_t i = 0; i < count; i++) {
        char left[64];
        (void)snprintf(left, sizeof(left), "--%s%s%s", options[i].name, options[i].argument != NULL ? " " : "",
                       options[i].argument != NULL ? options[i].argument : "");
        printf("  %-24s %s", left, options[i].help);
        if (options[i].value != NULL && *options[i].value != NULL)
            printf(" [default: %s]", *options[i].value);
        printf("\n");
    }
    printf("  %-24s %s\n  %-24s %s\n", "--trace FILE", "Write a line for each message that the node sees", "--help",
           "Show this text");
}

static void usage_error(const char *what, const char *value)
{
    fprintf(stderr, "%s: %s '%s'. Try '%s --help'.\n", program, what, value, program);
    exit(EXIT_USAGE);
}

uint64_t example_number(const char *option, const char *text)
{
    char              *end   = NULL;
    unsigned long long value = 0;

    errno = 0;
    if (text[0] >= '0' && text[0] <= '9') /* no sign, no blanks */
        value = strtoull(text, &end, 10);
    if (end == NULL || *end != '\0' || errno != 0) {
        fprintf(stderr, "%s: --%s takes a number, not '%s'. Try '%s --help'.\n", program, option, text, program);
        exit(EXIT_USAGE);
    }
    return value;
}

void example_options(int argc, char **argv, const char *purpose, const example_option_t *options, size_t count)
{
    struct option table[OPTIONS_MAX + 3] = {{0}};
    bool          given[OPTIONS_MAX + 1] = {false}; /* the last is --trace */
    const char   *slash                  = strrchr(argv[0], '/');
    int           which                  = 0;

    program = slash != NULL ? slash + 1 : argv[0];
    for (size_t i = 0; i < count && i < OPTIONS_MAX; i++)
        table[i] = (struct option){options[i].name, options[i].argument != NULL ? required_argument : no_argument, NULL,
                                   (int)i + 1};
    table[count]     = (struct option){"help", no_argument, NULL, 'h'};
    table[count + 1] = (struct option){"trace", required_argument, NULL, 't'};
    while ((which = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        if (which == 'h') {
            help(purpose, options, count);
            exit(0);
        } else if (which == 't' || (which >= 1 && (size_t)which <= count)) {
            bool *before = &given[which == 't' ? OPTIONS_MAX : which - 1];
            if (*before)
                usage_error("repeated option", which == 't' ? "trace" : options[which - 1].name);
            *before = true;
            if (which == 't')
                trace_path = optarg;
            else if (options[which - 1].value != NULL)
                *options[which - 1].value = optarg;
            else
                *options[which - 1].flag = true;
        } else {
            fprintf(stderr, "Try '%s --help'.\n", program);
            exit(EXIT_USAGE);
        }
    }
    if (optind < argc)
        usage_error("unexpected argument", argv[optind]);
}

static void on_event(void *context, const ockam_event_t *event)
{
    (void)context;
    if (event->level <= OCKAM_LEVEL_WARN)
        fprintf(stderr, "%s: %s: %s\n", program, event->name, event->text);
}

/* What a node could read of a payload: text as it is, anything else as the first bytes in hex. */
static void excerpt(ockam_slice_t payload, char *text, size_t size)
{
    size_t printable = 0, start = payload.len > 0 && payload.ptr[0] < 0x20 ? 1 : 0, used = 0;

    for (size_t i = start; i < payload.len; i++)
        printable += payload.ptr[i] >= 0x20 && payload.ptr[i] < 0x7f;
    if (payload.len > start && printable == payload.len - start) {
        (void)snprintf(text, size, "\"%.*s\"", (int)(payload.len - start < 40 ? payload.len - start : 40),
                       (const char *)payload.ptr + start);
        return;
    }
    text[0] = '\0';
    for (size_t i = 0; i < payload.len && i < 12 && used + 4 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%02x", payload.ptr[i]);
    if (payload.len > 12 && used + 4 < size)
        (void)snprintf(text + used, size - used, "...");
}

static void on_message(void *context, const ockam_observation_t *o)
{
    static const char *const names[] = {"received", "sent", "delivered", "dropped"};
    char                     onward[512], back[512], text[96], at[96];

    (void)context;
    (void)ockam_route_text(o->onward_route, onward, sizeof(onward));
    (void)ockam_route_text(o->return_route, back, sizeof(back));
    (void)ockam_address_text(o->at, at, sizeof(at));
    excerpt(o->payload, text, sizeof(text));
    fprintf(trace, "%s\t%s\t%s\t%s\t%s\t%zu\t%s\n", program, names[o->seen], at, onward, back, o->payload.len, text);
    (void)fflush(trace);
}

static void on_signal(int signal_number)
{
    (void)signal_number;
    if (running != NULL)
        ockam_node_stop(running);
}

ockam_status_t example_node(ockam_node_t **out, ockam_error_t *err)
{
    ockam_node_options_t options = {.on_event = on_event};
    struct sigaction     action  = {.sa_handler = on_signal};
    struct sigaction     ignore  = {.sa_handler = SIG_IGN};

    if (trace_path != NULL) {
        if ((trace = fopen(trace_path, "w")) == NULL)
            return ockam_fail(err, OCKAM_IO, "cannot write %.80s", trace_path);
        options.observer = on_message;
    }
    OCKAM_TRY(err, ockam_node_new(&options, out, err), "node");
    running = *out;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    return OCKAM_OK;
}

int example_end(ockam_node_t *node, ockam_status_t status, const ockam_error_t *err)
{
    char text[512];

    if (node != NULL)
        ockam_ignore(ockam_node_drain(node, OCKAM_STOP_TIMEOUT_MS, NULL)); /* a goodbye may still be on its way */
    running = NULL;
    ockam_node_free(node);
    if (trace != NULL)
        (void)fclose(trace);
    if (status == OCKAM_OK || status == OCKAM_CLOSED) /* stopped by a signal: as asked */
        return 0;
    (void)ockam_error_text(err, text, sizeof(text));
    fprintf(stderr, "%s: %s\n", program, text);
    return EXIT_FAILED;
}
