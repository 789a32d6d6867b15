/* SPDX-License-Identifier: Apache-2.0
 *
 * secrets.c - the table of secrets behind the handles, and the store behind the table.
 * Protocol: docs/protocol/identities.md, "Vault". */
#include "vault/vault_internal.h"

#define FIRST_PLACES    16u
#define DRAWS_MAX       64u /* of a P-256 scalar; one is out of range once in 2^32 */
#define STORED_BYTES    33u /* the type, the secret */
#define PUBLIC_BYTES(t) ((t) == OCKAM_SECRET_P256 ? (size_t)65 : (size_t)32)

/* ---- the table -------------------------------------------------------------------------------------------------- */

/* A handle is the place in the table and how often the place was emptied before: an old handle never names a new
 * secret. */
static ockam_key_id_t id_of(const ockam_vault_t *vault, const ockam_vault_secret_t *secret)
{
    return (ockam_key_id_t)secret->generation << 32 | (ockam_key_id_t)(secret - vault->secrets + 1);
}

static ockam_vault_secret_t *lookup(const ockam_vault_t *vault, ockam_key_id_t id)
{
    const size_t          place = (size_t)(id & UINT32_MAX);
    ockam_vault_secret_t *secret;

    if (place == 0 || place > vault->secret_places)
        return NULL;
    secret = &vault->secrets[place - 1];
    return secret->refs > 0 && secret->generation == (uint32_t)(id >> 32) ? secret : NULL;
}

static void chain_free(ockam_vault_t *vault, ockam_vault_secret_t *secret)
{
    secret->next_free  = vault->secret_free;
    vault->secret_free = (uint32_t)(secret - vault->secrets) + 1;
}

