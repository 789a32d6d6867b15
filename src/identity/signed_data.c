/* SPDX-License-Identifier: Apache-2.0
 *
 * signed_data.c - keys, signatures and versioned data, read with the tolerance of encodings.md and no more.
 * Protocol: docs/protocol/identities.md. No I/O, no clock. */
#include "identity/signed_data.h"

#include "ockam/limits.h"

/* ---- reading ---------------------------------------------------------------------------------------------------- */

void ockam_fields_enter(ockam_fields_t *f, ockam_reader_t *r, ockam_error_t *err)
{
    f->r      = r;
    f->err    = err;
    f->status = ockam_cbor_enter_array(r, &f->items, err);
}

ockam_status_t ockam_fields_leave(ockam_fields_t *f)
{
    return f->status == OCKAM_OK ? ockam_cbor_leave(f->r, &f->items, false, f->err) : f->status;
}

bool ockam_field_next(ockam_fields_t *f, const char *name)
{
    if (f->status != OCKAM_OK)
        return false;
    if (ockam_cbor_next(f->r, &f->items))
        return true;
    f->status = ockam_fail(f->err, OCKAM_MALFORMED, "%s is missing", name);
    return false;
}

void ockam_field_done(ockam_fields_t *f, ockam_status_t s, const char *name)
{
    if (s != OCKAM_OK)
        f->status = ockam_error_wrap(f->err, s, __func__, name);
}

void ockam_field_uint(ockam_fields_t *f, const char *name, uint64_t max, uint64_t *out)
{
    if (ockam_field_next(f, name))
        ockam_field_done(f, ockam_cbor_read_uint(f->r, max, out, f->err), name);
}

void ockam_field_bool(ockam_fields_t *f, const char *name, bool *out)
{
    if (ockam_field_next(f, name))
        ockam_field_done(f, ockam_cbor_read_bool(f->r, out, f->err), name);
}

void ockam_field_bytes(ockam_fields_t *f, const char *name, ockam_slice_t *out)
{
    if (ockam_field_next(f, name))
        ockam_field_done(f, ockam_cbor_read_bytes(f->r, out, f->err), name);
}

void ockam_field_hash(ockam_fields_t *f, const char *name, uint8_t out[OCKAM_SHA256_BYTES])
{
    if (ockam_field_next(f, name))
        ockam_field_done(f, ockam_cbor_read_bytes_exact(f->r, out, OCKAM_SHA256_BYTES, f->err), name);
}

void ockam_field_optional_hash(ockam_fields_t *f, const char *name, bool *present, uint8_t out[OCKAM_SHA256_BYTES])
{
    if (!ockam_field_next(f, name))
        return;
    *present = !ockam_cbor_take_null(f->r);
    if (*present)
        ockam_field_done(f, ockam_cbor_read_bytes_exact(f->r, out, OCKAM_SHA256_BYTES, f->err), name);
}

/* [type, [bytes]] where each of the two types has its own length. */
static ockam_status_t read_typed_bytes(ockam_reader_t *r, size_t len_of_p256, size_t len_of_ed25519,
                                       ockam_signing_type_t *type, uint8_t *out, ockam_error_t *err)
{
    ockam_cbor_items_t fields;
    uint64_t           variant;

    OCKAM_PASS(ockam_cbor_enter_variant(r, &variant, &fields, err));
    if (variant > OCKAM_P256)
        return ockam_fail(err, OCKAM_MALFORMED, "unknown type");
    if (!ockam_cbor_next(r, &fields))
        return ockam_fail(err, OCKAM_MALFORMED, "no content");
    *type = variant == OCKAM_P256 ? OCKAM_P256 : OCKAM_ED25519;
    OCKAM_PASS(ockam_cbor_read_bytes_exact(r, out, variant == OCKAM_P256 ? len_of_p256 : len_of_ed25519, err));
    return ockam_cbor_leave(r, &fields, false, err);
}

void ockam_field_public_key(ockam_fields_t *f, ockam_public_key_t *out)
{
    static const char name[] = "public key";

    memset(out, 0, sizeof(*out));
    if (ockam_field_next(f, name))
        ockam_field_done(f, read_typed_bytes(f->r, 65, 32, &out->type, out->bytes, f->err), name);
}

