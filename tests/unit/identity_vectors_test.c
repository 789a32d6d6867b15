/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_vectors_test.c - every history, attestation, credential and identifier of identity.json and of the recorded
 * sessions gives the outcome that is stated there; what has secrets is made again, byte for byte. */
#include "identity/attestation.h"
#include "identity/change_history.h"
#include "identity/signed_data.h"
#include "identity_kit.h"
#include "test.h"

typedef struct {
    ockam_vault_t *vault;
    vectors_t     *vectors;
    ockam_error_t  err;
} kit_t;

static int setup(void **state)
{
    static kit_t kit;

    kit    = (kit_t){.vault = kit_vault(NULL), .vectors = vectors_open("identity.json")};
    *state = &kit;
    return 0;
}

static int teardown(void **state)
{
    kit_t *kit = *state;

    vectors_close(kit->vectors);
    ockam_vault_free(kit->vault);
    return 0;
}

/* What upstream's names are in ours. */
static ockam_status_t status_of(const char *expect)
{
    static const struct {
        const char    *name;
        ockam_status_t status;
    } names[] = {
        {"valid", OCKAM_OK},
        {"IdentityVerificationFailed", OCKAM_NOT_AUTHENTIC},
        {"CBOR decode error", OCKAM_MALFORMED},
        {"UnknownIdentityVersion", OCKAM_MALFORMED},
        {"InvalidIdentityDataType", OCKAM_MALFORMED},
        {"SignatureAndPublicKeyTypesDontMatch", OCKAM_NOT_AUTHENTIC},
        {"vault error (Origin Vault, Kind Unknown)", OCKAM_NOT_AUTHENTIC},
        {"reject at 0.139.0", OCKAM_MALFORMED}, /* the map format of 2023 */
        {"PurposeKeyAttestationVerificationFailed", OCKAM_NOT_AUTHENTIC},
        {"InvalidPurposeKeyAttestationDataType", OCKAM_MALFORMED},
        {"NotFound (Origin Core) when that identity is not stored", OCKAM_NOT_AUTHENTIC},
        {"CredentialVerificationFailed", OCKAM_NOT_AUTHENTIC},
        {"InvalidKeyType", OCKAM_NOT_AUTHENTIC},
        {"UnknownCredentialVersion", OCKAM_MALFORMED},
        {"InvalidCredentialDataType", OCKAM_MALFORMED},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(expect, names[i].name, strlen(names[i].name)) == 0)
            return names[i].status;
    fail_msg("no status for \"%s\"", expect);
    return OCKAM_INTERNAL;
}

/* Upstream has one error for signatures and times; we tell them apart. */
static ockam_status_t expected_of(const char *id, const char *expect)
{
    static const char *const expired[] = {"d-pk-bad-future-61", "d-pk-bad-expired", "d-cred-bad-expired",
                                          "d-cred-bad-future-61"};

    if (strcmp(id, "d-pk-bad-version") == 0) /* upstream's order of checks hides its own error name */
        return OCKAM_MALFORMED;
    for (size_t i = 0; i < sizeof(expired) / sizeof(expired[0]); i++)
        if (strcmp(id, expired[i]) == 0)
            return OCKAM_EXPIRED;
    return status_of(expect);
}

static void assert_identifier(const ockam_change_history_t *history, const char *expected)
{
    char text[OCKAM_IDENTIFIER_TEXT_BYTES];

    ockam_identifier_text(ockam_change_history_identifier(history), text);
    assert_string_equal(text, expected);
}

