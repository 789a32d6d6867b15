/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.c - a chained hash table of addresses in their wire form, so that the front of a route is looked up as it
 * stands; and the set of live flows. */
#include "node/directory.h"

#include "wire/cbor.h"

#define BUCKETS_FIRST 64u
#define FLOWS_INLINE  4u

typedef struct entry {
    struct entry    *next;
    ockam_box_t     *box;
    ockam_flow_id_t *flows;
    size_t           flow_count, flow_cap;
    ockam_flow_id_t  few[FLOWS_INLINE];
    uint64_t         hash;
    size_t           len;
    uint8_t          bytes[];
} entry_t;

typedef struct flow {
    struct flow    *next;
    ockam_flow_id_t id;
    size_t          consumers;
} flow_t;

struct ockam_directory {
    const ockam_allocator_t *allocator;
    entry_t                **buckets;
    size_t                   bucket_count, entry_count;
    flow_t                 **flow_buckets;
    size_t                   flow_bucket_count, flow_count;
    ockam_flow_id_t          last_flow;
};

/* FNV-1a over 8 bytes at a time. Peers choose what is looked up, never what is entered, so it need not be keyed. */
static uint64_t hash_bytes(const uint8_t *bytes, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u ^ len;

    for (; len >= 8; bytes += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        h = (h ^ word) * 0x9fb21c651e98df25u;
        h ^= h >> 32;
    }
    for (; len > 0; bytes++, len--)
        h = (h ^ *bytes) * 0x100000001b3u;
    return h ^ (h >> 29);
}

ockam_directory_t *ockam_directory_new(const ockam_allocator_t *allocator)
{
    ockam_directory_t *d = (ockam_directory_t *)ockam_alloc(allocator, sizeof(*d));

    if (d == NULL)
        return NULL;
    d->allocator         = allocator;
    d->bucket_count      = BUCKETS_FIRST;
    d->flow_bucket_count = BUCKETS_FIRST;
    d->buckets           = (entry_t **)ockam_alloc(allocator, BUCKETS_FIRST * sizeof(entry_t *));
    d->flow_buckets      = (flow_t **)ockam_alloc(allocator, BUCKETS_FIRST * sizeof(flow_t *));
    if (d->buckets == NULL || d->flow_buckets == NULL) {
        ockam_directory_free(d);
        return NULL;
    }
    return d;
}

static void entry_free(ockam_directory_t *d, entry_t *e)
{
    if (e->flows != e->few)
        ockam_release(d->allocator, e->flows, e->flow_cap * sizeof(*e->flows));
    ockam_release(d->allocator, e, sizeof(*e) + e->len);
}

void ockam_directory_free(ockam_directory_t *d)
{
    if (d == NULL)
        return;
    for (size_t i = 0; d->buckets != NULL && i < d->bucket_count; i++)
        for (entry_t *e = d->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            entry_free(d, e);
        }
    for (size_t i = 0; d->flow_buckets != NULL && i < d->flow_bucket_count; i++)
        for (flow_t *f = d->flow_buckets[i], *next; f != NULL; f = next) {
            next = f->next;
            ockam_release(d->allocator, f, sizeof(*f));
        }
    ockam_release(d->allocator, d->buckets, d->bucket_count * sizeof(*d->buckets));
    ockam_release(d->allocator, d->flow_buckets, d->flow_bucket_count * sizeof(*d->flow_buckets));
    ockam_release(d->allocator, d, sizeof(*d));
}

static entry_t **slot_of(const ockam_directory_t *d, const uint8_t *bytes, size_t len, uint64_t hash)
{
    entry_t **slot = &d->buckets[hash & (d->bucket_count - 1)];

    while (*slot != NULL && ((*slot)->hash != hash || (*slot)->len != len || memcmp((*slot)->bytes, bytes, len) != 0))
        slot = &(*slot)->next;
    return slot;
}

static void grow(ockam_directory_t *d)
{
    const size_t count   = d->bucket_count * 2;
    entry_t    **buckets = (entry_t **)ockam_alloc(d->allocator, count * sizeof(*buckets));

    if (buckets == NULL)
        return; /* slower, not wrong */
    for (size_t i = 0; i < d->bucket_count; i++)
        for (entry_t *e = d->buckets[i], *next; e != NULL; e = next) {
            next                           = e->next;
            e->next                        = buckets[e->hash & (count - 1)];
            buckets[e->hash & (count - 1)] = e;
        }
    ockam_release(d->allocator, d->buckets, d->bucket_count * sizeof(*d->buckets));
    d->buckets      = buckets;
    d->bucket_count = count;
}

