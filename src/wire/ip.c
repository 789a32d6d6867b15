/* SPDX-License-Identifier: Apache-2.0
 *
 * ip.c - IP addresses as text. Source: RFC 4291 section 2.2, RFC 5952. */
#include "wire/ip.h"

bool ockam_ip4_parse(ockam_slice_t text, uint8_t out[4])
{
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *dot    = text.len > 0 ? (const uint8_t *)memchr(text.ptr, '.', text.len) : NULL;
        ockam_slice_t  part   = ockam_slice(text.ptr, dot != NULL ? (size_t)(dot - text.ptr) : text.len);
        uint32_t       number = 0;
        if ((dot == NULL) != (i == 3) || part.len == 0 || part.len > 3 || part.ptr[0] == '+')
            return false;
        if ((part.ptr[0] == '0' && part.len > 1) || !ockam_decimal_parse(part, 255, &number))
            return false;
        out[i] = (uint8_t)number;
        if (dot != NULL)
            text = ockam_slice(dot + 1, text.len - part.len - 1);
    }
    return true;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Up to four hex digits off the front. @return how many. */
static size_t take_group(ockam_slice_t *text, uint16_t *out)
{
    unsigned value = 0;
    size_t   count = 0;

    while (count < 4 && count < text->len && hex_digit(text->ptr[count]) >= 0)
        value = value << 4 | (unsigned)hex_digit(text->ptr[count++]);
    *text = ockam_slice(text->ptr + count, text->len - count);
    *out  = (uint16_t)value;
    return count;
}

static bool starts_with(ockam_slice_t text, const char *prefix)
{
    const size_t len = strlen(prefix);

    return text.len >= len && memcmp(text.ptr, prefix, len) == 0;
}

bool ockam_ip6_parse(ockam_slice_t text, uint8_t out[16])
{
    uint8_t  bytes[16] = {0};
    size_t   count     = 0;        /* bytes so far */
    size_t   gap       = SIZE_MAX; /* where "::" stood */
    uint16_t group     = 0;

    if (text.len == 0)
        return false;
    if (starts_with(text, "::")) {
        gap  = 0;
        text = ockam_slice(text.ptr + 2, text.len - 2);
    }
    while (text.len > 0) {
        if (count <= 12 && ockam_ip4_parse(text, bytes + count)) {
            count += 4;
            break;
        }
        if (count == 16 || take_group(&text, &group) == 0)
            return false;
        bytes[count++] = (uint8_t)(group >> 8);
        bytes[count++] = (uint8_t)group;
        if (text.len == 0)
            break;
        if (gap == SIZE_MAX && starts_with(text, "::")) {
            gap  = count;
            text = ockam_slice(text.ptr + 2, text.len - 2);
        } else if (text.ptr[0] == ':' && text.len > 1) {
            text = ockam_slice(text.ptr + 1, text.len - 1);
        } else {
            return false;
        }
    }
    if (gap == SIZE_MAX ? count != 16 : count > 14) /* "::" stands for one group of zeros at least */
        return false;
    if (gap == SIZE_MAX)
        gap = count;
    memset(out, 0, 16);
    memcpy(out, bytes, gap);
    memcpy(out + 16 - (count - gap), bytes + gap, count - gap);
    return true;
}

void ockam_ip4_put(ockam_text_writer_t *w, const uint8_t ip[4])
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            ockam_text_put_char(w, '.');
        ockam_text_put_decimal(w, ip[i]);
    }
}

/* The first of the longest runs of at least two zero groups. @return its length, 0 if there is none. */
static size_t longest_zeros(const uint8_t ip[16], size_t *first)
{
    size_t best = 0;

    for (size_t i = 0; i < 8; i++) {
        size_t run = 0;
        while (i + run < 8 && ip[2 * (i + run)] == 0 && ip[2 * (i + run) + 1] == 0)
            run++;
        if (run > best) {
            best   = run;
            *first = i;
        }
    }
    return best >= 2 ? best : 0;
}

void ockam_ip6_put(ockam_text_writer_t *w, const uint8_t ip[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    size_t               first      = 0;
    size_t               zeros;
    bool                 colon = false; /* before the next group */

    if (memcmp(ip, mapped, sizeof(mapped)) == 0) {
        ockam_text_put(w, "::ffff:");
        ockam_ip4_put(w, ip + sizeof(mapped));
        return;
    }
    zeros = longest_zeros(ip, &first);
    for (size_t i = 0; i < 8; i++) {
        if (zeros > 0 && i == first) {
            ockam_text_put(w, "::");
            i += zeros - 1;
            colon = false;
            continue;
        }
        if (colon)
            ockam_text_put_char(w, ':');
        ockam_text_put_hex(w, (uint32_t)ip[2 * i] << 8 | ip[2 * i + 1]);
        colon = true;
    }
}
