/* SPDX-License-Identifier: Apache-2.0
 *
 * attributes.c - lists of attributes: read, written in order, and kept in the store until they end.
 * Protocol: docs/protocol/identities.md, "Credentials". No clock; I/O is the store's. */
#include "identity/attributes.h"

#include "identity/signed_data.h"

/* ---- lists ------------------------------------------------------------------------------------------------------ */

static ockam_status_t read_pair(ockam_reader_t *r, ockam_attribute_t *out, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_read_bytes(r, &out->key, err));
    return ockam_cbor_read_bytes(r, &out->value, err);
}

ockam_status_t ockam_attributes_read(ockam_reader_t *r, ockam_attributes_t *out, ockam_error_t *err)
{
    ockam_attributes_t read = {.count = 0};
    ockam_attribute_t  pair;
    ockam_cbor_items_t items;
    ockam_slice_t      start;

    OCKAM_PASS(ockam_cbor_enter_map(r, &items, err));
    start = r->rest;
    while (ockam_cbor_next(r, &items)) {
        if (read.count == OCKAM_ATTRIBUTES_MAX)
            return ockam_fail(err, OCKAM_LIMIT, "more than %u attributes", OCKAM_ATTRIBUTES_MAX);
        OCKAM_PASS(read_pair(r, &pair, err));
        read.count++;
        read.encoded = ockam_slice(start.ptr, start.len - r->rest.len);
    }
    *out = read;
    return OCKAM_OK;
}

bool ockam_attributes_next(ockam_attributes_t *attributes, ockam_attribute_t *out)
{
    ockam_reader_t r = ockam_reader(attributes->encoded);

    if (attributes->count == 0 || read_pair(&r, out, NULL) != OCKAM_OK)
        return false;
    attributes->encoded = r.rest;
    attributes->count--;
    return true;
}

bool ockam_attributes_find(ockam_attributes_t attributes, ockam_slice_t key, ockam_slice_t *value)
{
    ockam_attribute_t pair;
    bool              found = false;

    while (ockam_attributes_next(&attributes, &pair))
        if (ockam_slice_equal(pair.key, key)) {
            *value = pair.value;
            found  = true;
        }
    return found;
}

/* Raw bytes, a prefix before what it begins; not the order in which the shorter key comes first. */
static int compare_keys(ockam_slice_t a, ockam_slice_t b)
{
    const size_t common = a.len < b.len ? a.len : b.len;
    const int    order  = common > 0 ? memcmp(a.ptr, b.ptr, common) : 0;

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len ? 1 : 0;
}

ockam_status_t ockam_attributes_write(ockam_buf_t *out, const ockam_attribute_t *attributes, size_t count,
                                      bool last_wins, ockam_error_t *err)
{
    const ockam_attribute_t *sorted[OCKAM_ATTRIBUTES_MAX];
    size_t                   used = 0;

    if (count > OCKAM_ATTRIBUTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "%zu attributes, limit %u", count, OCKAM_ATTRIBUTES_MAX);
    for (size_t i = 0; i < count; i++) {
        size_t at = used;
        while (at > 0 && compare_keys(sorted[at - 1]->key, attributes[i].key) > 0)
            at--;
        if (at > 0 && compare_keys(sorted[at - 1]->key, attributes[i].key) == 0) {
            if (!last_wins)
                return ockam_fail(err, OCKAM_INVALID, "attribute %zu has the key of an earlier one", i);
            sorted[at - 1] = &attributes[i];
            continue;
        }
        memmove(&sorted[at + 1], &sorted[at], (used - at) * sizeof(sorted[0]));
        sorted[at] = &attributes[i];
        used++;
    }
    OCKAM_PASS(ockam_cbor_write_map(out, used, err));
    for (size_t i = 0; i < used; i++) {
        OCKAM_PASS(ockam_cbor_write_bytes(out, sorted[i]->key, err));
        OCKAM_PASS(ockam_cbor_write_bytes(out, sorted[i]->value, err));
    }
    return OCKAM_OK;
}

/* ---- rows of the store: subject and issuer -> [added, expires, { key: value }] ----------------------------------- */

#define ROW_KEY_BYTES ((size_t)2 * OCKAM_IDENTIFIER_BYTES)

static ockam_slice_t row_key(const ockam_identifier_t *subject, const ockam_identifier_t *issuer,
                             uint8_t out[ROW_KEY_BYTES])
{
    memcpy(out, subject->bytes, OCKAM_IDENTIFIER_BYTES);
    memcpy(out + OCKAM_IDENTIFIER_BYTES, issuer->bytes, OCKAM_IDENTIFIER_BYTES);
    return ockam_slice(out, ROW_KEY_BYTES);
}

static ockam_status_t write_row(ockam_buf_t *out, const ockam_credential_t *credential, uint64_t now_s,
                                ockam_error_t *err)
{
    ockam_attribute_t  pairs[OCKAM_ATTRIBUTES_MAX];
    ockam_attributes_t rest  = credential->attributes;
    size_t             count = 0;

    while (count < OCKAM_ATTRIBUTES_MAX && ockam_attributes_next(&rest, &pairs[count]))
        count++;
    OCKAM_PASS(ockam_cbor_write_array(out, 3, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, now_s, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, credential->expires_at_s, err));
    return ockam_attributes_write(out, pairs, count, true, err);
}