/* The entry of an address, made if need be. */
static entry_t *entry_get(ockam_directory_t *d, ockam_slice_t encoded)
{
    const uint64_t hash = hash_bytes(encoded.ptr, encoded.len);
    entry_t      **slot = slot_of(d, encoded.ptr, encoded.len, hash);
    entry_t       *e    = *slot;

    if (e != NULL)
        return e;
    if ((e = (entry_t *)ockam_alloc(d->allocator, sizeof(*e) + encoded.len)) == NULL)
        return NULL;
    e->flows    = e->few;
    e->flow_cap = FLOWS_INLINE;
    e->hash     = hash;
    e->len      = encoded.len;
    memcpy(e->bytes, encoded.ptr, encoded.len);
    *slot = e;
    if (++d->entry_count > d->bucket_count)
        grow(d);
    return e;
}

/* An entry without a mailbox and without flows has no reason to stay. */
static void entry_drop_if_idle(ockam_directory_t *d, entry_t *e)
{
    if (e->box != NULL || e->flow_count > 0)
        return;
    *slot_of(d, e->bytes, e->len, e->hash) = e->next;
    d->entry_count--;
    entry_free(d, e);
}

static ockam_status_t encode(ockam_address_t address, ockam_route_t *route, ockam_slice_t *out, ockam_error_t *err)
{
    *route = (ockam_route_t){0};
    OCKAM_TRY(err, ockam_route_append(route, address, err), "address");
    *out = ockam_slice(route->bytes + route->start, (size_t)(route->end - route->start));
    return OCKAM_OK;
}

static flow_t **flow_slot(const ockam_directory_t *d, ockam_flow_id_t id)
{
    flow_t **slot = &d->flow_buckets[id & (d->flow_bucket_count - 1)];

    while (*slot != NULL && (*slot)->id != id)
        slot = &(*slot)->next;
    return slot;
}

