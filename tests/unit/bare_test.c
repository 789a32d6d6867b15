/* SPDX-License-Identifier: Apache-2.0
 *
 * bare_test.c - the BARE profile: shortest forms out, every documented form in. */
#include "test.h"

#include "failing_allocator.h"
#include "wire/bare.h"

static ockam_reader_t hex_reader(const char *hex, uint8_t *bytes)
{
    const size_t len = strlen(hex) / 2;

    assert_ok(ockam_hex_decode(ockam_slice_text(hex), bytes, len, NULL));
    return ockam_reader(ockam_slice(bytes, len));
}

static const struct {
    uint64_t    value;
    const char *hex;
} uints[] = {
    {0, "00"},
    {1, "01"},
    {127, "7f"},
    {128, "8001"},
    {255, "ff01"},
    {300, "ac02"},
    {16384, "808001"},
    {49152, "808003"},
    {UINT64_C(1) << 32, "8080808010"},
    {UINT64_MAX, "ffffffffffffffffff01"},
    {UINT64_C(1) << 63, "80808080808080808001"},
    {(UINT64_C(1) << 63) - 1, "ffffffffffffffff7f"},
};

static void uints_have_the_documented_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(uints) / sizeof(uints[0]); i++) {
        uint8_t        storage[16], expected[16];
        ockam_reader_t r     = hex_reader(uints[i].hex, expected);
        const size_t   len   = r.rest.len;
        uint64_t       value = 0;
        ockam_buf_t    out;
        ockam_buf_init_fixed(&out, storage, sizeof(storage));
        assert_ok(ockam_bare_write_uint(&out, uints[i].value, NULL));
        assert_slice_equal(ockam_buf_view(&out), r.rest);
        assert_int_equal(ockam_bare_uint_size(uints[i].value), len);
        assert_ok(ockam_bare_read_uint(&r, &value, NULL));
        assert_true(value == uints[i].value);
        assert_int_equal(r.rest.len, 0);
        for (size_t n = 0; n < len; n++) {
            r = ockam_reader(ockam_slice(expected, n));
            assert_status(ockam_bare_read_uint(&r, &value, NULL), OCKAM_MALFORMED);
            assert_int_equal(r.rest.len, n);
        }
    }
}

static void uints_may_be_longer_than_needed_up_to_ten_bytes(void **state)
{
    static const char *const zeros[] = {"8000", "808000", "808080808080808000"};
    uint8_t                  bytes[16];
    uint64_t                 value = 9;

    (void)state;
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
        ockam_reader_t r = hex_reader(zeros[i], bytes);
        assert_ok(ockam_bare_read_uint(&r, &value, NULL));
        assert_int_equal(value, 0);
    }
}

static void the_tenth_byte_of_a_uint_is_01_or_it_is_refused(void **state)
{
    uint8_t  bytes[11] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0};
    uint64_t value;

    (void)state;
    for (unsigned tenth = 0; tenth < 256; tenth++) {
        ockam_reader_t r = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
        bytes[9]         = (uint8_t)tenth;
        assert_status(ockam_bare_read_uint(&r, &value, NULL), tenth == 1 ? OCKAM_OK : OCKAM_MALFORMED);
    }
}

static void a_text_body_has_the_documented_bytes(void **state)
{
    uint8_t        storage[32], expected[32];
    ockam_buf_t    out;
    ockam_slice_t  text;
    ockam_reader_t r = hex_reader("0c48656c6c6f204f636b616d21", expected);

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    assert_ok(ockam_bare_write_text(&out, ockam_slice_text("Hello Ockam!"), NULL));
    assert_slice_equal(ockam_buf_view(&out), r.rest);
    for (size_t n = 0; n < out.len; n++) {
        ockam_reader_t cut = ockam_reader(ockam_slice(expected, n));
        assert_status(ockam_bare_read_text(&cut, &text, NULL), OCKAM_MALFORMED);
        assert_int_equal(cut.rest.len, n);
    }
    assert_ok(ockam_bare_read_text(&r, &text, NULL));
    assert_slice_equal(text, ockam_slice_text("Hello Ockam!"));
    assert_ptr_equal(text.ptr, expected + 1);
}

