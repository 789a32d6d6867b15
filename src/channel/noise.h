/* SPDX-License-Identifier: Apache-2.0
 *
 * noise.h - the symmetric state of a Noise handshake (The Noise Protocol Framework, revision 34, section 5.2) for
 * SHA-256 and any AEAD of the vault. The suite is a parameter, so that public vectors test this very code.
 *
 * channel/ holds what makes and uses the two keys of a secure channel: key exchanges, the identity checks between them
 * and the trust policy, sealing and opening with rekeying and replay window. No sockets, no files, no clock. */
#ifndef OCKAM_CHANNEL_NOISE_H
#define OCKAM_CHANNEL_NOISE_H

#include "ockam/vault.h"

typedef struct {
    const char       *name; /* the protocol name, hashed into the first state; at most 32 characters */
    ockam_aead_type_t aead;
    ockam_slice_t     prologue; /* empty for Ockam */
} ockam_noise_suite_t;

#define OCKAM_NOISE_KEY_BYTES 32u

/** Copied before a step and written back after it, so that a step that fails has changed nothing. */
typedef struct {
    uint8_t  h[OCKAM_SHA256_BYTES];
    uint8_t  ck[OCKAM_SHA256_BYTES];
    uint8_t  k[OCKAM_NOISE_KEY_BYTES];
    uint64_t n;
    bool     has_key;
    bool     little_endian_nonce; /* ChaChaPoly; AESGCM counts big-endian */
} ockam_noise_t;

/** What a step computes with. `aead` is scratch: every use sets its key first. */
typedef struct {
    ockam_vault_t *vault;
    ockam_aead_t  *aead;
} ockam_noise_tools_t;

/** Initialize(name), then MixHash(prologue). */
void ockam_noise_start(ockam_noise_t *noise, const ockam_noise_tools_t *tools, const ockam_noise_suite_t *suite);
void ockam_noise_mix_hash(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_slice_t data);
/** @return OCKAM_OK; OCKAM_INTERNAL. */
OCKAM_NODISCARD ockam_status_t ockam_noise_mix_key(ockam_noise_t *noise, const ockam_noise_tools_t *tools,
                                                   ockam_slice_t ikm, ockam_error_t *err);
/** Append what EncryptAndHash makes of `text`: itself while there is no key, else ciphertext and tag.
 *  @return OCKAM_OK; OCKAM_LIMIT, OCKAM_NO_MEMORY (`out` cannot grow); OCKAM_INTERNAL. */
OCKAM_NODISCARD ockam_status_t ockam_noise_encrypt(ockam_noise_t *noise, const ockam_noise_tools_t *tools,
                                                   ockam_slice_t text, ockam_buf_t *out, ockam_error_t *err);
/** DecryptAndHash: append the text of `in`. @return OCKAM_OK; OCKAM_NOT_AUTHENTIC (also when cut below a tag);
 *  OCKAM_LIMIT, OCKAM_NO_MEMORY (`out` cannot grow). After a failure `out` is what it was and `noise` is not to be kept. */
OCKAM_NODISCARD ockam_status_t ockam_noise_decrypt(ockam_noise_t *noise, const ockam_noise_tools_t *tools,
                                                   ockam_slice_t in, ockam_buf_t *out, ockam_error_t *err);
/** Split(): `keys` becomes k1 || k2, 64 bytes. @return OCKAM_OK; OCKAM_INTERNAL. */
OCKAM_NODISCARD ockam_status_t ockam_noise_split(const ockam_noise_t *noise, const ockam_noise_tools_t *tools,
                                                 ockam_secret_t *keys, ockam_error_t *err);
/** The 12 bytes of AEAD nonce that stand for counter `n`. */
void ockam_noise_nonce(bool little_endian, uint64_t n, uint8_t out[OCKAM_AEAD_NONCE_BYTES]);

#endif
