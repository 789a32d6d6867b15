/* SPDX-License-Identifier: Apache-2.0
 *
 * status.c - names and kinds of statuses, and the error trail. */
#include "ockam/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char  *name;
    const char  *text;
    ockam_kind_t kind;
} statuses[OCKAM_STATUS_COUNT] = {
#define ROW(name, kind, text) [OCKAM_##name] = {#name, text, OCKAM_KIND_##kind},
    OCKAM_STATUS_LIST(ROW)
#undef ROW
};

ockam_kind_t ockam_status_kind(ockam_status_t status)
{
    return (unsigned)status < OCKAM_STATUS_COUNT ? statuses[status].kind : OCKAM_KIND_BUG;
}

const char *ockam_status_name(ockam_status_t status)
{
    return (unsigned)status < OCKAM_STATUS_COUNT ? statuses[status].name : "UNKNOWN";
}

const char *ockam_status_text(ockam_status_t status)
{
    return (unsigned)status < OCKAM_STATUS_COUNT ? statuses[status].text : "unknown status";
}

ockam_status_t ockam_error_start(ockam_error_t *err, ockam_status_t status, int os_errno, const char *func,
                                 const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return status;
    err->status        = status;
    err->os_errno      = os_errno;
    err->depth         = 1;
    err->frame[0].func = func;
    va_start(args, format);
    (void)vsnprintf(err->frame[0].note, sizeof(err->frame[0].note), format, args);
    va_end(args);
    return status;
}

ockam_status_t ockam_error_wrap(ockam_error_t *err, ockam_status_t status, const char *func, const char *note)
{
    if (err == NULL)
        return status;
    if (err->status != status || err->depth == 0) { /* the callee left no trail of its own */
        err->status   = status;
        err->os_errno = 0;
        err->depth    = 0;
    }
    if (err->depth < OCKAM_ERROR_FRAMES) {
        err->frame[err->depth].func = func;
        (void)snprintf(err->frame[err->depth].note, sizeof(err->frame[0].note), "%s", note);
        err->depth++;
    }
    return status;
}

size_t ockam_error_text(const ockam_error_t *err, char *text, size_t size)
{
    size_t      used   = 0;
    const char *system = err->os_errno != 0 ? strerror(err->os_errno) : NULL;

    if (size > 0)
        text[0] = '\0';
    for (unsigned i = err->depth; i-- > 0;) {
        const char  *note = err->frame[i].note;
        const size_t len  = strlen(note);
        if (len == 0)
            continue;
        if (used < size)
            (void)snprintf(text + used, size - used, "%s: ", note);
        used += len + 2;
    }
    if (used < size)
        (void)snprintf(text + used, size - used, "%s", system != NULL ? system : ockam_status_text(err->status));
    return used + strlen(system != NULL ? system : ockam_status_text(err->status));
}
