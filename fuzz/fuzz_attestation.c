/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_attestation.c - attestations from a peer whose history is known: d-ed-1 of the test vectors.
 *
 * Input: one byte. Even: the rest is an attestation. Odd: the rest says how the `data` of a good one is changed before
 * it is signed by the right key, and how the whole is changed then.
 * Must reach: ockam_attestation_read, ockam_attestation_open, read_purpose_key and ockam_attestation_check of
 * src/identity/attestation.c, with every one of their failures. */
#include <assert.h>

#include "identity/signed_data.h"
#include "identity_fuzz.h"

static void check(ockam_slice_t encoded)
{
    const ockam_change_history_t *subject = ockam_identity_history(identity_fuzz_authority());
    ockam_attestation_t           says;
    ockam_identifier_t            claimed;
    ockam_status_t                s;

    if (ockam_attestation_verify(identity_fuzz_vault(), encoded, subject, IDENTITY_FUZZ_NOW, &says, NULL) != OCKAM_OK)
        return;
    assert(ockam_identifier_equal(&says.subject, ockam_change_history_identifier(subject)));
    assert(says.created_at_s >= ockam_change_history_valid_from_s(subject));
    assert(says.expires_at_s <= ockam_change_history_valid_until_s(subject));
    assert(says.created_at_s <= IDENTITY_FUZZ_NOW + OCKAM_CLOCK_SKEW_S && says.expires_at_s >= IDENTITY_FUZZ_NOW);
    s = ockam_attestation_subject(encoded, &claimed, NULL);
    assert(s == OCKAM_OK && ockam_identifier_equal(&claimed, &says.subject));
}

static void write_content(ockam_buf_t *out, unsigned kind)
{
    const ockam_change_history_t *subject = ockam_identity_history(identity_fuzz_authority());
    ockam_public_key_t            key     = *ockam_change_history_latest_key(subject);
    unsigned                      failed  = 0;

    failed |= ockam_cbor_write_array(out, 5, NULL);
    failed |= ockam_cbor_write_bytes(out, ockam_identifier_view(ockam_change_history_identifier(subject)), NULL);
    failed |= ockam_cbor_write_bytes(out, ockam_slice(ockam_change_history_latest_hash(subject), 32), NULL);
    failed |= ockam_cbor_write_variant(out, kind, 1, NULL);
    failed |= kind == OCKAM_PURPOSE_SECURE_CHANNEL ? ockam_cbor_write_bytes(out, ockam_slice(key.bytes, 32), NULL)
                                                   : ockam_write_public_key(out, &key, NULL);
    failed |= ockam_cbor_write_uint(out, IDENTITY_FUZZ_NOW - 10, NULL);
    failed |= ockam_cbor_write_uint(out, IDENTITY_FUZZ_NOW + 10, NULL);
    assert(failed == 0);
}

static void sign_and_check(identity_fuzz_input_t *in)
{
    uint8_t     content_bytes[300], data_bytes[310], storage[512];
    ockam_buf_t content, data, out;
    unsigned    failed = 0;

    ockam_buf_init_fixed(&content, content_bytes, sizeof(content_bytes));
    ockam_buf_init_fixed(&data, data_bytes, sizeof(data_bytes));
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    write_content(&content, identity_fuzz_byte(in) % 2);
    identity_fuzz_mutate(in, &content);
    failed |= ockam_write_data(&data, OCKAM_DATA_ATTESTATION, ockam_buf_view(&content), NULL);
    identity_fuzz_mutate(in, &data);
    failed |= ockam_write_signed(&out, identity_fuzz_vault(), identity_fuzz_key(OCKAM_ED25519, 0),
                                 ockam_buf_view(&data), NULL);
    assert(failed == 0);
    identity_fuzz_mutate(in, &out);
    check(ockam_buf_view(&out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    identity_fuzz_input_t in = {data, size};

    if (identity_fuzz_byte(&in) % 2 == 0)
        check(ockam_slice(in.ptr, in.len));
    else
        sign_and_check(&in);
    return 0;
}
