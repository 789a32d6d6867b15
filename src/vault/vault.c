/* SPDX-License-Identifier: Apache-2.0
 *
 * vault.c - a vault's life, which provider does what, hashing and key derivation.
 * Protocol: docs/protocol/identities.md, "Vault". */
#include "vault/vault_internal.h"

#include "ockam/limits.h"

static const char *const primitive_names[OCKAM_PRIMITIVE_COUNT] = {
#define ROW(name, text, entry) [OCKAM_PRIMITIVE_##name] = text,
    OCKAM_PRIMITIVE_LIST(ROW)
#undef ROW
};

/* P-256 is left out on purpose: a device that only meets Ed25519 identities does without. */
static const ockam_primitive_t needed[] = {
    OCKAM_PRIMITIVE_SHA256,         OCKAM_PRIMITIVE_HMAC_SHA256,    OCKAM_PRIMITIVE_X25519_PUBLIC,
    OCKAM_PRIMITIVE_X25519,         OCKAM_PRIMITIVE_ED25519_PUBLIC, OCKAM_PRIMITIVE_ED25519_SIGN,
    OCKAM_PRIMITIVE_ED25519_VERIFY,
};

static bool offers(const ockam_provider_t *provider, ockam_primitive_t primitive)
{
    switch (primitive) {
#define CASE(name, text, entry)                                                                                        \
    case OCKAM_PRIMITIVE_##name: return provider->entry != NULL && provider->cost(primitive) != 0;
        OCKAM_PRIMITIVE_LIST(CASE)
#undef CASE
    case OCKAM_PRIMITIVE_COUNT: break;
    }
    return false;
}

/* The cheapest provider of each primitive; the first in the caller's order where two cost the same. */
static void choose_primitives(ockam_vault_t *vault)
{
    for (unsigned p = 0; p < OCKAM_PRIMITIVE_COUNT; p++) {
        const ockam_primitive_t primitive = (ockam_primitive_t)p;
        uint32_t                best      = UINT32_MAX;
        for (size_t i = 0; i < vault->provider_count; i++) {
            const ockam_provider_t *provider = vault->providers[i].provider;
            if (!offers(provider, primitive) || provider->cost(primitive) >= best)
                continue;
            best                = provider->cost(primitive);
            vault->primitive[p] = vault->providers[i];
        }
    }
}

static ockam_status_t start_providers(ockam_vault_t *vault, const ockam_provider_t *const *providers, size_t listed,
                                      ockam_error_t *err)
{
    for (size_t i = 0; i < listed; i++) {
        ockam_vault_provider_t *started = &vault->providers[vault->provider_count];
        ockam_status_t          s;
        if (providers[i] == NULL)
            continue;
        if (providers[i]->start != NULL && (s = providers[i]->start(&started->context)) != OCKAM_OK)
            return ockam_fail(err, s, "provider %s does not start", providers[i]->name);
        started->provider = providers[i];
        vault->provider_count++;
    }
    return OCKAM_OK;
}

static ockam_status_t check_complete(const ockam_vault_t *vault, ockam_error_t *err)
{
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
        if (vault->primitive[needed[i]].provider == NULL)
            return ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for %s", primitive_names[needed[i]]);
    if (vault->suite[OCKAM_AES256_GCM].engines == 0)
        return ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for aes256gcm");
    return OCKAM_OK;
}

/* The first provider with a generator, unless the caller brought one. */
static ockam_status_t choose_random(ockam_vault_t *vault, const ockam_vault_options_t *options, ockam_error_t *err)
{
    vault->random         = options->random;
    vault->random_context = options->random_context;
    for (size_t i = 0; vault->random == NULL && i < vault->provider_count; i++) {
        vault->random         = vault->providers[i].provider->random;
        vault->random_context = vault->providers[i].context;
    }
    return vault->random != NULL ? OCKAM_OK : ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for random");
}

