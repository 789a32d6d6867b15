/* SPDX-License-Identifier: Apache-2.0
 *
 * credential_test.c - credentials at the edges, cut, flipped, misused; attributes in order, in the store, and gone. */
#include "ockam/credential.h"

#include <stdio.h>
#include <stdlib.h>

#include "failing_allocator.h"
#include "fault_store.h"
#include "identity/attributes.h"
#include "identity_kit.h"
#include "test.h"

#define FROM  1000000u
#define NOW   1500000u
#define UNTIL 2000000u

static ockam_vault_t    *vault;
static ockam_identity_t *authority, *member;
static ockam_key_id_t    issuing_key; /* attested from FROM to UNTIL */
static ockam_slice_t     issuing_attestation;
static uint8_t           attestation_bytes[OCKAM_ATTESTATION_BYTES_MAX];

static int setup(void **state)
{
    const ockam_identity_options_t    options = {.ttl_s = UNTIL - FROM + 1000};
    const ockam_purpose_key_options_t purpose = {.created_at_s = FROM, .expires_at_s = UNTIL};

    (void)state;
    vault = kit_vault(NULL);
    assert_ok(ockam_identity_create(vault, FROM, &options, &authority, NULL));
    assert_ok(ockam_identity_create(vault, FROM, NULL, &member, NULL));
    assert_ok(ockam_identity_set_purpose_key(authority, OCKAM_PURPOSE_CREDENTIALS, &purpose, NULL));
    assert_ok(ockam_identity_credential_key(authority, NOW, &issuing_key, &issuing_attestation, NULL));
    memcpy(attestation_bytes, issuing_attestation.ptr, issuing_attestation.len);
    issuing_attestation.ptr = attestation_bytes;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ockam_identity_free(authority);
    ockam_identity_free(member);
    ockam_vault_free(vault);
    return 0;
}

static ockam_attribute_t attribute(const char *key, const char *value)
{
    return (ockam_attribute_t){ockam_slice_text(key), ockam_slice_text(value)};
}

static ockam_buf_t buffer(void)
{
    ockam_buf_t out;

    ockam_buf_init(&out, ockam_allocator_malloc(), 2 * OCKAM_CREDENTIAL_BYTES_MAX);
    return out;
}

static ockam_status_t issue(const ockam_attribute_t *attributes, size_t count, ockam_buf_t *out)
{
    return ockam_credential_issue(authority, ockam_identity_history(member), attributes, count, 1, NOW, 100, out, NULL);
}

static ockam_status_t verify(ockam_slice_t encoded, uint64_t now_s, ockam_credential_t *out)
{
    return ockam_credential_verify(vault, encoded, ockam_identity_history(authority), ockam_identity_identifier(member),
                                   now_s, out, NULL);
}

static ockam_status_t verify_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t           *exact = malloc(len > 0 ? len : 1);
    ockam_credential_t out;
    ockam_status_t     s;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    s = verify(ockam_slice(exact, len), NOW, &out);
    free(exact);
    return s;
}

/* ---- issue and verify -------------------------------------------------------------------------------------------- */

static void everything_it_says_is_given_out(void **state)
{
    const ockam_attribute_t attributes[] = {attribute("role", "member"), attribute("", "")};
    ockam_buf_t             out          = buffer();
    ockam_credential_t      credential;
    ockam_identifier_t      issuer;
    ockam_attribute_t       pair;

    (void)state;
    assert_ok(issue(attributes, 2, &out));
    assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
    assert_true(ockam_identifier_equal(&credential.issuer, ockam_identity_identifier(authority)));
    assert_true(ockam_identifier_equal(&credential.subject, ockam_identity_identifier(member)));
    assert_int_equal(credential.schema, 1);
    assert_int_equal(credential.created_at_s, NOW);
    assert_int_equal(credential.expires_at_s, NOW + 100);
    assert_int_equal(credential.attributes.count, 2);
    assert_true(ockam_attributes_next(&credential.attributes, &pair));
    assert_int_equal(pair.key.len, 0);
    assert_true(ockam_attributes_next(&credential.attributes, &pair));
    assert_slice_equal(pair.value, ockam_slice_text("member"));
    assert_false(ockam_attributes_next(&credential.attributes, &pair));
    assert_ok(ockam_credential_issuer(ockam_buf_view(&out), &issuer, NULL));
    assert_true(ockam_identifier_equal(&issuer, ockam_identity_identifier(authority)));
    ockam_buf_deinit(&out);
}

