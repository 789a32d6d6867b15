/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_test.c - own identities: made, rotated, imported, stored; with stores and memory that fail at every point.
 * */
#include "ockam/identity.h"

#include "failing_allocator.h"
#include "fault_store.h"
#include "identity_kit.h"
#include "test.h"

#define FROM 1700000000u

typedef struct {
    ockam_store_t *store;
    ockam_vault_t *vault; /* with the store */
    ockam_vault_t *plain; /* without one */
    ockam_error_t  err;
} kit_t;

static int setup(void **state)
{
    static kit_t kit;

    kit       = (kit_t){.store = kit_store(), .plain = kit_vault(NULL)};
    kit.vault = kit_vault(kit.store);
    *state    = &kit;
    return 0;
}

static int teardown(void **state)
{
    kit_t *kit = *state;

    ockam_vault_free(kit->vault);
    ockam_vault_free(kit->plain);
    ockam_store_free(kit->store);
    return 0;
}

static const ockam_identity_options_t persistent = {.lifetime = OCKAM_PERSISTENT};

static ockam_identity_t *create(kit_t *kit, ockam_vault_t *vault, const ockam_identity_options_t *options)
{
    ockam_identity_t *identity = NULL;

    assert_ok_err(ockam_identity_create(vault, FROM, options, &identity, &kit->err), &kit->err);
    return identity;
}

static void secure_channel_key(kit_t *kit, ockam_identity_t *identity, uint64_t now_s, ockam_key_id_t *key,
                               ockam_slice_t *attestation)
{
    assert_ok_err(ockam_identity_secure_channel_key(identity, now_s, key, attestation, &kit->err), &kit->err);
}

/* ---- create ----------------------------------------------------------------------------------------------------- */

static void a_new_identity_has_one_ed25519_change_of_ten_years(void **state)
{
    kit_t                        *kit      = *state;
    ockam_identity_t             *identity = create(kit, kit->plain, NULL);
    const ockam_change_history_t *history  = ockam_identity_history(identity);

    assert_int_equal(ockam_change_history_count(history), 1);
    assert_int_equal(ockam_change_history_latest_key(history)->type, OCKAM_ED25519);
    assert_int_equal(ockam_change_history_valid_from_s(history), FROM);
    assert_int_equal(ockam_change_history_valid_until_s(history), FROM + 315360000u);
    assert_memory_equal(ockam_identity_identifier(identity)->bytes, ockam_change_history_hash(history, 0), 32);
    assert_ptr_equal(ockam_identity_vault(identity), kit->plain);
    ockam_identity_free(identity);
}

static void type_and_life_are_options(void **state)
{
    kit_t            *kit      = *state;
    ockam_identity_t *identity = create(kit, kit->plain, &(ockam_identity_options_t){.type = OCKAM_P256, .ttl_s = 77});

    assert_int_equal(ockam_change_history_latest_key(ockam_identity_history(identity))->type, OCKAM_P256);
    assert_int_equal(ockam_change_history_valid_until_s(ockam_identity_history(identity)), FROM + 77);
    ockam_identity_free(identity);
}

static void bad_options_are_invalid(void **state)
{
    static const ockam_identity_options_t bad_type = {.type = (ockam_signing_type_t)5};
    static const ockam_identity_options_t bad_life = {.lifetime = (ockam_lifetime_t)5};
    static const ockam_identity_options_t too_long = {.ttl_s = UINT64_MAX - FROM + 1};
    static const ockam_identity_options_t longest  = {.ttl_s = UINT64_MAX - FROM};
    kit_t                                *kit      = *state;
    ockam_identity_t                     *out      = NULL;

    assert_status(ockam_identity_create(kit->plain, FROM, &bad_type, &out, NULL), OCKAM_INVALID);
    assert_status(ockam_identity_create(kit->plain, FROM, &bad_life, &out, NULL), OCKAM_INVALID);
    assert_status(ockam_identity_create(kit->plain, FROM, &too_long, &out, NULL), OCKAM_INVALID);
    assert_status(ockam_identity_create(kit->plain, FROM, &persistent, &out, NULL), OCKAM_INVALID);
    assert_status(ockam_identity_create(kit->plain, FROM, &(ockam_identity_options_t){.key = 12345}, &out, NULL),
                  OCKAM_NOT_FOUND);
    assert_null(out);
    ockam_identity_free(create(kit, kit->plain, &longest));
}

static void the_end_of_the_last_reference_takes_the_secret_out_of_memory(void **state)
{
    kit_t             *kit      = *state;
    ockam_identity_t  *identity = create(kit, kit->plain, NULL);
    ockam_public_key_t key      = *ockam_change_history_latest_key(ockam_identity_history(identity));
    ockam_key_id_t     found;

    assert_ptr_equal(ockam_identity_ref(identity), identity);
    ockam_identity_free(identity);
    assert_ok(ockam_vault_find_signing_key(kit->plain, &key, &found, NULL));
    ockam_vault_forget(kit->plain, found);
    ockam_identity_free(identity);
    assert_status(ockam_vault_find_signing_key(kit->plain, &key, &found, NULL), OCKAM_NOT_FOUND);
    ockam_identity_free(NULL);
}

