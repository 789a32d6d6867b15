/* SPDX-License-Identifier: Apache-2.0
 *
 * credential.c - issue and verify credentials. Protocol: docs/protocol/identities.md, "Credentials". No clock. */
#include "identity/attestation.h"
#include "identity/attributes.h"
#include "identity/signed_data.h"

/** A credential that has been decoded and not verified. */
typedef struct {
    ockam_slice_t             data;
    ockam_signature_t         signature;
    ockam_attestation_claim_t attestation;
} claim_t;

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static ockam_status_t read_claim(ockam_slice_t encoded, claim_t *out, ockam_error_t *err)
{
    static const char credential[] = "signed attributes", attestation[] = "attestation";
    ockam_reader_t    r = ockam_reader(encoded);
    ockam_fields_t    f;

    if (encoded.len > OCKAM_CREDENTIAL_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "%zu bytes, limit %u", encoded.len, OCKAM_CREDENTIAL_BYTES_MAX);
    ockam_fields_enter(&f, &r, err);
    if (ockam_field_next(&f, credential))
        ockam_field_done(&f, ockam_read_signed(&r, &out->data, &out->signature, err), credential);
    if (ockam_field_next(&f, attestation))
        ockam_field_done(&f, ockam_attestation_read(&r, &out->attestation, err), attestation);
    OCKAM_PASS(ockam_fields_leave(&f));
    OCKAM_TRY(err, ockam_attestation_open(&out->attestation, err), attestation);
    return OCKAM_OK;
}

static ockam_status_t read_attributes(ockam_reader_t *r, ockam_credential_t *out, ockam_error_t *err)
{
    static const char map[] = "map";
    ockam_fields_t    f;

    ockam_fields_enter(&f, r, err);
    ockam_field_uint(&f, "schema", UINT64_MAX, &out->schema);
    if (ockam_field_next(&f, map))
        ockam_field_done(&f, ockam_attributes_read(r, &out->attributes, err), map);
    return ockam_fields_leave(&f);
}

static ockam_status_t read_content(ockam_slice_t content, bool *has_subject, ockam_credential_t *out,
                                   ockam_error_t *err)
{
    static const char attributes[] = "attributes";
    ockam_reader_t    r            = ockam_reader(content);
    ockam_fields_t    f;
    uint8_t           latest_hash[OCKAM_SHA256_BYTES];
    bool              has_latest_hash;

    ockam_fields_enter(&f, &r, err);
    ockam_field_optional_hash(&f, "subject", has_subject, out->subject.bytes);
    /* Not looked at: a credential outlives a rotation of its subject. */
    ockam_field_optional_hash(&f, "latest change", &has_latest_hash, latest_hash);
    if (ockam_field_next(&f, attributes))
        ockam_field_done(&f, read_attributes(&r, out, err), attributes);
    ockam_field_uint(&f, "created_at", UINT64_MAX, &out->created_at_s);
    ockam_field_uint(&f, "expires_at", UINT64_MAX, &out->expires_at_s);
    return ockam_fields_leave(&f);
}

ockam_status_t ockam_credential_issuer(ockam_slice_t encoded, ockam_identifier_t *out, ockam_error_t *err)
{
    claim_t claim;

    OCKAM_TRY(err, read_claim(encoded, &claim, err), "credential");
    *out = claim.attestation.says.subject;
    return OCKAM_OK;
}

/* ---- verifying -------------------------------------------------------------------------------------------------- */

/* Steps 1 to 4: the issuer's key, and its signature. */
static ockam_status_t check_issuer(ockam_vault_t *vault, const claim_t *claim, const ockam_change_history_t *authority,
                                   uint64_t now_s, ockam_error_t *err)
{
    const ockam_attestation_t *key = &claim->attestation.says;
    uint8_t                    hash[OCKAM_SHA256_BYTES];

    if (!ockam_identifier_equal(&key->subject, ockam_change_history_identifier(authority)))
        return ockam_fail(err, OCKAM_DENIED, "issuer is not the authority");
    OCKAM_TRY(err, ockam_attestation_check(vault, &claim->attestation, authority, now_s, true, err), "attestation");
    if (key->purpose != OCKAM_PURPOSE_CREDENTIALS)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "signed with a key that is not for credentials");
    ockam_hash_data(vault, claim->data, hash);
    OCKAM_TRY(err,
              ockam_vault_verify(vault, &key->signing_key, ockam_slice(hash, sizeof(hash)), &claim->signature, err),
              "signature");
    return OCKAM_OK;
}

