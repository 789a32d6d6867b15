/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - checked steps through borrowed bytes. */
#include "wire/reader.h"

ockam_status_t ockam_reader_bytes(ockam_reader_t *r, size_t len, ockam_slice_t *out, ockam_error_t *err)
{
    if (OCKAM_UNLIKELY(len > r->rest.len))
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: %zu bytes wanted, %zu left", len, r->rest.len);
    *out = ockam_slice(r->rest.ptr, len);
    if (len > 0)
        r->rest = ockam_slice(r->rest.ptr + len, r->rest.len - len);
    return OCKAM_OK;
}

/* A big-endian number of `width` bytes. */
static ockam_status_t read_number(ockam_reader_t *r, size_t width, uint64_t *out, ockam_error_t *err)
{
    ockam_slice_t        bytes = {NULL, 0};
    uint64_t             value = 0;
    const ockam_status_t s     = ockam_reader_bytes(r, width, &bytes, err);

    if (OCKAM_UNLIKELY(s != OCKAM_OK))
        return s;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | bytes.ptr[i];
    *out = value;
    return OCKAM_OK;
}

ockam_status_t ockam_reader_u8(ockam_reader_t *r, uint8_t *out, ockam_error_t *err)
{
    uint64_t             value = 0;
    const ockam_status_t s     = read_number(r, 1, &value, err);

    if (s == OCKAM_OK)
        *out = (uint8_t)value;
    return s;
}

ockam_status_t ockam_reader_u16(ockam_reader_t *r, uint16_t *out, ockam_error_t *err)
{
    uint64_t             value = 0;
    const ockam_status_t s     = read_number(r, 2, &value, err);

    if (s == OCKAM_OK)
        *out = (uint16_t)value;
    return s;
}

ockam_status_t ockam_reader_u32(ockam_reader_t *r, uint32_t *out, ockam_error_t *err)
{
    uint64_t             value = 0;
    const ockam_status_t s     = read_number(r, 4, &value, err);

    if (s == OCKAM_OK)
        *out = (uint32_t)value;
    return s;
}

ockam_status_t ockam_reader_u64(ockam_reader_t *r, uint64_t *out, ockam_error_t *err)
{
    return read_number(r, 8, out, err);
}
