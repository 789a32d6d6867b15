/* SPDX-License-Identifier: Apache-2.0
 *
 * reader_test.c - a reader moves only on success, and never past the end. */
#include "test.h"

#include "wire/reader.h"

static const uint8_t bytes[15] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void integers_are_big_endian(void **state)
{
    ockam_reader_t r = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    uint8_t        u8;
    uint16_t       u16;
    uint32_t       u32;
    uint64_t       u64;

    (void)state;
    assert_ok(ockam_reader_u8(&r, &u8, NULL));
    assert_ok(ockam_reader_u16(&r, &u16, NULL));
    assert_ok(ockam_reader_u32(&r, &u32, NULL));
    assert_ok(ockam_reader_u64(&r, &u64, NULL));
    assert_int_equal(u8, 0x01);
    assert_int_equal(u16, 0x0203);
    assert_int_equal(u32, 0x04050607);
    assert_int_equal(u64, UINT64_C(0x08090a0b0c0d0e0f));
    assert_int_equal(r.rest.len, 0);
}

static void a_read_past_the_end_fails_and_does_not_move(void **state)
{
    (void)state;
    for (size_t left = 0; left < 8; left++) {
        ockam_reader_t r   = ockam_reader(ockam_slice(bytes, left));
        uint8_t        u8  = 0xaa;
        uint16_t       u16 = 0xaaaa;
        uint32_t       u32 = 0xaaaaaaaa;
        uint64_t       u64 = 0xaaaaaaaa;
        ockam_slice_t  s   = {NULL, 0};
        if (left < 1)
            assert_status(ockam_reader_u8(&r, &u8, NULL), OCKAM_MALFORMED);
        if (left < 2)
            assert_status(ockam_reader_u16(&r, &u16, NULL), OCKAM_MALFORMED);
        if (left < 4)
            assert_status(ockam_reader_u32(&r, &u32, NULL), OCKAM_MALFORMED);
        assert_status(ockam_reader_u64(&r, &u64, NULL), OCKAM_MALFORMED);
        assert_status(ockam_reader_bytes(&r, left + 1, &s, NULL), OCKAM_MALFORMED);
        assert_status(ockam_reader_bytes(&r, SIZE_MAX, &s, NULL), OCKAM_MALFORMED);
        assert_int_equal(u8, 0xaa);
        assert_int_equal(u16, 0xaaaa);
        assert_int_equal(u32, 0xaaaaaaaa);
        assert_int_equal(u64, 0xaaaaaaaa);
        assert_null(s.ptr);
        assert_int_equal(r.rest.len, left);
        assert_ptr_equal(r.rest.ptr, bytes);
    }
}

static void bytes_are_lent_in_place(void **state)
{
    ockam_reader_t r = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    ockam_slice_t  s = {NULL, 0};

    (void)state;
    assert_ok(ockam_reader_bytes(&r, 3, &s, NULL));
    assert_ptr_equal(s.ptr, bytes);
    assert_int_equal(s.len, 3);
    assert_ok(ockam_reader_bytes(&r, sizeof(bytes) - 3, &s, NULL));
    assert_ptr_equal(s.ptr, bytes + 3);
    assert_int_equal(r.rest.len, 0);
}

static void no_bytes_can_be_read_from_nothing(void **state)
{
    ockam_reader_t r = ockam_reader(ockam_slice(NULL, 0));
    ockam_slice_t  s = {bytes, 1};

    (void)state;
    assert_ok(ockam_reader_bytes(&r, 0, &s, NULL));
    assert_int_equal(s.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(a_read_past_the_end_fails_and_does_not_move),
        cmocka_unit_test(bytes_are_lent_in_place),
        cmocka_unit_test(no_bytes_can_be_read_from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
