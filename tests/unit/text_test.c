/* SPDX-License-Identifier: Apache-2.0
 *
 * text_test.c - UTF-8, decimal numbers, and the counting writer. */
#include "test.h"

#include "wire/text.h"

/* The definition, number by number. */
static size_t encode(uint32_t code, uint8_t out[4])
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (code & 0x3f));
    return 4;
}

static void every_code_point_is_utf8_and_surrogates_are_not(void **state)
{
    uint8_t bytes[4];

    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++) {
        const bool surrogate = code >= 0xd800 && code < 0xe000;
        assert_int_equal(ockam_utf8_valid(ockam_slice(bytes, encode(code, bytes))), !surrogate);
    }
}

static void every_code_point_above_the_last_is_refused(void **state)
{
    uint8_t bytes[4];

    (void)state;
    for (uint32_t code = 0x110000; code < 0x200000; code++)
        assert_false(ockam_utf8_valid(ockam_slice(bytes, encode(code, bytes))));
}

static void overlong_forms_are_refused(void **state)
{
    uint8_t bytes[4];

    (void)state;
    for (uint32_t code = 0; code < 0x80; code++) {
        bytes[0] = (uint8_t)(0xc0 | code >> 6);
        bytes[1] = (uint8_t)(0x80 | (code & 0x3f));
        assert_false(ockam_utf8_valid(ockam_slice(bytes, 2)));
    }
    for (uint32_t code = 0; code < 0x800; code++) {
        bytes[0] = 0xe0;
        bytes[1] = (uint8_t)(0x80 | code >> 6);
        bytes[2] = (uint8_t)(0x80 | (code & 0x3f));
        assert_false(ockam_utf8_valid(ockam_slice(bytes, 3)));
    }
    for (uint32_t code = 0; code < 0x10000; code++) {
        bytes[0] = 0xf0;
        bytes[1] = (uint8_t)(0x80 | code >> 12);
        bytes[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        bytes[3] = (uint8_t)(0x80 | (code & 0x3f));
        assert_false(ockam_utf8_valid(ockam_slice(bytes, 4)));
    }
}

static void a_sequence_cut_or_broken_at_any_place_of_a_long_text_is_refused(void **state)
{
    uint8_t text[40];

    (void)state;
    for (size_t at = 0; at + 4 <= sizeof(text); at++) {
        memset(text, 'a', sizeof(text));
        assert_true(ockam_utf8_valid(ockam_slice(text, sizeof(text))));
        (void)encode(0x1f600, text + at);
        assert_true(ockam_utf8_valid(ockam_slice(text, sizeof(text))));
        for (size_t n = 1; n < 4; n++)
            assert_false(ockam_utf8_valid(ockam_slice(text, at + n)));
        for (size_t n = 0; n < 4; n++) {
            const uint8_t good = text[at + n];
            text[at + n]       = 'a';
            assert_false(ockam_utf8_valid(ockam_slice(text, sizeof(text))));
            text[at + n] = good;
        }
    }
}

static void lone_continuation_bytes_and_impossible_bytes_are_refused(void **state)
{
    (void)state;
    for (unsigned b = 0x80; b <= 0xff; b++) {
        const uint8_t byte = (uint8_t)b;
        assert_false(ockam_utf8_valid(ockam_slice(&byte, 1)));
    }
    assert_true(ockam_utf8_valid(ockam_slice(NULL, 0)));
}

static void a_decimal_number_is_digits_up_to_its_limit(void **state)
{
    static const char *const bad[] = {"", "+", "-1", "1 ", " 1", "0x1", "1.0", "++1", "65536", "99999999999999999999"};
    uint32_t                 value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(ockam_decimal_parse(ockam_slice_text(bad[i]), 65535, &value));
    assert_int_equal(value, 7);
    assert_true(ockam_decimal_parse(ockam_slice_text("65535"), 65535, &value));
    assert_int_equal(value, 65535);
    assert_true(ockam_decimal_parse(ockam_slice_text("+0080"), 65535, &value));
    assert_int_equal(value, 80);
    assert_true(ockam_decimal_parse(ockam_slice_text("4294967295"), UINT32_MAX, &value));
    assert_int_equal(value, UINT32_MAX);
    assert_false(ockam_decimal_parse(ockam_slice_text("4294967296"), UINT32_MAX, &value));
}

static void trimming_takes_blanks_off_both_ends_only(void **state)
{
    (void)state;
    assert_slice_equal(ockam_text_trim(ockam_slice_text(" \t\r\n a b \v\f")), ockam_slice_text("a b"));
    assert_int_equal(ockam_text_trim(ockam_slice_text(" \n ")).len, 0);
    assert_int_equal(ockam_text_trim(ockam_slice(NULL, 0)).len, 0);
}

static size_t write_all(char *text, size_t size)
{
    ockam_text_writer_t w = ockam_text_writer(text, size);

    ockam_text_put(&w, "ab");
    ockam_text_put_char(&w, '/');
    ockam_text_put_decimal(&w, 0);
    ockam_text_put_decimal(&w, 4294967295u);
    ockam_text_put_hex(&w, 0xbeef);
    ockam_text_put_escaped(&w, ockam_slice("\x1f~\x7f\xff", 4));
    return ockam_text_finish(&w);
}

static void the_writer_counts_everything_and_writes_what_fits(void **state)
{
    static const char whole[] = "ab/04294967295beef\\x1f~\\x7f\\xff";

    (void)state;
    assert_int_equal(write_all(NULL, 0), sizeof(whole) - 1);
    for (size_t size = 1; size < sizeof(whole) + 3; size++) {
        char   text[sizeof(whole) + 4];
        size_t kept = size < sizeof(whole) ? size - 1 : sizeof(whole) - 1;
        memset(text, '#', sizeof(text));
        assert_int_equal(write_all(text, size), sizeof(whole) - 1);
        assert_memory_equal(text, whole, kept);
        assert_int_equal(text[kept], '\0');
        assert_int_equal(text[size], '#');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_utf8_and_surrogates_are_not),
        cmocka_unit_test(every_code_point_above_the_last_is_refused),
        cmocka_unit_test(overlong_forms_are_refused),
        cmocka_unit_test(a_sequence_cut_or_broken_at_any_place_of_a_long_text_is_refused),
        cmocka_unit_test(lone_continuation_bytes_and_impossible_bytes_are_refused),
        cmocka_unit_test(a_decimal_number_is_digits_up_to_its_limit),
        cmocka_unit_test(trimming_takes_blanks_off_both_ends_only),
        cmocka_unit_test(the_writer_counts_everything_and_writes_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
