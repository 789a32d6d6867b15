/* SPDX-License-Identifier: Apache-2.0
 *
 * identity.c - own identities: create, import, load, rotate.
 * Protocol: docs/protocol/identities.md, "Making one". No clock; I/O is the store's. */
#include "identity/change_history.h"
#include "identity/identity_internal.h"
#include "identity/signed_data.h"

static const ockam_identity_options_t default_options = {.type = OCKAM_ED25519};

/* ---- keys and transactions -------------------------------------------------------------------------------------- */

ockam_status_t ockam_hold_signing_key(ockam_vault_t *vault, ockam_key_id_t key, ockam_lifetime_t lifetime,
                                      ockam_held_key_t *out, ockam_error_t *err)
{
    ockam_held_key_t   held   = {.id = OCKAM_KEY_ID_NONE};
    ockam_secret_t     secret = {.len = 0};
    ockam_public_key_t public_key;
    ockam_status_t     s;

    if ((s = ockam_vault_public_key(vault, key, &public_key, err)) != OCKAM_OK)
        return s;
    if (lifetime == OCKAM_EPHEMERAL) {
        s = ockam_vault_find_signing_key(vault, &public_key, &held.id, err);
    } else if ((s = ockam_vault_export(vault, key, &secret, err)) == OCKAM_OK) { /* importing it again stores it */
        s = ockam_vault_import_signing_key(vault, public_key.type, &secret, lifetime, &held.id, err);
    }
    ockam_secret_deinit(&secret);
    if (s == OCKAM_OK)
        *out = held;
    return s;
}

void ockam_held_key_forget(ockam_vault_t *vault, ockam_held_key_t *key)
{
    ockam_vault_forget(vault, key->id);
    *key = (ockam_held_key_t){.id = OCKAM_KEY_ID_NONE};
}

void ockam_held_key_end(ockam_vault_t *vault, ockam_held_key_t *key)
{
    if (key->made && ockam_vault_delete(vault, key->id, NULL) == OCKAM_OK)
        key->id = OCKAM_KEY_ID_NONE;
    ockam_held_key_forget(vault, key);
}

ockam_status_t ockam_transaction_begin(ockam_store_t *store, bool *own, ockam_error_t *err)
{
    *own = store != NULL && !store->in_transaction;
    return *own ? ockam_store_begin(store, err) : OCKAM_OK;
}

ockam_status_t ockam_transaction_end(ockam_store_t *store, bool own, ockam_status_t s, ockam_error_t *err)
{
    if (!own)
        return s;
    if (s == OCKAM_OK)
        return ockam_store_commit(store, err);
    ockam_store_rollback(store);
    return s;
}

/* ---- the object ------------------------------------------------------------------------------------------------- */

/* Allocated before anything is stored, so that what is stored is never followed by a failure. */
static ockam_status_t identity_alloc(ockam_vault_t *vault, ockam_lifetime_t lifetime, ockam_identity_t **out,
                                     ockam_error_t *err)
{
    ockam_identity_t *identity = (ockam_identity_t *)ockam_alloc(ockam_vault_allocator(vault), sizeof(*identity));

    if (identity == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "identity of %zu bytes", sizeof(*identity));
    identity->vault    = vault;
    identity->refs     = 1;
    identity->lifetime = lifetime;
    ockam_purpose_slots_init(identity);
    *out = identity;
    return OCKAM_OK;
}

/* The end of every function that makes one. */
static ockam_status_t give(ockam_identity_t *identity, ockam_status_t s, const char *note, ockam_identity_t **out,
                           ockam_error_t *err)
{
    if (s != OCKAM_OK) {
        ockam_identity_free(identity);
        return ockam_error_wrap(err, s, __func__, note);
    }
    *out = identity;
    return OCKAM_OK;
}

ockam_identity_t *ockam_identity_ref(ockam_identity_t *identity)
{
    identity->refs++;
    return identity;
}

void ockam_identity_free(ockam_identity_t *identity)
{
    if (identity == NULL || --identity->refs > 0)
        return;
    ockam_purpose_slots_deinit(identity);
    ockam_held_key_forget(identity->vault, &identity->key);
    ockam_change_history_free(identity->history);
    ockam_release(ockam_vault_allocator(identity->vault), identity, sizeof(*identity));
}

const ockam_identifier_t *ockam_identity_identifier(const ockam_identity_t *identity)
{
    return ockam_change_history_identifier(identity->history);
}

const ockam_change_history_t *ockam_identity_history(const ockam_identity_t *identity)
{
    return identity->history;
}

ockam_vault_t *ockam_identity_vault(const ockam_identity_t *identity)
{
    return identity->vault;
}

ockam_store_t *ockam_identity_store(const ockam_identity_t *identity)
{
    return identity->lifetime == OCKAM_PERSISTENT ? ockam_vault_store(identity->vault) : NULL;
}

