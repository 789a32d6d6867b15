/* SPDX-License-Identifier: Apache-2.0
 *
 * change_history.c - decode and verify a chain of changes, lend what it says, compare two of them.
 * Protocol: docs/protocol/identities.md, "Change history". No I/O, no clock. */
#include "identity/change_history.h"

#include <assert.h>
#include <stdio.h>

#include "identity/signed_data.h"

struct ockam_change_history {
    const ockam_allocator_t *allocator;
    size_t                   size; /* of the allocation */
    size_t                   refs;
    ockam_public_key_t       latest_key;
    uint64_t                 valid_from_s;
    uint64_t                 valid_until_s;
    size_t                   count;
    size_t                   encoded_len;
    uint8_t                  bytes[]; /* `count` hashes, then the encoded form */
};

typedef struct {
    ockam_slice_t     data;
    ockam_signature_t signature;
    bool              has_previous_signature;
    ockam_signature_t previous_signature;
} change_t;

typedef struct {
    bool               has_previous;
    uint8_t            previous[OCKAM_SHA256_BYTES];
    ockam_public_key_t key;
    bool               revoke_purpose_keys;
    uint64_t           valid_from_s;
    uint64_t           valid_until_s;
} change_data_t;

/* Say in which change it was. */
static OCKAM_COLD ockam_status_t in_change(ockam_error_t *err, ockam_status_t status, const char *what, size_t index)
{
    char note[OCKAM_ERROR_NOTE_BYTES];

    (void)snprintf(note, sizeof(note), "%schange %zu", what, index);
    return ockam_error_wrap(err, status, __func__, note);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static ockam_status_t read_change(ockam_reader_t *r, change_t *out, ockam_error_t *err)
{
    ockam_fields_t f;

    ockam_fields_enter(&f, r, err);
    ockam_field_bytes(&f, "data", &out->data);
    ockam_field_signature(&f, &out->signature);
    ockam_field_optional_signature(&f, "previous signature", &out->has_previous_signature, &out->previous_signature);
    return ockam_fields_leave(&f);
}

static ockam_status_t read_change_data(ockam_slice_t data, change_data_t *out, ockam_error_t *err)
{
    ockam_slice_t  content;
    ockam_reader_t r;
    ockam_fields_t f;

    OCKAM_PASS(ockam_open_data(data, OCKAM_DATA_CHANGE, &content, err));
    r = ockam_reader(content);
    ockam_fields_enter(&f, &r, err);
    ockam_field_optional_hash(&f, "previous change", &out->has_previous, out->previous);
    ockam_field_public_key(&f, &out->key);
    ockam_field_bool(&f, "revoke_all", &out->revoke_purpose_keys);
    ockam_field_uint(&f, "valid_from", UINT64_MAX, &out->valid_from_s);
    ockam_field_uint(&f, "valid_until", UINT64_MAX, &out->valid_until_s);
    return ockam_fields_leave(&f);
}

static size_t encoded_size(const change_t *change)
{
    return 1 + ockam_cbor_head_size(change->data.len) + change->data.len + OCKAM_SIGNATURE_ENCODED_BYTES +
           (change->has_previous_signature ? OCKAM_SIGNATURE_ENCODED_BYTES : 0);
}

/* How many changes, and how long they are in our encoding. Everything decodes, except what is inside `data`. */
static ockam_status_t measure(ockam_slice_t encoded, size_t *count, size_t *size, ockam_error_t *err)
{
    ockam_reader_t     r = ockam_reader(encoded);
    ockam_cbor_items_t items;
    change_t           change;
    ockam_status_t     s;

    *count = 0;
    *size  = 0;
    OCKAM_PASS(ockam_cbor_enter_array(&r, &items, err));
    while (ockam_cbor_next(&r, &items)) {
        if (*count == OCKAM_CHANGES_MAX)
            return ockam_fail(err, OCKAM_LIMIT, "more than %u changes", OCKAM_CHANGES_MAX);
        if ((s = read_change(&r, &change, err)) != OCKAM_OK)
            return in_change(err, s, "", *count);
        *size += encoded_size(&change);
        ++*count;
    }
    *size += ockam_cbor_head_size(*count);
    return OCKAM_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static ockam_status_t write_change(ockam_buf_t *out, const change_t *change, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_array(out, change->has_previous_signature ? 3 : 2, err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, change->data, err));
    OCKAM_PASS(ockam_write_signature(out, &change->signature, err));
    return change->has_previous_signature ? ockam_write_signature(out, &change->previous_signature, err) : OCKAM_OK;
}

static uint8_t *encoded_at(ockam_change_history_t *history)
{
    return history->bytes + history->count * OCKAM_SHA256_BYTES;
}

/* The shell around each `data` anew: what was padded, indefinite or unknown in it does not travel on. */
static ockam_status_t reencode(ockam_slice_t encoded, ockam_change_history_t *history, ockam_error_t *err)
{
    ockam_reader_t     r = ockam_reader(encoded);
    ockam_cbor_items_t items;
    ockam_buf_t        out;
    change_t           change;

    ockam_buf_init_fixed(&out, encoded_at(history), history->encoded_len);
    OCKAM_PASS(ockam_cbor_enter_array(&r, &items, err));
    OCKAM_PASS(ockam_cbor_write_array(&out, history->count, err));
    while (ockam_cbor_next(&r, &items)) {
        OCKAM_PASS(read_change(&r, &change, err));
        OCKAM_PASS(write_change(&out, &change, err));
    }
    assert(out.len == history->encoded_len);
    return OCKAM_OK;
}

/* ---- verifying -------------------------------------------------------------------------------------------------- */

/* Steps 1 and 2: each change decodes and names the one before it. Fills the hashes and what the newest change says. */
static ockam_status_t check_chain(ockam_vault_t *vault, ockam_change_history_t *history, ockam_error_t *err)
{
    ockam_reader_t     r = ockam_reader(ockam_change_history_view(history));
    ockam_cbor_items_t items;
    change_t           change;
    change_data_t      data;
    ockam_status_t     s;

    OCKAM_PASS(ockam_cbor_enter_array(&r, &items, err));
    for (size_t i = 0; ockam_cbor_next(&r, &items); i++) {
        OCKAM_PASS(read_change(&r, &change, err));
        ockam_hash_data(vault, change.data, history->bytes + i * OCKAM_SHA256_BYTES);
        if ((s = read_change_data(change.data, &data, err)) != OCKAM_OK)
            return in_change(err, s, "", i);
        if (i == 0 && data.has_previous)
            return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "change 0 names a previous change");
        if (i > 0 && data.valid_from_s < history->valid_from_s)
            return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "change %zu: valid_from is before that of the previous one", i);
        if (i > 0 && (!data.has_previous ||
                      memcmp(data.previous, ockam_change_history_hash(history, i - 1), OCKAM_SHA256_BYTES) != 0))
            return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "change %zu does not name the previous one", i);
        history->latest_key    = data.key;
        history->valid_from_s  = data.valid_from_s;
        history->valid_until_s = data.valid_until_s;
    }
    return OCKAM_OK;
}

