/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_kit.h - vaults, keys of known secrets, the entries of identity.json, and signed structures with every field
 * as the test wants it. */
#ifndef OCKAM_TEST_IDENTITY_KIT_H
#define OCKAM_TEST_IDENTITY_KIT_H

#include "fixed_random.h"
#include "ockam/credential.h"
#include "vectors.h"

#define KIT_NOW 1700000100u /* the clock of identity.json */

/** A vault on OpenSSL and libsodium whose randomness is the same in every run. `store` may be NULL. */
ockam_status_t kit_vault_new(const ockam_allocator_t *allocator, ockam_store_t *store, ockam_vault_t **out);
/** The same with malloc; failures are the test's. */
ockam_vault_t *kit_vault(ockam_store_t *store);
/** An empty store in memory; failures are the test's. */
ockam_store_t *kit_store(void);

ockam_key_id_t       kit_signing_key(ockam_vault_t *vault, ockam_signing_type_t type, ockam_slice_t secret);
ockam_key_id_t       kit_x25519_key(ockam_vault_t *vault, ockam_slice_t secret);
ockam_signing_type_t kit_type(const char *name); /* of the vectors: EdDSACurve25519, ECDSASHA256CurveP256 */
/** A key made from one byte, 32 times. */
ockam_key_id_t kit_key(ockam_vault_t *vault, ockam_signing_type_t type, uint8_t byte);

/** The entry with this id. */
const json_t *kit_entry(const vectors_t *vectors, const char *id);
/** The verified history of the entry with this id. */
ockam_change_history_t *kit_history(ockam_vault_t *vault, vectors_t *vectors, const char *id);

/* ---- structures ------------------------------------------------------------------------------------------------- */

/** Append the signed pair [data, signature] over any `data`. */
void kit_write_signed(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, ockam_slice_t data);
/** Append [version, type, content]. */
void kit_write_data(ockam_buf_t *out, uint64_t version, uint64_t type, ockam_slice_t content);
/** Append an attestation, whatever it says. */
void kit_write_attestation(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, const uint8_t *subject,
                           const uint8_t *latest_hash, const ockam_attestation_t *says);

/** A credential's fields. */
typedef struct {
    const uint8_t           *subject;     /* NULL: null */
    const uint8_t           *latest_hash; /* NULL: null */
    uint64_t                 schema, created_at_s, expires_at_s;
    const ockam_attribute_t *attributes; /* written in this order */
    size_t                   count;
} kit_credential_t;

/** Append a credential and the attestation of the key it is signed with. */
void kit_write_credential(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key, const kit_credential_t *says,
                          ockam_slice_t attestation);

#endif
