/* SPDX-License-Identifier: Apache-2.0
 *
 * purpose_key.c - the purpose keys of an own identity: the one in use, the stored one, or a new one.
 * Protocol: docs/protocol/identities.md, "Purpose keys and attestations". No clock; I/O is the store's. */
#include "identity/attestation.h"
#include "identity/identity_internal.h"
#include "identity/signed_data.h"

/* ---- slots ------------------------------------------------------------------------------------------------------ */

void ockam_purpose_slots_init(ockam_identity_t *identity)
{
    for (size_t i = 0; i < OCKAM_PURPOSES; i++)
        ockam_buf_init(&identity->purpose[i].attestation, ockam_vault_allocator(identity->vault),
                       OCKAM_ATTESTATION_BYTES_MAX);
}

void ockam_purpose_slots_deinit(ockam_identity_t *identity)
{
    for (size_t i = 0; i < OCKAM_PURPOSES; i++) {
        ockam_held_key_forget(identity->vault, &identity->purpose[i].key);
        ockam_held_key_forget(identity->vault, &identity->purpose[i].previous);
        ockam_buf_deinit(&identity->purpose[i].attestation);
    }
}

static void retire(ockam_identity_t *identity, ockam_purpose_slot_t *slot)
{
    if (slot->key.id == OCKAM_KEY_ID_NONE)
        return;
    ockam_held_key_end(identity->vault, &slot->previous); /* replaced twice: nothing in progress can need it */
    slot->previous = slot->key;
    slot->key      = (ockam_held_key_t){.id = OCKAM_KEY_ID_NONE};
    ockam_buf_deinit(&slot->attestation);
}

void ockam_purpose_slots_retire(ockam_identity_t *identity)
{
    for (size_t i = 0; i < OCKAM_PURPOSES; i++)
        retire(identity, &identity->purpose[i]);
}

/* Takes over `key` and the bytes of `attestation`. */
static void put_in_use(ockam_identity_t *identity, ockam_held_key_t *key, ockam_buf_t *attestation,
                       const ockam_attestation_t *says)
{
    ockam_purpose_slot_t *slot = &identity->purpose[says->purpose];
    const ockam_buf_t     old  = slot->attestation;

    retire(identity, slot);
    slot->key          = *key;
    slot->created_at_s = says->created_at_s;
    slot->expires_at_s = says->expires_at_s;
    slot->attestation  = *attestation;
    *key               = (ockam_held_key_t){.id = OCKAM_KEY_ID_NONE};
    *attestation       = (ockam_buf_t){.limit = old.limit, .allocator = old.allocator};
}

/* ---- the vault -------------------------------------------------------------------------------------------------- */

/* What the public key of a handle is, for an attestation. */
static ockam_status_t public_of(ockam_vault_t *vault, ockam_key_id_t key, ockam_attestation_t *says, ockam_error_t *err)
{
    return says->purpose == OCKAM_PURPOSE_SECURE_CHANNEL ? ockam_vault_x25519_public(vault, key, says->x25519, err)
                                                         : ockam_vault_public_key(vault, key, &says->signing_key, err);
}

static ockam_status_t find(ockam_vault_t *vault, const ockam_attestation_t *says, ockam_key_id_t *out,
                           ockam_error_t *err)
{
    return says->purpose == OCKAM_PURPOSE_SECURE_CHANNEL
               ? ockam_vault_find_x25519(vault, says->x25519, out, err)
               : ockam_vault_find_signing_key(vault, &says->signing_key, out, err);
}

/* A handle of our own for a key that is given. */
static ockam_status_t hold(ockam_vault_t *vault, ockam_key_id_t given, ockam_lifetime_t lifetime,
                           const ockam_attestation_t *says, ockam_held_key_t *out, ockam_error_t *err)
{
    ockam_secret_t secret = {.len = 0};
    ockam_status_t s;

    if (says->purpose == OCKAM_PURPOSE_CREDENTIALS)
        return ockam_hold_signing_key(vault, given, lifetime, out, err);
    if (lifetime == OCKAM_EPHEMERAL)
        return find(vault, says, &out->id, err);
    if ((s = ockam_vault_export(vault, given, &secret, err)) == OCKAM_OK)
        s = ockam_vault_import_x25519(vault, &secret, lifetime, &out->id, err);
    ockam_secret_deinit(&secret);
    return s;
}

