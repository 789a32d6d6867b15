/* SPDX-License-Identifier: Apache-2.0
 *
 * attestation_test.c - attestations at the edges of their times, cut, flipped, and said by the wrong one. */
#include "identity/attestation.h"

#include <stdlib.h>

#include "failing_allocator.h"
#include "identity/signed_data.h"
#include "identity_kit.h"
#include "test.h"

#define FROM  1000000u
#define UNTIL 2000000u
#define NOW   1500000u

static ockam_vault_t    *vault;
static ockam_identity_t *alice; /* from FROM to UNTIL */
static ockam_key_id_t    alice_key;

static int setup(void **state)
{
    (void)state;
    vault     = kit_vault(NULL);
    alice_key = kit_key(vault, OCKAM_ED25519, 1);
    assert_ok(ockam_identity_create(vault, FROM, &(ockam_identity_options_t){.key = alice_key, .ttl_s = UNTIL - FROM},
                                    &alice, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ockam_identity_free(alice);
    ockam_vault_free(vault);
    return 0;
}

static ockam_attestation_t channel_key(uint64_t created_at_s, uint64_t expires_at_s)
{
    return (ockam_attestation_t){.purpose      = OCKAM_PURPOSE_SECURE_CHANNEL,
                                 .x25519       = {1, 2, 3},
                                 .created_at_s = created_at_s,
                                 .expires_at_s = expires_at_s};
}

/* An attestation of alice in the caller's storage. */
static ockam_slice_t attest(uint8_t storage[512], const ockam_attestation_t *says)
{
    const ockam_change_history_t *history = ockam_identity_history(alice);
    ockam_buf_t                   out;

    ockam_buf_init_fixed(&out, storage, 512);
    kit_write_attestation(&out, vault, alice_key, ockam_change_history_identifier(history)->bytes,
                          ockam_change_history_latest_hash(history), says);
    return ockam_buf_view(&out);
}

static ockam_status_t verify(ockam_slice_t encoded, uint64_t now_s, ockam_attestation_t *out)
{
    return ockam_attestation_verify(vault, encoded, ockam_identity_history(alice), now_s, out, NULL);
}

static ockam_status_t verify_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t            *exact = malloc(len > 0 ? len : 1);
    ockam_attestation_t out;
    ockam_status_t      s;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    s = verify(ockam_slice(exact, len), NOW, &out);
    free(exact);
    return s;
}

static void everything_it_says_is_given_out(void **state)
{
    ockam_attestation_t says = channel_key(NOW, NOW + 100), out;
    ockam_identifier_t  subject;
    uint8_t             storage[512];

    (void)state;
    assert_ok(verify(attest(storage, &says), NOW, &out));
    assert_true(ockam_identifier_equal(&out.subject, ockam_identity_identifier(alice)));
    assert_memory_equal(out.x25519, says.x25519, 32);
    assert_int_equal(out.created_at_s, NOW);
    assert_int_equal(out.expires_at_s, NOW + 100);
    assert_ok(ockam_attestation_subject(attest(storage, &says), &subject, NULL));
    assert_true(ockam_identifier_equal(&subject, ockam_identity_identifier(alice)));
    says = (ockam_attestation_t){.purpose = OCKAM_PURPOSE_CREDENTIALS, .created_at_s = NOW, .expires_at_s = NOW};
    says.signing_key.type     = OCKAM_P256;
    says.signing_key.bytes[0] = 4;
    assert_ok(verify(attest(storage, &says), NOW, &out));
    assert_int_equal(out.purpose, OCKAM_PURPOSE_CREDENTIALS);
    assert_slice_equal(ockam_public_key_view(&out.signing_key), ockam_public_key_view(&says.signing_key));
}

static void times_count_with_equality(void **state)
{
    static const struct {
        uint64_t       created_at_s, expires_at_s, now_s;
        ockam_status_t expected;
    } rows[] = {
        {FROM, UNTIL, NOW, OCKAM_OK},
        {FROM - 1, UNTIL, NOW, OCKAM_NOT_AUTHENTIC}, /* before the key of the identity */
        {FROM, UNTIL + 1, NOW, OCKAM_NOT_AUTHENTIC}, /* after it */
        {0, UNTIL, NOW, OCKAM_NOT_AUTHENTIC},
        {FROM, UINT64_MAX, NOW, OCKAM_NOT_AUTHENTIC},
        {FROM, NOW, NOW, OCKAM_OK}, /* the last second */
        {FROM, NOW - 1, NOW, OCKAM_EXPIRED},
        {NOW + 60, UNTIL, NOW, OCKAM_OK}, /* the clock skew */
        {NOW + 61, UNTIL, NOW, OCKAM_EXPIRED},
        {UNTIL, UNTIL, NOW, OCKAM_EXPIRED},
        {UNTIL, FROM, UNTIL, OCKAM_EXPIRED}, /* the wrong way round */
        {FROM, UNTIL, UNTIL, OCKAM_OK},
        {FROM, UNTIL, UNTIL + 1, OCKAM_EXPIRED},
        {FROM, UNTIL, FROM - 60, OCKAM_OK},
        {FROM, UNTIL, FROM - 61, OCKAM_EXPIRED},
        {FROM, UNTIL, 0, OCKAM_EXPIRED},
        {FROM, UNTIL, UINT64_MAX, OCKAM_EXPIRED},
    };
    ockam_attestation_t out;
    uint8_t             storage[512];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const ockam_attestation_t says = channel_key(rows[i].created_at_s, rows[i].expires_at_s);
        const ockam_status_t      s    = verify(attest(storage, &says), rows[i].now_s, &out);
        if (s != rows[i].expected)
            fail_msg("row %zu: %s", i, ockam_status_name(s));
    }
}

