/* SPDX-License-Identifier: Apache-2.0
 *
 * signed_data.c - keys, signatures and versioned data, read with the tolerance of encodings.md and no more.
 * Protocol: docs/protocol/identities.md. No I/O, no clock. */
#include "identity/signed_data.h"

#include "ockam/limits.h"

/* ---- reading ---------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_read_field(ockam_reader_t *r, ockam_cbor_items_t *items, const char *what, ockam_error_t *err)
{
    if (!ockam_cbor_next(r, items))
        return ockam_fail(err, OCKAM_MALFORMED, "%s is missing", what);
    return OCKAM_OK;
}

/* [type, [bytes]] where each of the two types has its own length. */
static ockam_status_t read_typed_bytes(ockam_reader_t *r, const size_t len_of_type[2], ockam_signing_type_t *type,
                                       uint8_t *out, ockam_error_t *err)
{
    ockam_reader_t     at = *r;
    ockam_cbor_items_t fields;
    uint64_t           variant;

    OCKAM_PASS(ockam_cbor_enter_variant(&at, &variant, &fields, err));
    if (variant > OCKAM_P256)
        return ockam_fail(err, OCKAM_MALFORMED, "unknown type");
    OCKAM_PASS(ockam_read_field(&at, &fields, "content", err));
    OCKAM_TRY(err, ockam_cbor_read_bytes_exact(&at, out, len_of_type[variant], err), "content");
    OCKAM_PASS(ockam_cbor_leave(&at, &fields, false, err));
    *type = variant == OCKAM_P256 ? OCKAM_P256 : OCKAM_ED25519;
    *r    = at;
    return OCKAM_OK;
}

ockam_status_t ockam_read_public_key(ockam_reader_t *r, ockam_public_key_t *out, ockam_error_t *err)
{
    static const size_t len_of_type[2] = {32, 65};

    memset(out, 0, sizeof(*out));
    OCKAM_TRY(err, read_typed_bytes(r, len_of_type, &out->type, out->bytes, err), "public key");
    return OCKAM_OK;
}

ockam_status_t ockam_read_signature(ockam_reader_t *r, ockam_signature_t *out, ockam_error_t *err)
{
    static const size_t len_of_type[2] = {OCKAM_SIGNATURE_BYTES, OCKAM_SIGNATURE_BYTES};

    OCKAM_TRY(err, read_typed_bytes(r, len_of_type, &out->type, out->bytes, err), "signature");
    return OCKAM_OK;
}

ockam_status_t ockam_read_optional_signature(ockam_reader_t *r, bool *present, ockam_signature_t *out,
                                             ockam_error_t *err)
{
    ockam_reader_t     at = *r;
    ockam_cbor_items_t pair;
    uint64_t           variant;

    *present = false;
    if (ockam_cbor_take_null(r))
        return OCKAM_OK;
    OCKAM_TRY(err, ockam_cbor_enter_array(&at, &pair, err), "signature");
    if (pair.left != 2)
        return ockam_fail(err, OCKAM_MALFORMED, "signature is not a pair");
    (void)ockam_cbor_next(&at, &pair);
    OCKAM_TRY(err, ockam_cbor_read_uint(&at, UINT32_MAX, &variant, err), "signature: type");
    if (variant > OCKAM_P256) { /* from a later release, perhaps: whatever it is, it is not a signature we can check */
        OCKAM_TRY(err, ockam_cbor_skip(r, err), "signature of an unknown type");
        return OCKAM_OK;
    }
    OCKAM_PASS(ockam_read_signature(r, out, err));
    *present = true;
    return OCKAM_OK;
}

ockam_status_t ockam_read_optional_hash(ockam_reader_t *r, bool *present, uint8_t out[OCKAM_SHA256_BYTES],
                                        ockam_error_t *err)
{
    *present = !ockam_cbor_take_null(r);
    return *present ? ockam_cbor_read_bytes_exact(r, out, OCKAM_SHA256_BYTES, err) : OCKAM_OK;
}

ockam_status_t ockam_read_signed(ockam_reader_t *r, ockam_slice_t *data, ockam_signature_t *signature,
                                 ockam_error_t *err)
{
    ockam_cbor_items_t items;

    OCKAM_PASS(ockam_cbor_enter_array(r, &items, err));
    OCKAM_PASS(ockam_read_field(r, &items, "data", err));
    OCKAM_TRY(err, ockam_cbor_read_bytes(r, data, err), "data");
    OCKAM_PASS(ockam_read_field(r, &items, "signature", err));
    OCKAM_PASS(ockam_read_signature(r, signature, err));
    return ockam_cbor_leave(r, &items, false, err);
}

