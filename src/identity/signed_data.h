/* SPDX-License-Identifier: Apache-2.0
 *
 * signed_data.h - what changes, attestations and credentials have in common: keys, signatures, and data with a version
 * and a type, which is hashed and signed exactly as it stands. Protocol: docs/protocol/identities.md. */
#ifndef OCKAM_IDENTITY_SIGNED_DATA_H
#define OCKAM_IDENTITY_SIGNED_DATA_H

#include "ockam/vault.h"
#include "wire/cbor.h"

/** Keeps the signed structures apart; the numbers of the wire. */
typedef enum { OCKAM_DATA_CHANGE = 1, OCKAM_DATA_ATTESTATION = 2, OCKAM_DATA_CREDENTIAL = 3 } ockam_data_type_t;

#define OCKAM_DATA_VERSION 1u
/** Bytes of an encoded signature: 82 00 81 58 40 and the signature. */
#define OCKAM_SIGNATURE_ENCODED_BYTES (5u + OCKAM_SIGNATURE_BYTES)

/** Leave with the status of `call` if it is not OCKAM_OK: the trail says enough, and has room for six notes only. */
#define OCKAM_PASS(call)                                                                                               \
    do {                                                                                                               \
        const ockam_status_t pass_status = (call);                                                                     \
        if (OCKAM_UNLIKELY(pass_status != OCKAM_OK))                                                                   \
            return pass_status;                                                                                        \
    } while (0)

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/**
 * One structure while it is read, field after field. The first failure stays: what is asked for after it does nothing,
 * and what was read is not to be used. ockam_fields_leave() tells.
 */
typedef struct {
    ockam_reader_t    *r;
    ockam_cbor_items_t items;
    ockam_error_t     *err;
    ockam_status_t     status;
} ockam_fields_t;

/** Begin a structure: an array, definite or not. `r` is borrowed until the end. */
void ockam_fields_enter(ockam_fields_t *f, ockam_reader_t *r, ockam_error_t *err);
/** The end: skips fields that are not known. @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT. */
OCKAM_NODISCARD ockam_status_t ockam_fields_leave(ockam_fields_t *f);

/** For a field that no function below reads: true if it is there to be read from `f->r`; ockam_field_done() follows. */
OCKAM_NODISCARD bool ockam_field_next(ockam_fields_t *f, const char *name);
void                 ockam_field_done(ockam_fields_t *f, ockam_status_t s, const char *name);

/** Required fields. Lent, or copied in full; `name` is for the trail. */
void ockam_field_uint(ockam_fields_t *f, const char *name, uint64_t max, uint64_t *out);
void ockam_field_bool(ockam_fields_t *f, const char *name, bool *out);
void ockam_field_bytes(ockam_fields_t *f, const char *name, ockam_slice_t *out);
void ockam_field_hash(ockam_fields_t *f, const char *name, uint8_t out[OCKAM_SHA256_BYTES]);
void ockam_field_public_key(ockam_fields_t *f, ockam_public_key_t *out);
void ockam_field_signature(ockam_fields_t *f, ockam_signature_t *out);
/** 32 bytes or null. */
void ockam_field_optional_hash(ockam_fields_t *f, const char *name, bool *present, uint8_t out[OCKAM_SHA256_BYTES]);
/** A signature that may be missing: null, and one of an unknown type, are as good as none. */
void ockam_field_optional_signature(ockam_fields_t *f, const char *name, bool *present, ockam_signature_t *out);

/** [data, signature]: an attestation or a credential. `data` is lent. @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT.
 *  */
OCKAM_NODISCARD ockam_status_t ockam_read_signed(ockam_reader_t *r, ockam_slice_t *data, ockam_signature_t *signature,
                                                 ockam_error_t *err);
/** Open signed `data`: version 1 and this type, or OCKAM_MALFORMED. `content` is lent. @return as above. */
OCKAM_NODISCARD ockam_status_t ockam_open_data(ockam_slice_t data, ockam_data_type_t type, ockam_slice_t *content,
                                               ockam_error_t *err);

/* ---- writing: appends. All return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. ---------------------------------------- */

OCKAM_NODISCARD ockam_status_t ockam_write_public_key(ockam_buf_t *out, const ockam_public_key_t *key,
                                                      ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_write_signature(ockam_buf_t *out, const ockam_signature_t *signature,
                                                     ockam_error_t *err);
/** [1, type, content]: what is hashed and signed. */
OCKAM_NODISCARD ockam_status_t ockam_write_data(ockam_buf_t *out, ockam_data_type_t type, ockam_slice_t content,
                                                ockam_error_t *err);

/* ---- signing ----------------------------------------------------------------------------------------------------- */

/** SHA-256 of `data`. */
void ockam_hash_data(ockam_vault_t *vault, ockam_slice_t data, uint8_t out[OCKAM_SHA256_BYTES]);
/** Sign SHA-256 of `data`, and append [data, signature]. @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_INTERNAL;
 *  OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_write_signed(ockam_buf_t *out, ockam_vault_t *vault, ockam_key_id_t key,
                                                  ockam_slice_t data, ockam_error_t *err);

/** Not more than OCKAM_CLOCK_SKEW_S before `created_at_s` and not after `expires_at_s`. @return OCKAM_OK;
 *  OCKAM_EXPIRED. */
OCKAM_NODISCARD ockam_status_t ockam_check_times(uint64_t created_at_s, uint64_t expires_at_s, uint64_t now_s,
                                                 ockam_error_t *err);

/** Append hex digits; append the bytes of hex digits. @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT; OCKAM_NO_MEMORY.
 *  */
OCKAM_NODISCARD ockam_status_t ockam_write_hex(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_read_hex(ockam_slice_t text, ockam_buf_t *out, ockam_error_t *err);

#endif
