/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/identity_payload.h"

#include "failing_allocator.h"
#include "test.h"
#include "vectors.h"

static ockam_slice_t unhex(const char *text, uint8_t *bytes)
{
    assert_ok(ockam_hex_decode(ockam_slice_text(text), bytes, strlen(text) / 2, NULL));
    return ockam_slice(bytes, strlen(text) / 2);
}

static void check_vector(const char *name, size_t credentials)
{
    vectors_t               *v     = vectors_open("secure_channel.json");
    const json_t            *run   = vectors_get(v, vectors_root(v), "full_handshake_with_identities");
    const ockam_slice_t      bytes = vectors_hex(v, run, name);
    const char              *who   = credentials == 0 ? "bob" : "alice";
    ockam_identity_payload_t payload;
    ockam_buf_t              out;

    assert_ok(ockam_identity_payload_decode(bytes, &payload, NULL));
    assert_slice_equal(payload.history, vectors_hex(v, vectors_get(v, run, who), "change_history"));
    assert_slice_equal(
        payload.attestation,
        vectors_hex(v, run, credentials == 0 ? "bob_purpose_key_attestation" : "alice_purpose_key_attestation"));
    assert_int_equal(payload.credential_count, credentials);
    if (credentials == 1)
        assert_slice_equal(payload.credentials[0], vectors_hex(v, run, "alice_credential_and_purpose_key"));
    ockam_buf_init(&out, ockam_allocator_malloc(), 65535);
    assert_ok(ockam_identity_payload_encode(payload.history, payload.attestation,
                                            credentials == 1 ? payload.credentials[0] : ockam_slice(NULL, 0), &out,
                                            NULL));
    assert_slice_equal(ockam_buf_view(&out), bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        ockam_identity_payload_t untouched = {.credential_count = 99};
        assert_status(ockam_identity_payload_decode(ockam_slice(bytes.ptr, len), &untouched, NULL), OCKAM_MALFORMED);
        assert_int_equal(untouched.credential_count, 99);
        assert_null(untouched.history.ptr);
    }
    ockam_buf_deinit(&out);
    vectors_close(v);
}

static void payloads_of_the_vectors_come_apart_and_together(void **state)
{
    (void)state;
    check_vector("payload2_identity_and_credentials", 0);
    check_vector("payload3_identity_and_credentials", 1);
}

static void what_is_more_is_ignored(void **state)
{
    (void)state;
    static const char *const same[] = {
        "83018080",     /* as we write it */
        "84018080f6",   /* a fourth element */
        "83018080ffff", /* bytes behind */
        "9f018080ff",   /* indefinite */
        "9f018080f6ff", /* with a fourth */
        "8301809fff",   /* indefinite list of credentials */
    };
    ockam_identity_payload_t payload;
    uint8_t                  bytes[16];

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_ok(ockam_identity_payload_decode(unhex(same[i], bytes), &payload, NULL));
        assert_int_equal(payload.history.len, 1);
        assert_int_equal(payload.attestation.len, 1);
        assert_int_equal(payload.credential_count, 0);
    }
}

static void other_shapes_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",         "80",       "8101",   "820180",   "830180f6",
                                      "83018001", "830180a0", "a301",   "83ff80",   "5f4101ffff",
                                      "f6",       "9f0180",   "9f01ff", "8301809f", "980001"};
    ockam_identity_payload_t payload;
    uint8_t                  bytes[16];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_status(ockam_identity_payload_decode(unhex(bad[i], bytes), &payload, NULL), OCKAM_MALFORMED);
}

static void credentials_beyond_the_limit_are_counted_and_not_kept(void **state)
{
    (void)state;
    ockam_identity_payload_t payload;
    uint8_t                  bytes[4 + OCKAM_CREDENTIALS_MAX + 1] = {0x83, 0x01, 0x02, 0x80};

    for (unsigned count = 0; count <= OCKAM_CREDENTIALS_MAX + 1; count++) {
        bytes[3] = (uint8_t)(0x80 + count);
        assert_ok(ockam_identity_payload_decode(ockam_slice(bytes, 4 + count), &payload, NULL));
        assert_int_equal(payload.credential_count, count);
        if (count > 0 && count <= OCKAM_CREDENTIALS_MAX)
            assert_ptr_equal(payload.credentials[count - 1].ptr, bytes + 3 + count);
    }
}

static void an_output_that_cannot_grow_keeps_its_length(void **state)
{
    (void)state;
    static const uint8_t part[] = {0x41, 0x00};
    const ockam_slice_t  item   = ockam_slice(part, sizeof(part));
    uint8_t              storage[8];
    ockam_buf_t          out;

    for (size_t cap = 1; cap < 1 + 1 + 2 + 2 + 1 + 2; cap++) {
        ockam_buf_init_fixed(&out, storage, cap < sizeof(storage) ? cap : sizeof(storage));
        assert_ok(ockam_buf_append_byte(&out, 9, NULL));
        assert_status(ockam_identity_payload_encode(item, item, item, &out, NULL), OCKAM_LIMIT);
        assert_int_equal(out.len, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_of_the_vectors_come_apart_and_together),
        cmocka_unit_test(what_is_more_is_ignored),
        cmocka_unit_test(other_shapes_are_refused),
        cmocka_unit_test(credentials_beyond_the_limit_are_counted_and_not_kept),
        cmocka_unit_test(an_output_that_cannot_grow_keeps_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
