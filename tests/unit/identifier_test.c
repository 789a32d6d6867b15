/* SPDX-License-Identifier: Apache-2.0
 *
 * identifier_test.c - the text form of identifiers. */
#include "ockam/identity.h"
#include "test.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void text_is_I_and_64_lower_case_digits(void **state)
{
    ockam_identifier_t identifier;
    char               text[OCKAM_IDENTIFIER_TEXT_BYTES];

    (void)state;
    assert_ok(ockam_identifier_parse(ockam_slice_text("I" HEX64), &identifier, NULL));
    assert_int_equal(identifier.bytes[0], 0x01);
    assert_int_equal(identifier.bytes[31], 0xef);
    ockam_identifier_text(&identifier, text);
    assert_string_equal(text, "I" HEX64);
}

static void upper_case_digits_are_read_and_written_in_lower_case(void **state)
{
    ockam_identifier_t identifier;
    char               text[OCKAM_IDENTIFIER_TEXT_BYTES];

    (void)state;
    assert_ok(ockam_identifier_parse(
        ockam_slice_text("I0123456789ABCDEF0123456789ABCDEF0123456789abcdef0123456789ABCDEF"), &identifier, NULL));
    ockam_identifier_text(&identifier, text);
    assert_string_equal(text, "I" HEX64);
}

static void white_space_around_the_text_does_not_count(void **state)
{
    static const char *const texts[] = {" I" HEX64,
                                        "I" HEX64 " ",
                                        "\t\r\n I" HEX64 "\v\f\n",
                                        "\xc2\xa0I" HEX64,
                                        "I" HEX64 "\xe3\x80\x80",
                                        "\xe2\x80\x83 I" HEX64 " \xc2\x85"};
    ockam_identifier_t       identifier;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_ok(ockam_identifier_parse(ockam_slice_text(texts[i]), &identifier, NULL));
}

/* U+0009 to U+000D, U+0020, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
static void every_space_of_unicode_and_no_other_character_is_white_space(void **state)
{
    unsigned spaces = 0;

    (void)state;
    for (unsigned c = 1; c < 0xffff; c++) {
        char               text[OCKAM_IDENTIFIER_TEXT_BYTES + 8];
        ockam_identifier_t identifier;
        size_t             len = 0;
        if (c < 0x80) {
            text[len++] = (char)c;
        } else if (c < 0x800) {
            text[len++] = (char)(0xc0 | c >> 6);
            text[len++] = (char)(0x80 | (c & 63));
        } else {
            text[len++] = (char)(0xe0 | c >> 12);
            text[len++] = (char)(0x80 | (c >> 6 & 63));
            text[len++] = (char)(0x80 | (c & 63));
        }
        memcpy(text + len, "I" HEX64, 65);
        memcpy(text + len + 65, text, len);
        if (ockam_identifier_parse(ockam_slice(text, len + 65 + len), &identifier, NULL) == OCKAM_OK) {
            assert_true((c >= 9 && c <= 13) || c == 32 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
                        (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
                        c == 0x3000);
            spaces++;
        }
    }
    assert_int_equal(spaces, 25);
}

static void anything_else_is_malformed_and_changes_nothing(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "I",
                                        HEX64,
                                        "i" HEX64,
                                        "P" HEX64,
                                        "I " HEX64,
                                        "I" HEX64 "0",
                                        "I" HEX64 "00",
                                        "I0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
                                        "I0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg",
                                        "I0123456789abcdef0123456789abcdef01234567",
                                        "II" HEX64,
                                        "\xe2\x80I" HEX64,
                                        "I" HEX64 "\x80"};
    const ockam_identifier_t before  = {{7}};
    ockam_identifier_t       identifier;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        identifier = before;
        assert_status(ockam_identifier_parse(ockam_slice_text(texts[i]), &identifier, NULL), OCKAM_MALFORMED);
        assert_true(ockam_identifier_equal(&identifier, &before));
    }
}

static void every_length_up_to_80_but_65_is_malformed(void **state)
{
    char               text[81];
    ockam_identifier_t identifier;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[0] = 'I';
    for (size_t len = 0; len <= 80; len++)
        assert_status(ockam_identifier_parse(ockam_slice(text, len), &identifier, NULL),
                      len == 65 ? OCKAM_OK : OCKAM_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_I_and_64_lower_case_digits),
        cmocka_unit_test(upper_case_digits_are_read_and_written_in_lower_case),
        cmocka_unit_test(white_space_around_the_text_does_not_count),
        cmocka_unit_test(every_space_of_unicode_and_no_other_character_is_white_space),
        cmocka_unit_test(anything_else_is_malformed_and_changes_nothing),
        cmocka_unit_test(every_length_up_to_80_but_65_is_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