static void attributes_are_written_in_the_order_of_their_bytes(void **state)
{
    static const char *const order[] = {"a", "aa", "b", "ba", "z", "\xc3\xbc"};
    const ockam_attribute_t  given[] = {attribute("b", "3"), attribute("aa", "2"), attribute("\xc3\xbc", "6"),
                                        attribute("a", "1"), attribute("z", "5"),  attribute("ba", "4")};
    ockam_buf_t              out     = buffer();
    ockam_credential_t       credential;
    ockam_attribute_t        pair;

    (void)state;
    assert_ok(issue(given, 6, &out));
    assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
    for (size_t i = 0; i < 6; i++) {
        assert_true(ockam_attributes_next(&credential.attributes, &pair));
        assert_slice_equal(pair.key, ockam_slice_text(order[i]));
        assert_int_equal(pair.value.ptr[0], '1' + (int)i);
    }
    ockam_buf_deinit(&out);
}

static void an_attribute_given_twice_is_invalid(void **state)
{
    const ockam_attribute_t given[] = {attribute("a", "1"), attribute("b", "2"), attribute("a", "3")};
    ockam_buf_t             out     = buffer();

    (void)state;
    assert_ok(ockam_buf_append_byte(&out, 7, NULL));
    assert_status(issue(given, 3, &out), OCKAM_INVALID);
    assert_int_equal(out.len, 1);
    ockam_buf_deinit(&out);
}

static void as_many_attributes_as_the_limit_are_issued_and_one_more_is_not(void **state)
{
    ockam_attribute_t  given[OCKAM_ATTRIBUTES_MAX + 1];
    char               keys[OCKAM_ATTRIBUTES_MAX + 1][8];
    ockam_buf_t        out = buffer();
    ockam_credential_t credential;

    (void)state;
    for (size_t i = 0; i <= OCKAM_ATTRIBUTES_MAX; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        given[i] = attribute(keys[i], "");
    }
    assert_ok(issue(given, OCKAM_ATTRIBUTES_MAX, &out));
    assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
    assert_int_equal(credential.attributes.count, OCKAM_ATTRIBUTES_MAX);
    assert_status(issue(given, OCKAM_ATTRIBUTES_MAX + 1, &out), OCKAM_LIMIT);
    ockam_buf_deinit(&out);
}

static void one_that_nobody_would_read_for_its_length_is_not_issued(void **state)
{
    static char        value[OCKAM_CREDENTIAL_BYTES_MAX];
    size_t             longest = 0;
    ockam_buf_t        out     = buffer();
    ockam_credential_t credential;

    (void)state;
    for (size_t len = OCKAM_CREDENTIAL_BYTES_MAX; len > OCKAM_CREDENTIAL_BYTES_MAX - 1000 && longest == 0; len--) {
        const ockam_attribute_t given = {ockam_slice_text("k"), ockam_slice(value, len)};
        const ockam_status_t    s     = issue(&given, 1, &out);
        if (s == OCKAM_OK)
            longest = len;
        else
            assert_int_equal(s, OCKAM_LIMIT);
    }
    assert_true(longest > 0);
    assert_true(out.len <= OCKAM_CREDENTIAL_BYTES_MAX);
    assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
    ockam_buf_deinit(&out);
}

static void more_bytes_than_the_limit_are_not_read(void **state)
{
    static uint8_t     padded[OCKAM_CREDENTIAL_BYTES_MAX + 1];
    ockam_buf_t        out = buffer();
    ockam_credential_t credential;

    (void)state;
    assert_ok(issue(NULL, 0, &out));
    memcpy(padded, out.ptr, out.len);
    assert_ok(verify(ockam_slice(padded, OCKAM_CREDENTIAL_BYTES_MAX), NOW, &credential));
    assert_int_equal(credential.attributes.count, 0);
    assert_status(verify(ockam_slice(padded, sizeof(padded)), NOW, &credential), OCKAM_LIMIT);
    ockam_buf_deinit(&out);
}

