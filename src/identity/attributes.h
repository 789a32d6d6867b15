/* SPDX-License-Identifier: Apache-2.0
 *
 * attributes.h - what other files of this folder may do with attributes. */
#ifndef OCKAM_IDENTITY_ATTRIBUTES_H
#define OCKAM_IDENTITY_ATTRIBUTES_H

#include "ockam/credential.h"
#include "wire/cbor.h"

/** A map of byte strings to byte strings; `out` is lent. @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT (too many). */
OCKAM_NODISCARD ockam_status_t ockam_attributes_read(ockam_reader_t *r, ockam_attributes_t *out, ockam_error_t *err);
/**
 * Append the map, in the order of the keys' bytes.
 * @param last_wins  of a key that is there more than once, write the last; otherwise refuse it
 * @return OCKAM_OK; OCKAM_INVALID (a key twice); OCKAM_LIMIT; OCKAM_NO_MEMORY.
 */
OCKAM_NODISCARD ockam_status_t ockam_attributes_write(ockam_buf_t *out, const ockam_attribute_t *attributes,
                                                      size_t count, bool last_wins, ockam_error_t *err);

#endif