static ockam_status_t read_row(ockam_slice_t row, ockam_stored_attributes_t *out, ockam_error_t *err)
{
    static const char attributes[] = "attributes";
    ockam_reader_t    r            = ockam_reader(row);
    ockam_fields_t    f;

    ockam_fields_enter(&f, &r, err);
    ockam_field_uint(&f, "added", UINT64_MAX, &out->added_at_s);
    ockam_field_uint(&f, "expires", UINT64_MAX, &out->expires_at_s);
    if (ockam_field_next(&f, attributes))
        ockam_field_done(&f, ockam_attributes_read(&r, &out->attributes, err), attributes);
    return ockam_fields_leave(&f);
}

ockam_status_t ockam_attributes_store(ockam_store_t *store, const ockam_allocator_t *allocator,
                                      const ockam_credential_t *credential, uint64_t now_s, ockam_error_t *err)
{
    uint8_t        key[ROW_KEY_BYTES];
    ockam_buf_t    row;
    ockam_status_t s;

    ockam_buf_init(&row, allocator, OCKAM_STORE_VALUE_BYTES_MAX);
    if ((s = write_row(&row, credential, now_s, err)) == OCKAM_OK)
        s = ockam_store_put(store, OCKAM_TABLE_ATTRIBUTES, row_key(&credential->subject, &credential->issuer, key),
                            ockam_buf_view(&row), err);
    ockam_buf_deinit(&row);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "attributes");
}

ockam_status_t ockam_attributes_load(ockam_store_t *store, const ockam_identifier_t *subject,
                                     const ockam_identifier_t *issuer, uint64_t now_s, ockam_buf_t *buf,
                                     ockam_stored_attributes_t *out, ockam_error_t *err)
{
    ockam_stored_attributes_t stored = {.added_at_s = 0};
    uint8_t                   key_bytes[ROW_KEY_BYTES];
    const ockam_slice_t       key = row_key(subject, issuer, key_bytes);
    ockam_status_t            s;

    ockam_buf_truncate(buf, 0);
    OCKAM_TRY(err, ockam_store_get(store, OCKAM_TABLE_ATTRIBUTES, key, buf, err), "attributes");
    if (read_row(ockam_buf_view(buf), &stored, err) != OCKAM_OK)
        return ockam_fail(err, OCKAM_CORRUPT, "stored attributes do not decode");
    if (stored.expires_at_s <= now_s) {
        if ((s = ockam_store_remove(store, OCKAM_TABLE_ATTRIBUTES, key, err)) != OCKAM_OK && s != OCKAM_NOT_FOUND)
            return ockam_error_wrap(err, s, __func__, "expired attributes");
        return ockam_fail(err, OCKAM_NOT_FOUND, "attributes have expired");
    }
    *out = stored;
    return OCKAM_OK;
}

/* ---- housekeeping ----------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t       now_s;
    ockam_buf_t    keys;
    ockam_status_t status;
} expired_t;

static bool collect_expired(void *context, ockam_slice_t key, ockam_slice_t value)
{
    expired_t                *expired = (expired_t *)context;
    ockam_stored_attributes_t stored;

    if (key.len != ROW_KEY_BYTES || read_row(value, &stored, NULL) != OCKAM_OK || stored.expires_at_s > expired->now_s)
        return true;
    expired->status = ockam_buf_append(&expired->keys, key, NULL);
    return expired->status == OCKAM_OK;
}

/* Keys that are removed in one go; more of them take another. */
#define EXPIRED_BATCH 1024u

ockam_status_t ockam_attributes_remove_expired(ockam_store_t *store, const ockam_allocator_t *allocator, uint64_t now_s,
                                               ockam_error_t *err)
{
    expired_t      expired = {.now_s = now_s};
    ockam_status_t s;

    ockam_buf_init(&expired.keys, allocator, EXPIRED_BATCH * ROW_KEY_BYTES);
    do {
        ockam_buf_truncate(&expired.keys, 0);
        expired.status = OCKAM_OK;
        if ((s = ockam_store_each(store, OCKAM_TABLE_ATTRIBUTES, collect_expired, &expired, err)) != OCKAM_OK)
            break;
        if (expired.status == OCKAM_NO_MEMORY) {
            s = ockam_fail(err, OCKAM_NO_MEMORY, "keys of expired attributes");
            break;
        }
        for (size_t at = 0; at < expired.keys.len && s == OCKAM_OK; at += ROW_KEY_BYTES) {
            s = ockam_store_remove(store, OCKAM_TABLE_ATTRIBUTES, ockam_slice(expired.keys.ptr + at, ROW_KEY_BYTES),
                                   err);
            if (s == OCKAM_NOT_FOUND) /* another process was faster */
                s = OCKAM_OK;
        }
    } while (s == OCKAM_OK && expired.status == OCKAM_LIMIT);
    ockam_buf_deinit(&expired.keys);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "expired attributes");
}
