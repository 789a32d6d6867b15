/* SPDX-License-Identifier: Apache-2.0
 *
 * identifier.c - the text form of identifiers.
 * Protocol: docs/protocol/identities.md, "Identifiers". No I/O, no allocation, no clock. */
#include "ockam/identity.h"

void ockam_identifier_text(const ockam_identifier_t *identifier, char text[OCKAM_IDENTIFIER_TEXT_BYTES])
{
    text[0] = 'I';
    ockam_hex_encode(ockam_identifier_view(identifier), text + 1);
}

/* Bytes of white space at the beginning of `text`: everything that Unicode calls so, as Rust's trim() does. */
static size_t space_at_start(ockam_slice_t text)
{
    const uint8_t *c = text.ptr;

    if (text.len >= 1 && ((c[0] >= '\t' && c[0] <= '\r') || c[0] == ' '))
        return 1;
    if (text.len >= 2 && c[0] == 0xc2 && (c[1] == 0x85 || c[1] == 0xa0))
        return 2;
    if (text.len >= 3) {
        const uint32_t utf8 = (uint32_t)c[0] << 16 | (uint32_t)c[1] << 8 | c[2];
        if ((utf8 >= 0xe28080 && utf8 <= 0xe2808a) || utf8 == 0xe280a8 || utf8 == 0xe280a9 || utf8 == 0xe280af ||
            utf8 == 0xe19a80 || utf8 == 0xe2819f || utf8 == 0xe38080)
            return 3;
    }
    return 0;
}

static ockam_slice_t trim(ockam_slice_t text)
{
    size_t at, step;

    while ((step = space_at_start(text)) > 0)
        text = ockam_slice(text.ptr + step, text.len - step);
    for (at = text.len; at > 0; at = text.len) { /* a space has at most three bytes */
        for (step = 1; step <= 3 && step <= text.len; step++)
            if (space_at_start(ockam_slice(text.ptr + text.len - step, step)) == step)
                break;
        if (step > 3 || step > text.len)
            break;
        text.len -= step;
    }
    return text;
}

ockam_status_t ockam_identifier_parse(ockam_slice_t text, ockam_identifier_t *out, ockam_error_t *err)
{
    const ockam_slice_t trimmed = trim(text);
    ockam_identifier_t  parsed;

    if (trimmed.len == 0 || trimmed.ptr[0] != 'I')
        return ockam_fail(err, OCKAM_MALFORMED, "identifier does not begin with I");
    OCKAM_TRY(err,
              ockam_hex_decode(ockam_slice(trimmed.ptr + 1, trimmed.len - 1), parsed.bytes, sizeof(parsed.bytes), err),
              "identifier");
    *out = parsed;
    return OCKAM_OK;
}