static void assert_changes(kit_t *kit, const ockam_change_history_t *history, const json_t *changes)
{
    const size_t  count  = json_array_size(changes);
    const json_t *latest = json_array_get(changes, count - 1);

    assert_int_equal(ockam_change_history_count(history), count);
    for (size_t i = 0; i < count; i++)
        assert_slice_equal(ockam_slice(ockam_change_history_hash(history, i), 32),
                           vectors_hex(kit->vectors, json_array_get(changes, i), "change_hash"));
    assert_int_equal(ockam_change_history_latest_key(history)->type,
                     kit_type(vectors_string(kit->vectors, latest, "key_type")));
    assert_slice_equal(ockam_public_key_view(ockam_change_history_latest_key(history)),
                       vectors_hex(kit->vectors, latest, "public_key"));
    assert_int_equal(ockam_change_history_valid_from_s(history),
                     vectors_int(kit->vectors, latest, "attestations_valid_from"));
    assert_int_equal(ockam_change_history_valid_until_s(history),
                     vectors_int(kit->vectors, latest, "attestations_valid_until"));
}

/* The encoded form is the canonical one: what came in, or what the entry says; without what follows it. */
static void assert_export(kit_t *kit, const ockam_change_history_t *history, const json_t *entry)
{
    const bool    other    = json_object_get(entry, "reexport") != NULL;
    ockam_slice_t expected = vectors_hex(kit->vectors, entry, other ? "reexport" : "change_history");

    if (strcmp(vectors_string(kit->vectors, entry, "id"), "d-ok-trailing-bytes") == 0)
        expected = vectors_hex(kit->vectors, kit_entry(kit->vectors, "d-ed-1"), "change_history");
    assert_slice_equal(ockam_change_history_view(history), expected);
}

static void check_history(kit_t *kit, const json_t *entry)
{
    const char             *id       = vectors_string(kit->vectors, entry, "id");
    const ockam_status_t    expected = expected_of(id, vectors_string(kit->vectors, entry, "expect"));
    const ockam_slice_t     encoded  = vectors_hex(kit->vectors, entry, "change_history");
    ockam_change_history_t *history  = NULL;
    const ockam_status_t    s        = ockam_change_history_verify(kit->vault, encoded, NULL, &history, &kit->err);

    if (s != expected)
        print_error("%s:\n", id);
    test_assert_status(s, expected, &kit->err, id, __FILE__, __LINE__);
    if (s != OCKAM_OK) {
        assert_null(history);
        return;
    }
    assert_identifier(history, vectors_string(kit->vectors, entry, "identifier"));
    assert_export(kit, history, entry);
    if (json_object_get(entry, "changes") != NULL)
        assert_changes(kit, history, json_object_get(entry, "changes"));
    if (json_object_get(entry, "latest_change_hash") != NULL)
        assert_slice_equal(ockam_slice(ockam_change_history_latest_hash(history), 32),
                           vectors_hex(kit->vectors, entry, "latest_change_hash"));
    ockam_change_history_free(history);
}

static void check_attestation(kit_t *kit, const json_t *entry)
{
    const char             *id      = vectors_string(kit->vectors, entry, "id");
    ockam_change_history_t *subject = kit_history(kit->vault, kit->vectors,
                                                  vectors_string(kit->vectors, entry, "identity"));
    const uint64_t          now_s   = (uint64_t)vectors_int(kit->vectors, entry, "clock");
    ockam_attestation_t     out;
    const ockam_status_t    s = ockam_attestation_verify(kit->vault, vectors_hex(kit->vectors, entry, "attestation"),
                                                         subject, now_s, &out, &kit->err);

    test_assert_status(s, expected_of(id, vectors_string(kit->vectors, entry, "expect")), &kit->err, id, __FILE__,
                       __LINE__);
    if (s == OCKAM_OK)
        assert_true(ockam_identifier_equal(&out.subject, ockam_change_history_identifier(subject)));
    ockam_change_history_free(subject);
}

