/* SPDX-License-Identifier: Apache-2.0
 *
 * change_history.h - what other files of this folder may do with change histories. */
#ifndef OCKAM_IDENTITY_CHANGE_HISTORY_H
#define OCKAM_IDENTITY_CHANGE_HISTORY_H

#include "ockam/identity.h"

/** ockam_change_history_verify(); without the signatures only if exactly these bytes have been verified before. */
OCKAM_NODISCARD ockam_status_t ockam_change_history_decode(ockam_vault_t *vault, ockam_slice_t encoded,
                                                           const ockam_identifier_t *expected, bool check_signatures,
                                                           ockam_change_history_t **out, ockam_error_t *err);

/** What a new change says. */
typedef struct {
    ockam_key_id_t key; /* its own key, which also signs it */
    uint64_t       valid_from_s;
    uint64_t       valid_until_s;
    bool           revoke_purpose_keys;
} ockam_change_options_t;

/**
 * Make a change and verify the whole: the first of a new history, or one more.
 *
 * @param before      NULL: a new identity
 * @param before_key  the key of the newest change of `before`
 * @return OCKAM_OK; OCKAM_LIMIT (too many changes); OCKAM_NOT_FOUND (no such keys); OCKAM_NOT_AUTHENTIC (the result
 *         would not verify: `valid_from_s` before that of `before`, wrong key); OCKAM_NO_MEMORY; OCKAM_INTERNAL.
 */
OCKAM_NODISCARD ockam_status_t ockam_change_history_extend(ockam_vault_t *vault, const ockam_change_history_t *before,
                                                           ockam_key_id_t                before_key,
                                                           const ockam_change_options_t *options,
                                                           ockam_change_history_t **out, ockam_error_t *err);

#endif
