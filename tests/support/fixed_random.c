/* SPDX-License-Identifier: Apache-2.0
 *
 * fixed_random.c - SplitMix64 (Steele, Lea, Flood 2014), and a queue in front of it. Not random at all: for tests. */
#include "fixed_random.h"

#include "test.h"

void fixed_random_seed(fixed_random_t *random, uint64_t seed)
{
    *random = (fixed_random_t){.state = seed, .endless = true};
}

void fixed_random_queue(fixed_random_t *random)
{
    *random = (fixed_random_t){0};
}

void fixed_random_push(fixed_random_t *random, ockam_slice_t bytes)
{
    if (random->count == FIXED_RANDOM_QUEUE_MAX)
        fail_msg("the queue holds %u pieces", FIXED_RANDOM_QUEUE_MAX);
    random->queue[(random->first + random->count) % FIXED_RANDOM_QUEUE_MAX] = bytes;
    random->count++;
}

size_t fixed_random_left(const fixed_random_t *random)
{
    size_t left = 0;

    for (size_t i = 0; i < random->count; i++)
        left += random->queue[(random->first + i) % FIXED_RANDOM_QUEUE_MAX].len;
    return left;
}

static uint64_t next(fixed_random_t *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

ockam_status_t fixed_random_fill(void *context, uint8_t *out, size_t len)
{
    fixed_random_t *random = context;

    random->drawn += len;
    while (len > 0 && random->count > 0) {
        ockam_slice_t *head = &random->queue[random->first];
        const size_t   n    = head->len < len ? head->len : len;
        if (n > 0)
            memcpy(out, head->ptr, n);
        out += n;
        len -= n;
        *head = ockam_slice(head->ptr + n, head->len - n);
        if (head->len == 0) {
            random->first = (random->first + 1) % FIXED_RANDOM_QUEUE_MAX;
            random->count--;
        }
    }
    if (len > 0 && !random->endless)
        return OCKAM_IO;
    while (len > 0) {
        uint64_t     z = next(random);
        const size_t n = len < sizeof(z) ? len : sizeof(z);
        for (size_t i = 0; i < n; i++, z >>= 8)
            *out++ = (uint8_t)z;
        len -= n;
    }
    return OCKAM_OK;
}
