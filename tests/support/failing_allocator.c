/* SPDX-License-Identifier: Apache-2.0
 *
 * failing_allocator.c - each block carries its size in front, so that a release with another size is seen. */
#include "failing_allocator.h"

#include <stdlib.h>

#include "test.h"

#define BLOCK_ALIVE 0x6f636b616d616c76u
#define BLOCK_DEAD  0x6f636b616d646564u

struct header {
    _Alignas(max_align_t) uint64_t magic;
    size_t size;
};

static void *failing_alloc(void *context, size_t size)
{
    failing_allocator_t *a = context;
    struct header       *header;

    if (++a->calls == a->fail_at)
        return NULL;
    if ((header = malloc(sizeof(*header) + size)) == NULL)
        abort();
    *header = (struct header){.magic = BLOCK_ALIVE, .size = size};
    memset(header + 1, 0xa5, size); /* nobody may count on zeros */
    a->live_blocks++;
    a->live_bytes += size;
    if (a->live_bytes > a->peak_bytes)
        a->peak_bytes = a->live_bytes;
    return header + 1;
}

static void failing_release(void *context, void *ptr, size_t size)
{
    failing_allocator_t *a      = context;
    struct header       *header = (struct header *)ptr - 1;
    const uint8_t       *bytes  = ptr;

    if (header->magic != BLOCK_ALIVE)
        fail_msg("released twice, or never allocated");
    if (header->size != size)
        fail_msg("allocated %zu bytes, released as %zu", header->size, size);
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            a->unwiped++;
            break;
        }
    }
    a->live_blocks--;
    a->live_bytes -= size;
    header->magic = BLOCK_DEAD;
    free(header);
}

void failing_allocator_init(failing_allocator_t *a, size_t fail_at)
{
    *a = (failing_allocator_t){.allocator = {failing_alloc, failing_release, a}, .fail_at = fail_at};
}

void failing_allocator_assert_empty(const failing_allocator_t *a)
{
    if (a->live_blocks != 0)
        fail_msg("%zu blocks with %zu bytes not released (failing call: %zu of %zu)", a->live_blocks, a->live_bytes,
                 a->fail_at, a->calls);
}

size_t failing_allocator_sweep(ockam_status_t (*body)(const ockam_allocator_t *allocator, void *context), void *context)
{
    failing_allocator_t a;
    size_t              total;

    failing_allocator_init(&a, 0);
    assert_ok(body(&a.allocator, context));
    failing_allocator_assert_empty(&a);
    total = a.calls;
    for (size_t n = 1; n <= total; n++) {
        failing_allocator_init(&a, n);
        assert_status(body(&a.allocator, context), OCKAM_NO_MEMORY);
        failing_allocator_assert_empty(&a);
    }
    return total;
}