/* Step 3: signed by its own key and by the one before it. A previous_signature on the first change is not looked at. */
static ockam_status_t check_signatures_of(ockam_vault_t *vault, const ockam_change_history_t *history,
                                          ockam_error_t *err)
{
    ockam_reader_t     r = ockam_reader(ockam_change_history_view(history));
    ockam_cbor_items_t items;
    ockam_public_key_t previous_key = {.type = OCKAM_ED25519};
    change_t           change;
    change_data_t      data;
    ockam_status_t     s;

    OCKAM_PASS(ockam_cbor_enter_array(&r, &items, err));
    for (size_t i = 0; ockam_cbor_next(&r, &items); i++) {
        const ockam_slice_t hash = ockam_slice(ockam_change_history_hash(history, i), OCKAM_SHA256_BYTES);
        OCKAM_PASS(read_change(&r, &change, err));
        OCKAM_PASS(read_change_data(change.data, &data, err));
        if (i > 0 && !change.has_previous_signature)
            return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "previous signature of change %zu is missing", i);
        if (i > 0 && (s = ockam_vault_verify(vault, &previous_key, hash, &change.previous_signature, err)) != OCKAM_OK)
            return in_change(err, s, "previous signature of ", i);
        if ((s = ockam_vault_verify(vault, &data.key, hash, &change.signature, err)) != OCKAM_OK)
            return in_change(err, s, "signature of ", i);
        previous_key = data.key;
    }
    return OCKAM_OK;
}

static ockam_status_t check(ockam_vault_t *vault, ockam_change_history_t *history, const ockam_identifier_t *expected,
                            bool check_signatures, ockam_error_t *err)
{
    OCKAM_PASS(check_chain(vault, history, err));
    if (history->count == 0)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "no change");
    /* Before the signatures, since it costs nothing: the outcome is the same. */
    if (expected != NULL && !ockam_identifier_equal(expected, ockam_change_history_identifier(history)))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "not the expected identity");
    return check_signatures ? check_signatures_of(vault, history, err) : OCKAM_OK;
}

