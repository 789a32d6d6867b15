/* SPDX-License-Identifier: Apache-2.0
 *
 * attestation.c - the statement of an identity that a purpose key is its own: write, decode, verify.
 * Protocol: docs/protocol/identities.md, "Purpose keys and attestations". No I/O, no clock. */
#include "identity/attestation.h"

#include "identity/signed_data.h"

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static ockam_status_t read_purpose_key(ockam_reader_t *r, ockam_attestation_t *out, ockam_error_t *err)
{
    ockam_fields_t f = {.r = r, .err = err, .status = OCKAM_OK};
    uint64_t       variant;

    OCKAM_PASS(ockam_cbor_enter_variant(r, &variant, &f.items, err));
    if (variant > OCKAM_PURPOSE_CREDENTIALS)
        return ockam_fail(err, OCKAM_MALFORMED, "unknown kind");
    out->purpose = variant == OCKAM_PURPOSE_CREDENTIALS ? OCKAM_PURPOSE_CREDENTIALS : OCKAM_PURPOSE_SECURE_CHANNEL;
    if (out->purpose == OCKAM_PURPOSE_SECURE_CHANNEL)
        ockam_field_hash(&f, "X25519 key", out->x25519); /* as long as a hash */
    else
        ockam_field_public_key(&f, &out->signing_key);
    return ockam_fields_leave(&f);
}

_Static_assert(OCKAM_X25519_BYTES == OCKAM_SHA256_BYTES, "both are read as 32 bytes");

ockam_status_t ockam_attestation_read(ockam_reader_t *r, ockam_attestation_claim_t *out, ockam_error_t *err)
{
    memset(out, 0, sizeof(*out));
    return ockam_read_signed(r, &out->data, &out->signature, err);
}

ockam_status_t ockam_attestation_open(ockam_attestation_claim_t *claim, ockam_error_t *err)
{
    static const char    key[] = "purpose key";
    ockam_attestation_t *says  = &claim->says;
    ockam_slice_t        content;
    ockam_reader_t       r;
    ockam_fields_t       f;

    OCKAM_PASS(ockam_open_data(claim->data, OCKAM_DATA_ATTESTATION, &content, err));
    r = ockam_reader(content);
    ockam_fields_enter(&f, &r, err);
    ockam_field_hash(&f, "subject", says->subject.bytes);
    ockam_field_hash(&f, "latest change", claim->latest_hash);
    if (ockam_field_next(&f, key))
        ockam_field_done(&f, read_purpose_key(&r, says, err), key);
    ockam_field_uint(&f, "created_at", UINT64_MAX, &says->created_at_s);
    ockam_field_uint(&f, "expires_at", UINT64_MAX, &says->expires_at_s);
    return ockam_fields_leave(&f);
}

static ockam_status_t read_and_open(ockam_slice_t encoded, ockam_attestation_claim_t *out, ockam_error_t *err)
{
    ockam_reader_t r = ockam_reader(encoded);
    ockam_status_t s = ockam_attestation_read(&r, out, err);

    if (s == OCKAM_OK)
        s = ockam_attestation_open(out, err);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "attestation");
}

ockam_status_t ockam_attestation_subject(ockam_slice_t encoded, ockam_identifier_t *out, ockam_error_t *err)
{
    ockam_attestation_claim_t claim;

    OCKAM_PASS(read_and_open(encoded, &claim, err));
    *out = claim.says.subject;
    return OCKAM_OK;
}

