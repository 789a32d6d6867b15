/* SPDX-License-Identifier: Apache-2.0
 *
 * bare.h - the BARE profile of the protocol: bodies of application messages. Writers use the shortest form; readers
 * accept longer ones and leave what follows the value alone. Source: docs/protocol/encodings.md, "BARE". */
#ifndef OCKAM_WIRE_BARE_H
#define OCKAM_WIRE_BARE_H

#include "wire/reader.h"

/** Longest uint. */
#define OCKAM_BARE_UINT_BYTES_MAX 10u

/* ---- writing: appends to `out`. All return OCKAM_OK; OCKAM_LIMIT or OCKAM_NO_MEMORY (`out` is unchanged). ------ */

OCKAM_NODISCARD ockam_status_t ockam_bare_write_u8(ockam_buf_t *out, uint8_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_write_u16(ockam_buf_t *out, uint16_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_write_u32(ockam_buf_t *out, uint32_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_write_u64(ockam_buf_t *out, uint64_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_write_bool(ockam_buf_t *out, bool value, ockam_error_t *err);
/** A uint: 7 bits per byte. Also the count of a list or map, and the number of a variant. */
OCKAM_NODISCARD ockam_status_t ockam_bare_write_uint(ockam_buf_t *out, uint64_t value, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_write_data(ockam_buf_t *out, ockam_slice_t bytes, ockam_error_t *err);
/** `text` must be UTF-8. */
OCKAM_NODISCARD ockam_status_t ockam_bare_write_text(ockam_buf_t *out, ockam_slice_t text, ockam_error_t *err);
/** The byte in front of an optional value; if `present`, the value is to follow. */
OCKAM_NODISCARD ockam_status_t ockam_bare_write_optional(ockam_buf_t *out, bool present, ockam_error_t *err);

/** Bytes of the uint `value`: 1 to 10. */
size_t ockam_bare_uint_size(uint64_t value);
/** Write it at `out`, which has ockam_bare_uint_size(value) bytes. @return bytes written. */
size_t ockam_bare_put_uint(uint8_t *out, uint64_t value);

/* ---- reading: moves only on success. All return OCKAM_OK; OCKAM_MALFORMED. ------------------------------------- */

OCKAM_NODISCARD ockam_status_t ockam_bare_read_u8(ockam_reader_t *r, uint8_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_read_u16(ockam_reader_t *r, uint16_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_read_u32(ockam_reader_t *r, uint32_t *out, ockam_error_t *err);
OCKAM_NODISCARD ockam_status_t ockam_bare_read_u64(ockam_reader_t *r, uint64_t *out, ockam_error_t *err);
/** Any byte other than 0 is true. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_bool(ockam_reader_t *r, bool *out, ockam_error_t *err);
/** At most 10 bytes, of which the tenth must be 01. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_uint(ockam_reader_t *r, uint64_t *out, ockam_error_t *err);
/** A count of items of at least `item_size` bytes each: refused unless that many can still follow. `item_size` > 0. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_count(ockam_reader_t *r, size_t item_size, size_t *out,
                                                     ockam_error_t *err);
/** Bytes, lent. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_data(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err);
/** Text, lent; must be UTF-8. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_text(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err);
/** The byte in front of an optional value: 0 or 1. */
OCKAM_NODISCARD ockam_status_t ockam_bare_read_optional(ockam_reader_t *r, bool *present, ockam_error_t *err);

#endif
