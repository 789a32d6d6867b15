/* SPDX-License-Identifier: Apache-2.0
 *
 * text.c - UTF-8, decimal numbers, and a writer that counts as snprintf does. */
#include "wire/text.h"

/* Bytes that follow a first byte of a sequence of more than one; 0 if there is no such first byte. */
static size_t utf8_followers(uint8_t first)
{
    if (first >= 0xc2 && first <= 0xdf)
        return 1;
    if (first >= 0xe0 && first <= 0xef)
        return 2;
    if (first >= 0xf0 && first <= 0xf4)
        return 3;
    return 0;
}

/* The second byte is where overlong forms, surrogates and too large numbers show. */
static bool utf8_second_valid(uint8_t first, uint8_t second)
{
    switch (first) {
    case 0xe0: return second >= 0xa0 && second <= 0xbf;
    case 0xed: return second >= 0x80 && second <= 0x9f;
    case 0xf0: return second >= 0x90 && second <= 0xbf;
    case 0xf4: return second >= 0x80 && second <= 0x8f;
    default: return second >= 0x80 && second <= 0xbf;
    }
}

bool ockam_utf8_valid(ockam_slice_t text)
{
    const uint8_t *p    = text.ptr;
    size_t         left = text.len;

    while (left > 0) {
        size_t followers;
        while (left >= 8) { /* most text is ASCII */
            uint64_t word;
            memcpy(&word, p, sizeof(word));
            if ((word & UINT64_C(0x8080808080808080)) != 0)
                break;
            p += 8;
            left -= 8;
        }
        if (left == 0)
            return true;
        if (*p < 0x80) {
            p++;
            left--;
            continue;
        }
        followers = utf8_followers(*p);
        if (followers == 0 || left <= followers || !utf8_second_valid(p[0], p[1]))
            return false;
        for (size_t i = 2; i <= followers; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += followers + 1;
        left -= followers + 1;
    }
    return true;
}

bool ockam_decimal_parse(ockam_slice_t text, uint32_t max, uint32_t *out)
{
    uint64_t value = 0;

    if (text.len > 0 && text.ptr[0] == '+')
        text = ockam_slice(text.ptr + 1, text.len - 1);
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
        if (value > max)
            return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ockam_slice_t ockam_text_trim(ockam_slice_t text)
{
    while (text.len > 0 && is_blank(text.ptr[0]))
        text = ockam_slice(text.ptr + 1, text.len - 1);
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

ockam_text_writer_t ockam_text_writer(char *text, size_t size)
{
    const ockam_text_writer_t w = {text, size, 0};
    return w;
}

void ockam_text_put_char(ockam_text_writer_t *w, char c)
{
    if (w->len < w->size)
        w->text[w->len] = c;
    w->len++;
}

void ockam_text_put(ockam_text_writer_t *w, const char *text)
{
    ockam_text_put_slice(w, ockam_slice_text(text));
}

void ockam_text_put_slice(ockam_text_writer_t *w, ockam_slice_t text)
{
    for (size_t i = 0; i < text.len; i++)
        ockam_text_put_char(w, (char)text.ptr[i]);
}

void ockam_text_put_escaped(ockam_text_writer_t *w, ockam_slice_t bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        const uint8_t c = bytes.ptr[i];
        if (c >= 0x20 && c < 0x7f) {
            ockam_text_put_char(w, (char)c);
            continue;
        }
        ockam_text_put(w, "\\x");
        ockam_text_put_char(w, digits[c >> 4]);
        ockam_text_put_char(w, digits[c & 15]);
    }
}

static void put_number(ockam_text_writer_t *w, uint32_t value, uint32_t base)
{
    char   digits[10];
    size_t count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value > 0);
    while (count > 0)
        ockam_text_put_char(w, digits[--count]);
}

void ockam_text_put_decimal(ockam_text_writer_t *w, uint32_t value)
{
    put_number(w, value, 10);
}

void ockam_text_put_hex(ockam_text_writer_t *w, uint32_t value)
{
    put_number(w, value, 16);
}

size_t ockam_text_finish(ockam_text_writer_t *w)
{
    if (w->size > 0)
        w->text[w->len < w->size ? w->len : w->size - 1] = '\0';
    return w->len;
}