static void check_credential(kit_t *kit, const json_t *entry)
{
    const char             *id        = vectors_string(kit->vectors, entry, "id");
    ockam_change_history_t *authority = kit_history(kit->vault, kit->vectors,
                                                    vectors_string(kit->vectors, entry, "issuer_change_history"));
    ockam_identifier_t      subject;
    ockam_credential_t      out;
    ockam_status_t          s;

    assert_ok(ockam_identifier_parse(ockam_slice_text(vectors_string(kit->vectors, entry, "subject")), &subject, NULL));
    assert_identifier(authority, vectors_string(kit->vectors, entry, "issuer"));
    s = ockam_credential_verify(kit->vault, vectors_hex(kit->vectors, entry, "credential_and_purpose_key"), authority,
                                &subject, (uint64_t)vectors_int(kit->vectors, entry, "clock"), &out, &kit->err);
    test_assert_status(s, expected_of(id, vectors_string(kit->vectors, entry, "expect")), &kit->err, id, __FILE__,
                       __LINE__);
    if (s == OCKAM_OK) {
        assert_true(ockam_identifier_equal(&out.subject, &subject));
        assert_true(ockam_identifier_equal(&out.issuer, ockam_change_history_identifier(authority)));
    }
    ockam_change_history_free(authority);
}

static void check_identifier(kit_t *kit, const json_t *entry)
{
    const char          *text = vectors_string(kit->vectors, entry, "text");
    ockam_identifier_t   identifier;
    char                 again[OCKAM_IDENTIFIER_TEXT_BYTES];
    const ockam_status_t s = ockam_identifier_parse(ockam_slice_text(text), &identifier, NULL);

    if (strncmp(vectors_string(kit->vectors, entry, "expect"), "reject", 6) == 0) {
        assert_int_equal(s, OCKAM_MALFORMED);
        return;
    }
    assert_int_equal(s, OCKAM_OK);
    ockam_identifier_text(&identifier, again);
    assert_string_equal(again, text);
}

static void check_comparisons(kit_t *kit, const json_t *entry)
{
    static const char *const names[] = {[OCKAM_HISTORY_EQUAL]    = "Equal",
                                        [OCKAM_HISTORY_OLDER]    = "Older",
                                        [OCKAM_HISTORY_NEWER]    = "Newer",
                                        [OCKAM_HISTORY_CONFLICT] = "Conflict"};
    size_t                   i;
    json_t                  *row;

    json_array_foreach(vectors_get(kit->vectors, entry, "cases"), i, row)
    {
        ockam_change_history_t *received = kit_history(kit->vault, kit->vectors,
                                                       vectors_string(kit->vectors, row, "received"));
        ockam_change_history_t *known    = kit_history(kit->vault, kit->vectors,
                                                       vectors_string(kit->vectors, row, "known"));
        assert_string_equal(names[ockam_change_history_compare(received, known)],
                            vectors_string(kit->vectors, row, "result"));
        ockam_change_history_free(received);
        ockam_change_history_free(known);
    }
}

static const struct {
    const char *kind;
    void (*check)(kit_t *kit, const json_t *entry);
    size_t entries;
} kinds[] = {
    {"change_history", check_history, 59},
    {"change_history_legacy", check_history, 1},
    {"purpose_key_attestation", check_attestation, 16},
    {"credential_and_purpose_key", check_credential, 16},
    {"identifier_text", check_identifier, 16},
    {"history_comparison", check_comparisons, 1},
};

static void every_entry_of_our_kinds_has_the_stated_outcome(void **state)
{
    kit_t        *kit                                    = *state;
    size_t        seen[sizeof(kinds) / sizeof(kinds[0])] = {0};
    size_t        i;
    const json_t *entry;

    json_array_foreach(vectors_get(kit->vectors, vectors_root(kit->vectors), "vectors"), i, entry)
    {
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            if (strcmp(vectors_string(kit->vectors, entry, "kind"), kinds[k].kind) == 0) {
                kinds[k].check(kit, entry);
                seen[k]++;
            }
    }
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
        assert_int_equal(seen[k], kinds[k].entries);
}

/* ---- made again ------------------------------------------------------------------------------------------------- */