static void a_given_key_stays_the_callers(void **state)
{
    kit_t               *kit      = *state;
    const ockam_key_id_t key      = kit_key(kit->plain, OCKAM_P256, 3);
    ockam_identity_t    *identity = create(kit, kit->plain, &(ockam_identity_options_t){.key = key});
    ockam_public_key_t   public_key;

    ockam_identity_free(identity);
    assert_ok(ockam_vault_public_key(kit->plain, key, &public_key, NULL));
    ockam_vault_forget(kit->plain, key);
}

/* ---- rotate ----------------------------------------------------------------------------------------------------- */

static void a_rotation_keeps_the_identifier_and_ends_the_old_secret(void **state)
{
    kit_t *kit = *state;

    for (int lifetime = 0; lifetime < 2; lifetime++) {
        const ockam_identity_options_t options  = {.lifetime = (ockam_lifetime_t)lifetime};
        ockam_identity_t              *identity = create(kit, kit->vault, &options);
        const ockam_identifier_t       before   = *ockam_identity_identifier(identity);
        const ockam_public_key_t       old      = *ockam_change_history_latest_key(ockam_identity_history(identity));
        ockam_key_id_t                 found, key;
        ockam_slice_t                  bytes;
        ockam_attestation_t            attestation;

        assert_ok_err(
            ockam_identity_rotate(identity, FROM + 5, &(ockam_identity_options_t){.type = OCKAM_P256}, &kit->err),
            &kit->err);
        assert_true(ockam_identifier_equal(&before, ockam_identity_identifier(identity)));
        assert_int_equal(ockam_change_history_count(ockam_identity_history(identity)), 2);
        assert_int_equal(ockam_change_history_latest_key(ockam_identity_history(identity))->type, OCKAM_P256);
        assert_status(ockam_vault_find_signing_key(kit->vault, &old, &found, NULL), OCKAM_NOT_FOUND);
        secure_channel_key(kit, identity, FROM + 5, &key, &bytes); /* the new one signs */
        assert_ok(ockam_attestation_verify(kit->vault, bytes, ockam_identity_history(identity), FROM + 5, &attestation,
                                           NULL));
        ockam_identity_free(identity);
    }
}

static void a_rotation_ends_attestations_and_the_next_one_is_new(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->plain, NULL);
    ockam_key_id_t      old_key, new_key;
    ockam_slice_t       bytes;
    ockam_attestation_t old, attestation;
    uint8_t             kept[OCKAM_ATTESTATION_BYTES_MAX], public_key[32];
    size_t              kept_len;

    secure_channel_key(kit, identity, FROM, &old_key, &bytes);
    assert_ok(ockam_attestation_verify(kit->plain, bytes, ockam_identity_history(identity), FROM, &old, NULL));
    memcpy(kept, bytes.ptr, kept_len = bytes.len);
    assert_ok(ockam_identity_rotate(identity, FROM + 1, NULL, NULL));
    assert_status(ockam_attestation_verify(kit->plain, ockam_slice(kept, kept_len), ockam_identity_history(identity),
                                           FROM + 1, &attestation, NULL),
                  OCKAM_NOT_AUTHENTIC);
    secure_channel_key(kit, identity, FROM + 1, &new_key, &bytes);
    assert_ok(
        ockam_attestation_verify(kit->plain, bytes, ockam_identity_history(identity), FROM + 1, &attestation, NULL));
    assert_memory_not_equal(attestation.x25519, old.x25519, 32);
    assert_ok(ockam_vault_x25519_public(kit->plain, old_key, public_key, NULL)); /* for handshakes in progress */
    ockam_identity_free(identity);
    assert_status(ockam_vault_x25519_public(kit->plain, old_key, public_key, NULL), OCKAM_NOT_FOUND);
}

static void a_rotation_before_the_present_key_or_past_the_end_of_time_is_invalid(void **state)
{
    kit_t            *kit      = *state;
    ockam_identity_t *identity = create(kit, kit->plain, NULL);

    assert_status(ockam_identity_rotate(identity, FROM - 1, NULL, NULL), OCKAM_INVALID);
    assert_status(ockam_identity_rotate(identity, UINT64_MAX, NULL, NULL), OCKAM_INVALID);
    assert_int_equal(ockam_change_history_count(ockam_identity_history(identity)), 1);
    assert_ok(ockam_identity_rotate(identity, FROM, NULL, NULL));
    ockam_identity_free(identity);
}

static void rotations_go_up_to_the_limit_of_changes(void **state)
{
    kit_t            *kit      = *state;
    ockam_identity_t *identity = create(kit, kit->plain, NULL);

    for (size_t i = 1; i < OCKAM_CHANGES_MAX; i++)
        assert_ok(ockam_identity_rotate(identity, FROM + i, NULL, NULL));
    assert_int_equal(ockam_change_history_count(ockam_identity_history(identity)), OCKAM_CHANGES_MAX);
    assert_status(ockam_identity_rotate(identity, FROM + 1000, NULL, NULL), OCKAM_LIMIT);
    assert_int_equal(ockam_change_history_count(ockam_identity_history(identity)), OCKAM_CHANGES_MAX);
    ockam_identity_free(identity);
}