static void one_that_would_outlive_the_issuing_key_gets_a_newer_key_or_is_not_made(void **state)
{
    const ockam_change_history_t *history = ockam_identity_history(authority);
    ockam_buf_t                   out     = buffer();
    ockam_credential_t            credential;

    (void)state;
    assert_ok(ockam_credential_issue(authority, ockam_identity_history(member), NULL, 0, 1, NOW, UNTIL - NOW + 1000,
                                     &out, NULL));
    assert_ok(ockam_credential_verify(vault, ockam_buf_view(&out), history, NULL, NOW, &credential, NULL));
    assert_int_equal(credential.expires_at_s, UNTIL + 1000);
    assert_status(ockam_credential_issue(authority, ockam_identity_history(member), NULL, 0, 1, NOW, UNTIL - NOW + 1001,
                                         &out, NULL),
                  OCKAM_INVALID);
    assert_status(
        ockam_credential_issue(authority, ockam_identity_history(member), NULL, 0, 1, NOW, UINT64_MAX, &out, NULL),
        OCKAM_INVALID);
    ockam_buf_deinit(&out);
}

/* Years after the key was made: credentials go on being issued, with a new key. */
static void an_issuing_key_near_its_end_is_replaced_in_time(void **state)
{
    const uint64_t     late   = FROM + OCKAM_PURPOSE_KEY_TTL_S - 50;
    ockam_identity_t  *issuer = NULL;
    ockam_key_id_t     first, second;
    ockam_slice_t      bytes;
    ockam_buf_t        out = buffer();
    ockam_credential_t credential;

    (void)state;
    assert_ok(ockam_identity_create(vault, FROM, NULL, &issuer, NULL));
    assert_ok(ockam_identity_credential_key(issuer, FROM, &first, &bytes, NULL));
    assert_ok(ockam_credential_issue(issuer, ockam_identity_history(member), NULL, 0, 1, late, 50, &out, NULL));
    assert_ok(ockam_identity_credential_key(issuer, late, &second, &bytes, NULL));
    assert_int_equal(first, second);
    ockam_buf_truncate(&out, 0);
    assert_ok(ockam_credential_issue(issuer, ockam_identity_history(member), NULL, 0, 1, late, 51, &out, NULL));
    assert_ok(ockam_identity_credential_key(issuer, late, &second, &bytes, NULL));
    assert_int_not_equal(first, second);
    assert_ok(ockam_credential_verify(vault, ockam_buf_view(&out), ockam_identity_history(issuer), NULL, late + 51,
                                      &credential, NULL));
    ockam_buf_deinit(&out);
    ockam_identity_free(issuer);
}