/* An identity of one change from its secret and its times. */
static ockam_identity_t *create_from(kit_t *kit, ockam_signing_type_t type, ockam_slice_t secret,
                                     const ockam_change_history_t *model)
{
    ockam_key_id_t           key      = kit_signing_key(kit->vault, type, secret);
    ockam_identity_t        *identity = NULL;
    const uint64_t           from     = ockam_change_history_valid_from_s(model);
    ockam_identity_options_t options  = {.key = key, .ttl_s = ockam_change_history_valid_until_s(model) - from};

    assert_ok_err(ockam_identity_create(kit->vault, from, &options, &identity, &kit->err), &kit->err);
    ockam_vault_forget(kit->vault, key);
    return identity;
}

static void published_histories_are_made_again_from_their_secrets(void **state)
{
    static const char *const ids[] = {"ch-example-client", "ch-example-server", "ch-example-issuer",
                                      "ch-elixir-102537"};
    kit_t                   *kit   = *state;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        ockam_change_history_t *model    = kit_history(kit->vault, kit->vectors, ids[i]);
        const ockam_slice_t     secret   = vectors_hex(kit->vectors, kit_entry(kit->vectors, ids[i]), "signing_secret");
        ockam_identity_t       *identity = create_from(kit, OCKAM_ED25519, secret, model);
        assert_slice_equal(ockam_change_history_view(ockam_identity_history(identity)),
                           ockam_change_history_view(model));
        ockam_identity_free(identity);
        ockam_change_history_free(model);
    }
}

static ockam_slice_t secret_named(kit_t *kit, const char *id)
{
    return vectors_hex(kit->vectors, kit_entry(kit->vectors, id), "secret");
}

static void the_worked_example_is_made_again_step_by_step(void **state)
{
    kit_t                        *kit      = *state;
    const json_t                 *entry    = kit_entry(kit->vectors, "d-ed-1");
    ockam_change_history_t       *model    = kit_history(kit->vault, kit->vectors, "d-ed-1");
    ockam_identity_t             *identity = create_from(kit, OCKAM_ED25519, secret_named(kit, "key-A"), model);
    const ockam_change_history_t *history  = ockam_identity_history(identity);

    assert_int_equal(ockam_change_history_view(history).len, 128);
    assert_slice_equal(ockam_change_history_view(history), vectors_hex(kit->vectors, entry, "change_history"));
    assert_slice_equal(ockam_slice(ockam_change_history_view(history).ptr + 4, 55),
                       vectors_hex(kit->vectors, entry, "versioned_data"));
    assert_slice_equal(ockam_slice(ockam_change_history_latest_hash(history), 32),
                       vectors_hex(kit->vectors, entry, "change_hash"));
    assert_int_equal(ockam_change_history_valid_from_s(history), 1700000000);
    assert_int_equal(ockam_change_history_valid_until_s(history), 2015360000);
    ockam_identity_free(identity);
    ockam_change_history_free(model);
}

/* Extend with known keys until it is as long as `model`. Each step is given as key, valid_from and valid_until. */
static void assert_rotations(kit_t *kit, const char *id, const ockam_change_options_t *steps, size_t count)
{
    ockam_change_history_t *history = NULL;

    for (size_t i = 0; i < count; i++) {
        ockam_change_history_t *longer = NULL;
        assert_ok_err(ockam_change_history_extend(kit->vault, history, i == 0 ? OCKAM_KEY_ID_NONE : steps[i - 1].key,
                                                  &steps[i], &longer, &kit->err),
                      &kit->err);
        ockam_change_history_free(history);
        history = longer;
    }
    assert_slice_equal(ockam_change_history_view(history),
                       vectors_hex(kit->vectors, kit_entry(kit->vectors, id), "change_history"));
    ockam_change_history_free(history);
}

