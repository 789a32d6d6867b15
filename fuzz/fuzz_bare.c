/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_bare.c - reaches every ockam_bare_read_*(). The first byte of the input says how many of its bytes choose what
 * is read; the rest is read so, written again and compared. Properties: nothing moves on failure; a value that was read
 * in its shortest form is written with the same bytes. */
#include <assert.h>

#include "wire/bare.h"

/* Read one value of the kind `kind` and write it to `out`. */
static ockam_status_t rewrite(ockam_reader_t *r, unsigned kind, ockam_buf_t *out)
{
    ockam_slice_t  lent = {NULL, 0};
    ockam_status_t s;
    uint8_t        u8;
    uint16_t       u16;
    uint32_t       u32;
    uint64_t       u64;
    size_t         count;
    bool           b;

    switch (kind) {
    case 0: return (s = ockam_bare_read_u8(r, &u8, NULL)) != OCKAM_OK ? s : ockam_bare_write_u8(out, u8, NULL);
    case 1: return (s = ockam_bare_read_u16(r, &u16, NULL)) != OCKAM_OK ? s : ockam_bare_write_u16(out, u16, NULL);
    case 2: return (s = ockam_bare_read_u32(r, &u32, NULL)) != OCKAM_OK ? s : ockam_bare_write_u32(out, u32, NULL);
    case 3: return (s = ockam_bare_read_u64(r, &u64, NULL)) != OCKAM_OK ? s : ockam_bare_write_u64(out, u64, NULL);
    case 4: return (s = ockam_bare_read_bool(r, &b, NULL)) != OCKAM_OK ? s : ockam_bare_write_bool(out, b, NULL);
    case 5:
        return (s = ockam_bare_read_optional(r, &b, NULL)) != OCKAM_OK ? s : ockam_bare_write_optional(out, b, NULL);
    case 6: return (s = ockam_bare_read_data(r, &lent, NULL)) != OCKAM_OK ? s : ockam_bare_write_data(out, lent, NULL);
    case 7: return (s = ockam_bare_read_text(r, &lent, NULL)) != OCKAM_OK ? s : ockam_bare_write_text(out, lent, NULL);
    case 8:
        if ((s = ockam_bare_read_count(r, 3, &count, NULL)) != OCKAM_OK)
            return s;
        assert(count <= r->rest.len / 3);
        return ockam_bare_write_uint(out, count, NULL);
    default: return (s = ockam_bare_read_uint(r, &u64, NULL)) != OCKAM_OK ? s : ockam_bare_write_uint(out, u64, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t storage[1 << 16], again[1 << 16];
    const size_t   kinds = size > 0 && data[0] < size ? data[0] : 0;
    ockam_reader_t r;
    ockam_buf_t    out, out2;

    if (size == 0 || size > sizeof(storage) / 2)
        return 0;
    r = ockam_reader(ockam_slice(data + 1 + kinds, size - 1 - kinds));
    for (size_t i = 0; i < kinds; i++) {
        const ockam_reader_t before = r;
        ockam_reader_t       back;
        ockam_buf_init_fixed(&out, storage, sizeof(storage));
        ockam_buf_init_fixed(&out2, again, sizeof(again));
        if (rewrite(&r, data[1 + i] % 10, &out) != OCKAM_OK) {
            assert(r.rest.ptr == before.rest.ptr && r.rest.len == before.rest.len);
            continue;
        }
        assert(out.len <= before.rest.len - r.rest.len); /* nothing is longer than its shortest form */
        if (data[1 + i] % 10 == 8)
            continue; /* a count alone promises items that the copy does not have */
        back = ockam_reader(ockam_buf_view(&out));
        if (rewrite(&back, data[1 + i] % 10, &out2) != OCKAM_OK)
            __builtin_trap();
        assert(back.rest.len == 0 && ockam_slice_equal(ockam_buf_view(&out), ockam_buf_view(&out2)));
    }
    return 0;
}