/* ---- making a change -------------------------------------------------------------------------------------------- */

static ockam_status_t check_options(const ockam_vault_t *vault, const ockam_identity_options_t *options, uint64_t now_s,
                                    ockam_lifetime_t lifetime, ockam_change_options_t *out, ockam_error_t *err)
{
    const uint64_t ttl_s = options->ttl_s != 0 ? options->ttl_s : OCKAM_IDENTITY_TTL_S;

    if (lifetime != OCKAM_EPHEMERAL && lifetime != OCKAM_PERSISTENT)
        return ockam_fail(err, OCKAM_INVALID, "lifetime %d", (int)lifetime);
    if (lifetime == OCKAM_PERSISTENT && ockam_vault_store(vault) == NULL)
        return ockam_fail(err, OCKAM_INVALID, "persistent identity in a vault without a store");
    if (now_s > UINT64_MAX - ttl_s)
        return ockam_fail(err, OCKAM_INVALID, "the key would end after the end of time");
    *out = (ockam_change_options_t){
        .valid_from_s = now_s, .valid_until_s = now_s + ttl_s, .revoke_purpose_keys = options->revoke_purpose_keys};
    return OCKAM_OK;
}

static ockam_status_t hold_or_generate(ockam_vault_t *vault, const ockam_identity_options_t *options,
                                       ockam_lifetime_t lifetime, ockam_held_key_t *out, ockam_error_t *err)
{
    if (options->key != OCKAM_KEY_ID_NONE)
        return ockam_hold_signing_key(vault, options->key, lifetime, out, err);
    OCKAM_PASS(ockam_vault_generate_signing_key(vault, options->type, lifetime, &out->id, err));
    out->made = true;
    return OCKAM_OK;
}

/* A key and a history that ends with it; both are stored if there is a store, together. */
static ockam_status_t make_change(ockam_vault_t *vault, ockam_store_t *store, const ockam_change_history_t *before,
                                  ockam_key_id_t before_key, const ockam_identity_options_t *options,
                                  ockam_change_options_t *change, ockam_held_key_t *out_key,
                                  ockam_change_history_t **out, ockam_error_t *err)
{
    const ockam_lifetime_t  lifetime = store != NULL ? OCKAM_PERSISTENT : OCKAM_EPHEMERAL;
    ockam_held_key_t        key      = {.id = OCKAM_KEY_ID_NONE};
    ockam_change_history_t *history  = NULL;
    bool                    own;
    ockam_status_t          s = ockam_transaction_begin(store, &own, err);

    if (s != OCKAM_OK)
        return s;
    s = hold_or_generate(vault, options, lifetime, &key, err);
    if (s == OCKAM_OK) {
        change->key = key.id;
        s           = ockam_change_history_extend(vault, before, before_key, change, &history, err);
    }
    if (s == OCKAM_OK && store != NULL)
        s = ockam_identities_update(store, vault, history, NULL, err);
    s = ockam_transaction_end(store, own, s, err);
    if (s != OCKAM_OK) {
        ockam_change_history_free(history);
        ockam_held_key_end(vault, &key);
        return s;
    }
    *out_key = key;
    *out     = history;
    return OCKAM_OK;
}

ockam_status_t ockam_identity_create(ockam_vault_t *vault, uint64_t now_s, const ockam_identity_options_t *options,
                                     ockam_identity_t **out, ockam_error_t *err)
{
    ockam_identity_t      *identity = NULL;
    ockam_change_options_t change;
    ockam_status_t         s;

    if (options == NULL)
        options = &default_options;
    OCKAM_TRY(err, check_options(vault, options, now_s, options->lifetime, &change, err), "new identity");
    if ((s = identity_alloc(vault, options->lifetime, &identity, err)) == OCKAM_OK)
        s = make_change(vault, ockam_identity_store(identity), NULL, OCKAM_KEY_ID_NONE, options, &change,
                        &identity->key, &identity->history, err);
    return give(identity, s, "new identity", out, err);
}

/* After the new history is kept. The secret is not needed any more; whoever gets hold of it later could fork the
 * history for those who have not seen the rotation. If the store refuses, the rotation stands all the same. */
static void end_old_key(ockam_identity_t *identity, ockam_held_key_t *old)
{
    ockam_public_key_t        public_key;
    const bool                known  = ockam_vault_public_key(identity->vault, old->id, &public_key, NULL) == OCKAM_OK;
    const ockam_public_key_t *latest = ockam_change_history_latest_key(identity->history);

    /* A key that follows itself stays. */
    if (known &&
        !(public_key.type == latest->type &&
          ockam_slice_equal(ockam_public_key_view(&public_key), ockam_public_key_view(latest))) &&
        ockam_vault_delete(identity->vault, old->id, NULL) == OCKAM_OK)
        *old = (ockam_held_key_t){.id = OCKAM_KEY_ID_NONE};
    ockam_held_key_forget(identity->vault, old);
}