/* Twice the places. The old table is wiped when it is released; nothing keeps pointers into it over calls. */
static ockam_status_t grow(ockam_vault_t *vault, ockam_error_t *err)
{
    const size_t          before = vault->secret_places;
    const size_t          places = before == 0 ? FIRST_PLACES : before * 2;
    ockam_vault_secret_t *table;

    _Static_assert(OCKAM_VAULT_SECRETS_MAX % FIRST_PLACES == 0 &&
                       (OCKAM_VAULT_SECRETS_MAX & (OCKAM_VAULT_SECRETS_MAX - 1)) == 0,
                   "doubling arrives at the limit exactly");
    if (before == OCKAM_VAULT_SECRETS_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "%u secrets", OCKAM_VAULT_SECRETS_MAX);
    if ((table = (ockam_vault_secret_t *)ockam_alloc(vault->allocator, places * sizeof(*table))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%zu secrets", places);
    if (before > 0)
        memcpy(table, vault->secrets, before * sizeof(*table));
    ockam_release(vault->allocator, vault->secrets, before * sizeof(*table));
    vault->secrets       = table;
    vault->secret_places = places;
    for (size_t i = places; i-- > before;)
        chain_free(vault, &table[i]);
    return OCKAM_OK;
}

/* An empty place, taken out of the chain; the caller fills it or puts it back with drop(). */
static ockam_status_t take_place(ockam_vault_t *vault, ockam_vault_secret_t **out, ockam_error_t *err)
{
    ockam_vault_secret_t *secret;

    if (vault->secret_free == 0)
        OCKAM_TRY(err, grow(vault, err), "secrets of the vault");
    secret             = &vault->secrets[vault->secret_free - 1];
    vault->secret_free = secret->next_free;
    *out               = secret;
    return OCKAM_OK;
}

static void drop(ockam_vault_t *vault, ockam_vault_secret_t *secret)
{
    const uint32_t generation = secret->generation + 1;

    ockam_wipe(secret, sizeof(*secret));
    secret->generation = generation;
    chain_free(vault, secret);
}

void ockam_vault_secrets_deinit(ockam_vault_t *vault)
{
    ockam_release(vault->allocator, vault->secrets, vault->secret_places * sizeof(*vault->secrets));
    vault->secrets       = NULL;
    vault->secret_places = 0;
    vault->secret_free   = 0;
}

static ockam_vault_secret_t *find_in_memory(const ockam_vault_t *vault, ockam_secret_type_t type,
                                            const uint8_t *public_key)
{
    for (size_t i = 0; i < vault->secret_places; i++) {
        ockam_vault_secret_t *secret = &vault->secrets[i];
        if (secret->refs > 0 && secret->type == type && memcmp(secret->public_key, public_key, PUBLIC_BYTES(type)) == 0)
            return secret;
    }
    return NULL;
}

/* ---- keys ------------------------------------------------------------------------------------------------------- */

static ockam_status_t check_type(const ockam_vault_t *vault, ockam_secret_type_t type, ockam_error_t *err)
{
    if (type == OCKAM_SECRET_P256 && (!OCKAM_VAULT_HAS(vault, P256_PUBLIC) || !OCKAM_VAULT_HAS(vault, P256_SIGN)))
        return ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for p256");
    return OCKAM_OK;
}

static ockam_status_t signing_type(ockam_signing_type_t type, ockam_secret_type_t *out, ockam_error_t *err)
{
    if (type != OCKAM_ED25519 && type != OCKAM_P256)
        return ockam_fail(err, OCKAM_INVALID, "signing keys of type %d", (int)type);
    *out = type == OCKAM_P256 ? OCKAM_SECRET_P256 : OCKAM_SECRET_ED25519;
    return OCKAM_OK;
}

static ockam_status_t derive_public(ockam_vault_t *vault, ockam_secret_type_t type, const uint8_t secret[32],
                                    uint8_t out[65])
{
    memset(out, 0, 65);
    switch (type) {
    case OCKAM_SECRET_ED25519: return OCKAM_VAULT_CALL(vault, ED25519_PUBLIC, ed25519_public, secret, out);
    case OCKAM_SECRET_P256: return OCKAM_VAULT_CALL(vault, P256_PUBLIC, p256_public, secret, out);
    case OCKAM_SECRET_X25519: return OCKAM_VAULT_CALL(vault, X25519_PUBLIC, x25519_public, secret, out);
    }
    return OCKAM_INTERNAL;
}

/* The key of a secret in the store. */
static void stored_key(ockam_vault_t *vault, const ockam_vault_secret_t *secret, uint8_t out[OCKAM_SHA256_BYTES])
{
    ockam_vault_sha256(vault, ockam_slice(secret->public_key, PUBLIC_BYTES(secret->type)), ockam_slice(NULL, 0), out);
}

/* Without a store "persistent" means as long as the vault. Written again even if it was before: the caller's
 * transaction around that may have been undone. */
static ockam_status_t persist(ockam_vault_t *vault, ockam_vault_secret_t *secret, ockam_error_t *err)
{
    uint8_t        key[OCKAM_SHA256_BYTES];
    uint8_t        value[STORED_BYTES];
    ockam_status_t s;

    if (vault->store == NULL)
        return OCKAM_OK;
    stored_key(vault, secret, key);
    value[0] = (uint8_t)secret->type;
    memcpy(value + 1, secret->secret, sizeof(secret->secret));
    s = ockam_store_put(vault->store, OCKAM_TABLE_SECRET, ockam_slice(key, sizeof(key)),
                        ockam_slice(value, sizeof(value)), err);
    ockam_wipe(value, sizeof(value));
    if (s == OCKAM_OK)
        secret->persistent = true;
    return s;
}

/* Put a secret whose public key is known into the table, and into the store if asked. */
static ockam_status_t add(ockam_vault_t *vault, ockam_secret_type_t type, const uint8_t secret[32],
                          const uint8_t public_key[65], ockam_lifetime_t lifetime, ockam_key_id_t *out,
                          ockam_error_t *err)
{
    ockam_vault_secret_t *place = NULL;
    ockam_status_t        s;

    if ((s = take_place(vault, &place, err)) != OCKAM_OK)
        return s;
    place->refs = 1;
    place->type = type;
    memcpy(place->secret, secret, sizeof(place->secret));
    memcpy(place->public_key, public_key, sizeof(place->public_key));
    if (lifetime == OCKAM_PERSISTENT && (s = persist(vault, place, err)) != OCKAM_OK) {
        drop(vault, place);
        return ockam_error_wrap(err, s, __func__, "store of the vault");
    }
    *out = id_of(vault, place);
    return OCKAM_OK;
}

static ockam_status_t generate(ockam_vault_t *vault, ockam_secret_type_t type, ockam_lifetime_t lifetime,
                               ockam_key_id_t *out, ockam_error_t *err)
{
    uint8_t        secret[32];
    uint8_t        public_key[65];
    ockam_status_t s     = OCKAM_INVALID;
    unsigned       draws = 0;

    OCKAM_TRY(err, check_type(vault, type, err), "generate");
    /* A scalar of P-256 out of range is drawn again, which keeps the choice uniform. */
    for (; s == OCKAM_INVALID && draws < DRAWS_MAX; draws++) {
        if ((s = ockam_vault_random(vault, secret, sizeof(secret), err)) != OCKAM_OK)
            goto done;
        s = derive_public(vault, type, secret, public_key);
    }
    if (s == OCKAM_OK)
        s = add(vault, type, secret, public_key, lifetime, out, err);
    else
        s = ockam_fail(err, s == OCKAM_INVALID ? OCKAM_IO : s, "no key from %u draws of randomness", draws);
done:
    ockam_wipe(secret, sizeof(secret));
    return s;
}

static ockam_status_t import(ockam_vault_t *vault, ockam_secret_type_t type, const ockam_secret_t *secret,
                             ockam_lifetime_t lifetime, ockam_key_id_t *out, ockam_error_t *err)
{
    uint8_t               public_key[65];
    ockam_vault_secret_t *known;
    ockam_status_t        s;

    OCKAM_TRY(err, check_type(vault, type, err), "import");
    if (secret->len != 32)
        return ockam_fail(err, OCKAM_INVALID, "secret of %zu bytes, expected 32", secret->len);
    if ((s = derive_public(vault, type, secret->bytes, public_key)) != OCKAM_OK)
        return ockam_fail(err, s, "no public key for this secret");
    if ((known = find_in_memory(vault, type, public_key)) == NULL)
        return add(vault, type, secret->bytes, public_key, lifetime, out, err);
    if (lifetime == OCKAM_PERSISTENT)
        OCKAM_TRY(err, persist(vault, known, err), "store of the vault");
    known->refs++;
    *out = id_of(vault, known);
    return OCKAM_OK;
}

/* Fetch a secret from the store and prove that it is the one: a wrong one would sign or agree with garbage. */
static ockam_status_t load(ockam_vault_t *vault, const ockam_vault_secret_t *wanted, ockam_key_id_t *out,
                           ockam_error_t *err)
{
    uint8_t        key[OCKAM_SHA256_BYTES];
    uint8_t        public_key[65];
    uint8_t        value[STORED_BYTES + 1];
    ockam_buf_t    buf;
    ockam_status_t s;

    if (vault->store == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no secret of this public key in memory, and no store");
    stored_key(vault, wanted, key);
    ockam_buf_init_fixed(&buf, value, sizeof(value));
    s = ockam_store_get(vault->store, OCKAM_TABLE_SECRET, ockam_slice(key, sizeof(key)), &buf, err);
    if (s == OCKAM_LIMIT || (s == OCKAM_OK && buf.len != STORED_BYTES))
        s = ockam_fail(err, OCKAM_CORRUPT, "stored secret is not of %u bytes", STORED_BYTES);
    if (s != OCKAM_OK)
        goto done;
    if (value[0] > OCKAM_SECRET_X25519)
        s = ockam_fail(err, OCKAM_CORRUPT, "stored secret of type %u", value[0]);
    else if (value[0] != (uint8_t)wanted->type) /* the same 32 bytes, as a key for something else */
        s = ockam_fail(err, OCKAM_NOT_FOUND, "the stored secret is of type %u", value[0]);
    else if (derive_public(vault, wanted->type, value + 1, public_key) != OCKAM_OK ||
             memcmp(public_key, wanted->public_key, sizeof(public_key)) != 0)
        s = ockam_fail(err, OCKAM_CORRUPT, "stored secret does not belong to the public key");
    else if ((s = add(vault, wanted->type, value + 1, public_key, OCKAM_EPHEMERAL, out, err)) == OCKAM_OK)
        lookup(vault, *out)->persistent = true;
done:
    ockam_wipe(value, sizeof(value));
    return s;
}

static ockam_status_t find(ockam_vault_t *vault, ockam_secret_type_t type, const uint8_t *public_key,
                           ockam_key_id_t *out, ockam_error_t *err)
{
    ockam_vault_secret_t *known;
    ockam_vault_secret_t  wanted = {.type = type};

    OCKAM_TRY(err, check_type(vault, type, err), "find");
    if ((known = find_in_memory(vault, type, public_key)) == NULL) {
        memcpy(wanted.public_key, public_key, PUBLIC_BYTES(type));
        return load(vault, &wanted, out, err);
    }
    known->refs++;
    *out = id_of(vault, known);
    return OCKAM_OK;
}

/* A secret of one of two types; others are as good as not there. */
static ockam_status_t use(ockam_vault_t *vault, ockam_key_id_t id, bool signing, ockam_vault_secret_t **out,
                          ockam_error_t *err)
{
    ockam_vault_secret_t *secret = lookup(vault, id);

    if (secret == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no such key in this vault");
    if (signing != (secret->type != OCKAM_SECRET_X25519))
        return ockam_fail(err, OCKAM_NOT_FOUND, "the key is not one for %s", signing ? "signing" : "key agreement");
    *out = secret;
    return OCKAM_OK;
}

/* ---- the public face: signing ----------------------------------------------------------------------------------- */

ockam_status_t ockam_vault_generate_signing_key(ockam_vault_t *vault, ockam_signing_type_t type,
                                                ockam_lifetime_t lifetime, ockam_key_id_t *out, ockam_error_t *err)
{
    ockam_secret_type_t kind = OCKAM_SECRET_ED25519;

    OCKAM_TRY(err, signing_type(type, &kind, err), "generate");
    return generate(vault, kind, lifetime, out, err);
}

ockam_status_t ockam_vault_import_signing_key(ockam_vault_t *vault, ockam_signing_type_t type,
                                              const ockam_secret_t *secret, ockam_lifetime_t lifetime,
                                              ockam_key_id_t *out, ockam_error_t *err)
{
    ockam_secret_type_t kind = OCKAM_SECRET_ED25519;

    OCKAM_TRY(err, signing_type(type, &kind, err), "import");
    return import(vault, kind, secret, lifetime, out, err);
}

ockam_status_t ockam_vault_find_signing_key(ockam_vault_t *vault, const ockam_public_key_t *public_key,
                                            ockam_key_id_t *out, ockam_error_t *err)
{
    ockam_secret_type_t kind = OCKAM_SECRET_ED25519;

    OCKAM_TRY(err, signing_type(public_key->type, &kind, err), "find");
    return find(vault, kind, public_key->bytes, out, err);
}

ockam_status_t ockam_vault_public_key(ockam_vault_t *vault, ockam_key_id_t key, ockam_public_key_t *out,
                                      ockam_error_t *err)
{
    ockam_vault_secret_t *secret = NULL;

    OCKAM_TRY(err, use(vault, key, true, &secret, err), "public key");
    out->type = secret->type == OCKAM_SECRET_P256 ? OCKAM_P256 : OCKAM_ED25519;
    memcpy(out->bytes, secret->public_key, sizeof(out->bytes));
    return OCKAM_OK;
}

ockam_status_t ockam_vault_sign(ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data, ockam_signature_t *out,
                                ockam_error_t *err)
{
    ockam_vault_secret_t *secret = NULL;
    uint8_t               digest[OCKAM_SHA256_BYTES];
    uint8_t               signature[OCKAM_SIGNATURE_BYTES];
    ockam_status_t        s;

    OCKAM_TRY(err, use(vault, key, true, &secret, err), "sign");
    if (secret->type == OCKAM_SECRET_P256) {
        ockam_vault_sha256(vault, data, ockam_slice(NULL, 0), digest);
        s = OCKAM_VAULT_CALL(vault, P256_SIGN, p256_sign, secret->secret, digest, signature);
    } else {
        s = OCKAM_VAULT_CALL(vault, ED25519_SIGN, ed25519_sign, secret->secret, secret->public_key, data, signature);
    }
    if (s != OCKAM_OK)
        return ockam_fail(err, OCKAM_INTERNAL, "the provider does not sign %zu bytes", data.len);
    out->type = secret->type == OCKAM_SECRET_P256 ? OCKAM_P256 : OCKAM_ED25519;
    memcpy(out->bytes, signature, sizeof(signature));
    return OCKAM_OK;
}

/* ---- the public face: key agreement ----------------------------------------------------------------------------- */

ockam_status_t ockam_vault_generate_x25519(ockam_vault_t *vault, ockam_lifetime_t lifetime, ockam_key_id_t *out,
                                           ockam_error_t *err)
{
    return generate(vault, OCKAM_SECRET_X25519, lifetime, out, err);
}

ockam_status_t ockam_vault_import_x25519(ockam_vault_t *vault, const ockam_secret_t *secret, ockam_lifetime_t lifetime,
                                         ockam_key_id_t *out, ockam_error_t *err)
{
    return import(vault, OCKAM_SECRET_X25519, secret, lifetime, out, err);
}

ockam_status_t ockam_vault_find_x25519(ockam_vault_t *vault, const uint8_t public_key[OCKAM_X25519_BYTES],
                                       ockam_key_id_t *out, ockam_error_t *err)
{
    return find(vault, OCKAM_SECRET_X25519, public_key, out, err);
}

ockam_status_t ockam_vault_x25519_public(ockam_vault_t *vault, ockam_key_id_t key, uint8_t out[OCKAM_X25519_BYTES],
                                         ockam_error_t *err)
{
    ockam_vault_secret_t *secret = NULL;

    OCKAM_TRY(err, use(vault, key, false, &secret, err), "public key");
    memcpy(out, secret->public_key, OCKAM_X25519_BYTES);
    return OCKAM_OK;
}

ockam_status_t ockam_vault_x25519(ockam_vault_t *vault, ockam_key_id_t key, const uint8_t peer[OCKAM_X25519_BYTES],
                                  ockam_secret_t *out, ockam_error_t *err)
{
    static const uint8_t  zeros[OCKAM_X25519_BYTES] = {0};
    ockam_vault_secret_t *secret                    = NULL;
    uint8_t               shared[OCKAM_X25519_BYTES];
    ockam_status_t        s;

    OCKAM_TRY(err, use(vault, key, false, &secret, err), "key agreement");
    s = OCKAM_VAULT_CALL(vault, X25519, x25519, secret->secret, secret->public_key, peer, shared);
    /* A low-order peer key makes the result known to everybody. Protocol: identities.md, "Vault". */
    if (s == OCKAM_OK && ockam_equal_secret(shared, zeros, sizeof(shared)))
        s = OCKAM_NOT_AUTHENTIC;
    if (s == OCKAM_OK) {
        memcpy(out->bytes, shared, sizeof(shared));
        out->len = sizeof(shared);
    } else {
        s = ockam_fail(err, s, "key agreement with this peer key is refused");
    }
    ockam_wipe(shared, sizeof(shared));
    return s;
}

/* ---- the public face: secrets of any type ----------------------------------------------------------------------- */

ockam_status_t ockam_vault_export(ockam_vault_t *vault, ockam_key_id_t key, ockam_secret_t *out, ockam_error_t *err)
{
    const ockam_vault_secret_t *secret = lookup(vault, key);

    if (secret == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no such key in this vault");
    memcpy(out->bytes, secret->secret, sizeof(secret->secret));
    out->len = sizeof(secret->secret);
    return OCKAM_OK;
}

void ockam_vault_forget(ockam_vault_t *vault, ockam_key_id_t key)
{
    ockam_vault_secret_t *secret = lookup(vault, key);

    if (secret != NULL && --secret->refs == 0)
        drop(vault, secret);
}

/* First from the store: if that fails, the secret is still there and the caller can try again. */
ockam_status_t ockam_vault_delete(ockam_vault_t *vault, ockam_key_id_t key, ockam_error_t *err)
{
    ockam_vault_secret_t *secret = lookup(vault, key);
    uint8_t               stored[OCKAM_SHA256_BYTES];
    ockam_status_t        s;

    if (secret == NULL)
        return ockam_fail(err, OCKAM_NOT_FOUND, "no such key in this vault");
    if (secret->persistent) {
        stored_key(vault, secret, stored);
        s = ockam_store_remove(vault->store, OCKAM_TABLE_SECRET, ockam_slice(stored, sizeof(stored)), err);
        if (s != OCKAM_OK && s != OCKAM_NOT_FOUND) /* not there: somebody else has deleted it */
            return ockam_error_wrap(err, s, __func__, "store of the vault");
    }
    drop(vault, secret);
    return OCKAM_OK;
}
