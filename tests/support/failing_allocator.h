/* SPDX-License-Identifier: Apache-2.0
 *
 * failing_allocator.h - an allocator that counts, fails when told to, and notices leaks and releases that are wrong. */
#ifndef OCKAM_TEST_FAILING_ALLOCATOR_H
#define OCKAM_TEST_FAILING_ALLOCATOR_H

#include "ockam/bytes.h"

typedef struct {
    ockam_allocator_t allocator;   /* give &a.allocator to the code under test */
    size_t            calls;       /* allocations asked for so far, failed ones included */
    size_t            fail_at;     /* this call fails, counted from 1; 0: none does */
    size_t            live_blocks; /* not released yet */
    size_t            live_bytes;
    size_t            peak_bytes; /* most bytes alive at one time */
    size_t            unwiped;    /* blocks that held something else than zeros when they were released */
} failing_allocator_t;

/** Count from zero; the call number `fail_at` will fail (0: none). Nothing may be alive from earlier use. */
void failing_allocator_init(failing_allocator_t *a, size_t fail_at);
/** Everything has been released; otherwise the test fails. */
void failing_allocator_assert_empty(const failing_allocator_t *a);

/**
 * Run `body` once without failure, which must give OCKAM_OK, then once for each of its allocations with that one failing,
 * which must give OCKAM_NO_MEMORY. After each run nothing may be alive. `body` makes and frees everything by itself.
 * @return how many allocations `body` makes
 */
size_t failing_allocator_sweep(ockam_status_t (*body)(const ockam_allocator_t *allocator, void *context),
                               void *context);

#endif