static void a_key_that_follows_itself_still_signs(void **state)
{
    kit_t                         *kit      = *state;
    const ockam_key_id_t           key      = kit_key(kit->plain, OCKAM_ED25519, 3);
    const ockam_identity_options_t options  = {.key = key};
    ockam_identity_t              *identity = create(kit, kit->plain, &options);
    ockam_key_id_t                 used;
    ockam_slice_t                  bytes;

    assert_ok(ockam_identity_rotate(identity, FROM, &options, NULL));
    secure_channel_key(kit, identity, FROM, &used, &bytes);
    ockam_identity_free(identity);
    ockam_vault_forget(kit->plain, key);
}

/* ---- import and load -------------------------------------------------------------------------------------------- */

static void an_import_needs_the_newest_secret(void **state)
{
    kit_t               *kit      = *state;
    const ockam_key_id_t first    = kit_key(kit->plain, OCKAM_ED25519, 3);
    ockam_identity_t    *original = create(kit, kit->plain, &(ockam_identity_options_t){.key = first});
    ockam_vault_t       *other    = kit_vault(NULL);
    ockam_identity_t    *copy     = NULL;
    const ockam_slice_t  encoded  = ockam_change_history_view(ockam_identity_history(original));
    ockam_key_id_t       key;

    assert_status(ockam_identity_import(other, encoded, NULL, &copy, NULL), OCKAM_NOT_FOUND);
    key = kit_key(other, OCKAM_ED25519, 4);
    assert_status(ockam_identity_import(other, encoded, &(ockam_identity_options_t){.key = key}, &copy, NULL),
                  OCKAM_INVALID);
    assert_null(copy);
    ockam_vault_forget(other, key);
    key = kit_key(other, OCKAM_ED25519, 3);
    assert_ok(ockam_identity_import(other, encoded, &(ockam_identity_options_t){.key = key}, &copy, NULL));
    ockam_identity_free(copy);
    assert_ok(ockam_identity_import(other, encoded, NULL, &copy, NULL));
    assert_true(ockam_identifier_equal(ockam_identity_identifier(copy), ockam_identity_identifier(original)));
    ockam_identity_free(copy);
    ockam_vault_forget(other, key);
    ockam_vault_free(other);
    ockam_identity_free(original);
    ockam_vault_forget(kit->plain, first);
}

static void a_persistent_import_can_be_loaded_after_a_restart(void **state)
{
    kit_t                  *kit     = *state;
    const ockam_key_id_t    key     = kit_key(kit->vault, OCKAM_P256, 3);
    ockam_identity_t       *made    = create(kit, kit->vault, &(ockam_identity_options_t){.key = key});
    ockam_change_history_t *history = ockam_change_history_ref(ockam_identity_history(made));
    ockam_identity_t       *out     = NULL;
    ockam_vault_t          *later;

    ockam_identity_free(made);
    assert_int_equal(store_rows(kit->store), 0);
    assert_ok(ockam_identity_import(kit->vault, ockam_change_history_view(history), &persistent, &out, NULL));
    ockam_identity_free(out);
    ockam_vault_forget(kit->vault, key);
    later = kit_vault(kit->store);
    assert_ok(ockam_identity_load(later, ockam_change_history_identifier(history), &out, NULL));
    ockam_identity_free(out);
    ockam_vault_free(later);
    ockam_change_history_free(history);
}

static void a_persistent_identity_comes_back_with_its_keys_after_a_restart(void **state)
{
    kit_t                  *kit      = *state;
    ockam_identity_t       *identity = create(kit, kit->vault, &persistent);
    ockam_change_history_t *history  = NULL;
    ockam_identity_t       *again    = NULL;
    ockam_key_id_t          key;
    ockam_slice_t           bytes;
    uint8_t                 channel[OCKAM_ATTESTATION_BYTES_MAX], credential[OCKAM_ATTESTATION_BYTES_MAX];
    size_t                  channel_len, credential_len;

    assert_ok(ockam_identity_rotate(identity, FROM + 1, NULL, NULL));
    secure_channel_key(kit, identity, FROM + 2, &key, &bytes);
    memcpy(channel, bytes.ptr, channel_len = bytes.len);
    assert_ok(ockam_identity_credential_key(identity, FROM + 2, &key, &bytes, NULL));
    memcpy(credential, bytes.ptr, credential_len = bytes.len);
    history = ockam_change_history_ref(ockam_identity_history(identity));
    ockam_identity_free(identity);
    ockam_vault_free(kit->vault);
    kit->vault = kit_vault(kit->store);

    assert_ok_err(ockam_identity_load(kit->vault, ockam_change_history_identifier(history), &again, &kit->err),
                  &kit->err);
    assert_slice_equal(ockam_change_history_view(ockam_identity_history(again)), ockam_change_history_view(history));
    secure_channel_key(kit, again, FROM + 3, &key, &bytes);
    assert_slice_equal(bytes, ockam_slice(channel, channel_len));
    assert_ok(ockam_identity_credential_key(again, FROM + 3, &key, &bytes, NULL));
    assert_slice_equal(bytes, ockam_slice(credential, credential_len));
    ockam_identity_free(again);
    ockam_change_history_free(history);
}

