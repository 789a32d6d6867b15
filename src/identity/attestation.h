/* SPDX-License-Identifier: Apache-2.0
 *
 * attestation.h - what other files of this folder may do with attestations. */
#ifndef OCKAM_IDENTITY_ATTESTATION_H
#define OCKAM_IDENTITY_ATTESTATION_H

#include "ockam/identity.h"
#include "wire/cbor.h"

/** An attestation that has been decoded and not verified. */
typedef struct {
    ockam_slice_t       data; /* lent from the encoded form */
    ockam_signature_t   signature;
    ockam_attestation_t says;
    uint8_t             latest_hash[OCKAM_SHA256_BYTES]; /* the change it was made under */
} ockam_attestation_claim_t;

/** The shell alone: `data` and `signature`. @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT. */
OCKAM_NODISCARD ockam_status_t ockam_attestation_read(ockam_reader_t *r, ockam_attestation_claim_t *out,
                                                      ockam_error_t *err);
/** What is inside `data`. @return as above. */
OCKAM_NODISCARD ockam_status_t ockam_attestation_open(ockam_attestation_claim_t *claim, ockam_error_t *err);
/** Everything else, in the order of the protocol; the signature only if asked. @return as ockam_attestation_verify().
 *  */
OCKAM_NODISCARD ockam_status_t ockam_attestation_check(ockam_vault_t *vault, const ockam_attestation_claim_t *claim,
                                                       const ockam_change_history_t *subject, uint64_t now_s,
                                                       bool check_signature, ockam_error_t *err);
/** ockam_attestation_verify(); without the signature only if exactly these bytes have been verified before. */
OCKAM_NODISCARD ockam_status_t ockam_attestation_decode(ockam_vault_t *vault, ockam_slice_t encoded,
                                                        const ockam_change_history_t *subject, uint64_t now_s,
                                                        bool check_signature, ockam_attestation_t *out,
                                                        ockam_error_t *err);
/**
 * Append the attestation of what `says` says (its subject is filled in), signed with the key of the newest change of
 * `subject`.
 * @return OCKAM_OK; OCKAM_NOT_FOUND (no such key); OCKAM_INTERNAL; OCKAM_LIMIT; OCKAM_NO_MEMORY.
 */
OCKAM_NODISCARD ockam_status_t ockam_attestation_write(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key,
                                                       const ockam_change_history_t *subject, ockam_attestation_t *says,
                                                       ockam_error_t *err);

#endif