static ockam_status_t check_content(const claim_t *claim, const ockam_identifier_t *subject, uint64_t now_s,
                                    ockam_credential_t *out, ockam_error_t *err)
{
    const ockam_attestation_t *key = &claim->attestation.says;
    ockam_slice_t              content;
    bool                       has_subject;

    OCKAM_PASS(ockam_open_data(claim->data, OCKAM_DATA_CREDENTIAL, &content, err));
    OCKAM_PASS(read_content(content, &has_subject, out, err));
    if (!has_subject)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "no subject");
    if (subject != NULL && !ockam_identifier_equal(subject, &out->subject))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "made for another subject");
    if (out->created_at_s < key->created_at_s)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "created_at is before the issuer's key was made");
    if (out->expires_at_s > key->expires_at_s)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "expires_at is after the issuer's key expires");
    return ockam_check_times(out->created_at_s, out->expires_at_s, now_s, err);
}

ockam_status_t ockam_credential_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                       const ockam_change_history_t *authority, const ockam_identifier_t *subject,
                                       uint64_t now_s, ockam_credential_t *out, ockam_error_t *err)
{
    ockam_credential_t verified = {.schema = 0};
    claim_t            claim;
    ockam_status_t     s;

    if ((s = read_claim(encoded, &claim, err)) == OCKAM_OK &&
        (s = check_issuer(vault, &claim, authority, now_s, err)) == OCKAM_OK)
        s = check_content(&claim, subject, now_s, &verified, err);
    if (s != OCKAM_OK)
        return ockam_error_wrap(err, s, __func__, "credential");
    verified.issuer = claim.attestation.says.subject;
    *out            = verified;
    return OCKAM_OK;
}

/* ---- issuing ---------------------------------------------------------------------------------------------------- */

typedef struct {
    const ockam_change_history_t *subject;
    const ockam_attribute_t      *attributes;
    size_t                        count;
    uint64_t                      schema;
    uint64_t                      created_at_s;
    uint64_t                      expires_at_s;
} terms_t;

static ockam_status_t write_content(ockam_buf_t *out, const terms_t *terms, ockam_error_t *err)
{
    const ockam_slice_t latest = ockam_slice(ockam_change_history_latest_hash(terms->subject), OCKAM_SHA256_BYTES);
    const ockam_identifier_t *identifier = ockam_change_history_identifier(terms->subject);

    OCKAM_PASS(ockam_cbor_write_array(out, 5, err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, ockam_identifier_view(identifier), err));
    OCKAM_PASS(ockam_cbor_write_bytes(out, latest, err));
    OCKAM_PASS(ockam_cbor_write_array(out, 2, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, terms->schema, err));
    OCKAM_PASS(ockam_attributes_write(out, terms->attributes, terms->count, false, err));
    OCKAM_PASS(ockam_cbor_write_uint(out, terms->created_at_s, err));
    return ockam_cbor_write_uint(out, terms->expires_at_s, err);
}

