/* SPDX-License-Identifier: Apache-2.0
 *
 * allocator_malloc.c - the allocator of programs with an operating system. Alone in its file: devices do not link it. */
#include "ockam/bytes.h"

#include <stdlib.h>

static void *malloc_alloc(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void malloc_release(void *context, void *ptr, size_t size)
{
    (void)context;
    (void)size;
    free(ptr);
}

const ockam_allocator_t *ockam_allocator_malloc(void)
{
    static const ockam_allocator_t allocator = {malloc_alloc, malloc_release, NULL};
    return &allocator;
}