static ockam_status_t read_signature(ockam_reader_t *r, ockam_signature_t *out, ockam_error_t *err)
{
    return read_typed_bytes(r, OCKAM_SIGNATURE_BYTES, OCKAM_SIGNATURE_BYTES, &out->type, out->bytes, err);
}

void ockam_field_signature(ockam_fields_t *f, ockam_signature_t *out)
{
    static const char name[] = "signature";

    if (ockam_field_next(f, name))
        ockam_field_done(f, read_signature(f->r, out, f->err), name);
}

static ockam_status_t read_optional_signature(ockam_reader_t *r, bool *present, ockam_signature_t *out,
                                              ockam_error_t *err)
{
    ockam_reader_t     at = *r;
    ockam_cbor_items_t pair;
    uint64_t           variant;

    if (ockam_cbor_take_null(r))
        return OCKAM_OK;
    OCKAM_PASS(ockam_cbor_enter_array(&at, &pair, err));
    if (pair.left != 2)
        return ockam_fail(err, OCKAM_MALFORMED, "not a pair");
    (void)ockam_cbor_next(&at, &pair);
    OCKAM_PASS(ockam_cbor_read_uint(&at, UINT32_MAX, &variant, err));
    if (variant > OCKAM_P256) /* from a later release, perhaps: whatever it is, it is not a signature we can check */
        return ockam_cbor_skip(r, err);
    OCKAM_PASS(read_signature(r, out, err));
    *present = true;
    return OCKAM_OK;
}

void ockam_field_optional_signature(ockam_fields_t *f, const char *name, bool *present, ockam_signature_t *out)
{
    *present = false;
    if (f->status == OCKAM_OK && ockam_cbor_next(f->r, &f->items))
        ockam_field_done(f, read_optional_signature(f->r, present, out, f->err), name);
}

ockam_status_t ockam_read_signed(ockam_reader_t *r, ockam_slice_t *data, ockam_signature_t *signature,
                                 ockam_error_t *err)
{
    ockam_fields_t f;

    ockam_fields_enter(&f, r, err);
    ockam_field_bytes(&f, "data", data);
    ockam_field_signature(&f, signature);
    return ockam_fields_leave(&f);
}

ockam_status_t ockam_open_data(ockam_slice_t data, ockam_data_type_t type, ockam_slice_t *content, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(data);
    ockam_fields_t f;
    uint64_t       version, data_type;

    ockam_fields_enter(&f, &r, err);
    ockam_field_uint(&f, "version", UINT8_MAX, &version);
    ockam_field_uint(&f, "data type", UINT8_MAX, &data_type);
    ockam_field_bytes(&f, "content", content);
    OCKAM_PASS(ockam_fields_leave(&f));
    if (version != OCKAM_DATA_VERSION)
        return ockam_fail(err, OCKAM_MALFORMED, "version %u", (unsigned)version);
    /* Without this a signature over one kind of structure would be good for another. */
    if (data_type != (uint64_t)type)
        return ockam_fail(err, OCKAM_MALFORMED, "data type %u, expected %u", (unsigned)data_type, (unsigned)type);
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
    for (size_t i = 0; i < bytes.len; i++, out->len += 2) {
        ockam_hex_encode(ockam_slice(bytes.ptr + i, 1), two);
        memcpy(out->ptr + out->len, two, 2); /* without the NUL, for which there may be no room */
    }
    return OCKAM_OK;
}

ockam_status_t ockam_read_hex(ockam_slice_t text, ockam_buf_t *out, ockam_error_t *err)
{
    const size_t len = text.len / 2;

    if (text.len < 2) /* also keeps the arithmetic below off an empty buffer */
        return ockam_fail(err, OCKAM_MALFORMED, "%zu hex digits", text.len);
    OCKAM_PASS(ockam_buf_reserve(out, len, err));
    OCKAM_PASS(ockam_hex_decode(text, out->ptr + out->len, len, err)); /* refuses odd lengths */
    out->len += len;
    return OCKAM_OK;
}