static void the_issuing_key_may_be_of_either_type(void **state)
{
    (void)state;
    for (int type = 0; type < 2; type++) {
        const ockam_purpose_key_options_t options = {
            .type = (ockam_signing_type_t)type, .created_at_s = FROM, .expires_at_s = UNTIL};
        ockam_buf_t        out = buffer();
        ockam_credential_t credential;
        assert_ok(ockam_identity_set_purpose_key(authority, OCKAM_PURPOSE_CREDENTIALS, &options, NULL));
        assert_ok(issue(NULL, 0, &out));
        assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
        ockam_buf_deinit(&out);
    }
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static kit_credential_t plain(void)
{
    return (kit_credential_t){
        .subject = ockam_identity_identifier(member)->bytes, .schema = 1, .created_at_s = NOW, .expires_at_s = NOW};
}

static ockam_status_t verify_said(const kit_credential_t *says, ockam_key_id_t key, ockam_slice_t attestation,
                                  uint64_t now_s)
{
    ockam_buf_t        out = buffer();
    ockam_credential_t credential;
    ockam_status_t     s;

    kit_write_credential(&out, vault, key, says, attestation);
    s = verify(ockam_buf_view(&out), now_s, &credential);
    ockam_buf_deinit(&out);
    return s;
}

static void times_count_with_equality(void **state)
{
    static const struct {
        uint64_t       created_at_s, expires_at_s, now_s;
        ockam_status_t expected;
    } rows[] = {
        {FROM, UNTIL, NOW, OCKAM_OK},
        {FROM - 1, UNTIL, NOW, OCKAM_NOT_AUTHENTIC}, /* before the issuing key */
        {FROM, UNTIL + 1, NOW, OCKAM_NOT_AUTHENTIC}, /* after it */
        {FROM, NOW, NOW, OCKAM_OK},
        {FROM, NOW - 1, NOW, OCKAM_EXPIRED},
        {NOW + 60, UNTIL, NOW, OCKAM_OK},
        {NOW + 61, UNTIL, NOW, OCKAM_EXPIRED},
        {FROM, UNTIL, UNTIL, OCKAM_OK},
        {FROM, UNTIL, UNTIL + 1, OCKAM_EXPIRED},
        {FROM, UNTIL, FROM - 60, OCKAM_OK},
        {FROM, UNTIL, FROM - 61, OCKAM_EXPIRED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        kit_credential_t says = plain();
        ockam_status_t   s;
        says.created_at_s = rows[i].created_at_s;
        says.expires_at_s = rows[i].expires_at_s;
        s                 = verify_said(&says, issuing_key, issuing_attestation, rows[i].now_s);
        if (s != rows[i].expected)
            fail_msg("row %zu: %s", i, ockam_status_name(s));
    }
}

static void only_the_attested_key_of_the_authority_issues(void **state)
{
    kit_credential_t     says    = plain();
    const ockam_key_id_t mallory = kit_key(vault, OCKAM_ED25519, 66);
    ockam_key_id_t       key;
    ockam_slice_t        attestation;

    (void)state;
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_OK);
    assert_int_equal(verify_said(&says, mallory, issuing_attestation, NOW), OCKAM_NOT_AUTHENTIC);
    assert_ok(ockam_identity_secure_channel_key(authority, NOW, &key, &attestation, NULL));
    assert_int_equal(verify_said(&says, mallory, attestation, NOW), OCKAM_NOT_AUTHENTIC); /* key for another purpose */
    assert_ok(ockam_identity_credential_key(member, NOW, &key, &attestation, NULL));
    assert_int_equal(verify_said(&says, key, attestation, NOW), OCKAM_DENIED); /* somebody else's word */
}

static void the_subject_must_be_there_and_the_expected_one(void **state)
{
    kit_credential_t   says      = plain();
    uint8_t            other[32] = {1};
    ockam_buf_t        out       = buffer();
    ockam_credential_t credential;

    (void)state;
    says.latest_hash = other; /* not looked at */
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_OK);
    says.subject = other;
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_NOT_AUTHENTIC);
    kit_write_credential(&out, vault, issuing_key, &says, issuing_attestation);
    assert_ok(ockam_credential_verify(vault, ockam_buf_view(&out), ockam_identity_history(authority), NULL, NOW,
                                      &credential, NULL));
    assert_memory_equal(credential.subject.bytes, other, 32);
    says.subject = NULL;
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_NOT_AUTHENTIC);
    ockam_buf_truncate(&out, 0);
    kit_write_credential(&out, vault, issuing_key, &says, issuing_attestation);
    assert_status(ockam_credential_verify(vault, ockam_buf_view(&out), ockam_identity_history(authority), NULL, NOW,
                                          &credential, NULL),
                  OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&out);
}

static void a_rotation_of_the_authority_ends_its_credentials(void **state)
{
    ockam_identity_t  *other = NULL;
    ockam_buf_t        out   = buffer();
    ockam_credential_t credential;

    (void)state;
    assert_ok(ockam_identity_create(vault, FROM, NULL, &other, NULL));
    assert_ok(ockam_credential_issue(other, ockam_identity_history(member), NULL, 0, 1, NOW, 100, &out, NULL));
    assert_ok(ockam_identity_rotate(other, NOW, NULL, NULL));
    assert_status(ockam_credential_verify(vault, ockam_buf_view(&out), ockam_identity_history(other), NULL, NOW,
                                          &credential, NULL),
                  OCKAM_NOT_AUTHENTIC);
    ockam_buf_truncate(&out, 0);
    assert_ok(ockam_credential_issue(other, ockam_identity_history(member), NULL, 0, 1, NOW, 100, &out, NULL));
    assert_ok(ockam_credential_verify(vault, ockam_buf_view(&out), ockam_identity_history(other), NULL, NOW,
                                      &credential, NULL));
    ockam_buf_deinit(&out);
    ockam_identity_free(other);
}

