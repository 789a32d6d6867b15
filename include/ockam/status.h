/* SPDX-License-Identifier: Apache-2.0
 *
 * status.h - what a call answers: one status, and one error trail that says where and why it failed. */
#ifndef OCKAM_STATUS_H
#define OCKAM_STATUS_H

#include <stddef.h>

#include "ockam/compiler.h"

OCKAM_BEGIN_DECLS

/**
 * Every status of the library: X(name, kind, text). Names, kinds and texts come from this list alone.
 * Values may be added at the end of a kind; compare with names and kinds, never with numbers.
 */
#define OCKAM_STATUS_LIST(X)                                                                                           \
    X(OK, NONE, "success")                                                                                             \
    X(PENDING, PROGRESS, "the answer comes later")                                                                     \
    X(NEED_MORE, PROGRESS, "more input is needed")                                                                     \
    X(INVALID, USAGE, "the caller's argument is not acceptable")                                                       \
    X(NOT_FOUND, USAGE, "no such thing")                                                                               \
    X(EXISTS, USAGE, "it exists already")                                                                              \
    X(WRONG_STATE, USAGE, "this call is not allowed here or now")                                                      \
    X(UNSUPPORTED, USAGE, "this build or provider cannot do it")                                                       \
    X(NO_MEMORY, RESOURCE, "allocation failed")                                                                        \
    X(LIMIT, RESOURCE, "a documented limit was reached")                                                               \
    X(TIMEOUT, RESOURCE, "time is up")                                                                                 \
    X(CLOSED, RESOURCE, "the other end or the owner has closed it")                                                    \
    X(IO, SYSTEM, "the operating system refused")                                                                      \
    X(CORRUPT, SYSTEM, "stored data is damaged")                                                                       \
    X(MALFORMED, PEER, "input breaks its encoding")                                                                    \
    X(OUT_OF_ORDER, PEER, "not expected in this state")                                                                \
    X(NOT_AUTHENTIC, PEER, "an authenticity check failed")                                                             \
    X(REPLAYED, PEER, "seen before, or outside the replay window")                                                     \
    X(EXPIRED, PEER, "outside its time of validity")                                                                   \
    X(CONFLICT, PEER, "contradicts what is already known")                                                             \
    X(DENIED, POLICY, "refused by policy")                                                                             \
    X(INTERNAL, BUG, "the program is wrong")

#define OCKAM_STATUS_ENUM(name, kind, text) OCKAM_##name,
typedef enum { OCKAM_STATUS_LIST(OCKAM_STATUS_ENUM) OCKAM_STATUS_COUNT } ockam_status_t;
#undef OCKAM_STATUS_ENUM

/** Whose doing a status is. Callers decide by kind: log level, close the connection or not, retry or not. */
typedef enum {
    OCKAM_KIND_NONE,     /* success */
    OCKAM_KIND_PROGRESS, /* not yet */
    OCKAM_KIND_USAGE,    /* the caller asked for something that cannot be */
    OCKAM_KIND_RESOURCE, /* memory, time or a limit */
    OCKAM_KIND_SYSTEM,   /* the operating system or a file */
    OCKAM_KIND_PEER,     /* the other end sent something wrong */
    OCKAM_KIND_POLICY,   /* refused on purpose */
    OCKAM_KIND_BUG       /* ours */
} ockam_kind_t;

OCKAM_API ockam_kind_t ockam_status_kind(ockam_status_t status);
/** The name without prefix, for example "NOT_AUTHENTIC"; "UNKNOWN" for a value outside the enum. Static storage. */
OCKAM_API const char *ockam_status_name(ockam_status_t status);
/** One short lower-case sentence, for people. Static storage. */
OCKAM_API const char *ockam_status_text(ockam_status_t status);

#define OCKAM_ERROR_FRAMES     6u
#define OCKAM_ERROR_NOTE_BYTES 96u

/**
 * The trail of one failure, filled from the innermost call outwards. Owned by the caller, who starts it as {0} and may
 * reuse it: the first failure overwrites whatever was in it. Every `err` parameter of the library may be NULL.
 */
typedef struct ockam_error {
    ockam_status_t status;
    int            os_errno; /* 0 unless the system refused something */
    unsigned       depth;    /* frames in use, innermost first; frames beyond the array are dropped */
    struct {
        const char *func;
        char        note[OCKAM_ERROR_NOTE_BYTES];
    } frame[OCKAM_ERROR_FRAMES];
} ockam_error_t;

/** Start a trail, as {0} does, without clearing its 600 bytes: for what is done for every message. */
static inline void ockam_error_clear(ockam_error_t *err)
{
    err->status   = OCKAM_OK;
    err->os_errno = 0;
    err->depth    = 0;
}

/**
 * Write the trail as one line, outermost note first: "message 2: change history: signature of change 1: an
 * authenticity check failed". Always NUL-terminated when `size` > 0.
 * @return the bytes needed without the NUL, as snprintf does.
 */
OCKAM_API size_t ockam_error_text(const ockam_error_t *err, char *text, size_t size);

/** Start a trail. Use the macro ockam_fail(); `format` makes the note: lengths, counts, addresses, never secrets. */
OCKAM_API OCKAM_COLD ockam_status_t ockam_error_start(ockam_error_t *err, ockam_status_t status, int os_errno,
                                                      const char *func, const char *format, ...) OCKAM_PRINTF(5, 6);
/** Add what this layer knows to a trail started below. @return `status`, unchanged. */
OCKAM_API OCKAM_COLD ockam_status_t ockam_error_wrap(ockam_error_t *err, ockam_status_t status, const char *func,
                                                     const char *note);

/* A call that gives back the status it was given. Static analysers, which see one file at a time, are told so. */
#ifndef __clang_analyzer__
#define OCKAM_GIVES(status, call) (call)
#else
#define OCKAM_GIVES(status, call) ((void)(call), (status))
#endif

#define ockam_fail(err, status, ...) OCKAM_GIVES((status), ockam_error_start((err), (status), 0, __func__, __VA_ARGS__))
#define ockam_fail_os(err, os_errno, ...)                                                                              \
    OCKAM_GIVES(OCKAM_IO, ockam_error_start((err), OCKAM_IO, (os_errno), __func__, __VA_ARGS__))

/** For the few calls whose failure changes nothing: say so. */
static inline void ockam_ignore(ockam_status_t status)
{
    (void)status;
}

/** Leave the function with the status of `call` if it is not OCKAM_OK, adding `note` to the trail. */
#define OCKAM_TRY(err, call, note)                                                                                     \
    do {                                                                                                               \
        const ockam_status_t try_status = (call);                                                                      \
        if (OCKAM_UNLIKELY(try_status != OCKAM_OK))                                                                    \
            return OCKAM_GIVES(try_status, ockam_error_wrap((err), try_status, __func__, (note)));                     \
    } while (0)

OCKAM_END_DECLS

#endif