ockam_status_t ockam_change_history_decode(ockam_vault_t *vault, ockam_slice_t encoded,
                                           const ockam_identifier_t *expected, bool check_signatures,
                                           ockam_change_history_t **out, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_vault_allocator(vault);
    ockam_change_history_t  *history;
    ockam_status_t           s;
    size_t                   count, encoded_len, size;

    if (encoded.len > OCKAM_CHANGE_HISTORY_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "change history of %zu bytes, limit %u", encoded.len,
                          OCKAM_CHANGE_HISTORY_BYTES_MAX);
    OCKAM_TRY(err, measure(encoded, &count, &encoded_len, err), "change history");
    size = sizeof(*history) + count * OCKAM_SHA256_BYTES + encoded_len;
    if ((history = (ockam_change_history_t *)ockam_alloc(allocator, size)) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "change history of %zu bytes", encoded.len);
    history->allocator   = allocator;
    history->size        = size;
    history->refs        = 1;
    history->count       = count;
    history->encoded_len = encoded_len;
    if ((s = reencode(encoded, history, err)) == OCKAM_OK)
        s = check(vault, history, expected, check_signatures, err);
    if (s != OCKAM_OK) {
        ockam_change_history_free(history);
        return ockam_error_wrap(err, s, __func__, "change history");
    }
    *out = history;
    return OCKAM_OK;
}

ockam_status_t ockam_change_history_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                           const ockam_identifier_t *expected, ockam_change_history_t **out,
                                           ockam_error_t *err)
{
    return ockam_change_history_decode(vault, encoded, expected, true, out, err);
}

ockam_status_t ockam_change_history_verify_text(ockam_vault_t *vault, ockam_slice_t text,
                                                const ockam_identifier_t *expected, ockam_change_history_t **out,
                                                ockam_error_t *err)
{
    ockam_buf_t    encoded;
    ockam_status_t s;

    ockam_buf_init(&encoded, ockam_vault_allocator(vault), OCKAM_CHANGE_HISTORY_BYTES_MAX);
    if ((s = ockam_read_hex(text, &encoded, err)) != OCKAM_OK)
        s = ockam_error_wrap(err, s, __func__, "change history");
    else
        s = ockam_change_history_verify(vault, ockam_buf_view(&encoded), expected, out, err);
    ockam_buf_deinit(&encoded);
    return s;
}

/* ---- extending -------------------------------------------------------------------------------------------------- */

static ockam_status_t write_change_data(ockam_buf_t *out, const ockam_change_history_t *before,
                                        const ockam_public_key_t *key, const ockam_change_options_t *options,
                                        ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_array(out, 5, err));
    if (before == NULL)
        OCKAM_PASS(ockam_cbor_write_null(out, err));
    else
        OCKAM_PASS(ockam_cbor_write_bytes(
            out, ockam_slice(ockam_change_history_latest_hash(before), OCKAM_SHA256_BYTES), err));
    OCKAM_PASS(ockam_write_public_key(out, key, err));
    OCKAM_PASS(ockam_cbor_write_bool(out, options->revoke_purpose_keys, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, options->valid_from_s, err));
    return ockam_cbor_write_uint(out, options->valid_until_s, err);
}

/* Longest ChangeData, and the longest VersionedData around it. */
#define CHANGE_DATA_BYTES_MAX 128u
#define CHANGE_BYTES_MAX      (CHANGE_DATA_BYTES_MAX + 8u)