static ockam_status_t hold_or_generate(ockam_identity_t *identity, const ockam_purpose_key_options_t *options,
                                       ockam_attestation_t *says, ockam_held_key_t *out, ockam_error_t *err)
{
    ockam_vault_t *vault = identity->vault;

    if (options->key != OCKAM_KEY_ID_NONE) {
        OCKAM_PASS(public_of(vault, options->key, says, err));
        return hold(vault, options->key, identity->lifetime, says, out, err);
    }
    if (says->purpose == OCKAM_PURPOSE_SECURE_CHANNEL)
        OCKAM_PASS(ockam_vault_generate_x25519(vault, identity->lifetime, &out->id, err));
    else
        OCKAM_PASS(ockam_vault_generate_signing_key(vault, options->type, identity->lifetime, &out->id, err));
    out->made = true;
    return public_of(vault, out->id, says, err);
}

/* ---- the store -------------------------------------------------------------------------------------------------- */

#define ROW_KEY_BYTES (OCKAM_IDENTIFIER_BYTES + 1u)

static ockam_slice_t row_key(const ockam_identity_t *identity, ockam_purpose_t purpose, uint8_t out[ROW_KEY_BYTES])
{
    memcpy(out, ockam_identity_identifier(identity)->bytes, OCKAM_IDENTIFIER_BYTES);
    out[OCKAM_IDENTIFIER_BYTES] = (uint8_t)purpose;
    return ockam_slice(out, ROW_KEY_BYTES);
}

/* The key that an earlier run has stored, if it is still good. OCKAM_NOT_FOUND: it is not, for whatever reason. */
static ockam_status_t load(ockam_identity_t *identity, ockam_purpose_t purpose, uint64_t now_s, ockam_error_t *err)
{
    ockam_store_t      *store = ockam_identity_store(identity);
    ockam_held_key_t    key   = {.id = OCKAM_KEY_ID_NONE};
    ockam_attestation_t says;
    ockam_buf_t         row;
    uint8_t             key_bytes[ROW_KEY_BYTES];
    ockam_status_t      s;

    if (store == NULL)
        return OCKAM_NOT_FOUND;
    ockam_buf_init(&row, ockam_vault_allocator(identity->vault), OCKAM_ATTESTATION_BYTES_MAX);
    s = ockam_store_get(store, OCKAM_TABLE_PURPOSE_KEY, row_key(identity, purpose, key_bytes), &row, err);
    if (s == OCKAM_OK)
        s = ockam_attestation_verify(identity->vault, ockam_buf_view(&row), identity->history, now_s, &says, err);
    if (s == OCKAM_OK && says.purpose != purpose)
        s = OCKAM_NOT_FOUND;
    if (s == OCKAM_OK)
        s = find(identity->vault, &says, &key.id, err);
    if (s == OCKAM_OK) {
        key.made = true; /* by an earlier run */
        put_in_use(identity, &key, &row, &says);
    } else if (ockam_status_kind(s) == OCKAM_KIND_PEER || s == OCKAM_LIMIT || s == OCKAM_CORRUPT) {
        s = OCKAM_NOT_FOUND; /* made before a rotation, expired, damaged: a new one is as good */
    }
    ockam_buf_deinit(&row);
    return s;
}

/* ---- making ----------------------------------------------------------------------------------------------------- */

static ockam_status_t make(ockam_identity_t *identity, const ockam_purpose_key_options_t *options,
                           ockam_attestation_t *says, ockam_held_key_t *key, ockam_buf_t *attestation,
                           ockam_error_t *err)
{
    ockam_store_t *store = ockam_identity_store(identity);
    uint8_t        key_bytes[ROW_KEY_BYTES];

    OCKAM_PASS(hold_or_generate(identity, options, says, key, err));
    OCKAM_PASS(ockam_attestation_write(attestation, identity->vault, identity->key.id, identity->history, says, err));
    if (store == NULL)
        return OCKAM_OK;
    return ockam_store_put(store, OCKAM_TABLE_PURPOSE_KEY, row_key(identity, says->purpose, key_bytes),
                           ockam_buf_view(attestation), err);
}