static void one_cut_at_any_byte_is_malformed(void **state)
{
    const ockam_attribute_t given = attribute("role", "member");
    ockam_buf_t             out   = buffer();

    (void)state;
    assert_ok(issue(&given, 1, &out));
    for (size_t len = 0; len < out.len; len++)
        assert_int_equal(verify_bytes(out.ptr, len), OCKAM_MALFORMED);
    ockam_buf_deinit(&out);
}

static void one_with_any_bit_flipped_is_refused(void **state)
{
    const ockam_attribute_t given = attribute("role", "member");
    ockam_buf_t             out   = buffer();

    (void)state;
    assert_ok(issue(&given, 1, &out));
    for (size_t bit = 0; bit < 8 * out.len; bit++) {
        ockam_kind_t kind;
        out.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        kind = ockam_status_kind(verify_bytes(out.ptr, out.len));
        if (kind != OCKAM_KIND_PEER && kind != OCKAM_KIND_POLICY) /* policy: the issuer's identifier */
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        out.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    ockam_buf_deinit(&out);
}

static void what_follows_one_is_ignored(void **state)
{
    ockam_buf_t out = buffer();

    (void)state;
    assert_ok(issue(NULL, 0, &out));
    assert_ok(ockam_buf_append_byte(&out, 0xff, NULL));
    assert_int_equal(verify_bytes(out.ptr, out.len), OCKAM_OK);
    ockam_buf_deinit(&out);
}

static void of_an_attribute_that_is_there_twice_the_last_counts(void **state)
{
    const ockam_attribute_t given[] = {attribute("a", "1"), attribute("b", "2"), attribute("a", "3")};
    kit_credential_t        says    = plain();
    ockam_buf_t             out     = buffer();
    ockam_credential_t      credential;
    ockam_slice_t           value;

    (void)state;
    says.attributes = given;
    says.count      = 3;
    kit_write_credential(&out, vault, issuing_key, &says, issuing_attestation);
    assert_ok(verify(ockam_buf_view(&out), NOW, &credential));
    assert_int_equal(credential.attributes.count, 3);
    assert_true(ockam_attributes_find(credential.attributes, ockam_slice_text("a"), &value));
    assert_slice_equal(value, ockam_slice_text("3"));
    assert_false(ockam_attributes_find(credential.attributes, ockam_slice_text("c"), &value));
    ockam_buf_deinit(&out);
}

static void more_attributes_than_the_limit_are_not_read(void **state)
{
    ockam_attribute_t given[OCKAM_ATTRIBUTES_MAX + 1];
    kit_credential_t  says = plain();

    (void)state;
    for (size_t i = 0; i <= OCKAM_ATTRIBUTES_MAX; i++)
        given[i] = attribute("k", "v");
    says.attributes = given;
    says.count      = OCKAM_ATTRIBUTES_MAX;
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_OK);
    says.count++;
    assert_int_equal(verify_said(&says, issuing_key, issuing_attestation, NOW), OCKAM_LIMIT);
}

static void a_map_may_be_indefinite(void **state)
{
    static const uint8_t map[] = {0xbf, 0x41, 'a', 0x41, '1', 0x58, 0x01, 'b', 0x40, 0xff, 0x00};
    ockam_reader_t       r     = ockam_reader(ockam_slice(map, sizeof(map)));
    ockam_attributes_t   read;
    ockam_attribute_t    pair;

    (void)state;
    assert_ok(ockam_attributes_read(&r, &read, NULL));
    assert_int_equal(r.rest.len, 1);
    assert_int_equal(read.count, 2);
    assert_true(ockam_attributes_next(&read, &pair));
    assert_true(ockam_attributes_next(&read, &pair));
    assert_slice_equal(pair.key, ockam_slice_text("b"));
    assert_false(ockam_attributes_next(&read, &pair));
}

static void keys_and_values_must_be_byte_strings(void **state)
{
    static const char *const maps[] = {"\xa1\x61"
                                       "a\x41"
                                       "1",
                                       "\xa1\x41"
                                       "a\x61"
                                       "1",
                                       "\xa1\x01\x41"
                                       "1",
                                       "\x82\x41"
                                       "a\x41"
                                       "1",
                                       "\xa1\x41"
                                       "a",
                                       "\xa1\x5f\x41"
                                       "a\xff\x40",
                                       "\xa1\x41"
                                       "a\xf6"};

    (void)state;
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        ockam_reader_t     r = ockam_reader(ockam_slice_text(maps[i]));
        ockam_attributes_t read;
        assert_status(ockam_attributes_read(&r, &read, NULL), OCKAM_MALFORMED);
    }
}