static ockam_status_t write_extended(ockam_buf_t *out, ockam_vault_t *vault, const ockam_change_history_t *before,
                                     ockam_key_id_t before_key, const ockam_change_options_t *options,
                                     ockam_error_t *err)
{
    uint8_t            content_bytes[CHANGE_DATA_BYTES_MAX], data_bytes[CHANGE_BYTES_MAX], hash[OCKAM_SHA256_BYTES];
    change_t           change = {.has_previous_signature = before != NULL};
    ockam_buf_t        content, data;
    ockam_public_key_t key;

    ockam_buf_init_fixed(&content, content_bytes, sizeof(content_bytes));
    ockam_buf_init_fixed(&data, data_bytes, sizeof(data_bytes));
    OCKAM_TRY(err, ockam_vault_public_key(vault, options->key, &key, err), "new key");
    OCKAM_PASS(write_change_data(&content, before, &key, options, err));
    OCKAM_PASS(ockam_write_data(&data, OCKAM_DATA_CHANGE, ockam_buf_view(&content), err));
    change.data = ockam_buf_view(&data);
    ockam_hash_data(vault, change.data, hash);
    OCKAM_TRY(err, ockam_vault_sign(vault, options->key, ockam_slice(hash, sizeof(hash)), &change.signature, err),
              "new key");
    if (before != NULL)
        OCKAM_TRY(err,
                  ockam_vault_sign(vault, before_key, ockam_slice(hash, sizeof(hash)), &change.previous_signature, err),
                  "present key");
    OCKAM_PASS(ockam_cbor_write_array(out, before == NULL ? 1 : before->count + 1, err));
    if (before != NULL) {
        const size_t        head = ockam_cbor_head_size(before->count);
        const ockam_slice_t all  = ockam_change_history_view(before);
        OCKAM_PASS(ockam_buf_append(out, ockam_slice(all.ptr + head, all.len - head), err));
    }
    return write_change(out, &change, err);
}

ockam_status_t ockam_change_history_extend(ockam_vault_t *vault, const ockam_change_history_t *before,
                                           ockam_key_id_t before_key, const ockam_change_options_t *options,
                                           ockam_change_history_t **out, ockam_error_t *err)
{
    ockam_buf_t    encoded;
    ockam_status_t s;

    ockam_buf_init(&encoded, ockam_vault_allocator(vault), OCKAM_CHANGE_HISTORY_BYTES_MAX);
    if ((s = write_extended(&encoded, vault, before, before_key, options, err)) == OCKAM_OK)
        s = ockam_change_history_verify(vault, ockam_buf_view(&encoded),
                                        before == NULL ? NULL : ockam_change_history_identifier(before), out, err);
    ockam_buf_deinit(&encoded);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "new change");
}

/* ---- what a history says ---------------------------------------------------------------------------------------- */

ockam_change_history_t *ockam_change_history_ref(const ockam_change_history_t *history)
{
    ockam_change_history_t *counted = (ockam_change_history_t *)(uintptr_t)history; /* only the count is not constant */

    counted->refs++;
    return counted;
}

void ockam_change_history_free(ockam_change_history_t *history)
{
    if (history != NULL && --history->refs == 0)
        ockam_release(history->allocator, history, history->size);
}

const ockam_identifier_t *ockam_change_history_identifier(const ockam_change_history_t *history)
{
    _Static_assert(sizeof(ockam_identifier_t) == OCKAM_SHA256_BYTES, "the identifier is the first hash");
    return (const ockam_identifier_t *)ockam_change_history_hash(history, 0);
}

ockam_slice_t ockam_change_history_view(const ockam_change_history_t *history)
{
    return ockam_slice(history->bytes + history->count * OCKAM_SHA256_BYTES, history->encoded_len);
}

ockam_status_t ockam_change_history_text(const ockam_change_history_t *history, ockam_buf_t *out, ockam_error_t *err)
{
    return ockam_write_hex(out, ockam_change_history_view(history), err);
}

size_t ockam_change_history_count(const ockam_change_history_t *history)
{
    return history->count;
}

const uint8_t *ockam_change_history_hash(const ockam_change_history_t *history, size_t index)
{
    assert(index < history->count);
    return history->bytes + index * OCKAM_SHA256_BYTES;
}

const uint8_t *ockam_change_history_latest_hash(const ockam_change_history_t *history)
{
    return ockam_change_history_hash(history, history->count - 1);
}

const ockam_public_key_t *ockam_change_history_latest_key(const ockam_change_history_t *history)
{
    return &history->latest_key;
}

uint64_t ockam_change_history_valid_from_s(const ockam_change_history_t *history)
{
    return history->valid_from_s;
}

uint64_t ockam_change_history_valid_until_s(const ockam_change_history_t *history)
{
    return history->valid_until_s;
}

ockam_history_order_t ockam_change_history_compare(const ockam_change_history_t *received,
                                                   const ockam_change_history_t *known)
{
    const size_t common = received->count < known->count ? received->count : known->count;

    if (memcmp(received->bytes, known->bytes, common * OCKAM_SHA256_BYTES) != 0)
        return OCKAM_HISTORY_CONFLICT;
    if (received->count == known->count)
        return OCKAM_HISTORY_EQUAL;
    return received->count < known->count ? OCKAM_HISTORY_OLDER : OCKAM_HISTORY_NEWER;
}