/* ---- verifying -------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_attestation_check(ockam_vault_t *vault, const ockam_attestation_claim_t *claim,
                                       const ockam_change_history_t *subject, uint64_t now_s, bool check_signature,
                                       ockam_error_t *err)
{
    const ockam_attestation_t *says = &claim->says;
    uint8_t                    hash[OCKAM_SHA256_BYTES];

    if (!ockam_identifier_equal(&says->subject, ockam_change_history_identifier(subject)))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "attestation of another subject");
    /* A rotation ends all attestations made before it: this is how a stolen key is taken out of use. */
    if (memcmp(claim->latest_hash, ockam_change_history_latest_hash(subject), sizeof(claim->latest_hash)) != 0)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "not made under the newest change of its subject");
    if (says->expires_at_s > ockam_change_history_valid_until_s(subject))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "expires_at is after the end of the subject's key");
    if (says->created_at_s < ockam_change_history_valid_from_s(subject))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "created_at is before the start of the subject's key");
    OCKAM_PASS(ockam_check_times(says->created_at_s, says->expires_at_s, now_s, err));
    if (!check_signature)
        return OCKAM_OK;
    ockam_hash_data(vault, claim->data, hash);
    OCKAM_TRY(err,
              ockam_vault_verify(vault, ockam_change_history_latest_key(subject), ockam_slice(hash, sizeof(hash)),
                                 &claim->signature, err),
              "signature");
    return OCKAM_OK;
}

ockam_status_t ockam_attestation_decode(ockam_vault_t *vault, ockam_slice_t encoded,
                                        const ockam_change_history_t *subject, uint64_t now_s, bool check_signature,
                                        ockam_attestation_t *out, ockam_error_t *err)
{
    ockam_attestation_claim_t claim;

    OCKAM_PASS(read_and_open(encoded, &claim, err));
    OCKAM_TRY(err, ockam_attestation_check(vault, &claim, subject, now_s, check_signature, err), "attestation");
    *out = claim.says;
    return OCKAM_OK;
}

ockam_status_t ockam_attestation_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                        const ockam_change_history_t *subject, uint64_t now_s, ockam_attestation_t *out,
                                        ockam_error_t *err)
{
    return ockam_attestation_decode(vault, encoded, subject, now_s, true, out, err);
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

static ockam_status_t write_purpose_key(ockam_buf_t *out, const ockam_attestation_t *says, ockam_error_t *err)
{
    OCKAM_PASS(ockam_cbor_write_variant(out, (uint64_t)says->purpose, 1, err));
    return says->purpose == OCKAM_PURPOSE_SECURE_CHANNEL
               ? ockam_cbor_write_bytes(out, ockam_slice(says->x25519, sizeof(says->x25519)), err)
               : ockam_write_public_key(out, &says->signing_key, err);
}

static ockam_status_t write_content(ockam_buf_t *out, const ockam_change_history_t *subject,
                                    const ockam_attestation_t *says, ockam_error_t *err)
{
    const ockam_slice_t latest = ockam_slice(ockam_change_history_latest_hash(subject), OCKAM_SHA256_BYTES);

    OCKAM_PASS(ockam_cbor_write_array(out, 5, err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, ockam_identifier_view(&says->subject), err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, latest, err));
    OCKAM_PASS(write_purpose_key(out, says, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, says->created_at_s, err));
    return ockam_cbor_write_uint(out, says->expires_at_s, err);
}

/* Longest PurposeKeyAttestationData, and the longest VersionedData around it. */
#define CONTENT_BYTES_MAX 176u
#define DATA_BYTES_MAX    (CONTENT_BYTES_MAX + 8u)

ockam_status_t ockam_attestation_write(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key,
                                       const ockam_change_history_t *subject, ockam_attestation_t *says,
                                       ockam_error_t *err)
{
    uint8_t     content_bytes[CONTENT_BYTES_MAX], data_bytes[DATA_BYTES_MAX];
    ockam_buf_t content, data;

    ockam_buf_init_fixed(&content, content_bytes, sizeof(content_bytes));
    ockam_buf_init_fixed(&data, data_bytes, sizeof(data_bytes));
    says->subject = *ockam_change_history_identifier(subject);
    OCKAM_PASS(write_content(&content, subject, says, err));
    OCKAM_PASS(ockam_write_data(&data, OCKAM_DATA_ATTESTATION, ockam_buf_view(&content), err));
    return ockam_write_signed(out, vault, key, ockam_buf_view(&data), err);
}