static void rotations_are_made_again_from_their_secrets(void **state)
{
    kit_t               *kit  = *state;
    const ockam_key_id_t a    = kit_signing_key(kit->vault, OCKAM_ED25519, secret_named(kit, "key-A"));
    const ockam_key_id_t b    = kit_signing_key(kit->vault, OCKAM_ED25519, secret_named(kit, "key-B"));
    const ockam_key_id_t p    = kit_signing_key(kit->vault, OCKAM_P256, secret_named(kit, "key-P"));
    const uint64_t       from = 1700000000, until = 2015360000;

    assert_rotations(kit, "d-p256-1", (const ockam_change_options_t[]){{p, from, until, false}}, 1);
    assert_rotations(kit, "d-rot-ed-ed",
                     (const ockam_change_options_t[]){{a, from, until, false}, {b, from + 10, until + 10, false}}, 2);
    assert_rotations(kit, "d-rot-ed-p256-revoke",
                     (const ockam_change_options_t[]){{a, from, until, false}, {p, from + 10, until + 10, true}}, 2);
    assert_rotations(kit, "d-rot-three",
                     (const ockam_change_options_t[]){
                         {a, from, until, false}, {p, from + 10, until + 10, true}, {a, from + 20, until + 20, false}},
                     3);
}

static void attestations_are_made_again_from_their_secrets(void **state)
{
    static const struct {
        const char          *id, *key;
        ockam_purpose_t      purpose;
        ockam_signing_type_t type;
    } rows[]                      = {{"d-pk-sc", "key-X", OCKAM_PURPOSE_SECURE_CHANNEL, OCKAM_ED25519},
                                     {"d-pk-cred", "key-C", OCKAM_PURPOSE_CREDENTIALS, OCKAM_ED25519},
                                     {"d-pk-cred-p256", "key-P", OCKAM_PURPOSE_CREDENTIALS, OCKAM_P256}};
    kit_t                  *kit   = *state;
    ockam_change_history_t *model = kit_history(kit->vault, kit->vectors, "d-ed-1");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ockam_identity_t    *identity = create_from(kit, OCKAM_ED25519, secret_named(kit, "key-A"), model);
        const ockam_slice_t  secret   = secret_named(kit, rows[i].key);
        const ockam_slice_t  expected = vectors_hex(kit->vectors, kit_entry(kit->vectors, rows[i].id), "attestation");
        ockam_slice_t        got;
        ockam_key_id_t       used;
        const ockam_key_id_t given                = rows[i].purpose == OCKAM_PURPOSE_SECURE_CHANNEL
                                                        ? kit_x25519_key(kit->vault, secret)
                                                        : kit_signing_key(kit->vault, rows[i].type, secret);
        const ockam_purpose_key_options_t options = {
            .key = given, .created_at_s = 1700000010, .expires_at_s = 1700000010 + 157680000};

        assert_ok_err(ockam_identity_set_purpose_key(identity, rows[i].purpose, &options, &kit->err), &kit->err);
        ockam_vault_forget(kit->vault, given);
        assert_ok(rows[i].purpose == OCKAM_PURPOSE_SECURE_CHANNEL
                      ? ockam_identity_secure_channel_key(identity, KIT_NOW, &used, &got, &kit->err)
                      : ockam_identity_credential_key(identity, KIT_NOW, &used, &got, &kit->err));
        assert_slice_equal(got, expected);
        ockam_identity_free(identity);
    }
    ockam_change_history_free(model);
}

