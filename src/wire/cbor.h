/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor.h - the CBOR profile of the protocol: definite lengths and shortest heads when writing; when reading, exactly
 * the tolerance of the protocol's other implementation and no more. Source: docs/protocol/encodings.md, "CBOR". */
#ifndef OCKAM_WIRE_CBOR_H
#define OCKAM_WIRE_CBOR_H

#include "wire/reader.h"

/* ---- writing: appends to `out`. All return OCKAM_OK; OCKAM_LIMIT or OCKAM_NO_MEMORY (`out` cannot grow). ------- */

OCKAM_NODISCARD ockam_status_t ockam_cbor_write_uint(ockam_buf_t *out, uint64_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_bytes(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_text(ockam_buf_t *out, ockam_slice_t text, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_array(ockam_buf_t *out, size_t count, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_map(ockam_buf_t *out, size_t pairs, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_bool(ockam_buf_t *out, bool value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_null(ockam_buf_t *out, ockam_error_t *err);
/** The two heads of an enum variant with `fields` fields: 82 <variant> <array head>. The fields follow. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_write_variant(ockam_buf_t *out, uint64_t variant, size_t fields,
                                                        ockam_error_t *err);

/** Bytes that the head of an item with argument `value` takes: 1, 2, 3, 5 or 9. */
size_t ockam_cbor_head_size(uint64_t value);
/** Write such a head at `out`, which has ockam_cbor_head_size(value) bytes; `major` from 0 to 7. @return bytes written.
 *  */
size_t ockam_cbor_put_head(uint8_t *out, unsigned major, uint64_t value);

/* ---- reading: moves only on success. All return OCKAM_OK; OCKAM_MALFORMED; those that descend also OCKAM_LIMIT.  */

/** An unsigned integer of any width whose value is at most `max`. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_read_uint(ockam_reader_t *r, uint64_t max, uint64_t *out, ockam_error_t *err);
/** A definite byte (text) string, lent. Text must be UTF-8. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_read_bytes(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_read_text(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err);
/** A definite byte string of exactly `len` bytes, copied. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_read_bytes_exact(ockam_reader_t *r, uint8_t *out, size_t len,
                                                           ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_read_bool(ockam_reader_t *r, bool *out, ockam_error_t *err);
/** True, and past it, if a null comes next; false and not moved otherwise. */
bool ockam_cbor_take_null(ockam_reader_t *r);
/** Step over one whole item, nested ones included, without recursion. OCKAM_LIMIT past OCKAM_CBOR_DEPTH_MAX levels. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_skip(ockam_reader_t *r, ockam_error_t *err);

/** Position inside an array or map: definite or not, the caller does not see which. */
typedef struct {
    uint64_t left; /* elements (pairs) to come; UINT64_MAX while the end is marked by a break */
} ockam_cbor_items_t;

OCKAM_NODISCARD ockam_status_t ockam_cbor_enter_array(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_cbor_enter_map(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_error_t *err);
/** True if one more element (pair) follows, and counts it; false at the end, with the break consumed. Cut input gives
 *  true: the read that follows fails. */
bool ockam_cbor_next(ockam_reader_t *r, ockam_cbor_items_t *items);
/** Skip what the caller did not ask for, to the end of the array (map: pass pair = true). */
OCKAM_NODISCARD ockam_status_t ockam_cbor_leave(ockam_reader_t *r, ockam_cbor_items_t *items, bool pair,
                                                ockam_error_t *err);
/** An enum: a definite array of exactly 2, the variant number, and the array of its fields, entered. */
OCKAM_NODISCARD ockam_status_t ockam_cbor_enter_variant(ockam_reader_t *r, uint64_t *variant,
                                                        ockam_cbor_items_t *fields, ockam_error_t *err);

#endif