ockam_status_t ockam_directory_add(ockam_directory_t *d, ockam_address_t address, ockam_box_t **out, ockam_error_t *err)
{
    ockam_route_t route;
    ockam_slice_t encoded = {0};
    entry_t      *e;
    ockam_box_t  *box;

    OCKAM_TRY(err, encode(address, &route, &encoded, err), "mailbox");
    if ((e = entry_get(d, encoded)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "directory of %zu addresses", d->entry_count);
    if (e->box != NULL)
        return ockam_fail(err, OCKAM_EXISTS, "a worker has the address %.*s",
                          (int)(address.value.len < 64 ? address.value.len : 64), (const char *)address.value.ptr);
    if ((box = (ockam_box_t *)ockam_alloc(d->allocator, sizeof(*box) + encoded.len)) == NULL) {
        entry_drop_if_idle(d, e);
        return ockam_fail(err, OCKAM_NO_MEMORY, "mailbox");
    }
    box->refs        = 1;
    box->encoded_len = encoded.len;
    memcpy(box->encoded, encoded.ptr, encoded.len);
    e->box = box;
    *out   = box;
    return OCKAM_OK;
}

static void entry_drop_flow(ockam_directory_t *d, entry_t *e, size_t index)
{
    flow_t *flow = *flow_slot(d, e->flows[index]);

    if (flow != NULL)
        flow->consumers--;
    e->flows[index] = e->flows[--e->flow_count];
}

void ockam_directory_remove(ockam_directory_t *d, ockam_box_t *box)
{
    entry_t *e = *slot_of(d, box->encoded, box->encoded_len, hash_bytes(box->encoded, box->encoded_len));

    if (e != NULL && e->box == box) {
        e->box = NULL;
        while (e->flow_count > 0)
            entry_drop_flow(d, e, e->flow_count - 1);
        entry_drop_if_idle(d, e);
    }
    ockam_box_unref(d, box);
}

void ockam_box_unref(ockam_directory_t *d, ockam_box_t *box)
{
    if (box != NULL && --box->refs == 0)
        ockam_release(d->allocator, box, sizeof(*box) + box->encoded_len);
}

ockam_address_t ockam_box_address(const ockam_box_t *box)
{
    /* 82 <type> <head of the value> value, as encoded by ockam_route_append() */
    ockam_reader_t     r       = ockam_reader(ockam_slice(box->encoded, box->encoded_len));
    ockam_cbor_items_t items   = {0};
    uint64_t           type    = 0;
    ockam_address_t    address = {0};

    if (ockam_cbor_enter_array(&r, &items, NULL) == OCKAM_OK &&
        ockam_cbor_read_uint(&r, UINT8_MAX, &type, NULL) == OCKAM_OK &&
        ockam_cbor_read_bytes(&r, &address.value, NULL) == OCKAM_OK)
        address.type = (uint8_t)type;
    return address;
}

static ockam_found_t found(const entry_t *e)
{
    ockam_found_t f = {0};

    if (e != NULL) {
        f.box        = e->box;
        f.flows      = e->flows;
        f.flow_count = e->flow_count;
    }
    return f;
}

ockam_found_t ockam_directory_find_first(const ockam_directory_t *d, const ockam_route_t *route)
{
    const uint8_t  *p = route->bytes + route->start;
    ockam_address_t first;
    size_t          len;

    if (ockam_route_first(route, &first, NULL) != OCKAM_OK)
        return (ockam_found_t){0};
    len = (size_t)(first.value.ptr + first.value.len - p);
    return found(*slot_of(d, p, len, hash_bytes(p, len)));
}

ockam_found_t ockam_directory_find(const ockam_directory_t *d, ockam_address_t address)
{
    ockam_route_t route;
    ockam_slice_t encoded = {0};

    if (encode(address, &route, &encoded, NULL) != OCKAM_OK)
        return (ockam_found_t){0};
    return found(*slot_of(d, encoded.ptr, encoded.len, hash_bytes(encoded.ptr, encoded.len)));
}

bool ockam_found_allows(const ockam_found_t *f, ockam_flow_id_t flow)
{
    if (flow == 0)
        return false;
    for (size_t i = 0; i < f->flow_count; i++)
        if (f->flows[i] == flow)
            return true;
    return false;
}

ockam_flow_id_t ockam_directory_flow_new(ockam_directory_t *d)
{
    flow_t *flow = (flow_t *)ockam_alloc(d->allocator, sizeof(*flow));

    if (flow == NULL)
        return 0;
    if (d->flow_count > d->flow_bucket_count) {
        const size_t count   = d->flow_bucket_count * 2;
        flow_t     **buckets = (flow_t **)ockam_alloc(d->allocator, count * sizeof(*buckets));
        for (size_t i = 0; buckets != NULL && i < d->flow_bucket_count; i++)
            for (flow_t *f = d->flow_buckets[i], *next; f != NULL; f = next) {
                next                         = f->next;
                f->next                      = buckets[f->id & (count - 1)];
                buckets[f->id & (count - 1)] = f;
            }
        if (buckets != NULL) {
            ockam_release(d->allocator, d->flow_buckets, d->flow_bucket_count * sizeof(*d->flow_buckets));
            d->flow_buckets      = buckets;
            d->flow_bucket_count = count;
        }
    }
    flow->id                = ++d->last_flow;
    *flow_slot(d, flow->id) = flow;
    d->flow_count++;
    return flow->id;
}

void ockam_directory_flow_end(ockam_directory_t *d, ockam_flow_id_t id)
{
    flow_t **slot = flow_slot(d, id);
    flow_t  *flow = *slot;

    if (id == 0 || flow == NULL)
        return;
    for (size_t i = 0; flow->consumers > 0 && i < d->bucket_count; i++)
        for (entry_t *e = d->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            for (size_t k = 0; k < e->flow_count; k++)
                if (e->flows[k] == id) {
                    entry_drop_flow(d, e, k);
                    break;
                }
            entry_drop_if_idle(d, e);
        }
    slot  = flow_slot(d, id);
    *slot = flow->next;
    d->flow_count--;
    ockam_release(d->allocator, flow, sizeof(*flow));
}

ockam_status_t ockam_directory_allow(ockam_directory_t *d, ockam_flow_id_t id, ockam_address_t address,
                                     ockam_error_t *err)
{
    flow_t       *flow = *flow_slot(d, id);
    ockam_route_t route;
    ockam_slice_t encoded = {0};
    entry_t      *e;
    ockam_found_t present;

    if (id == 0 || flow == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "flow %llu", (unsigned long long)id);
    OCKAM_TRY(err, encode(address, &route, &encoded, err), "consumer");
    if ((e = entry_get(d, encoded)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "directory of %zu addresses", d->entry_count);
    present = found(e);
    if (ockam_found_allows(&present, id))
        return OCKAM_OK;
    if (e->flow_count == e->flow_cap) {
        const size_t     cap   = e->flow_cap * 2;
        ockam_flow_id_t *flows = (ockam_flow_id_t *)ockam_alloc(d->allocator, cap * sizeof(*flows));
        if (flows == NULL)
            return ockam_fail(err, OCKAM_NO_MEMORY, "%zu flows of one address", cap);
        memcpy(flows, e->flows, e->flow_count * sizeof(*flows));
        if (e->flows != e->few)
            ockam_release(d->allocator, e->flows, e->flow_cap * sizeof(*e->flows));
        e->flows    = flows;
        e->flow_cap = cap;
    }
    e->flows[e->flow_count++] = id;
    flow->consumers++;
    return OCKAM_OK;
}

ockam_status_t ockam_directory_allow_same(ockam_directory_t *d, ockam_address_t from, ockam_address_t to,
                                          ockam_error_t *err)
{
    const ockam_found_t f = ockam_directory_find(d, from);

    for (size_t i = 0; i < f.flow_count; i++) /* `from` and `to` differ, so the list stays where it is */
        OCKAM_TRY(err, ockam_directory_allow(d, f.flows[i], to, err), "same flows");
    return OCKAM_OK;
}