static void credentials_are_made_again_from_their_secrets(void **state)
{
    static const struct {
        const char          *id, *key;
        ockam_signing_type_t type;
    } rows[]                             = {{"d-cred", "key-C", OCKAM_ED25519}, {"d-cred-p256", "key-P", OCKAM_P256}};
    kit_t                  *kit          = *state;
    ockam_change_history_t *model        = kit_history(kit->vault, kit->vectors, "d-ed-1");
    ockam_change_history_t *subject      = kit_history(kit->vault, kit->vectors, "d-p256-1");
    const ockam_attribute_t attributes[] = {{ockam_slice_text("role"), ockam_slice_text("member")},
                                            {ockam_slice_text("ockam-relay"), ockam_slice_text("*")}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ockam_identity_t    *issuer = create_from(kit, OCKAM_ED25519, secret_named(kit, "key-A"), model);
        const ockam_key_id_t key    = kit_signing_key(kit->vault, rows[i].type, secret_named(kit, rows[i].key));
        const ockam_purpose_key_options_t options = {
            .key = key, .created_at_s = 1700000010, .expires_at_s = 1700000010 + 157680000};
        ockam_buf_t out;

        ockam_buf_init(&out, ockam_allocator_malloc(), OCKAM_CREDENTIAL_BYTES_MAX);
        assert_ok(ockam_identity_set_purpose_key(issuer, OCKAM_PURPOSE_CREDENTIALS, &options, &kit->err));
        assert_ok_err(ockam_credential_issue(issuer, subject, attributes, 2, OCKAM_SCHEMA_PROJECT_MEMBER, 1700000020,
                                             1800, &out, &kit->err),
                      &kit->err);
        assert_slice_equal(ockam_buf_view(&out), vectors_hex(kit->vectors, kit_entry(kit->vectors, rows[i].id),
                                                             "credential_and_purpose_key"));
        ockam_buf_deinit(&out);
        ockam_vault_forget(kit->vault, key);
        ockam_identity_free(issuer);
    }
    ockam_change_history_free(subject);
    ockam_change_history_free(model);
}

/* ---- published messages and recorded objects -------------------------------------------------------------------- */

/* The authority's history is not in it, so only what its own bytes say can be checked. */
static void the_published_refresh_message_has_a_credential_that_its_attested_key_signed(void **state)
{
    kit_t                    *kit     = *state;
    const json_t             *entry   = kit_entry(kit->vectors, "msg-refresh-credentials");
    const ockam_slice_t       encoded = vectors_hex(kit->vectors, entry, "credential_and_purpose_key");
    ockam_change_history_t   *subject = NULL;
    ockam_reader_t            r       = ockam_reader(encoded);
    ockam_attestation_claim_t claim;
    ockam_cbor_items_t        items;
    ockam_signature_t         signature;
    ockam_slice_t             data;
    ockam_identifier_t        issuer;
    ockam_credential_t        out;
    uint8_t                   hash[OCKAM_SHA256_BYTES];

    assert_ok(ockam_change_history_verify(kit->vault, vectors_hex(kit->vectors, entry, "subject_change_history"), NULL,
                                          &subject, &kit->err));
    assert_identifier(subject, vectors_string(kit->vectors, entry, "subject"));
    assert_ok(ockam_cbor_enter_array(&r, &items, NULL));
    assert_ok(ockam_read_signed(&r, &data, &signature, NULL));
    assert_ok(ockam_attestation_read(&r, &claim, NULL));
    assert_ok(ockam_attestation_open(&claim, NULL));
    assert_int_equal(claim.says.purpose, OCKAM_PURPOSE_CREDENTIALS);
    ockam_hash_data(kit->vault, data, hash);
    assert_ok(
        ockam_vault_verify(kit->vault, &claim.says.signing_key, ockam_slice(hash, sizeof(hash)), &signature, NULL));
    hash[0] ^= 1;
    assert_status(
        ockam_vault_verify(kit->vault, &claim.says.signing_key, ockam_slice(hash, sizeof(hash)), &signature, NULL),
        OCKAM_NOT_AUTHENTIC);
    assert_ok(ockam_credential_issuer(encoded, &issuer, &kit->err));
    assert_true(ockam_identifier_equal(&issuer, &claim.says.subject));
    assert_status(ockam_credential_verify(kit->vault, encoded, subject, NULL, KIT_NOW, &out, &kit->err), OCKAM_DENIED);
    ockam_change_history_free(subject);
}

