/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_change_history.c - change histories from a peer.
 *
 * Input: one byte. Even: the rest is a change history. Odd: the rest says how the `data` of one to three good changes
 * is changed before they are signed by the right keys, which gets past the signatures.
 * Must reach: measure, read_change, read_optional_signature (signed_data.c), reencode, check_chain, read_change_data
 * and check_signatures_of of src/identity/change_history.c, with every one of their failures. */
#include <assert.h>

#include "identity/signed_data.h"
#include "identity_fuzz.h"

/* Whatever is accepted is stable: its own encoding gives the same again. */
static void check(ockam_slice_t encoded)
{
    ockam_vault_t          *vault   = identity_fuzz_vault();
    ockam_change_history_t *history = NULL;
    ockam_change_history_t *again   = NULL;
    ockam_status_t          s;

    if (ockam_change_history_verify(vault, encoded, NULL, &history, NULL) != OCKAM_OK)
        return;
    s = ockam_change_history_verify(vault, ockam_change_history_view(history), ockam_change_history_identifier(history),
                                    &again, NULL);
    assert(s == OCKAM_OK);
    assert(ockam_slice_equal(ockam_change_history_view(history), ockam_change_history_view(again)));
    assert(ockam_change_history_compare(history, again) == OCKAM_HISTORY_EQUAL);
    assert(ockam_change_history_view(history).len <= encoded.len);
    ockam_change_history_free(history);
    ockam_change_history_free(again);
}

static void write_data(ockam_buf_t *out, size_t index, ockam_key_id_t key, const uint8_t *previous)
{
    uint8_t            storage[256];
    ockam_buf_t        content;
    ockam_public_key_t public_key;
    unsigned           failed = 0;

    ockam_buf_init_fixed(&content, storage, sizeof(storage));
    failed |= ockam_vault_public_key(identity_fuzz_vault(), key, &public_key, NULL);
    failed |= ockam_cbor_write_array(&content, 5, NULL);
    failed |= index == 0 ? ockam_cbor_write_null(&content, NULL)
                         : ockam_cbor_write_bytes(&content, ockam_slice(previous, 32), NULL);
    failed |= ockam_write_public_key(&content, &public_key, NULL);
    failed |= ockam_cbor_write_bool(&content, false, NULL);
    failed |= ockam_cbor_write_uint(&content, 100 + index, NULL);
    failed |= ockam_cbor_write_uint(&content, 5000, NULL);
    failed |= ockam_write_data(out, OCKAM_DATA_CHANGE, ockam_buf_view(&content), NULL);
    assert(failed == 0);
}

static void write_change(ockam_buf_t *out, ockam_slice_t data, ockam_key_id_t key, ockam_key_id_t previous_key,
                         uint8_t hash[32])
{
    ockam_vault_t    *vault = identity_fuzz_vault();
    ockam_signature_t signature;
    unsigned          failed = 0;

    ockam_hash_data(vault, data, hash);
    failed |= ockam_cbor_write_array(out, previous_key != OCKAM_KEY_ID_NONE ? 3 : 2, NULL);
    failed |= ockam_cbor_write_bytes(out, data, NULL);
    failed |= ockam_vault_sign(vault, key, ockam_slice(hash, 32), &signature, NULL);
    failed |= ockam_write_signature(out, &signature, NULL);
    if (previous_key != OCKAM_KEY_ID_NONE) {
        failed |= ockam_vault_sign(vault, previous_key, ockam_slice(hash, 32), &signature, NULL);
        failed |= ockam_write_signature(out, &signature, NULL);
    }
    assert(failed == 0);
}

static void sign_and_check(identity_fuzz_input_t *in)
{
    const unsigned shape    = identity_fuzz_byte(in);
    const size_t   count    = 1 + shape % 3;
    ockam_key_id_t previous = OCKAM_KEY_ID_NONE;
    uint8_t        storage[2048], data_bytes[300], hash[32];
    ockam_buf_t    out;
    unsigned       failed;

    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    failed = ockam_cbor_write_array(&out, count, NULL);
    assert(failed == 0);
    for (size_t i = 0; i < count; i++) {
        const ockam_signing_type_t type = (shape >> (2 + i) & 1u) != 0 ? OCKAM_P256 : OCKAM_ED25519;
        const ockam_key_id_t       key  = identity_fuzz_key(type, (uint8_t)(i + 1));
        ockam_buf_t                data;
        ockam_buf_init_fixed(&data, data_bytes, sizeof(data_bytes));
        write_data(&data, i, key, hash);
        identity_fuzz_mutate(in, &data);
        write_change(&out, ockam_buf_view(&data), key, previous, hash);
        previous = key;
    }
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