ockam_status_t ockam_identity_set_purpose_key(ockam_identity_t *identity, ockam_purpose_t purpose,
                                              const ockam_purpose_key_options_t *options, ockam_error_t *err)
{
    ockam_store_t      *store = ockam_identity_store(identity);
    ockam_held_key_t    key   = {.id = OCKAM_KEY_ID_NONE};
    ockam_attestation_t says  = {
         .purpose = purpose, .created_at_s = options->created_at_s, .expires_at_s = options->expires_at_s};
    ockam_buf_t    attestation;
    bool           own;
    ockam_status_t s;

    if (purpose != OCKAM_PURPOSE_SECURE_CHANNEL && purpose != OCKAM_PURPOSE_CREDENTIALS)
        return ockam_fail(err, OCKAM_INVALID, "purpose %d", (int)purpose);
    if (options->created_at_s > options->expires_at_s ||
        options->created_at_s < ockam_change_history_valid_from_s(identity->history) ||
        options->expires_at_s > ockam_change_history_valid_until_s(identity->history))
        return ockam_fail(err, OCKAM_INVALID, "purpose key outside the life of the identity's key");
    OCKAM_TRY(err, ockam_transaction_begin(store, &own, err), "purpose key");
    ockam_buf_init(&attestation, ockam_vault_allocator(identity->vault), OCKAM_ATTESTATION_BYTES_MAX);
    s = make(identity, options, &says, &key, &attestation, err);
    s = ockam_transaction_end(store, own, s, err);
    if (s == OCKAM_OK)
        put_in_use(identity, &key, &attestation, &says);
    ockam_buf_deinit(&attestation);
    ockam_held_key_end(identity->vault, &key);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "purpose key");
}

static ockam_status_t make_default(ockam_identity_t *identity, ockam_purpose_t purpose, uint64_t now_s,
                                   ockam_error_t *err)
{
    const uint64_t              from  = ockam_change_history_valid_from_s(identity->history);
    const uint64_t              until = ockam_change_history_valid_until_s(identity->history);
    ockam_purpose_key_options_t options;

    OCKAM_TRY(err, ockam_check_times(from, until, now_s, err), "identity's key");
    options = (ockam_purpose_key_options_t){.type = OCKAM_ED25519, .created_at_s = now_s > from ? now_s : from};
    /* No longer than the identity's key, or nobody would accept it. */
    options.expires_at_s = until - options.created_at_s > OCKAM_PURPOSE_KEY_TTL_S
                               ? options.created_at_s + OCKAM_PURPOSE_KEY_TTL_S
                               : until;
    return ockam_identity_set_purpose_key(identity, purpose, &options, err);
}

/* In use, in time, and its secret has not been deleted by another holder. */
static bool is_good(ockam_identity_t *identity, ockam_purpose_t purpose, uint64_t now_s)
{
    const ockam_purpose_slot_t *slot = &identity->purpose[purpose];
    ockam_attestation_t         says = {.purpose = purpose};

    return slot->key.id != OCKAM_KEY_ID_NONE && public_of(identity->vault, slot->key.id, &says, NULL) == OCKAM_OK &&
           ockam_check_times(slot->created_at_s, slot->expires_at_s, now_s, NULL) == OCKAM_OK;
}

static ockam_status_t get_or_make(ockam_identity_t *identity, ockam_purpose_t purpose, uint64_t now_s,
                                  ockam_key_id_t *key, ockam_slice_t *attestation, ockam_error_t *err)
{
    ockam_status_t s = OCKAM_OK;

    if (!is_good(identity, purpose, now_s) && (s = load(identity, purpose, now_s, err)) == OCKAM_NOT_FOUND)
        s = make_default(identity, purpose, now_s, err);
    if (s != OCKAM_OK)
        return ockam_error_wrap(err, s, __func__,
                                purpose == OCKAM_PURPOSE_SECURE_CHANNEL ? "key of secure channels"
                                                                        : "key of credentials");
    *key         = identity->purpose[purpose].key.id;
    *attestation = ockam_buf_view(&identity->purpose[purpose].attestation);
    return OCKAM_OK;
}

ockam_status_t ockam_identity_secure_channel_key(ockam_identity_t *identity, uint64_t now_s, ockam_key_id_t *key,
                                                 ockam_slice_t *attestation, ockam_error_t *err)
{
    return get_or_make(identity, OCKAM_PURPOSE_SECURE_CHANNEL, now_s, key, attestation, err);
}

ockam_status_t ockam_identity_credential_key(ockam_identity_t *identity, uint64_t now_s, ockam_key_id_t *key,
                                             ockam_slice_t *attestation, ockam_error_t *err)
{
    return get_or_make(identity, OCKAM_PURPOSE_CREDENTIALS, now_s, key, attestation, err);
}