ockam_status_t ockam_vault_new(const ockam_vault_options_t *options, ockam_vault_t **out, ockam_error_t *err)
{
    ockam_status_t s      = OCKAM_INTERNAL;
    ockam_vault_t *vault  = NULL;
    size_t         listed = 0;

    if (options == NULL || options->allocator == NULL || options->providers == NULL)
        return ockam_fail(err, OCKAM_INVALID, "allocator and providers are required");
    listed = options->provider_count;
    if (listed == 0)
        while (listed <= OCKAM_PROVIDERS_MAX && options->providers[listed] != NULL)
            listed++;
    if (listed > OCKAM_PROVIDERS_MAX)
        return ockam_fail(err, OCKAM_INVALID, "more than %u providers", OCKAM_PROVIDERS_MAX);
    if ((vault = (ockam_vault_t *)ockam_alloc(options->allocator, sizeof(*vault))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%zu bytes", sizeof(*vault));
    vault->allocator = options->allocator;
    vault->store     = options->store;
    if ((s = start_providers(vault, options->providers, listed, err)) != OCKAM_OK)
        goto done;
    choose_primitives(vault);
    ockam_vault_aead_init(vault);
    if ((s = check_complete(vault, err)) != OCKAM_OK)
        goto done;
    if ((s = choose_random(vault, options, err)) != OCKAM_OK)
        goto done;
    *out  = vault;
    vault = NULL;
done:
    ockam_vault_free(vault);
    return s;
}

void ockam_vault_free(ockam_vault_t *vault)
{
    if (vault == NULL)
        return;
    ockam_vault_aead_deinit(vault);
    ockam_vault_secrets_deinit(vault);
    for (size_t i = 0; i < vault->provider_count; i++)
        if (vault->providers[i].provider->stop != NULL)
            vault->providers[i].provider->stop(vault->providers[i].context);
    ockam_release(vault->allocator, vault, sizeof(*vault));
}

const ockam_allocator_t *ockam_vault_allocator(const ockam_vault_t *vault)
{
    return vault->allocator;
}

ockam_store_t *ockam_vault_store(const ockam_vault_t *vault)
{
    return vault->store;
}

const char *ockam_vault_provider_of(const ockam_vault_t *vault, const char *primitive)
{
    for (unsigned p = 0; p < OCKAM_PRIMITIVE_COUNT; p++)
        if (strcmp(primitive, primitive_names[p]) == 0)
            return vault->primitive[p].provider != NULL ? vault->primitive[p].provider->name : NULL;
    return ockam_vault_aead_provider_of(vault, primitive);
}

ockam_status_t ockam_vault_random(ockam_vault_t *vault, uint8_t *out, size_t len, ockam_error_t *err)
{
    if (vault->random(vault->random_context, out, len) == OCKAM_OK)
        return OCKAM_OK;
    ockam_wipe(out, len);
    return ockam_fail(err, OCKAM_IO, "no randomness");
}

void ockam_vault_sha256(ockam_vault_t *vault, ockam_slice_t a, ockam_slice_t b, uint8_t out[OCKAM_SHA256_BYTES])
{
    OCKAM_VAULT_CALL(vault, SHA256, sha256, a, b, out);
}

ockam_status_t ockam_vault_hkdf(ockam_vault_t *vault, ockam_slice_t salt, ockam_slice_t ikm, ockam_slice_t info,
                                ockam_secret_t *out, ockam_error_t *err)
{
    uint8_t prk[OCKAM_SHA256_BYTES];
    uint8_t okm[OCKAM_SECRET_BYTES_MAX]; /* whole blocks; `out` may be what `salt` or `ikm` view */
    size_t  made = 0;

    _Static_assert(OCKAM_SECRET_BYTES_MAX % OCKAM_SHA256_BYTES == 0, "the last block of HKDF is written whole");
    if (out->len == 0 || out->len > sizeof(okm))
        return ockam_fail(err, OCKAM_INVALID, "%zu bytes of key", out->len);
    OCKAM_VAULT_CALL(vault, HMAC_SHA256, hmac_sha256, salt, &ikm, 1, prk); /* extract; an absent salt is zeros */
    for (uint8_t counter = 1; made < out->len; counter++) {                /* expand: T(i) = HMAC(T(i-1) | info | i) */
        const ockam_slice_t parts[3] = {
            ockam_slice(okm + made - (made > 0 ? OCKAM_SHA256_BYTES : 0), made > 0 ? OCKAM_SHA256_BYTES : 0), info,
            ockam_slice(&counter, 1)};
        OCKAM_VAULT_CALL(vault, HMAC_SHA256, hmac_sha256, ockam_slice(prk, sizeof(prk)), parts, 3, okm + made);
        made += OCKAM_SHA256_BYTES;
    }
    memcpy(out->bytes, okm, out->len);
    ockam_wipe(prk, sizeof(prk));
    ockam_wipe(okm, sizeof(okm));
    return OCKAM_OK;
}
