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
    static const char *const spaces[] = {
        "\t",           "\n",           "\v",           "\f",           "\r",           " ",
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
        "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
        "\xe3\x80\x80"};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        const size_t len = strlen(spaces[i]);
        if (text.len >= len && memcmp(text.ptr, spaces[i], len) == 0)
            return len;
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