static void what_is_not_stored_is_not_found(void **state)
{
    kit_t             *kit     = *state;
    ockam_identifier_t unknown = {{1}};
    ockam_identity_t  *made    = create(kit, kit->vault, &persistent);
    ockam_identifier_t known   = *ockam_identity_identifier(made);
    ockam_public_key_t key     = *ockam_change_history_latest_key(ockam_identity_history(made));
    ockam_identity_t  *out     = NULL;
    ockam_key_id_t     found;

    assert_status(ockam_identity_load(kit->vault, &unknown, &out, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_identity_load(kit->plain, &known, &out, NULL), OCKAM_INVALID);
    ockam_identity_free(made);
    assert_ok(ockam_vault_find_signing_key(kit->vault, &key, &found, NULL));
    assert_ok(ockam_vault_delete(kit->vault, found, NULL));
    assert_status(ockam_identity_load(kit->vault, &known, &out, NULL), OCKAM_NOT_FOUND);
    assert_null(out);
}

static void an_older_history_is_not_imported_over_a_newer_one(void **state)
{
    kit_t                  *kit      = *state;
    ockam_identity_t       *identity = create(kit, kit->vault, &persistent);
    ockam_change_history_t *old      = ockam_change_history_ref(ockam_identity_history(identity));
    ockam_secret_t          secret   = {.len = 0};
    ockam_key_id_t          key;
    ockam_identity_t       *out = NULL;

    assert_ok(ockam_vault_find_signing_key(kit->vault, ockam_change_history_latest_key(old), &key, NULL));
    assert_ok(ockam_vault_export(kit->vault, key, &secret, NULL));
    assert_ok(ockam_identity_rotate(identity, FROM, NULL, NULL));
    assert_ok(ockam_vault_import_signing_key(kit->vault, OCKAM_ED25519, &secret, OCKAM_EPHEMERAL, &key, NULL));
    assert_status(ockam_identity_import(kit->vault, ockam_change_history_view(old), &persistent, &out, NULL),
                  OCKAM_CONFLICT);
    assert_null(out);
    ockam_vault_forget(kit->vault, key);
    ockam_secret_deinit(&secret);
    ockam_change_history_free(old);
    ockam_identity_free(identity);
}

/* ---- a store that fails ------------------------------------------------------------------------------------------ */

static void creating_stores_everything_in_one_transaction(void **state)
{
    kit_t            *kit = *state;
    fault_store_t     fault;
    ockam_vault_t    *vault;
    ockam_identity_t *identity;

    fault_store_init(&fault, kit->store, 0);
    vault    = kit_vault(&fault.base);
    identity = create(kit, vault, &persistent);
    assert_string_equal(fault.log, "begin put:secret put:change_history commit ");
    ockam_identity_free(identity);
    ockam_vault_free(vault);
}

static void the_old_secret_is_removed_only_after_the_new_history_is_kept(void **state)
{
    kit_t            *kit = *state;
    fault_store_t     fault;
    ockam_vault_t    *vault;
    ockam_identity_t *identity;

    fault_store_init(&fault, kit->store, 0);
    vault        = kit_vault(&fault.base);
    identity     = create(kit, vault, &persistent);
    fault.log[0] = '\0';
    assert_ok(ockam_identity_rotate(identity, FROM, NULL, NULL));
    assert_string_equal(fault.log, "begin put:secret put:change_history commit remove:secret ");
    ockam_identity_free(identity);
    ockam_vault_free(vault);
}

static void creating_leaves_nothing_behind_wherever_the_store_fails(void **state)
{
    kit_t   *kit    = *state;
    unsigned failed = 0;

    for (size_t n = 1;; n++) {
        fault_store_t     fault;
        ockam_vault_t    *vault;
        ockam_identity_t *identity = NULL;
        ockam_status_t    s;
        fault_store_init(&fault, kit->store, n);
        vault = kit_vault(&fault.base);
        s     = ockam_identity_create(vault, FROM, &persistent, &identity, NULL);
        ockam_identity_free(identity);
        ockam_vault_free(vault);
        if (s == OCKAM_OK)
            break;
        assert_int_equal(s, OCKAM_IO);
        assert_int_equal(store_rows(kit->store), 0);
        failed++;
    }
    assert_true(failed >= 4);
}

static void a_rotation_that_the_store_refuses_changes_nothing(void **state)
{
    kit_t *kit = *state;

    for (size_t n = 1;; n++) {
        fault_store_t      fault;
        ockam_vault_t     *vault;
        ockam_identity_t  *identity, *loaded = NULL;
        ockam_identifier_t identifier;
        size_t             rows, count;
        ockam_status_t     s;
        fault_store_init(&fault, kit->store, 0);
        vault         = kit_vault(&fault.base);
        identity      = create(kit, vault, &persistent);
        identifier    = *ockam_identity_identifier(identity);
        rows          = store_rows(kit->store);
        fault.fail_at = fault.calls + n;
        s             = ockam_identity_rotate(identity, FROM + 1, NULL, NULL);
        count         = ockam_change_history_count(ockam_identity_history(identity));
        if (s != OCKAM_OK) {
            assert_int_equal(s, OCKAM_IO);
            assert_int_equal(count, 1);
            assert_int_equal(store_rows(kit->store), rows);
        }
        ockam_identity_free(identity);
        ockam_vault_free(vault);
        vault = kit_vault(kit->store); /* after a crash here: what is stored goes together */
        assert_ok(ockam_identity_load(vault, &identifier, &loaded, NULL));
        assert_int_equal(ockam_change_history_count(ockam_identity_history(loaded)), s == OCKAM_OK ? 2 : 1);
        ockam_identity_free(loaded);
        ockam_vault_free(vault);
        if (s == OCKAM_OK && fault.calls < fault.fail_at)
            break;
    }
}

/* ---- purpose keys ------------------------------------------------------------------------------------------------ */

static void the_same_key_is_given_until_it_expires(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->plain, NULL);
    const uint64_t      expires  = FROM + OCKAM_PURPOSE_KEY_TTL_S;
    ockam_key_id_t      first, second, third;
    ockam_slice_t       bytes;
    ockam_attestation_t says;

    secure_channel_key(kit, identity, FROM, &first, &bytes);
    assert_ok(ockam_attestation_verify(kit->plain, bytes, ockam_identity_history(identity), FROM, &says, NULL));
    assert_int_equal(says.purpose, OCKAM_PURPOSE_SECURE_CHANNEL);
    assert_int_equal(says.created_at_s, FROM);
    assert_int_equal(says.expires_at_s, expires);
    secure_channel_key(kit, identity, expires, &second, &bytes);
    assert_int_equal(first, second);
    secure_channel_key(kit, identity, expires + 1, &third, &bytes);
    assert_int_not_equal(first, third);
    ockam_identity_free(identity);
}

