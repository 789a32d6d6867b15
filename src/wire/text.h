/* SPDX-License-Identifier: Apache-2.0
 *
 * text.h - small pieces that every text form needs: UTF-8, decimal numbers, a writer that counts as snprintf does. */
#ifndef OCKAM_WIRE_TEXT_H
#define OCKAM_WIRE_TEXT_H

#include "ockam/bytes.h"

/** UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool ockam_utf8_valid(ockam_slice_t text);

/** Decimal digits and nothing else, with or without one '+' in front, not above `max`. `out` is written only on true.
 *  */
bool ockam_decimal_parse(ockam_slice_t text, uint32_t max, uint32_t *out);
/** Without the blanks (space, tab, line ends) at either end. */
ockam_slice_t ockam_text_trim(ockam_slice_t text);

/** Writes as much as fits and counts everything. */
typedef struct {
    char  *text;
    size_t size;
    size_t len; /* of the whole text, without the NUL */
} ockam_text_writer_t;

/** Start in `text` of `size` bytes; NULL with 0 only counts. */
ockam_text_writer_t ockam_text_writer(char *text, size_t size);
void                ockam_text_put_char(ockam_text_writer_t *w, char c);
void                ockam_text_put(ockam_text_writer_t *w, const char *text);
void                ockam_text_put_slice(ockam_text_writer_t *w, ockam_slice_t text);
/** Printable ASCII as it is, every other byte as \xNN. */
void ockam_text_put_escaped(ockam_text_writer_t *w, ockam_slice_t bytes);
void ockam_text_put_decimal(ockam_text_writer_t *w, uint32_t value);
void ockam_text_put_hex(ockam_text_writer_t *w, uint32_t value);
/** Put the NUL. @return the length of the whole text. */
size_t ockam_text_finish(ockam_text_writer_t *w);

#endif
