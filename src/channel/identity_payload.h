/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_payload.h - what the peers of a handshake show each other: history, attestation, credentials. The shell only;
 * what is in the parts is for identity/ to say. */
#ifndef OCKAM_CHANNEL_IDENTITY_PAYLOAD_H
#define OCKAM_CHANNEL_IDENTITY_PAYLOAD_H

#include "ockam/bytes.h"
#include "ockam/limits.h"

/** Each slice is one whole CBOR item, lent from the decoded bytes and not looked into. */
typedef struct {
    ockam_slice_t history;
    ockam_slice_t attestation;
    ockam_slice_t credentials[OCKAM_CREDENTIALS_MAX];
    size_t        credential_count; /* presented; only the first OCKAM_CREDENTIALS_MAX are in the array */
} ockam_identity_payload_t;

/**
 * Take a payload apart. More than three elements, and bytes after them, are ignored.
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT (nested too deep). `out` is written on success only.
 */
OCKAM_NODISCARD ockam_status_t ockam_identity_payload_decode(ockam_slice_t bytes, ockam_identity_payload_t *out,
                                                             ockam_error_t *err);
/** Append a payload with one credential, or none if `credential` is empty. @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_NODISCARD ockam_status_t ockam_identity_payload_encode(ockam_slice_t history, ockam_slice_t attestation,
                                                             ockam_slice_t credential, ockam_buf_t *out,
                                                             ockam_error_t *err);

#endif