static void a_purpose_key_does_not_outlive_the_identitys_key(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->plain, &(ockam_identity_options_t){.ttl_s = 100});
    ockam_key_id_t      key;
    ockam_slice_t       bytes;
    ockam_attestation_t says;

    secure_channel_key(kit, identity, FROM + 50, &key, &bytes);
    assert_ok(ockam_attestation_verify(kit->plain, bytes, ockam_identity_history(identity), FROM + 50, &says, NULL));
    assert_int_equal(says.expires_at_s, FROM + 100);
    secure_channel_key(kit, identity, FROM + 100, &key, &bytes);
    assert_status(ockam_identity_secure_channel_key(identity, FROM + 101, &key, &bytes, NULL), OCKAM_EXPIRED);
    ockam_identity_free(identity);
}

static void a_clock_that_is_a_minute_late_is_no_obstacle(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->plain, NULL);
    ockam_key_id_t      key;
    ockam_slice_t       bytes;
    ockam_attestation_t says;

    assert_status(ockam_identity_secure_channel_key(identity, FROM - 61, &key, &bytes, NULL), OCKAM_EXPIRED);
    secure_channel_key(kit, identity, FROM - 60, &key, &bytes);
    assert_ok(ockam_attestation_verify(kit->plain, bytes, ockam_identity_history(identity), FROM - 60, &says, NULL));
    assert_int_equal(says.created_at_s, FROM);
    ockam_identity_free(identity);
}

static void a_key_works_until_it_was_replaced_twice(void **state)
{
    kit_t                            *kit      = *state;
    ockam_identity_t                 *identity = create(kit, kit->plain, NULL);
    const ockam_purpose_key_options_t options  = {.created_at_s = FROM, .expires_at_s = FROM + 10};
    ockam_key_id_t                    first, second;
    ockam_slice_t                     bytes;
    uint8_t                           public_key[32];

    secure_channel_key(kit, identity, FROM, &first, &bytes);
    assert_ok(ockam_identity_set_purpose_key(identity, OCKAM_PURPOSE_SECURE_CHANNEL, &options, NULL));
    secure_channel_key(kit, identity, FROM, &second, &bytes);
    assert_int_not_equal(first, second);
    assert_ok(ockam_vault_x25519_public(kit->plain, first, public_key, NULL));
    assert_ok(ockam_identity_set_purpose_key(identity, OCKAM_PURPOSE_SECURE_CHANNEL, &options, NULL));
    assert_status(ockam_vault_x25519_public(kit->plain, first, public_key, NULL), OCKAM_NOT_FOUND);
    assert_ok(ockam_vault_x25519_public(kit->plain, second, public_key, NULL));
    ockam_identity_free(identity);
}

