/* SPDX-License-Identifier: Apache-2.0
 *
 * fixed_random.h - randomness that is the same in every run: from a seed, or bytes that the test gives. */
#ifndef OCKAM_TEST_FIXED_RANDOM_H
#define OCKAM_TEST_FIXED_RANDOM_H

#include "ockam/bytes.h"

#define FIXED_RANDOM_QUEUE_MAX 64u

typedef struct {
    uint64_t      state;
    bool          endless;                       /* goes on from the seed when the queue is empty */
    ockam_slice_t queue[FIXED_RANDOM_QUEUE_MAX]; /* borrowed */
    size_t        first, count;
    size_t        drawn; /* bytes given out so far */
} fixed_random_t;

/** Endless bytes that depend on `seed` alone. */
void fixed_random_seed(fixed_random_t *random, uint64_t seed);
/** Only what fixed_random_push() gives; when that is used up, OCKAM_IO. */
void fixed_random_queue(fixed_random_t *random);
/** Bytes that come before all others, in the order of the calls; borrowed until they are drawn. */
void fixed_random_push(fixed_random_t *random, ockam_slice_t bytes);
/** Bytes that are pushed and not drawn. */
size_t fixed_random_left(const fixed_random_t *random);
/** An ockam_random_fn; `context` is the fixed_random_t. */
ockam_status_t fixed_random_fill(void *context, uint8_t *out, size_t len);

#endif