static void what_follows_a_value_is_left_alone(void **state)
{
    uint8_t        bytes[8];
    ockam_reader_t r = hex_reader("0261626364", bytes);
    ockam_slice_t  text;

    (void)state;
    assert_ok(ockam_bare_read_text(&r, &text, NULL));
    assert_slice_equal(text, ockam_slice_text("ab"));
    assert_slice_equal(r.rest, ockam_slice_text("cd"));
}

static void text_must_be_utf8_and_data_need_not(void **state)
{
    uint8_t        bytes[8];
    ockam_reader_t r = hex_reader("02fffe", bytes);
    ockam_slice_t  lent;

    (void)state;
    assert_status(ockam_bare_read_text(&r, &lent, NULL), OCKAM_MALFORMED);
    assert_int_equal(r.rest.len, 3);
    assert_ok(ockam_bare_read_data(&r, &lent, NULL));
    assert_slice_equal(lent, ockam_slice("\xff\xfe", 2));
}

static void a_length_beyond_what_is_left_is_refused(void **state)
{
    static const char *const items[] = {"0568656c6c", "01", "ffffffffffffffffff01", "8080808010", ""};
    uint8_t                  bytes[16];
    ockam_slice_t            lent = {NULL, 0};
    size_t                   count;

    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        ockam_reader_t r = hex_reader(items[i], bytes);
        assert_status(ockam_bare_read_data(&r, &lent, NULL), OCKAM_MALFORMED);
        assert_status(ockam_bare_read_count(&r, 1, &count, NULL), OCKAM_MALFORMED);
        assert_null(lent.ptr);
        assert_int_equal(r.rest.len, strlen(items[i]) / 2);
    }
}

static void a_count_is_bounded_by_the_size_of_its_items(void **state)
{
    uint8_t        bytes[16];
    size_t         count = 9;
    ockam_reader_t r     = hex_reader("03000000000000", bytes);

    (void)state;
    assert_status(ockam_bare_read_count(&r, 3, &count, NULL), OCKAM_MALFORMED);
    assert_status(ockam_bare_read_count(&r, SIZE_MAX, &count, NULL), OCKAM_MALFORMED);
    assert_int_equal(count, 9);
    assert_ok(ockam_bare_read_count(&r, 2, &count, NULL));
    assert_int_equal(count, 3);
    assert_int_equal(r.rest.len, 6);
}

static void numbers_of_fixed_width_are_little_endian(void **state)
{
    uint8_t        storage[32], expected[32];
    ockam_buf_t    out;
    ockam_reader_t r = hex_reader("0102030405060708090a0b0c0d0e0f0100", expected);
    uint8_t        u8;
    uint16_t       u16;
    uint32_t       u32;
    uint64_t       u64;
    bool           yes, no;

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    assert_ok(ockam_bare_write_u8(&out, 0x01, NULL));
    assert_ok(ockam_bare_write_u16(&out, 0x0302, NULL));
    assert_ok(ockam_bare_write_u32(&out, 0x07060504, NULL));
    assert_ok(ockam_bare_write_u64(&out, UINT64_C(0x0f0e0d0c0b0a0908), NULL));
    assert_ok(ockam_bare_write_bool(&out, true, NULL));
    assert_ok(ockam_bare_write_bool(&out, false, NULL));
    assert_slice_equal(ockam_buf_view(&out), r.rest);
    assert_ok(ockam_bare_read_u8(&r, &u8, NULL));
    assert_ok(ockam_bare_read_u16(&r, &u16, NULL));
    assert_ok(ockam_bare_read_u32(&r, &u32, NULL));
    assert_ok(ockam_bare_read_u64(&r, &u64, NULL));
    assert_ok(ockam_bare_read_bool(&r, &yes, NULL));
    assert_ok(ockam_bare_read_bool(&r, &no, NULL));
    assert_int_equal(u8, 0x01);
    assert_int_equal(u16, 0x0302);
    assert_int_equal(u32, 0x07060504);
    assert_true(u64 == UINT64_C(0x0f0e0d0c0b0a0908));
    assert_true(yes);
    assert_false(no);
    assert_status(ockam_bare_read_u8(&r, &u8, NULL), OCKAM_MALFORMED);
    assert_status(ockam_bare_read_u16(&r, &u16, NULL), OCKAM_MALFORMED);
    assert_status(ockam_bare_read_u32(&r, &u32, NULL), OCKAM_MALFORMED);
    assert_status(ockam_bare_read_u64(&r, &u64, NULL), OCKAM_MALFORMED);
    assert_status(ockam_bare_read_bool(&r, &yes, NULL), OCKAM_MALFORMED);
}