ockam_status_t ockam_identity_rotate(ockam_identity_t *identity, uint64_t now_s,
                                     const ockam_identity_options_t *options, ockam_error_t *err)
{
    ockam_held_key_t        key     = {.id = OCKAM_KEY_ID_NONE};
    ockam_held_key_t        old     = identity->key;
    ockam_change_history_t *history = NULL;
    ockam_change_options_t  change;

    if (options == NULL)
        options = &default_options;
    OCKAM_TRY(err, check_options(identity->vault, options, now_s, identity->lifetime, &change, err), "rotation");
    if (now_s < ockam_change_history_valid_from_s(identity->history))
        return ockam_fail(err, OCKAM_INVALID, "rotation before the start of the present key");
    OCKAM_TRY(err,
              make_change(identity->vault, ockam_identity_store(identity), identity->history, identity->key.id, options,
                          &change, &key, &history, err),
              "rotation");
    ockam_change_history_free(identity->history);
    identity->history = history;
    identity->key     = key;
    ockam_purpose_slots_retire(identity);
    end_old_key(identity, &old);
    return OCKAM_OK;
}

/* ---- from outside ----------------------------------------------------------------------------------------------- */

/* A handle of the newest key: the one named, or whatever the vault has. */
static ockam_status_t hold_latest_key(ockam_vault_t *vault, const ockam_change_history_t *history,
                                      const ockam_identity_options_t *options, ockam_held_key_t *out,
                                      ockam_error_t *err)
{
    const ockam_public_key_t *latest = ockam_change_history_latest_key(history);
    ockam_held_key_t          key    = {.id = OCKAM_KEY_ID_NONE};
    ockam_public_key_t        public_key;

    if (options->key != OCKAM_KEY_ID_NONE) {
        OCKAM_PASS(ockam_vault_public_key(vault, options->key, &public_key, err));
        if (public_key.type != latest->type ||
            !ockam_slice_equal(ockam_public_key_view(&public_key), ockam_public_key_view(latest)))
            return ockam_fail(err, OCKAM_INVALID, "the key is not the newest one of the history");
    }
    OCKAM_TRY(err, ockam_vault_find_signing_key(vault, latest, &key.id, err), "newest key of the identity");
    if (options->lifetime == OCKAM_PERSISTENT) { /* so that it can be loaded next time */
        const ockam_key_id_t found = key.id;
        const ockam_status_t s     = ockam_hold_signing_key(vault, found, OCKAM_PERSISTENT, &key, err);
        ockam_vault_forget(vault, found);
        OCKAM_PASS(s);
    }
    *out = key;
    return OCKAM_OK;
}

static ockam_status_t import(ockam_identity_t *identity, const ockam_identity_options_t *options, ockam_error_t *err)
{
    ockam_store_t *store = ockam_identity_store(identity);
    bool           own;
    ockam_status_t s = ockam_transaction_begin(store, &own, err);

    if (s != OCKAM_OK)
        return s;
    s = hold_latest_key(identity->vault, identity->history, options, &identity->key, err);
    if (s == OCKAM_OK && store != NULL)
        s = ockam_identities_update(store, identity->vault, identity->history, NULL, err);
    return ockam_transaction_end(store, own, s, err);
}

ockam_status_t ockam_identity_import(ockam_vault_t *vault, ockam_slice_t encoded,
                                     const ockam_identity_options_t *options, ockam_identity_t **out,
                                     ockam_error_t *err)
{
    ockam_identity_t      *identity = NULL;
    ockam_change_options_t unused;
    ockam_status_t         s;

    if (options == NULL)
        options = &default_options;
    OCKAM_TRY(err, check_options(vault, options, 0, options->lifetime, &unused, err), "import");
    if ((s = identity_alloc(vault, options->lifetime, &identity, err)) == OCKAM_OK &&
        (s = ockam_change_history_verify(vault, encoded, NULL, &identity->history, err)) == OCKAM_OK)
        s = import(identity, options, err);
    return give(identity, s, "import", out, err);
}

ockam_status_t ockam_identity_load(ockam_vault_t *vault, const ockam_identifier_t *identifier, ockam_identity_t **out,
                                   ockam_error_t *err)
{
    ockam_store_t    *store    = ockam_vault_store(vault);
    ockam_identity_t *identity = NULL;
    ockam_status_t    s;

    if (store == NULL)
        return ockam_fail(err, OCKAM_INVALID, "load from a vault without a store");
    if ((s = identity_alloc(vault, OCKAM_PERSISTENT, &identity, err)) == OCKAM_OK &&
        (s = ockam_identities_load(store, vault, identifier, &identity->history, err)) == OCKAM_OK)
        s = ockam_vault_find_signing_key(vault, ockam_change_history_latest_key(identity->history), &identity->key.id,
                                         err);
    return give(identity, s, "load", out, err);
}