static void purpose_keys_with_impossible_times_are_invalid(void **state)
{
    static const struct {
        uint64_t       created_at_s, expires_at_s;
        ockam_status_t expected;
    } rows[]                   = {{FROM, FROM + 100, OCKAM_OK},          {FROM, FROM, OCKAM_OK},
                                  {FROM - 1, FROM + 100, OCKAM_INVALID}, {FROM, FROM + 101, OCKAM_INVALID},
                                  {FROM + 2, FROM + 1, OCKAM_INVALID},   {UINT64_MAX, UINT64_MAX, OCKAM_INVALID}};
    kit_t            *kit      = *state;
    ockam_identity_t *identity = create(kit, kit->plain, &(ockam_identity_options_t){.ttl_s = 100});

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const ockam_purpose_key_options_t options = {.created_at_s = rows[i].created_at_s,
                                                     .expires_at_s = rows[i].expires_at_s};
        for (int purpose = 0; purpose < 2; purpose++)
            assert_status(ockam_identity_set_purpose_key(identity, (ockam_purpose_t)purpose, &options, NULL),
                          rows[i].expected);
    }
    ockam_identity_free(identity);
}

static void a_key_of_another_kind_is_not_found(void **state)
{
    kit_t                      *kit        = *state;
    ockam_identity_t           *identity   = create(kit, kit->plain, NULL);
    const uint8_t               secret[32] = {9};
    const ockam_key_id_t        signing    = kit_key(kit->plain, OCKAM_ED25519, 5);
    const ockam_key_id_t        x25519     = kit_x25519_key(kit->plain, ockam_slice(secret, 32));
    ockam_purpose_key_options_t options    = {.created_at_s = FROM, .expires_at_s = FROM + 10};

    options.key = signing;
    assert_status(ockam_identity_set_purpose_key(identity, OCKAM_PURPOSE_SECURE_CHANNEL, &options, NULL),
                  OCKAM_NOT_FOUND);
    assert_status(ockam_identity_set_purpose_key(identity, (ockam_purpose_t)2, &options, NULL), OCKAM_INVALID);
    options.key = x25519;
    assert_status(ockam_identity_set_purpose_key(identity, OCKAM_PURPOSE_CREDENTIALS, &options, NULL), OCKAM_NOT_FOUND);
    ockam_identity_free(identity);
    ockam_vault_forget(kit->plain, signing);
    ockam_vault_forget(kit->plain, x25519);
}

static void purpose_row(const ockam_identity_t *identity, uint8_t purpose, uint8_t key[33])
{
    memcpy(key, ockam_identity_identifier(identity)->bytes, 32);
    key[32] = purpose;
}

static void forget_all(kit_t *kit, ockam_identity_t **identity)
{
    const ockam_identifier_t identifier = *ockam_identity_identifier(*identity);

    ockam_identity_free(*identity);
    ockam_vault_free(kit->vault);
    kit->vault = kit_vault(kit->store);
    assert_ok(ockam_identity_load(kit->vault, &identifier, identity, NULL));
}

static void a_stored_attestation_that_is_not_good_any_more_gives_a_new_key(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->vault, &persistent);
    ockam_key_id_t      key;
    ockam_slice_t       bytes;
    ockam_attestation_t says;
    uint8_t             row[33], credential_row[33], stored[OCKAM_ATTESTATION_BYTES_MAX + 1] = {0};
    uint8_t             last[32] = {0};
    ockam_buf_t         other;

    ockam_buf_init(&other, ockam_allocator_malloc(), sizeof(stored));
    assert_ok(ockam_identity_credential_key(identity, FROM, &key, &bytes, NULL));
    for (int damage = 0; damage < 5; damage++) {
        const uint64_t now_s = damage == 4 ? FROM + OCKAM_PURPOSE_KEY_TTL_S + 1 : FROM;
        secure_channel_key(kit, identity, FROM, &key, &bytes);
        memcpy(stored, bytes.ptr, bytes.len);
        purpose_row(identity, 0, row);
        purpose_row(identity, 1, credential_row);
        ockam_buf_truncate(&other, 0);
        switch (damage) {
        case 0: /* a bit of the signature */
            stored[bytes.len - 1] ^= 1;
            assert_ok(ockam_buf_append(&other, ockam_slice(stored, bytes.len), NULL));
            break;
        case 1: /* cut */ assert_ok(ockam_buf_append(&other, ockam_slice(stored, bytes.len - 1), NULL)); break;
        case 2: /* for another purpose */
            assert_ok(
                ockam_store_get(kit->store, OCKAM_TABLE_PURPOSE_KEY, ockam_slice(credential_row, 33), &other, NULL));
            break;
        case 3: /* too long */ assert_ok(ockam_buf_append(&other, ockam_slice(stored, sizeof(stored)), NULL)); break;
        default: /* expired */ assert_ok(ockam_buf_append(&other, bytes, NULL)); break;
        }
        assert_ok(
            ockam_store_put(kit->store, OCKAM_TABLE_PURPOSE_KEY, ockam_slice(row, 33), ockam_buf_view(&other), NULL));
        forget_all(kit, &identity);
        secure_channel_key(kit, identity, now_s, &key, &bytes);
        assert_ok(ockam_attestation_verify(kit->vault, bytes, ockam_identity_history(identity), now_s, &says, NULL));
        assert_int_equal(says.purpose, OCKAM_PURPOSE_SECURE_CHANNEL);
        assert_memory_not_equal(says.x25519, last, 32);
        memcpy(last, says.x25519, 32);
    }
    ockam_buf_deinit(&other);
    ockam_identity_free(identity);
}

