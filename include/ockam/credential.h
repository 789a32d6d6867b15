/* SPDX-License-Identifier: Apache-2.0
 *
 * credential.h - what one identity says about another: attributes, signed by the issuer's credential key, which is
 * attested by the issuer's identity. And the attributes that this node has accepted, with the time they end.
 *
 * An encoded credential here is always the pair CredentialAndPurposeKey: credential and attestation of the key it was
 * signed with. Statuses as in identity.h. Source: docs/protocol/identities.md, "Credentials". */
#ifndef OCKAM_CREDENTIAL_H
#define OCKAM_CREDENTIAL_H

#include "ockam/identity.h"

OCKAM_BEGIN_DECLS

/* ---- attributes ------------------------------------------------------------------------------------------------- */

/** Any bytes; usually both are UTF-8. Borrowed. */
typedef struct {
    ockam_slice_t key;
    ockam_slice_t value;
} ockam_attribute_t;

/** A lent list of attributes, in the order they were signed in. Copied by assignment; {0} is the empty one. */
typedef struct {
    ockam_slice_t encoded; /* checked: pairs of byte strings */
    size_t        count;
} ockam_attributes_t;

/** Take the first attribute off the list: copy the list, then call until it gives false. */
OCKAM_API bool ockam_attributes_next(ockam_attributes_t *attributes, ockam_attribute_t *out);
/** The value of a key; of a key that is there more than once, the last one counts. @return false: not there. */
OCKAM_API bool ockam_attributes_find(ockam_attributes_t attributes, ockam_slice_t key, ockam_slice_t *value);

/* ---- credentials ------------------------------------------------------------------------------------------------ */

/** A verified credential. `attributes` is lent from the verified bytes. */
typedef struct {
    ockam_identifier_t issuer;
    ockam_identifier_t subject;
    uint64_t           schema; /* carried; nothing looks at it */
    ockam_attributes_t attributes;
    uint64_t           created_at_s;
    uint64_t           expires_at_s;
} ockam_credential_t;

/** The schema of project members. */
#define OCKAM_SCHEMA_PROJECT_MEMBER 1u

/**
 * Sign attributes of `subject` with the issuer's credential key, which is made if there is none.
 *
 * @param attributes  `count` of them, at most OCKAM_ATTRIBUTES_MAX, in any order; written in the order of their keys'
 *                    bytes
 * @param ttl_s       valid from now on for this long. If it ends after the issuer's credential key, nobody accepts it,
 *                    and it is not made
 * @param out         the encoded credential is appended; at most OCKAM_CREDENTIAL_BYTES_MAX bytes
 * @return OCKAM_OK; OCKAM_INVALID (a key twice, `ttl_s` too long); OCKAM_LIMIT; OCKAM_NO_MEMORY; statuses of
 *         ockam_identity_credential_key(). After a failure `out` has its old length.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_credential_issue(ockam_identity_t             *issuer,
                                                                const ockam_change_history_t *subject,
                                                                const ockam_attribute_t *attributes, size_t count,
                                                                uint64_t schema, uint64_t now_s, uint64_t ttl_s,
                                                                ockam_buf_t *out, ockam_error_t *err);
/**
 * Decode and verify. What follows the encoded credential is ignored.
 *
 * @param encoded    at most OCKAM_CREDENTIAL_BYTES_MAX bytes; `out->attributes` is lent from it
 * @param authority  the only issuer whose credentials are accepted here
 * @param subject    who must be meant; NULL: anyone
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_DENIED (another issuer); OCKAM_NOT_AUTHENTIC (attestation, not a credential
 *         key, signature, no subject or another one, outside the life of the key); OCKAM_EXPIRED; OCKAM_LIMIT;
 *         OCKAM_UNSUPPORTED. `out` is written on success only.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_credential_verify(ockam_vault_t *vault, ockam_slice_t encoded,
                                                                 const ockam_change_history_t *authority,
                                                                 const ockam_identifier_t *subject, uint64_t now_s,
                                                                 ockam_credential_t *out, ockam_error_t *err);
/** Who claims to have issued it, to choose an authority by. Nothing is verified. @return OCKAM_OK; OCKAM_MALFORMED. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_credential_issuer(ockam_slice_t encoded, ockam_identifier_t *out,
                                                                 ockam_error_t *err);
/** Append the text form, lower-case hex without NUL. @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_credential_text(ockam_slice_t encoded, ockam_buf_t *out,
                                                               ockam_error_t *err);
/** Append the bytes of a text form, hex of either case. Nothing is verified. @return OCKAM_OK; OCKAM_MALFORMED;
 *  OCKAM_LIMIT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_credential_from_text(ockam_slice_t text, ockam_buf_t *out,
                                                                    ockam_error_t *err);

/* ---- accepted attributes ---------------------------------------------------------------------------------------- */

/**
 * Remember attributes of a verified credential for its subject and issuer, in place of earlier ones.
 * @param now_s  when they were added
 * @return OCKAM_OK; OCKAM_LIMIT; OCKAM_NO_MEMORY; OCKAM_IO; OCKAM_TIMEOUT.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_attributes_store(ockam_store_t            *store,
                                                                const ockam_allocator_t  *allocator,
                                                                const ockam_credential_t *credential, uint64_t now_s,
                                                                ockam_error_t *err);

/** Attributes that were stored. */
typedef struct {
    ockam_attributes_t attributes; /* lent from the buffer they were read into; each key once, in byte order */
    uint64_t           added_at_s;
    uint64_t           expires_at_s;
} ockam_stored_attributes_t;

/**
 * Fetch what `issuer` said about `subject`. Attributes whose time ends now or ended before are removed instead.
 * @param buf  emptied, then filled; `out` lends from it
 * @return OCKAM_OK; OCKAM_NOT_FOUND; OCKAM_CORRUPT; OCKAM_IO; OCKAM_TIMEOUT; OCKAM_LIMIT; OCKAM_NO_MEMORY.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_attributes_load(ockam_store_t *store, const ockam_identifier_t *subject,
                                                               const ockam_identifier_t *issuer, uint64_t now_s,
                                                               ockam_buf_t *buf, ockam_stored_attributes_t *out,
                                                               ockam_error_t *err);
/** Remove all attributes whose time ends now or ended before. For housekeeping. @return OCKAM_OK; OCKAM_IO;
 *  OCKAM_TIMEOUT; OCKAM_NO_MEMORY. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_attributes_remove_expired(ockam_store_t           *store,
                                                                         const ockam_allocator_t *allocator,
                                                                         uint64_t now_s, ockam_error_t *err);

OCKAM_END_DECLS

#endif
