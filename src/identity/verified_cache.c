/* SPDX-License-Identifier: Apache-2.0
 *
 * verified_cache.c - which pairs of history and attestation have been verified: a ring of hashes, the oldest one
 * overwritten, with chains to find them by. Only signatures are ever left out because of it. No I/O, no clock. */
#include "identity/attestation.h"
#include "identity/change_history.h"
#include "identity/signed_data.h"

#define NONE UINT32_MAX

typedef struct {
    uint8_t  hash[OCKAM_SHA256_BYTES];
    uint32_t next; /* in its chain */
} entry_t;

struct ockam_verified_cache {
    const ockam_allocator_t *allocator;
    size_t                   size; /* of the allocation */
    size_t                   capacity;
    size_t                   count;
    size_t                   oldest; /* entry that makes room when all are in use */
    uint64_t                 hits, misses;
    uint32_t                *first; /* of each chain; as many as entries */
    entry_t                  entries[];
};

_Static_assert(sizeof(entry_t) + sizeof(uint32_t) == OCKAM_VERIFIED_CACHE_ENTRY_BYTES, "as documented");

ockam_status_t ockam_verified_cache_new(const ockam_allocator_t *allocator, size_t capacity,
                                        ockam_verified_cache_t **out, ockam_error_t *err)
{
    ockam_verified_cache_t *cache;
    size_t                  size;

    if (capacity == 0 || capacity > OCKAM_VERIFIED_CACHE_MAX)
        return ockam_fail(err, OCKAM_INVALID, "cache of %zu entries, 1 to %u", capacity, OCKAM_VERIFIED_CACHE_MAX);
    size = sizeof(*cache) + capacity * OCKAM_VERIFIED_CACHE_ENTRY_BYTES;
    if ((cache = (ockam_verified_cache_t *)ockam_alloc(allocator, size)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "cache of %zu bytes", size);
    cache->allocator = allocator;
    cache->size      = size;
    cache->capacity  = capacity;
    cache->first     = (uint32_t *)(void *)&cache->entries[capacity];
    for (size_t i = 0; i < capacity; i++)
        cache->first[i] = NONE;
    *out = cache;
    return OCKAM_OK;
}

void ockam_verified_cache_free(ockam_verified_cache_t *cache)
{
    if (cache != NULL)
        ockam_release(cache->allocator, cache, cache->size);
}

size_t ockam_verified_cache_count(const ockam_verified_cache_t *cache)
{
    return cache->count;
}

uint64_t ockam_verified_cache_hits(const ockam_verified_cache_t *cache)
{
    return cache->hits;
}

uint64_t ockam_verified_cache_misses(const ockam_verified_cache_t *cache)
{
    return cache->misses;
}

static uint32_t *chain_of(ockam_verified_cache_t *cache, const uint8_t hash[OCKAM_SHA256_BYTES])
{
    uint32_t number;

    memcpy(&number, hash, sizeof(number)); /* any four bytes of a hash are as good as others */
    return &cache->first[number % cache->capacity];
}

static bool contains(ockam_verified_cache_t *cache, const uint8_t hash[OCKAM_SHA256_BYTES])
{
    for (uint32_t i = *chain_of(cache, hash); i != NONE; i = cache->entries[i].next)
        if (memcmp(cache->entries[i].hash, hash, OCKAM_SHA256_BYTES) == 0)
            return true;
    return false;
}

static void forget_oldest(ockam_verified_cache_t *cache)
{
    uint32_t *link = chain_of(cache, cache->entries[cache->oldest].hash);

    while (*link != (uint32_t)cache->oldest)
        link = &cache->entries[*link].next;
    *link = cache->entries[cache->oldest].next;
}

static void add(ockam_verified_cache_t *cache, const uint8_t hash[OCKAM_SHA256_BYTES])
{
    size_t    place = cache->count;
    uint32_t *first = chain_of(cache, hash);

    if (cache->count == cache->capacity) {
        forget_oldest(cache);
        place         = cache->oldest;
        cache->oldest = (cache->oldest + 1) % cache->capacity;
    } else {
        cache->count++;
    }
    memcpy(cache->entries[place].hash, hash, OCKAM_SHA256_BYTES);
    cache->entries[place].next = *first;
    *first                     = (uint32_t)place;
}

/* Hash of the two hashes: no bytes can move from one to the other. */
static void hash_pair(ockam_vault_t *vault, ockam_slice_t history, ockam_slice_t attestation,
                      uint8_t out[OCKAM_SHA256_BYTES])
{
    uint8_t             a[OCKAM_SHA256_BYTES], b[OCKAM_SHA256_BYTES];
    const ockam_slice_t nothing = ockam_slice(NULL, 0);

    ockam_vault_sha256(vault, history, nothing, a);
    ockam_vault_sha256(vault, attestation, nothing, b);
    ockam_vault_sha256(vault, ockam_slice(a, sizeof(a)), ockam_slice(b, sizeof(b)), out);
}

ockam_status_t ockam_verified_cache_verify(ockam_verified_cache_t *cache, ockam_vault_t *vault, ockam_slice_t history,
                                           ockam_slice_t attestation, uint64_t now_s,
                                           ockam_change_history_t **out_history, ockam_attestation_t *out_attestation,
                                           ockam_error_t *err)
{
    ockam_change_history_t *verified = NULL;
    uint8_t                 hash[OCKAM_SHA256_BYTES];
    bool                    known = false;
    ockam_status_t          s;

    if (history.len > OCKAM_CHANGE_HISTORY_BYTES_MAX) /* before it is hashed */
        return ockam_fail(err, OCKAM_LIMIT, "change history of %zu bytes", history.len);
    if (cache != NULL) {
        hash_pair(vault, history, attestation, hash);
        known = contains(cache, hash);
    }
    OCKAM_PASS(ockam_change_history_decode(vault, history, NULL, !known, &verified, err));
    s = ockam_attestation_decode(vault, attestation, verified, now_s, !known, out_attestation, err);
    if (s != OCKAM_OK) {
        ockam_change_history_free(verified);
        return s;
    }
    if (cache != NULL && known) {
        cache->hits++;
    } else if (cache != NULL) {
        cache->misses++;
        add(cache, hash);
    }
    *out_history = verified;
    return OCKAM_OK;
}