static void only_the_newest_key_of_the_subject_attests(void **state)
{
    const ockam_attestation_t     says      = channel_key(NOW, NOW);
    const ockam_change_history_t *history   = ockam_identity_history(alice);
    const uint8_t                *id        = ockam_change_history_identifier(history)->bytes;
    const uint8_t                *latest    = ockam_change_history_latest_hash(history);
    const ockam_key_id_t          mallory   = kit_key(vault, OCKAM_ED25519, 66);
    const ockam_key_id_t          p256      = kit_key(vault, OCKAM_P256, 66);
    uint8_t                       other[32] = {5}, storage[512];
    ockam_attestation_t           out;
    const struct {
        ockam_key_id_t key;
        const uint8_t *subject, *latest;
    } rows[] = {{mallory, id, latest},
                {p256, id, latest},
                {alice_key, other, latest},
                {alice_key, id, other},
                {mallory, other, other}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ockam_buf_t buf;
        ockam_buf_init_fixed(&buf, storage, sizeof(storage));
        kit_write_attestation(&buf, vault, rows[i].key, rows[i].subject, rows[i].latest, &says);
        assert_status(verify(ockam_buf_view(&buf), NOW, &out), OCKAM_NOT_AUTHENTIC);
    }
}

static void another_version_or_type_is_malformed(void **state)
{
    static const struct {
        uint64_t       version, type;
        ockam_status_t expected;
    } rows[] = {{1, 2, OCKAM_OK},        {0, 2, OCKAM_MALFORMED}, {2, 2, OCKAM_MALFORMED}, {256, 2, OCKAM_MALFORMED},
                {1, 1, OCKAM_MALFORMED}, {1, 3, OCKAM_MALFORMED}, {1, 0, OCKAM_MALFORMED}, {1, 258, OCKAM_MALFORMED}};
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512], data_bytes[512], signed_bytes[512];
    const ockam_slice_t       good = attest(storage, &says);
    ockam_reader_t            r    = ockam_reader(good);
    ockam_slice_t             data, content;
    ockam_signature_t         signature;
    ockam_attestation_t       out;

    (void)state;
    assert_ok(ockam_read_signed(&r, &data, &signature, NULL));
    assert_ok(ockam_open_data(data, OCKAM_DATA_ATTESTATION, &content, NULL));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ockam_buf_t buf, whole;
        ockam_buf_init_fixed(&buf, data_bytes, sizeof(data_bytes));
        ockam_buf_init_fixed(&whole, signed_bytes, sizeof(signed_bytes));
        kit_write_data(&buf, rows[i].version, rows[i].type, content);
        kit_write_signed(&whole, vault, alice_key, ockam_buf_view(&buf));
        assert_status(verify(ockam_buf_view(&whole), NOW, &out), rows[i].expected);
    }
}