/* The issuer's key, one that lives as long as the credential if it can be had. */
static ockam_status_t issuing_key(ockam_identity_t *issuer, const terms_t *terms, ockam_key_id_t *key,
                                  ockam_slice_t *attestation, ockam_error_t *err)
{
    const ockam_change_history_t *history = ockam_identity_history(issuer);
    ockam_purpose_key_options_t   options = {.created_at_s = terms->created_at_s};
    ockam_attestation_claim_t     claim;
    ockam_reader_t                r;

    OCKAM_PASS(ockam_identity_credential_key(issuer, terms->created_at_s, key, attestation, err));
    r = ockam_reader(*attestation);
    OCKAM_PASS(ockam_attestation_read(&r, &claim, err));
    OCKAM_PASS(ockam_attestation_open(&claim, err));
    if (claim.says.created_at_s <= terms->created_at_s && claim.says.expires_at_s >= terms->expires_at_s)
        return OCKAM_OK;
    options.expires_at_s = ockam_change_history_valid_until_s(history);
    if (options.expires_at_s - options.created_at_s > OCKAM_PURPOSE_KEY_TTL_S)
        options.expires_at_s = options.created_at_s + OCKAM_PURPOSE_KEY_TTL_S;
    if (terms->expires_at_s > options.expires_at_s || terms->created_at_s < ockam_change_history_valid_from_s(history))
        return ockam_fail(err, OCKAM_INVALID, "credential would outlive the key it is signed with");
    OCKAM_PASS(ockam_identity_set_purpose_key(issuer, OCKAM_PURPOSE_CREDENTIALS, &options, err));
    return ockam_identity_credential_key(issuer, terms->created_at_s, key, attestation, err);
}

static ockam_status_t write_credential(ockam_buf_t *out, ockam_identity_t *issuer, const terms_t *terms,
                                       ockam_buf_t *content, ockam_buf_t *data, ockam_error_t *err)
{
    ockam_key_id_t key;
    ockam_slice_t  attestation;

    OCKAM_PASS(write_content(content, terms, err));
    OCKAM_PASS(ockam_write_data(data, OCKAM_DATA_CREDENTIAL, ockam_buf_view(content), err));
    OCKAM_PASS(issuing_key(issuer, terms, &key, &attestation, err));
    /* What is longer than others may read is not made. */
    if (data->len + attestation.len + 16 + OCKAM_SIGNATURE_ENCODED_BYTES > OCKAM_CREDENTIAL_BYTES_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "credential with %zu bytes of data", data->len);
    OCKAM_PASS(ockam_cbor_write_array(out, 2, err));
    OCKAM_PASS(ockam_write_signed(out, ockam_identity_vault(issuer), key, ockam_buf_view(data), err));
    return ockam_buf_append(out, attestation, err);
}

ockam_status_t ockam_credential_issue(ockam_identity_t *issuer, const ockam_change_history_t *subject,
                                      const ockam_attribute_t *attributes, size_t count, uint64_t schema,
                                      uint64_t now_s, uint64_t ttl_s, ockam_buf_t *out, ockam_error_t *err)
{
    const ockam_allocator_t *allocator = ockam_vault_allocator(ockam_identity_vault(issuer));
    const size_t             mark      = out->len;
    terms_t                  terms     = {subject, attributes, count, schema, now_s, now_s + ttl_s};
    ockam_buf_t              content, data;
    ockam_status_t           s;

    if (ttl_s > UINT64_MAX - now_s)
        return ockam_fail(err, OCKAM_INVALID, "credential would end after the end of time");
    ockam_buf_init(&content, allocator, OCKAM_CREDENTIAL_BYTES_MAX);
    ockam_buf_init(&data, allocator, OCKAM_CREDENTIAL_BYTES_MAX);
    if ((s = write_credential(out, issuer, &terms, &content, &data, err)) != OCKAM_OK) {
        ockam_buf_truncate(out, mark);
        s = ockam_error_wrap(err, s, __func__, "new credential");
    }
    ockam_buf_deinit(&content);
    ockam_buf_deinit(&data);
    return s;
}

/* ---- text ------------------------------------------------------------------------------------------------------- */

ockam_status_t ockam_credential_text(ockam_slice_t encoded, ockam_buf_t *out, ockam_error_t *err)
{
    return ockam_write_hex(out, encoded, err);
}

ockam_status_t ockam_credential_from_text(ockam_slice_t text, ockam_buf_t *out, ockam_error_t *err)
{
    return ockam_read_hex(text, out, err);
}