static void check_recorded_identity(kit_t *kit, vectors_t *recorded, const json_t *entry, uint64_t clock)
{
    const ockam_slice_t        encoded = vectors_hex(recorded, entry, "change_history");
    const json_t              *purpose = json_object_get(entry, "credential_key");
    const ockam_signing_type_t type    = kit_type(vectors_string(recorded, entry, "primary_key_type"));
    const ockam_key_id_t       key = kit_signing_key(kit->vault, type, vectors_hex(recorded, entry, "primary_secret"));
    ockam_identity_t          *identity = NULL;
    ockam_slice_t              attestation;
    ockam_key_id_t             used;
    const ockam_change_history_t *history;

    assert_ok_err(ockam_identity_import(kit->vault, encoded, NULL, &identity, &kit->err), &kit->err);
    ockam_vault_forget(kit->vault, key);
    history = ockam_identity_history(identity);
    assert_identifier(history, vectors_string(recorded, entry, "identifier"));
    assert_slice_equal(ockam_change_history_view(history), encoded);
    assert_slice_equal(ockam_public_key_view(ockam_change_history_latest_key(history)),
                       vectors_hex(recorded, entry, "primary_public"));
    if (purpose != NULL) {
        const ockam_signing_type_t purpose_type = kit_type(vectors_string(recorded, purpose, "type"));
        const ockam_key_id_t       given        = kit_signing_key(kit->vault, purpose_type,
                                                                  vectors_hex(recorded, purpose, "secret"));
        assert_ok_err(
            ockam_identity_set_purpose_key(
                identity, OCKAM_PURPOSE_CREDENTIALS,
                &(ockam_purpose_key_options_t){.key          = given,
                                               .created_at_s = (uint64_t)vectors_int(recorded, purpose, "created_at"),
                                               .expires_at_s = (uint64_t)vectors_int(recorded, purpose, "expires_at")},
                &kit->err),
            &kit->err);
        ockam_vault_forget(kit->vault, given);
        assert_ok(ockam_identity_credential_key(identity, clock, &used, &attestation, &kit->err));
        assert_slice_equal(attestation, vectors_hex(recorded, purpose, "attestation"));
    }
    ockam_identity_free(identity);
}

static void recorded_identities_are_imported_and_attest_the_same_bytes(void **state)
{
    kit_t        *kit      = *state;
    vectors_t    *recorded = vectors_open("recorded-0.150.0.json");
    const json_t *objects  = vectors_get(recorded, vectors_get(recorded, vectors_root(recorded), "scenarios"),
                                         "identity_objects");
    size_t        i;
    json_t       *entry;

    assert_int_equal(json_array_size(vectors_get(recorded, objects, "identities")), 5);
    json_array_foreach(vectors_get(recorded, objects, "identities"), i, entry)
        check_recorded_identity(kit, recorded, entry, (uint64_t)vectors_int(recorded, objects, "clock"));
    vectors_close(recorded);
}

static size_t attributes_of(vectors_t *recorded, const json_t *object, ockam_attribute_t *out)
{
    size_t      count = 0;
    const char *key;
    json_t     *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        out[count].key   = vectors_unhex(recorded, key, strlen(key));
        out[count].value = vectors_unhex(recorded, json_string_value(value), strlen(json_string_value(value)));
        count++;
    }
    return count;
}

static const json_t *subject_named(vectors_t *recorded, const json_t *objects, const char *identifier)
{
    size_t  i;
    json_t *entry;

    json_array_foreach(vectors_get(recorded, objects, "identities"), i, entry)
    {
        if (strcmp(vectors_string(recorded, entry, "identifier"), identifier) == 0)
            return entry;
    }
    fail_msg("no identity %s", identifier);
    return NULL;
}

