/* SPDX-License-Identifier: Apache-2.0
 *
 * address_test.c - addresses as text, and in their stored form. */
#include "test.h"

#include "ockam/address.h"
#include "wire/route_codec.h"

static void texts_without_a_type_are_local(void **state)
{
    ockam_address_t a;

    (void)state;
    assert_ok(ockam_address_parse(ockam_slice_text("echoer"), &a, NULL));
    assert_true(ockam_address_equal(a, ockam_address_local("echoer")));
    assert_ok(ockam_address_parse(ockam_slice_text("0#echoer"), &a, NULL));
    assert_true(ockam_address_equal(a, ockam_address_local("echoer")));
}

static void types_are_names_or_numbers_up_to_255(void **state)
{
    static const struct {
        const char *text;
        uint8_t     type;
    } cases[] = {{"tcp#v", OCKAM_TCP}, {"udp#v", OCKAM_UDP}, {"ws#v", OCKAM_WS}, {"ble#v", OCKAM_BLE},
                 {"uds#v", OCKAM_UDS}, {"1#v", OCKAM_TCP},   {"42#v", 42},       {"+1#v", 1},
                 {"007#v", 7},         {"255#v", 255}};
    ockam_address_t a;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_ok(ockam_address_parse(ockam_slice_text(cases[i].text), &a, NULL));
        assert_int_equal(a.type, cases[i].type);
        assert_slice_equal(a.value, ockam_slice_text("v"));
    }
    assert_ok(ockam_address_parse(ockam_slice_text("1#127.0.0.1:4000"), &a, NULL));
    assert_slice_equal(a.value, ockam_slice_text("127.0.0.1:4000"));
    assert_ok(ockam_address_parse(ockam_slice_text("0#"), &a, NULL));
    assert_int_equal(a.value.len, 0);
}

static void wrong_texts_are_refused_and_leave_the_result_alone(void **state)
{
    static const char *const bad[] = {"",      "#x", "#",     "a#b",  "256#x",        "-1#x",
                                      "1#a#b", "##", "TCP#x", "1 #x", "99999999999#x"};
    ockam_address_t          a     = {77, {NULL, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_status(ockam_address_parse(ockam_slice_text(bad[i]), &a, NULL), OCKAM_MALFORMED);
    assert_status(ockam_address_parse(ockam_slice(NULL, 0), &a, NULL), OCKAM_MALFORMED);
    assert_int_equal(a.type, 77);
    assert_int_equal(a.value.len, 3);
}

static void a_value_at_the_limit_is_read_and_one_past_it_is_refused(void **state)
{
    uint8_t         text[4 + OCKAM_ADDRESS_BYTES_MAX + 1];
    ockam_address_t a;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "255#", 4);
    assert_ok(ockam_address_parse(ockam_slice(text, 4 + OCKAM_ADDRESS_BYTES_MAX), &a, NULL));
    assert_int_equal(a.value.len, OCKAM_ADDRESS_BYTES_MAX);
    assert_status(ockam_address_parse(ockam_slice(text, sizeof(text)), &a, NULL), OCKAM_LIMIT);
}

static void the_text_escapes_what_is_not_printable(void **state)
{
    const ockam_address_t a = {200, ockam_slice("a\n\0\x7f\xc3\xbc ~", 8)};
    char                  text[64];

    (void)state;
    assert_int_equal(ockam_address_text(a, text, sizeof(text)), 27);
    assert_string_equal(text, "200#a\\x0a\\x00\\x7f\\xc3\\xbc ~");
    assert_int_equal(ockam_address_text(ockam_address_local("echoer"), text, 4), 8);
    assert_string_equal(text, "0#e");
    assert_int_equal(ockam_address_text(ockam_address_local("echoer"), NULL, 0), 8);
}

static void the_longest_text_fits_its_documented_size(void **state)
{
    uint8_t               value[OCKAM_ADDRESS_BYTES_MAX] = {0};
    char                  text[OCKAM_ADDRESS_TEXT_MAX];
    const ockam_address_t a = {255, ockam_slice(value, sizeof(value))};

    (void)state;
    memset(value, 0xff, sizeof(value));
    assert_int_equal(ockam_address_text(a, text, sizeof(text)), sizeof(text) - 1);
    assert_string_equal(text + sizeof(text) - 5, "\\xff");
}

static void equality_looks_at_type_and_value(void **state)
{
    const ockam_address_t a = ockam_address_local("ab");

    (void)state;
    assert_true(ockam_address_equal(a, (ockam_address_t){0, ockam_slice_text("ab")}));
    assert_false(ockam_address_equal(a, (ockam_address_t){1, ockam_slice_text("ab")}));
    assert_false(ockam_address_equal(a, (ockam_address_t){0, ockam_slice_text("ac")}));
    assert_false(ockam_address_equal(a, (ockam_address_t){0, ockam_slice_text("abc")}));
    assert_true(ockam_address_equal((ockam_address_t){0, {NULL, 0}}, ockam_address_local("")));
}

static void the_stored_form_is_the_documented_cbor(void **state)
{
    uint8_t       out[32], expected[32];
    ockam_slice_t value = ockam_slice_text("127.0.0.1:4000");

    (void)state;
    assert_int_equal(ockam_address_put(out, ockam_address_local("echoer")), 9);
    assert_ok(ockam_hex_decode(ockam_slice_text("8200466563686f6572"), expected, 9, NULL));
    assert_memory_equal(out, expected, 9);
    assert_int_equal(ockam_address_put(out, (ockam_address_t){OCKAM_TCP, value}), 17);
    assert_ok(ockam_hex_decode(ockam_slice_text("82014e3132372e302e302e313a34303030"), expected, 17, NULL));
    assert_memory_equal(out, expected, 17);
}

static void the_stored_form_reads_back_at_every_type_and_length(void **state)
{
    uint8_t value[OCKAM_ADDRESS_BYTES_MAX];
    uint8_t out[OCKAM_ADDRESS_ENCODED_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(value); i++)
        value[i] = (uint8_t)i;
    for (unsigned type = 0; type < 256; type++) {
        for (size_t len = 0; len <= OCKAM_ADDRESS_BYTES_MAX; len++) {
            const ockam_address_t in   = {(uint8_t)type, ockam_slice(value, len)};
            const size_t          size = ockam_address_encoded_size(in);
            ockam_address_t       back;
            assert_true(size <= sizeof(out));
            assert_int_equal(ockam_address_put(out, in), size);
            assert_int_equal(ockam_address_peek(out, &back), size);
            assert_true(ockam_address_equal(in, back));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_without_a_type_are_local),
        cmocka_unit_test(types_are_names_or_numbers_up_to_255),
        cmocka_unit_test(wrong_texts_are_refused_and_leave_the_result_alone),
        cmocka_unit_test(a_value_at_the_limit_is_read_and_one_past_it_is_refused),
        cmocka_unit_test(the_text_escapes_what_is_not_printable),
        cmocka_unit_test(the_longest_text_fits_its_documented_size),
        cmocka_unit_test(equality_looks_at_type_and_value),
        cmocka_unit_test(the_stored_form_is_the_documented_cbor),
        cmocka_unit_test(the_stored_form_reads_back_at_every_type_and_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