static void a_key_of_an_unknown_kind_is_malformed(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512], data_bytes[512], signed_bytes[512], content_bytes[512];
    ockam_reader_t            r = ockam_reader(attest(storage, &says));
    ockam_slice_t             data, content;
    ockam_signature_t         signature;
    ockam_attestation_t       out;

    (void)state;
    assert_ok(ockam_read_signed(&r, &data, &signature, NULL));
    assert_ok(ockam_open_data(data, OCKAM_DATA_ATTESTATION, &content, NULL));
    memcpy(content_bytes, content.ptr, content.len);
    for (unsigned kind = 0; kind < 4; kind++) { /* the kind is byte 70: 85, two hashes, 82 */
        ockam_buf_t buf, whole;
        assert_int_equal(content_bytes[69], 0x82);
        content_bytes[70] = (uint8_t)kind;
        ockam_buf_init_fixed(&buf, data_bytes, sizeof(data_bytes));
        ockam_buf_init_fixed(&whole, signed_bytes, sizeof(signed_bytes));
        kit_write_data(&buf, 1, 2, ockam_slice(content_bytes, content.len));
        kit_write_signed(&whole, vault, alice_key, ockam_buf_view(&buf));
        assert_status(verify(ockam_buf_view(&whole), NOW, &out), kind == 0 ? OCKAM_OK : OCKAM_MALFORMED);
    }
}

static void one_cut_at_any_byte_is_malformed(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512];
    const ockam_slice_t       good = attest(storage, &says);

    (void)state;
    for (size_t len = 0; len < good.len; len++)
        assert_int_equal(verify_bytes(good.ptr, len), OCKAM_MALFORMED);
}

static void one_with_any_bit_flipped_is_refused(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512];
    const ockam_slice_t       good = attest(storage, &says);

    (void)state;
    for (size_t bit = 0; bit < 8 * good.len; bit++) {
        storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (ockam_status_kind(verify_bytes(storage, good.len)) != OCKAM_KIND_PEER)
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(verify_bytes(storage, good.len), OCKAM_OK);
}

static void what_follows_one_is_ignored(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512];
    const ockam_slice_t       good = attest(storage, &says);

    (void)state;
    storage[good.len] = 0xff;
    assert_int_equal(verify_bytes(storage, good.len + 1), OCKAM_OK);
}

static void a_refusal_leaves_the_result_alone(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512];
    ockam_slice_t             good = attest(storage, &says);
    ockam_attestation_t       out, before;

    (void)state;
    memset(&out, 7, sizeof(out));
    memcpy(&before, &out, sizeof(out));
    storage[good.len - 1] ^= 1;
    assert_status(verify(good, NOW, &out), OCKAM_NOT_AUTHENTIC);
    assert_memory_equal(&out, &before, sizeof(out));
}

static void the_trail_says_what_was_wrong(void **state)
{
    const ockam_attestation_t says = channel_key(NOW, NOW);
    uint8_t                   storage[512];
    ockam_slice_t             good = attest(storage, &says);
    ockam_attestation_t       out;
    ockam_error_t             err = {0};
    char                      text[256];

    (void)state;
    storage[good.len - 1] ^= 1;
    assert_status(ockam_attestation_verify(vault, good, ockam_identity_history(alice), NOW, &out, &err),
                  OCKAM_NOT_AUTHENTIC);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_ptr_equal(strstr(text, "attestation: signature: "), text);
    assert_status(ockam_attestation_verify(vault, good, ockam_identity_history(alice), NOW + 5, &out, &err),
                  OCKAM_EXPIRED);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_string_equal(text, "attestation: expired 5 s ago: outside its time of validity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_it_says_is_given_out),
        cmocka_unit_test(times_count_with_equality),
        cmocka_unit_test(only_the_newest_key_of_the_subject_attests),
        cmocka_unit_test(another_version_or_type_is_malformed),
        cmocka_unit_test(a_key_of_an_unknown_kind_is_malformed),
        cmocka_unit_test(one_cut_at_any_byte_is_malformed),
        cmocka_unit_test(one_with_any_bit_flipped_is_refused),
        cmocka_unit_test(what_follows_one_is_ignored),
        cmocka_unit_test(a_refusal_leaves_the_result_alone),
        cmocka_unit_test(the_trail_says_what_was_wrong),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
