/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_internal.h - the inside of an own identity, for the files of this folder. */
#ifndef OCKAM_IDENTITY_IDENTITY_INTERNAL_H
#define OCKAM_IDENTITY_IDENTITY_INTERNAL_H

#include "ockam/identity.h"

#define OCKAM_PURPOSES 2u

/** A key of the vault that the identity holds a handle of. */
typedef struct {
    ockam_key_id_t id;   /* OCKAM_KEY_ID_NONE: none */
    bool           made; /* by us, and so ours to delete; otherwise somebody else's secret */
} ockam_held_key_t;

/** The purpose key in use, and the one before it, which handshakes in progress may still need. */
typedef struct {
    ockam_held_key_t key;
    ockam_held_key_t previous;
    ockam_buf_t      attestation;
    uint64_t         created_at_s;
    uint64_t         expires_at_s;
} ockam_purpose_slot_t;

struct ockam_identity {
    ockam_vault_t          *vault;
    size_t                  refs;
    ockam_change_history_t *history;
    ockam_held_key_t        key;
    ockam_lifetime_t        lifetime;
    ockam_purpose_slot_t    purpose[OCKAM_PURPOSES];
};

/** A handle of our own for a key that the caller has one of. Persistent: it is stored, too. @return OCKAM_OK;
 *  OCKAM_NOT_FOUND (no such key, or not for signing); OCKAM_IO; OCKAM_TIMEOUT; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_hold_signing_key(ockam_vault_t *vault, ockam_key_id_t key,
                                                      ockam_lifetime_t lifetime, ockam_held_key_t *out,
                                                      ockam_error_t *err);
/** Give the handle back; safe with none. The secret stays where else it is. */
void ockam_held_key_forget(ockam_vault_t *vault, ockam_held_key_t *key);
/** The same; a secret that we made is deleted, in memory and in the store. If the store refuses, it stays there. */
void ockam_held_key_end(ockam_vault_t *vault, ockam_held_key_t *key);

/** Start a transaction unless one is open, `*own` says which. End it: commit if `s` is OCKAM_OK, otherwise undo.
 *  Without a store both do nothing. @return `s`, or why it could not be started or committed. */
OCKAM_NODISCARD ockam_status_t ockam_transaction_begin(ockam_store_t *store, bool *own, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_transaction_end(ockam_store_t *store, bool own, ockam_status_t s,
                                                     ockam_error_t *err);

/** The store of a persistent identity; NULL otherwise. */
ockam_store_t *ockam_identity_store(const ockam_identity_t *identity);

void ockam_purpose_slots_init(ockam_identity_t *identity);
void ockam_purpose_slots_deinit(ockam_identity_t *identity);
/** After a rotation: keys in use become previous ones. */
void ockam_purpose_slots_retire(ockam_identity_t *identity);

#endif