static void text_is_hex_of_either_case(void **state)
{
    ockam_buf_t out = buffer(), text = buffer(), again = buffer();

    (void)state;
    assert_ok(issue(NULL, 0, &out));
    assert_ok(ockam_credential_text(ockam_buf_view(&out), &text, NULL));
    assert_int_equal(text.len, 2 * out.len);
    text.ptr[text.len - 1] = text.ptr[text.len - 1] == 'a' ? 'A' : text.ptr[text.len - 1];
    assert_ok(ockam_credential_from_text(ockam_buf_view(&text), &again, NULL));
    assert_slice_equal(ockam_buf_view(&again), ockam_buf_view(&out));
    assert_status(ockam_credential_from_text(ockam_slice(text.ptr, text.len - 1), &again, NULL), OCKAM_MALFORMED);
    assert_status(ockam_credential_from_text(ockam_slice_text("8z"), &again, NULL), OCKAM_MALFORMED);
    assert_int_equal(again.len, out.len);
    ockam_buf_deinit(&out);
    ockam_buf_deinit(&text);
    ockam_buf_deinit(&again);
}

/* ---- accepted attributes ----------------------------------------------------------------------------------------- */

typedef struct {
    ockam_store_t *store;
    ockam_buf_t    bytes, loaded;
} stored_t;

static int stored_setup(void **state)
{
    static stored_t stored;

    stored = (stored_t){.store = kit_store(), .bytes = buffer(), .loaded = buffer()};
    *state = &stored;
    return 0;
}

static int stored_teardown(void **state)
{
    stored_t *stored = *state;

    ockam_buf_deinit(&stored->bytes);
    ockam_buf_deinit(&stored->loaded);
    ockam_store_free(stored->store);
    return 0;
}

/* A credential for `subject` by `issuer` whose one attribute has this value, stored. */
static void store_credential(stored_t *stored, uint8_t subject, uint8_t issuer, const char *value,
                             uint64_t expires_at_s)
{
    const ockam_attribute_t given      = attribute("role", value);
    ockam_credential_t      credential = {.expires_at_s = expires_at_s};
    ockam_reader_t          r;

    credential.subject.bytes[0] = subject;
    credential.issuer.bytes[0]  = issuer;
    ockam_buf_truncate(&stored->bytes, 0);
    assert_ok(ockam_attributes_write(&stored->bytes, &given, 1, false, NULL));
    r = ockam_reader(ockam_buf_view(&stored->bytes));
    assert_ok(ockam_attributes_read(&r, &credential.attributes, NULL));
    assert_ok(ockam_attributes_store(stored->store, ockam_allocator_malloc(), &credential, NOW, NULL));
}

static ockam_status_t load(stored_t *stored, uint8_t subject, uint8_t issuer, uint64_t now_s,
                           ockam_stored_attributes_t *out)
{
    return ockam_attributes_load(stored->store, &(ockam_identifier_t){{subject}}, &(ockam_identifier_t){{issuer}},
                                 now_s, &stored->loaded, out, NULL);
}

static void assert_role(stored_t *stored, uint8_t subject, uint8_t issuer, const char *value)
{
    ockam_stored_attributes_t out;
    ockam_slice_t             found;

    assert_ok(load(stored, subject, issuer, NOW, &out));
    assert_int_equal(out.added_at_s, NOW);
    assert_true(ockam_attributes_find(out.attributes, ockam_slice_text("role"), &found));
    assert_slice_equal(found, ockam_slice_text(value));
}

static void the_last_credential_replaces_the_attributes_of_its_subject_and_issuer(void **state)
{
    stored_t                 *stored = *state;
    ockam_stored_attributes_t out;

    store_credential(stored, 1, 2, "member", NOW + 10);
    store_credential(stored, 1, 3, "guest", NOW + 10);
    store_credential(stored, 4, 2, "other", NOW + 10);
    store_credential(stored, 1, 2, "enroller", NOW + 20);
    assert_role(stored, 1, 2, "enroller");
    assert_role(stored, 1, 3, "guest");
    assert_role(stored, 4, 2, "other");
    assert_status(load(stored, 2, 1, NOW, &out), OCKAM_NOT_FOUND);
    assert_int_equal(store_rows(stored->store), 3);
}