static void any_byte_but_0_is_true_and_only_0_and_1_begin_an_optional(void **state)
{
    (void)state;
    for (unsigned b = 0; b < 256; b++) {
        const uint8_t  byte    = (uint8_t)b;
        ockam_reader_t r       = ockam_reader(ockam_slice(&byte, 1));
        bool           value   = false;
        bool           present = false;
        assert_ok(ockam_bare_read_bool(&r, &value, NULL));
        assert_int_equal(value, b != 0);
        r = ockam_reader(ockam_slice(&byte, 1));
        assert_status(ockam_bare_read_optional(&r, &present, NULL), b < 2 ? OCKAM_OK : OCKAM_MALFORMED);
        assert_int_equal(present, b == 1);
        assert_int_equal(r.rest.len, b < 2 ? 0 : 1);
    }
}

static void a_write_that_does_not_fit_changes_nothing(void **state)
{
    uint8_t storage[4];

    (void)state;
    for (size_t cap = 0; cap < 4; cap++) {
        ockam_buf_t out;
        ockam_buf_init_fixed(&out, storage, cap);
        assert_status(ockam_bare_write_data(&out, ockam_slice("abc", 3), NULL), OCKAM_LIMIT);
        assert_status(ockam_bare_write_text(&out, ockam_slice("abc", 3), NULL), OCKAM_LIMIT);
        assert_status(ockam_bare_write_u32(&out, 0, NULL), OCKAM_LIMIT);
        assert_status(ockam_bare_write_uint(&out, UINT32_MAX, NULL), OCKAM_LIMIT);
        assert_int_equal(out.len, 0);
    }
}

static ockam_status_t write_some(const ockam_allocator_t *allocator, void *context)
{
    ockam_buf_t    out;
    ockam_status_t s;

    (void)context;
    ockam_buf_init(&out, allocator, 100);
    s = ockam_bare_write_data(&out, ockam_slice_text("data"), NULL);
    assert_int_equal(out.len, s == OCKAM_OK ? 5 : 0);
    ockam_buf_deinit(&out);
    return s;
}

static void a_write_without_memory_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(failing_allocator_sweep(write_some, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uints_have_the_documented_bytes),
        cmocka_unit_test(uints_may_be_longer_than_needed_up_to_ten_bytes),
        cmocka_unit_test(the_tenth_byte_of_a_uint_is_01_or_it_is_refused),
        cmocka_unit_test(a_text_body_has_the_documented_bytes),
        cmocka_unit_test(what_follows_a_value_is_left_alone),
        cmocka_unit_test(text_must_be_utf8_and_data_need_not),
        cmocka_unit_test(a_length_beyond_what_is_left_is_refused),
        cmocka_unit_test(a_count_is_bounded_by_the_size_of_its_items),
        cmocka_unit_test(numbers_of_fixed_width_are_little_endian),
        cmocka_unit_test(any_byte_but_0_is_true_and_only_0_and_1_begin_an_optional),
        cmocka_unit_test(a_write_that_does_not_fit_changes_nothing),
        cmocka_unit_test(a_write_without_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