ockam_status_t ockam_open_data(ockam_slice_t data, ockam_data_type_t type, ockam_slice_t *content, ockam_error_t *err)
{
    ockam_reader_t     r = ockam_reader(data);
    ockam_cbor_items_t items;
    ockam_slice_t      inner;
    uint64_t           version, data_type;

    OCKAM_TRY(err, ockam_cbor_enter_array(&r, &items, err), "data");
    OCKAM_TRY(err, ockam_read_field(&r, &items, "version", err), "data");
    OCKAM_TRY(err, ockam_cbor_read_uint(&r, UINT8_MAX, &version, err), "version");
    OCKAM_TRY(err, ockam_read_field(&r, &items, "data type", err), "data");
    OCKAM_TRY(err, ockam_cbor_read_uint(&r, UINT8_MAX, &data_type, err), "data type");
    OCKAM_TRY(err, ockam_read_field(&r, &items, "content", err), "data");
    OCKAM_TRY(err, ockam_cbor_read_bytes(&r, &inner, err), "content");
    OCKAM_TRY(err, ockam_cbor_leave(&r, &items, false, err), "data");
    if (version != OCKAM_DATA_VERSION)
        return ockam_fail(err, OCKAM_MALFORMED, "version %u", (unsigned)version);
    /* Without this a signature over one kind of structure would be good for another. */
    if (data_type != (uint64_t)type)
        return ockam_fail(err, OCKAM_MALFORMED, "data type %u, expected %u", (unsigned)data_type, (unsigned)type);
    *content = inner;
    return OCKAM_OK;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_write_public_key(ockam_buf_t *out, const ockam_public_key_t *key, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_variant(out, (uint64_t)key->type, 1, err));
    return ockam_cbor_write_bytes(out, ockam_public_key_view(key), err);
}

ockam_status_t ockam_write_signature(ockam_buf_t *out, const ockam_signature_t *signature, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_variant(out, (uint64_t)signature->type, 1, err));
    return ockam_cbor_write_bytes(out, ockam_slice(signature->bytes, sizeof(signature->bytes)), err);
}

ockam_status_t ockam_write_data(ockam_buf_t *out, ockam_data_type_t type, ockam_slice_t content, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_array(out, 3, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, OCKAM_DATA_VERSION, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, (uint64_t)type, err));
    return ockam_cbor_write_bytes(out, content, err);
}

/* ---- signing ---------------------------------------------------------------------------------------------------- */

void ockam_hash_data(ockam_vault_t *vault, ockam_slice_t data, uint8_t out[OCKAM_SHA256_BYTES])
{
    ockam_vault_sha256(vault, data, ockam_slice(NULL, 0), out);
}

ockam_status_t ockam_write_signed(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data,
                                  ockam_error_t *err)
{
    ockam_signature_t signature;
    uint8_t           hash[OCKAM_SHA256_BYTES];

    ockam_hash_data(vault, data, hash);
    OCKAM_PASS(ockam_vault_sign(vault, key, ockam_slice(hash, sizeof(hash)), &signature, err));
    OCKAM_PASS(ockam_cbor_write_array(out, 2, err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, data, err));
    return ockam_write_signature(out, &signature, err);
}

ockam_status_t ockam_check_times(uint64_t created_at_s, uint64_t expires_at_s, uint64_t now_s, ockam_error_t *err)
{
    if (created_at_s > now_s && created_at_s - now_s > OCKAM_CLOCK_SKEW_S)
        return ockam_fail(err, OCKAM_EXPIRED, "created %llu s from now", (unsigned long long)(created_at_s - now_s));
    if (expires_at_s < now_s)
        return ockam_fail(err, OCKAM_EXPIRED, "expired %llu s ago", (unsigned long long)(now_s - expires_at_s));
    return OCKAM_OK;
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_write_hex(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err)
{
    char two[3];

    OCKAM_PASS(ockam_buf_reserve(out, 2 * bytes.len, err));
    for (size_t i = 0; i < bytes.len; i++) {
        ockam_hex_encode(ockam_slice(bytes.ptr + i, 1), two);
        OCKAM_PASS(ockam_buf_append(out, ockam_slice(two, 2), err));
    }
    return OCKAM_OK;
}

ockam_status_t ockam_read_hex(ockam_slice_t text, ockam_buf_t *out, ockam_error_t *err)
{
    const size_t   len = text.len / 2;
    ockam_status_t s;

    if (text.len % 2 != 0)
        return ockam_fail(err, OCKAM_MALFORMED, "%zu hex digits", text.len);
    if (len == 0)
        return OCKAM_OK;
    OCKAM_PASS(ockam_buf_reserve(out, len, err));
    if ((s = ockam_hex_decode(text, out->ptr + out->len, len, err)) == OCKAM_OK)
        out->len += len;
    return s;
}