static void attributes_are_gone_in_the_second_they_expire(void **state)
{
    stored_t                 *stored = *state;
    ockam_stored_attributes_t out;

    store_credential(stored, 1, 2, "member", NOW + 10);
    assert_ok(load(stored, 1, 2, NOW + 9, &out));
    assert_int_equal(out.expires_at_s, NOW + 10);
    assert_status(load(stored, 1, 2, NOW + 10, &out), OCKAM_NOT_FOUND);
    assert_int_equal(store_rows(stored->store), 0);
    assert_status(load(stored, 1, 2, NOW, &out), OCKAM_NOT_FOUND);
}

static void housekeeping_removes_what_has_expired_and_nothing_else(void **state)
{
    stored_t                 *stored = *state;
    ockam_stored_attributes_t out;

    for (unsigned subject = 0; subject < 256; subject++)
        for (unsigned issuer = 0; issuer < 10; issuer++) /* more than one batch */
            store_credential(stored, (uint8_t)subject, (uint8_t)issuer, "x", NOW + issuer % 2);
    assert_ok(ockam_attributes_remove_expired(stored->store, ockam_allocator_malloc(), NOW - 1, NULL));
    assert_int_equal(store_rows(stored->store), 2560);
    assert_ok(ockam_attributes_remove_expired(stored->store, ockam_allocator_malloc(), NOW, NULL));
    assert_int_equal(store_rows(stored->store), 1280);
    assert_ok(load(stored, 255, 9, NOW, &out));
}

static void of_a_key_given_twice_the_last_is_stored(void **state)
{
    const ockam_attribute_t   given[] = {attribute("b", "1"), attribute("a", "2"), attribute("b", "3")};
    stored_t                 *stored  = *state;
    ockam_credential_t        credential;
    ockam_stored_attributes_t out;
    ockam_slice_t             value;
    kit_credential_t          says = plain();

    says.attributes = given;
    says.count      = 3;
    kit_write_credential(&stored->bytes, vault, issuing_key, &says, issuing_attestation);
    assert_ok(verify(ockam_buf_view(&stored->bytes), NOW, &credential));
    credential.expires_at_s = NOW + 1;
    assert_ok(ockam_attributes_store(stored->store, ockam_allocator_malloc(), &credential, NOW, NULL));
    assert_ok(ockam_attributes_load(stored->store, &credential.subject, &credential.issuer, NOW, &stored->loaded, &out,
                                    NULL));
    assert_int_equal(out.attributes.count, 2);
    assert_true(ockam_attributes_find(out.attributes, ockam_slice_text("b"), &value));
    assert_slice_equal(value, ockam_slice_text("3"));
}

static void a_damaged_row_is_corrupt(void **state)
{
    stored_t                 *stored  = *state;
    uint8_t                   key[64] = {[0] = 1, [32] = 2};
    ockam_stored_attributes_t out;

    assert_ok(ockam_store_put(stored->store, OCKAM_TABLE_ATTRIBUTES, ockam_slice(key, 64), ockam_slice_text("\x83\x01"),
                              NULL));
    assert_status(load(stored, 1, 2, NOW, &out), OCKAM_CORRUPT);
    assert_ok(ockam_attributes_remove_expired(stored->store, ockam_allocator_malloc(), NOW, NULL));
    assert_int_equal(store_rows(stored->store), 1);
}