static void check_recorded_credential(kit_t *kit, vectors_t *recorded, const json_t *objects, const json_t *entry)
{
    const json_t              *issuer  = vectors_get(recorded, entry, "issuer");
    const json_t              *purpose = vectors_get(recorded, issuer, "credential_key");
    const json_t              *whom    = subject_named(recorded, objects, vectors_string(recorded, entry, "subject"));
    const ockam_signing_type_t type    = kit_type(vectors_string(recorded, issuer, "primary_key_type"));
    const ockam_signing_type_t purpose_type = kit_type(vectors_string(recorded, purpose, "type"));
    const ockam_slice_t        expected     = vectors_hex(recorded, entry, "credential_and_purpose_key");
    const uint64_t             created_at_s = (uint64_t)vectors_int(recorded, entry, "created_at");
    const uint64_t             expires_at_s = (uint64_t)vectors_int(recorded, entry, "expires_at");
    const ockam_key_id_t       key = kit_signing_key(kit->vault, type, vectors_hex(recorded, issuer, "primary_secret"));
    const ockam_key_id_t    given = kit_signing_key(kit->vault, purpose_type, vectors_hex(recorded, purpose, "secret"));
    ockam_identity_t       *identity = NULL;
    ockam_change_history_t *subject  = NULL;
    ockam_attribute_t       attributes[8];
    ockam_credential_t      verified;
    ockam_buf_t             out;
    size_t                  count = attributes_of(recorded, vectors_get(recorded, entry, "attributes"), attributes);

    ockam_buf_init(&out, ockam_allocator_malloc(), OCKAM_CREDENTIAL_BYTES_MAX);
    assert_ok(ockam_change_history_verify(kit->vault, vectors_hex(recorded, whom, "change_history"), NULL, &subject,
                                          &kit->err));
    assert_ok(
        ockam_identity_import(kit->vault, vectors_hex(recorded, issuer, "change_history"), NULL, &identity, &kit->err));
    assert_ok(ockam_identity_set_purpose_key(
        identity, OCKAM_PURPOSE_CREDENTIALS,
        &(ockam_purpose_key_options_t){.key          = given,
                                       .created_at_s = (uint64_t)vectors_int(recorded, purpose, "created_at"),
                                       .expires_at_s = (uint64_t)vectors_int(recorded, purpose, "expires_at")},
        &kit->err));
    assert_ok_err(ockam_credential_issue(identity, subject, attributes, count,
                                         (uint64_t)vectors_int(recorded, entry, "schema"), created_at_s,
                                         expires_at_s - created_at_s, &out, &kit->err),
                  &kit->err);
    assert_slice_equal(ockam_buf_view(&out), expected);
    assert_ok_err(ockam_credential_verify(kit->vault, expected, ockam_identity_history(identity),
                                          ockam_change_history_identifier(subject), created_at_s, &verified, &kit->err),
                  &kit->err);
    assert_int_equal(verified.attributes.count, count);
    ockam_buf_deinit(&out);
    ockam_change_history_free(subject);
    ockam_identity_free(identity);
    ockam_vault_forget(kit->vault, given);
    ockam_vault_forget(kit->vault, key);
}

static void recorded_credentials_are_made_again_and_verified(void **state)
{
    kit_t        *kit      = *state;
    vectors_t    *recorded = vectors_open("recorded-0.150.0.json");
    const json_t *objects  = vectors_get(recorded, vectors_get(recorded, vectors_root(recorded), "scenarios"),
                                         "identity_objects");
    size_t        i;
    json_t       *entry;

    assert_int_equal(json_array_size(vectors_get(recorded, objects, "credentials")), 4);
    json_array_foreach(vectors_get(recorded, objects, "credentials"), i, entry)
        check_recorded_credential(kit, recorded, objects, entry);
    vectors_close(recorded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_entry_of_our_kinds_has_the_stated_outcome, setup, teardown),
        cmocka_unit_test_setup_teardown(published_histories_are_made_again_from_their_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(the_worked_example_is_made_again_step_by_step, setup, teardown),
        cmocka_unit_test_setup_teardown(rotations_are_made_again_from_their_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(attestations_are_made_again_from_their_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(credentials_are_made_again_from_their_secrets, setup, teardown),
        cmocka_unit_test_setup_teardown(the_published_refresh_message_has_a_credential_that_its_attested_key_signed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(recorded_identities_are_imported_and_attest_the_same_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(recorded_credentials_are_made_again_and_verified, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
