/* SPDX-License-Identifier: Apache-2.0
 *
 * vault_internal.h - the inside of a vault, for the files of this folder. */
#ifndef OCKAM_VAULT_INTERNAL_H
#define OCKAM_VAULT_INTERNAL_H

#include "ockam/limits.h"
#include "vault/provider.h"

/** A provider with this vault's context. */
typedef struct {
    const ockam_provider_t *provider; /* NULL: none */
    void                   *context;
} ockam_vault_provider_t;

/* ---- secrets (secrets.c) ---------------------------------------------------------------------------------------- */

/** What a secret is for. The numbers are stored. */
typedef enum { OCKAM_SECRET_ED25519 = 0, OCKAM_SECRET_P256 = 1, OCKAM_SECRET_X25519 = 2 } ockam_secret_type_t;

typedef struct {
    uint32_t            generation; /* counted up each time the place is emptied, so that old handles miss */
    uint32_t            refs;       /* handles given out and not yet forgotten; 0: empty */
    uint32_t            next_free;  /* index + 1 of the next empty place; only while empty */
    bool                persistent;
    ockam_secret_type_t type;
    uint8_t             secret[32];
    uint8_t             public_key[65];
} ockam_vault_secret_t;

/** Empties the table and wipes it. */
void ockam_vault_secrets_deinit(ockam_vault_t *vault);

/* ---- sealing (aead.c) ------------------------------------------------------------------------------------------- */

/** One expanded key. At most one aead owns it at a time; the storage stays until the vault ends. */
typedef struct {
    const ockam_aead_t *owner; /* NULL: the state's key is nobody's */
    bool                used;  /* since the hand came by */
    void               *state; /* inside `storage`, aligned */
    void               *storage;
} ockam_aead_slot_t;

/** One provider's way of one type of sealing, with its expanded keys. */
typedef struct {
    const ockam_provider_aead_t *ops;
    const char                  *name; /* of the provider */
    void                        *context;
    ockam_aead_slot_t          **slots;
    size_t                       count, vacant, hand, max; /* vacant: slots without an owner */
} ockam_aead_engine_t;

/** One type of sealing: which engine for which size. */
typedef struct {
    ockam_aead_engine_t engine[OCKAM_AEAD_CLASS_COUNT];
    uint8_t             engine_of[OCKAM_AEAD_CLASS_COUNT];
    uint8_t             engines; /* 0: no provider has this type */
} ockam_aead_suite_t;

/** Choose the engines of every type. */
void ockam_vault_aead_init(ockam_vault_t *vault);
void ockam_vault_aead_deinit(ockam_vault_t *vault);
/** "aes256gcm", "aes256gcm/64"; NULL: no such type or no provider. */
const char *ockam_vault_aead_provider_of(const ockam_vault_t *vault, const char *text);

/* ---- the vault -------------------------------------------------------------------------------------------------- */

struct ockam_vault {
    const ockam_allocator_t *allocator;
    ockam_store_t           *store;
    ockam_random_fn          random;
    void                    *random_context;

    ockam_vault_provider_t providers[OCKAM_PROVIDERS_MAX];
    size_t                 provider_count;
    ockam_vault_provider_t primitive[OCKAM_PRIMITIVE_COUNT];
    ockam_aead_suite_t     suite[OCKAM_AEAD_TYPES];

    ockam_vault_secret_t *secrets;
    size_t                secret_places;
    uint32_t              secret_free; /* index + 1 of the first empty place; 0: none */
};

/** Call `entry` of the provider chosen for `name`, which must have one. */
#define OCKAM_VAULT_CALL(vault, name, entry, ...)                                                                      \
    ((vault)->primitive[OCKAM_PRIMITIVE_##name].provider->entry((vault)->primitive[OCKAM_PRIMITIVE_##name].context,    \
                                                                __VA_ARGS__))
#define OCKAM_VAULT_HAS(vault, name) ((vault)->primitive[OCKAM_PRIMITIVE_##name].provider != NULL)

#endif