static void what_the_store_refuses_is_reported(void **state)
{
    stored_t                 *stored     = *state;
    ockam_credential_t        credential = {.expires_at_s = NOW};
    ockam_stored_attributes_t out;
    fault_store_t             fault;

    store_credential(stored, 0, 0, "x", NOW);
    for (size_t n = 1; n <= 2; n++) { /* get, remove */
        fault_store_init(&fault, stored->store, n);
        assert_status(ockam_attributes_load(&fault.base, &credential.subject, &credential.issuer, NOW, &stored->loaded,
                                            &out, NULL),
                      OCKAM_IO);
        fault_store_init(&fault, stored->store, n); /* each, remove */
        assert_status(ockam_attributes_remove_expired(&fault.base, ockam_allocator_malloc(), NOW, NULL), OCKAM_IO);
    }
    fault_store_init(&fault, stored->store, 1);
    assert_status(ockam_attributes_store(&fault.base, ockam_allocator_malloc(), &credential, NOW, NULL), OCKAM_IO);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static ockam_status_t life(const ockam_allocator_t *allocator, void *context)
{
    const ockam_attribute_t   given    = attribute("role", "member");
    ockam_store_t            *store    = NULL;
    ockam_vault_t            *own      = NULL;
    ockam_identity_t         *identity = NULL;
    ockam_buf_t               out, loaded;
    ockam_credential_t        credential;
    ockam_stored_attributes_t attributes;
    ockam_status_t            s;

    (void)context;
    ockam_buf_init(&out, allocator, OCKAM_CREDENTIAL_BYTES_MAX);
    ockam_buf_init(&loaded, allocator, OCKAM_CREDENTIAL_BYTES_MAX);
    if ((s = ockam_store_memory(allocator, &store, NULL)) == OCKAM_OK &&
        (s = kit_vault_new(allocator, NULL, &own)) == OCKAM_OK &&
        (s = ockam_identity_create(own, FROM, NULL, &identity, NULL)) == OCKAM_OK &&
        (s = ockam_credential_issue(identity, ockam_identity_history(identity), &given, 1, 1, NOW, 10, &out, NULL)) ==
            OCKAM_OK &&
        (s = ockam_credential_verify(own, ockam_buf_view(&out), ockam_identity_history(identity), NULL, NOW,
                                     &credential, NULL)) == OCKAM_OK &&
        (s = ockam_attributes_store(store, allocator, &credential, NOW, NULL)) == OCKAM_OK &&
        (s = ockam_attributes_load(store, &credential.subject, &credential.issuer, NOW, &loaded, &attributes, NULL)) ==
            OCKAM_OK)
        s = ockam_attributes_remove_expired(store, allocator, NOW + 10, NULL);
    ockam_buf_deinit(&out);
    ockam_buf_deinit(&loaded);
    ockam_identity_free(identity);
    ockam_vault_free(own);
    ockam_store_free(store);
    return s;
}

static void a_failing_allocation_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    assert_true(failing_allocator_sweep(life, NULL) > 10);
}

#define S(name) cmocka_unit_test_setup_teardown(name, stored_setup, stored_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_it_says_is_given_out),
        cmocka_unit_test(attributes_are_written_in_the_order_of_their_bytes),
        cmocka_unit_test(an_attribute_given_twice_is_invalid),
        cmocka_unit_test(as_many_attributes_as_the_limit_are_issued_and_one_more_is_not),
        cmocka_unit_test(one_that_nobody_would_read_for_its_length_is_not_issued),
        cmocka_unit_test(more_bytes_than_the_limit_are_not_read),
        cmocka_unit_test(times_count_with_equality),
        cmocka_unit_test(only_the_attested_key_of_the_authority_issues),
        cmocka_unit_test(the_subject_must_be_there_and_the_expected_one),
        cmocka_unit_test(a_rotation_of_the_authority_ends_its_credentials),
        cmocka_unit_test(one_cut_at_any_byte_is_malformed),
        cmocka_unit_test(one_with_any_bit_flipped_is_refused),
        cmocka_unit_test(what_follows_one_is_ignored),
        cmocka_unit_test(of_an_attribute_that_is_there_twice_the_last_counts),
        cmocka_unit_test(more_attributes_than_the_limit_are_not_read),
        cmocka_unit_test(a_map_may_be_indefinite),
        cmocka_unit_test(keys_and_values_must_be_byte_strings),
        cmocka_unit_test(text_is_hex_of_either_case),
        S(the_last_credential_replaces_the_attributes_of_its_subject_and_issuer),
        S(attributes_are_gone_in_the_second_they_expire),
        S(housekeeping_removes_what_has_expired_and_nothing_else),
        S(of_a_key_given_twice_the_last_is_stored),
        S(a_damaged_row_is_corrupt),
        S(what_the_store_refuses_is_reported),
        cmocka_unit_test(one_that_would_outlive_the_issuing_key_gets_a_newer_key_or_is_not_made),
        cmocka_unit_test(an_issuing_key_near_its_end_is_replaced_in_time),
        cmocka_unit_test(the_issuing_key_may_be_of_either_type),
        cmocka_unit_test(a_failing_allocation_is_reported_and_nothing_leaks),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