/* What follows an attestation is ignored, also in the store; so one can be made as long as the limit, and one past it. */
static void a_stored_attestation_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
    kit_t *kit = *state;

    for (size_t len = OCKAM_ATTESTATION_BYTES_MAX; len <= OCKAM_ATTESTATION_BYTES_MAX + 1; len++) {
        ockam_identity_t *identity                                = create(kit, kit->vault, &persistent);
        uint8_t           stored[OCKAM_ATTESTATION_BYTES_MAX + 1] = {0};
        uint8_t           row[33], before[32], after[32];
        ockam_key_id_t    key;
        ockam_slice_t     bytes;
        secure_channel_key(kit, identity, FROM, &key, &bytes);
        assert_ok(ockam_vault_x25519_public(kit->vault, key, before, NULL));
        memcpy(stored, bytes.ptr, bytes.len);
        purpose_row(identity, 0, row);
        assert_ok(
            ockam_store_put(kit->store, OCKAM_TABLE_PURPOSE_KEY, ockam_slice(row, 33), ockam_slice(stored, len), NULL));
        forget_all(kit, &identity);
        secure_channel_key(kit, identity, FROM, &key, &bytes);
        assert_ok(ockam_vault_x25519_public(kit->vault, key, after, NULL));
        assert_int_equal(memcmp(before, after, 32) == 0, len == OCKAM_ATTESTATION_BYTES_MAX);
        ockam_identity_free(identity);
    }
}

static void a_stored_attestation_whose_secret_is_gone_gives_a_new_key(void **state)
{
    kit_t              *kit      = *state;
    ockam_identity_t   *identity = create(kit, kit->vault, &persistent);
    ockam_key_id_t      key;
    ockam_slice_t       bytes;
    ockam_attestation_t before, after;

    secure_channel_key(kit, identity, FROM, &key, &bytes);
    assert_ok(ockam_attestation_verify(kit->vault, bytes, ockam_identity_history(identity), FROM, &before, NULL));
    assert_ok(ockam_vault_delete(kit->vault, key, NULL));
    secure_channel_key(kit, identity, FROM, &key, &bytes);
    assert_ok(ockam_attestation_verify(kit->vault, bytes, ockam_identity_history(identity), FROM, &after, NULL));
    assert_memory_not_equal(before.x25519, after.x25519, 32);
    assert_ok(ockam_vault_delete(kit->vault, key, NULL));
    forget_all(kit, &identity);
    secure_channel_key(kit, identity, FROM, &key, &bytes);
    assert_ok(ockam_attestation_verify(kit->vault, bytes, ockam_identity_history(identity), FROM, &before, NULL));
    assert_memory_not_equal(before.x25519, after.x25519, 32);
    ockam_identity_free(identity);
}

static void a_purpose_key_that_the_store_refuses_is_not_used(void **state)
{
    kit_t *kit = *state;

    for (size_t n = 1;; n++) {
        fault_store_t     fault;
        ockam_vault_t    *vault;
        ockam_identity_t *identity;
        ockam_key_id_t    key = OCKAM_KEY_ID_NONE;
        ockam_slice_t     bytes;
        size_t            rows;
        ockam_status_t    s;
        fault_store_init(&fault, kit->store, 0);
        vault         = kit_vault(&fault.base);
        identity      = create(kit, vault, &persistent);
        rows          = store_rows(kit->store);
        fault.fail_at = fault.calls + n;
        s             = ockam_identity_secure_channel_key(identity, FROM, &key, &bytes, NULL);
        ockam_identity_free(identity);
        ockam_vault_free(vault);
        if (s == OCKAM_OK)
            break;
        assert_int_equal(s, OCKAM_IO);
        assert_int_equal(store_rows(kit->store), rows);
    }
}

static void an_import_that_the_store_refuses_leaves_nothing_behind(void **state)
{
    kit_t               *kit  = *state;
    const ockam_key_id_t key  = kit_key(kit->plain, OCKAM_ED25519, 9);
    ockam_identity_t    *made = create(kit, kit->plain, &(ockam_identity_options_t){.key = key});
    unsigned             failed;

    for (failed = 0;; failed++) {
        fault_store_t     fault;
        ockam_vault_t    *vault;
        ockam_identity_t *out = NULL;
        ockam_status_t    s;
        fault_store_init(&fault, kit->store, failed + 1);
        vault = kit_vault(&fault.base);
        (void)kit_key(vault, OCKAM_ED25519, 9);
        s = ockam_identity_import(vault, ockam_change_history_view(ockam_identity_history(made)), &persistent, &out,
                                  NULL);
        ockam_identity_free(out);
        ockam_vault_free(vault);
        if (s == OCKAM_OK)
            break;
        assert_int_equal(s, OCKAM_IO);
        assert_int_equal(store_rows(kit->store), 0);
    }
    assert_true(failed >= 4);
    ockam_identity_free(made);
    ockam_vault_forget(kit->plain, key);
}

