/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_credential.c - credentials that a peer presents, issued by d-ed-1 of the test vectors; what is accepted is
 * stored and read back.
 *
 * Input: one byte. Even: the rest is a credential. Odd: the rest says how the `data` of a good one is changed before it
 * is signed by the attested key, and how the whole is changed then.
 * Must reach: read_claim, check_issuer, check_content, read_content of src/identity/credential.c;
 * ockam_attributes_read, ockam_attributes_next, ockam_attributes_find, ockam_attributes_write, read_row of
 * src/identity/attributes.c. */
#include <assert.h>
#include <stdlib.h>

#include "identity/attributes.h"
#include "identity/signed_data.h"
#include "identity_fuzz.h"

static ockam_store_t *store(void)
{
    static ockam_store_t *one;

    if (one == NULL && ockam_store_memory(ockam_allocator_malloc(), &one, NULL) != OCKAM_OK)
        abort();
    return one;
}

/* Every key that was signed is there with its last value, and each only once. */
static void store_and_compare(const ockam_credential_t *credential)
{
    ockam_stored_attributes_t stored;
    ockam_attributes_t        rest = credential->attributes;
    ockam_attribute_t         pair;
    ockam_slice_t             signed_value, value;
    ockam_buf_t               buf;
    size_t                    count = 0;
    ockam_status_t            s;

    ockam_buf_init(&buf, ockam_allocator_malloc(), OCKAM_STORE_VALUE_BYTES_MAX);
    s = ockam_attributes_store(store(), ockam_allocator_malloc(), credential, IDENTITY_FUZZ_NOW, NULL);
    assert(s == OCKAM_OK);
    s = ockam_attributes_load(store(), &credential->subject, &credential->issuer, credential->expires_at_s - 1, &buf,
                              &stored, NULL);
    assert(s == OCKAM_OK);
    assert(stored.attributes.count <= credential->attributes.count && stored.expires_at_s == credential->expires_at_s);
    while (ockam_attributes_next(&rest, &pair)) {
        const bool found = ockam_attributes_find(credential->attributes, pair.key, &signed_value) &&
                           ockam_attributes_find(stored.attributes, pair.key, &value);
        assert(found && ockam_slice_equal(signed_value, value));
        count++;
    }
    assert(count == credential->attributes.count);
    s = ockam_attributes_load(store(), &credential->subject, &credential->issuer, credential->expires_at_s, &buf,
                              &stored, NULL);
    assert(s == OCKAM_NOT_FOUND);
    ockam_buf_deinit(&buf);
}

static void check(ockam_slice_t encoded)
{
    const ockam_change_history_t *authority = ockam_identity_history(identity_fuzz_authority());
    ockam_credential_t            credential;
    ockam_identifier_t            issuer;
    ockam_status_t                s;

    if (ockam_credential_verify(identity_fuzz_vault(), encoded, authority, NULL, IDENTITY_FUZZ_NOW, &credential,
                                NULL) != OCKAM_OK)
        return;
    assert(ockam_identifier_equal(&credential.issuer, ockam_change_history_identifier(authority)));
    assert(credential.attributes.count <= OCKAM_ATTRIBUTES_MAX);
    s = ockam_credential_issuer(encoded, &issuer, NULL);
    assert(s == OCKAM_OK && ockam_identifier_equal(&issuer, &credential.issuer));
    store_and_compare(&credential);
}

/* A good credential about the authority itself, with up to three attributes, one of them twice. */
static void write_content(ockam_buf_t *out, unsigned attributes)
{
    const ockam_identifier_t *subject = ockam_identity_identifier(identity_fuzz_authority());
    unsigned                  failed  = 0;

    failed |= ockam_cbor_write_array(out, 5, NULL);
    failed |= ockam_cbor_write_bytes(out, ockam_identifier_view(subject), NULL);
    failed |= ockam_cbor_write_null(out, NULL);
    failed |= ockam_cbor_write_array(out, 2, NULL);
    failed |= ockam_cbor_write_uint(out, 1, NULL);
    failed |= ockam_cbor_write_map(out, attributes, NULL);
    for (unsigned i = 0; i < attributes; i++) {
        failed |= ockam_cbor_write_bytes(out, ockam_slice_text(i % 2 == 0 ? "a" : "b"), NULL);
        failed |= ockam_cbor_write_bytes(out, ockam_slice_text("value"), NULL);
    }
    failed |= ockam_cbor_write_uint(out, IDENTITY_FUZZ_NOW - 10, NULL);
    failed |= ockam_cbor_write_uint(out, IDENTITY_FUZZ_NOW + 10, NULL);
    assert(failed == 0);
}

static void sign_and_check(identity_fuzz_input_t *in)
{
    uint8_t        content_bytes[300], data_bytes[310], storage[1024];
    ockam_buf_t    content, data, out;
    ockam_key_id_t key         = OCKAM_KEY_ID_NONE;
    ockam_slice_t  attestation = {NULL, 0};
    unsigned       failed      = 0;

    ockam_buf_init_fixed(&content, content_bytes, sizeof(content_bytes));
    ockam_buf_init_fixed(&data, data_bytes, sizeof(data_bytes));
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    write_content(&content, identity_fuzz_byte(in) % 4);
    identity_fuzz_mutate(in, &content);
    failed |= ockam_write_data(&data, OCKAM_DATA_CREDENTIAL, ockam_buf_view(&content), NULL);
    identity_fuzz_mutate(in, &data);
    failed |= ockam_identity_credential_key(identity_fuzz_authority(), IDENTITY_FUZZ_NOW - 20, &key, &attestation,
                                            NULL);
    failed |= ockam_cbor_write_array(&out, 2, NULL);
    failed |= ockam_write_signed(&out, identity_fuzz_vault(), key, ockam_buf_view(&data), NULL);
    failed |= ockam_buf_append(&out, attestation, NULL);
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