static void a_given_purpose_key_comes_back_after_a_restart(void **state)
{
    static const uint8_t              secret[32] = {3, 1, 4};
    kit_t                            *kit        = *state;
    ockam_identity_t                 *identity   = create(kit, kit->vault, &persistent);
    const ockam_key_id_t              given      = kit_x25519_key(kit->vault, ockam_slice(secret, sizeof(secret)));
    const ockam_purpose_key_options_t options    = {.key = given, .created_at_s = FROM, .expires_at_s = FROM + 10};
    uint8_t                           expected[32], got[32];
    ockam_key_id_t                    key;
    ockam_slice_t                     bytes;

    assert_ok(ockam_vault_x25519_public(kit->vault, given, expected, NULL));
    assert_ok(ockam_identity_set_purpose_key(identity, OCKAM_PURPOSE_SECURE_CHANNEL, &options, NULL));
    ockam_vault_forget(kit->vault, given);
    forget_all(kit, &identity);
    secure_channel_key(kit, identity, FROM, &key, &bytes);
    assert_ok(ockam_vault_x25519_public(kit->vault, key, got, NULL));
    assert_memory_equal(got, expected, 32);
    ockam_identity_free(identity);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static ockam_status_t life(const ockam_allocator_t *allocator, void *context)
{
    ockam_store_t    *store    = NULL;
    ockam_vault_t    *vault    = NULL;
    ockam_identity_t *identity = NULL, *again = NULL;
    ockam_key_id_t    key;
    ockam_slice_t     bytes;
    ockam_status_t    s;

    (void)context;
    if ((s = ockam_store_memory(allocator, &store, NULL)) == OCKAM_OK &&
        (s = kit_vault_new(allocator, store, &vault)) == OCKAM_OK &&
        (s = ockam_identity_create(vault, FROM, &persistent, &identity, NULL)) == OCKAM_OK &&
        (s = ockam_identity_secure_channel_key(identity, FROM, &key, &bytes, NULL)) == OCKAM_OK &&
        (s = ockam_identity_rotate(identity, FROM, NULL, NULL)) == OCKAM_OK &&
        (s = ockam_identity_secure_channel_key(identity, FROM, &key, &bytes, NULL)) == OCKAM_OK &&
        (s = ockam_identity_credential_key(identity, FROM, &key, &bytes, NULL)) == OCKAM_OK &&
        (s = ockam_identity_load(vault, ockam_identity_identifier(identity), &again, NULL)) == OCKAM_OK &&
        (s = ockam_identity_secure_channel_key(again, FROM, &key, &bytes, NULL)) == OCKAM_OK) {
        ockam_identity_free(again);
        again = NULL;
        s     = ockam_identity_import(vault, ockam_change_history_view(ockam_identity_history(identity)), &persistent,
                                      &again, NULL);
    }
    ockam_identity_free(again);
    ockam_identity_free(identity);
    ockam_vault_free(vault);
    ockam_store_free(store);
    return s;
}

static void a_failing_allocation_is_reported_and_nothing_leaks(void **state)
{
    (void)state;
    assert_true(failing_allocator_sweep(life, NULL) > 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_new_identity_has_one_ed25519_change_of_ten_years),
        T(type_and_life_are_options),
        T(bad_options_are_invalid),
        T(the_end_of_the_last_reference_takes_the_secret_out_of_memory),
        T(a_given_key_stays_the_callers),
        T(a_rotation_keeps_the_identifier_and_ends_the_old_secret),
        T(a_rotation_ends_attestations_and_the_next_one_is_new),
        T(a_rotation_before_the_present_key_or_past_the_end_of_time_is_invalid),
        T(rotations_go_up_to_the_limit_of_changes),
        T(a_key_that_follows_itself_still_signs),
        T(an_import_needs_the_newest_secret),
        T(a_persistent_import_can_be_loaded_after_a_restart),
        T(a_persistent_identity_comes_back_with_its_keys_after_a_restart),
        T(what_is_not_stored_is_not_found),
        T(an_older_history_is_not_imported_over_a_newer_one),
        T(creating_stores_everything_in_one_transaction),
        T(the_old_secret_is_removed_only_after_the_new_history_is_kept),
        T(creating_leaves_nothing_behind_wherever_the_store_fails),
        T(a_rotation_that_the_store_refuses_changes_nothing),
        T(the_same_key_is_given_until_it_expires),
        T(a_purpose_key_does_not_outlive_the_identitys_key),
        T(a_clock_that_is_a_minute_late_is_no_obstacle),
        T(a_key_works_until_it_was_replaced_twice),
        T(purpose_keys_with_impossible_times_are_invalid),
        T(a_key_of_another_kind_is_not_found),
        T(a_stored_attestation_that_is_not_good_any_more_gives_a_new_key),
        T(a_stored_attestation_may_be_as_long_as_the_limit_and_no_longer),
        T(a_stored_attestation_whose_secret_is_gone_gives_a_new_key),
        T(a_purpose_key_that_the_store_refuses_is_not_used),
        T(an_import_that_the_store_refuses_leaves_nothing_behind),
        T(a_given_purpose_key_comes_back_after_a_restart),
        T(a_failing_allocation_is_reported_and_nothing_leaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
