/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor_test.c - what is written is canonical; what is read is exactly as tolerant as docs/protocol/encodings.md says.
 * */
#include "test.h"

#include "appendix_a.h"
#include "failing_allocator.h"
#include "wire/cbor.h"

#include "ockam/limits.h"

static ockam_reader_t hex_reader(const char *hex, uint8_t *bytes)
{
    const size_t len = strlen(hex) / 2;

    assert_ok(ockam_hex_decode(ockam_slice_text(hex), bytes, len, NULL));
    return ockam_reader(ockam_slice(bytes, len));
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void heads_are_shortest_at_every_edge(void **state)
{
    static const struct {
        uint64_t    value;
        const char *hex;
    } cases[] = {
        {0, "00"},
        {23, "17"},
        {24, "1818"},
        {255, "18ff"},
        {256, "190100"},
        {65535, "19ffff"},
        {65536, "1a00010000"},
        {UINT32_MAX, "1affffffff"},
        {UINT64_C(1) << 32, "1b0000000100000000"},
        {UINT64_MAX, "1bffffffffffffffff"},
        {1000, "1903e8"},
        {1000000, "1a000f4240"},
        {UINT64_C(1000000000000), "1b000000e8d4a51000"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t        storage[16], expected[16];
        ockam_reader_t r = hex_reader(cases[i].hex, expected);
        ockam_buf_t    out;
        uint64_t       value = 0;
        ockam_buf_init_fixed(&out, storage, sizeof(storage));
        assert_ok(ockam_cbor_write_uint(&out, cases[i].value, NULL));
        assert_slice_equal(ockam_buf_view(&out), r.rest);
        assert_int_equal(ockam_cbor_head_size(cases[i].value), out.len);
        for (unsigned major = 0; major < 8; major++) {
            uint8_t head[9];
            assert_int_equal(ockam_cbor_put_head(head, major, cases[i].value), out.len);
            assert_int_equal(head[0], major << 5 | expected[0]);
            assert_memory_equal(head + 1, expected + 1, out.len - 1);
        }
        assert_ok(ockam_cbor_read_uint(&r, UINT64_MAX, &value, NULL));
        assert_true(value == cases[i].value);
        assert_int_equal(r.rest.len, 0);
    }
}

static void every_kind_of_item_is_written_as_documented(void **state)
{
    uint8_t     storage[64], expected[64];
    ockam_buf_t out;

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    assert_ok(ockam_cbor_write_array(&out, 3, NULL));
    assert_ok(ockam_cbor_write_map(&out, 24, NULL));
    assert_ok(ockam_cbor_write_bytes(&out, ockam_slice("\1\2\3\4", 4), NULL));
    assert_ok(ockam_cbor_write_text(&out, ockam_slice_text("IETF"), NULL));
    assert_ok(ockam_cbor_write_text(&out, ockam_slice(NULL, 0), NULL));
    assert_ok(ockam_cbor_write_bytes(&out, ockam_slice(NULL, 0), NULL));
    assert_ok(ockam_cbor_write_bool(&out, false, NULL));
    assert_ok(ockam_cbor_write_bool(&out, true, NULL));
    assert_ok(ockam_cbor_write_null(&out, NULL));
    assert_ok(ockam_cbor_write_variant(&out, 2, 0, NULL));
    assert_ok(ockam_cbor_write_variant(&out, 300, 2, NULL));
    assert_slice_equal(ockam_buf_view(&out), hex_reader("83b8184401020304644945544660"
                                                        "40f4f5f68202808219012c82",
                                                        expected)
                                                 .rest);
}

static void a_write_that_does_not_fit_changes_nothing(void **state)
{
    uint8_t storage[4];

    (void)state;
    for (size_t cap = 0; cap < 4; cap++) {
        ockam_buf_t out;
        ockam_buf_init_fixed(&out, storage, cap);
        assert_status(ockam_cbor_write_bytes(&out, ockam_slice("abc", 3), NULL), OCKAM_LIMIT);
        assert_status(ockam_cbor_write_text(&out, ockam_slice("abc", 3), NULL), OCKAM_LIMIT);
        assert_status(ockam_cbor_write_uint(&out, 65536, NULL), OCKAM_LIMIT);
        assert_status(ockam_cbor_write_variant(&out, 256, 0, NULL), OCKAM_LIMIT);
        assert_int_equal(out.len, 0);
    }
}

static ockam_status_t write_some(const ockam_allocator_t *allocator, void *context)
{
    uint8_t        bytes[200] = {0};
    ockam_buf_t    out;
    ockam_status_t s;

    (void)context;
    ockam_buf_init(&out, allocator, 1000);
    s = ockam_cbor_write_bytes(&out, ockam_slice(bytes, 60), NULL);
    if (s == OCKAM_OK)
        s = ockam_cbor_write_text(&out, ockam_slice(bytes, sizeof(bytes)), NULL);
    assert_int_equal(out.len, s == OCKAM_OK ? 62 + 202 : out.len == 0 ? 0 : 62);
    ockam_buf_deinit(&out);
    return s;
}

static void a_write_without_memory_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(failing_allocator_sweep(write_some, NULL), 2);
}

/* ---- reading one item ------------------------------------------------------------------------------------------ */

static void integers_of_any_width_are_read_if_the_value_fits(void **state)
{
    static const char *const forms[] = {"07", "1807", "190007", "1a00000007", "1b0000000000000007"};
    uint8_t                  bytes[9];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        ockam_reader_t r     = hex_reader(forms[i], bytes);
        uint64_t       value = 99;
        const size_t   len   = r.rest.len;
        assert_status(ockam_cbor_read_uint(&r, 6, &value, NULL), OCKAM_MALFORMED);
        assert_int_equal(value, 99);
        assert_int_equal(r.rest.len, len);
        assert_ok(ockam_cbor_read_uint(&r, 7, &value, NULL));
        assert_int_equal(value, 7);
        assert_int_equal(r.rest.len, 0);
    }
}

static void strings_are_lent_whatever_the_width_of_their_length(void **state)
{
    static const char *const forms[] = {"4161", "580161", "59000161", "5a0000000161", "5b000000000000000161"};
    uint8_t                  bytes[10];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        ockam_reader_t r = hex_reader(forms[i], bytes);
        ockam_slice_t  s = {NULL, 0};
        uint8_t        byte;
        assert_status(ockam_cbor_read_text(&r, &s, NULL), OCKAM_MALFORMED);
        assert_ok(ockam_cbor_read_bytes(&r, &s, NULL));
        assert_slice_equal(s, ockam_slice_text("a"));
        assert_int_equal(r.rest.len, 0);
        r = hex_reader(forms[i], bytes);
        bytes[0] |= 0x20; /* now text */
        assert_status(ockam_cbor_read_bytes(&r, &s, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_read_bytes_exact(&r, &byte, 1, NULL), OCKAM_MALFORMED);
        assert_ok(ockam_cbor_read_text(&r, &s, NULL));
        assert_slice_equal(s, ockam_slice_text("a"));
    }
}

static void what_a_typed_read_does_not_accept_is_refused_without_moving(void **state)
{
    /* negative, indefinite strings, array, map, tags, simple values, floats, break, reserved heads, nothing */
    static const char *const items[] = {
        "20",   "3800",   "5f4161ff", "7f6161ff", "80",   "9fff",   "a0",         "bfff",
        "c000", "d81800", "e0",       "f7",       "f818", "f93c00", "fa47c35000", "fb3ff199999999999a",
        "ff",   "1c",     "1f",       "3d",       "5c",   "5e",     "7d",         "9e",
        "be",   "dc",     "df",       "fc",       "fe",   ""};
    uint8_t bytes[16], out[1];

    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        ockam_reader_t r   = hex_reader(items[i], bytes);
        ockam_slice_t  s   = {NULL, 0};
        const size_t   len = r.rest.len;
        uint64_t       u;
        bool           b;
        assert_status(ockam_cbor_read_uint(&r, UINT64_MAX, &u, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_read_bytes(&r, &s, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_read_text(&r, &s, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_read_bytes_exact(&r, out, 1, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_read_bool(&r, &b, NULL), OCKAM_MALFORMED);
        assert_false(ockam_cbor_take_null(&r));
        assert_int_equal(r.rest.len, len);
    }
}

static void only_f4_and_f5_are_booleans_and_only_f6_is_null(void **state)
{
    (void)state;
    for (unsigned b = 0; b < 256; b++) {
        const uint8_t  byte = (uint8_t)b;
        ockam_reader_t r    = ockam_reader(ockam_slice(&byte, 1));
        bool           out  = false;
        assert_int_equal(ockam_cbor_read_bool(&r, &out, NULL), b == 0xf4 || b == 0xf5 ? OCKAM_OK : OCKAM_MALFORMED);
        assert_int_equal(out, b == 0xf5);
        r = ockam_reader(ockam_slice(&byte, 1));
        assert_int_equal(ockam_cbor_take_null(&r), b == 0xf6);
        assert_int_equal(r.rest.len, b == 0xf6 ? 0 : 1);
    }
}

static void bytes_of_fixed_size_have_exactly_that_size(void **state)
{
    uint8_t        bytes[8], out[4] = {9, 9, 9, 9};
    ockam_reader_t r = hex_reader("43010203", bytes);

    (void)state;
    assert_status(ockam_cbor_read_bytes_exact(&r, out, 2, NULL), OCKAM_MALFORMED);
    assert_status(ockam_cbor_read_bytes_exact(&r, out, 4, NULL), OCKAM_MALFORMED);
    assert_int_equal(out[0], 9);
    assert_ok(ockam_cbor_read_bytes_exact(&r, out, 3, NULL));
    assert_memory_equal(out, "\1\2\3\11", 4);
    r = hex_reader("40", bytes);
    assert_ok(ockam_cbor_read_bytes_exact(&r, out, 0, NULL));
}

static void text_that_is_not_utf8_is_refused(void **state)
{
    uint8_t        bytes[8];
    ockam_reader_t r = hex_reader("62fffe", bytes);
    ockam_slice_t  s;

    (void)state;
    assert_status(ockam_cbor_read_text(&r, &s, NULL), OCKAM_MALFORMED);
    assert_status(ockam_cbor_skip(&r, NULL), OCKAM_MALFORMED);
    r = hex_reader("62c3bc", bytes);
    assert_ok(ockam_cbor_read_text(&r, &s, NULL));
    assert_slice_equal(s, ockam_slice("\xc3\xbc", 2));
}

/* ---- arrays, maps, enums --------------------------------------------------------------------------------------- */

static void definite_and_indefinite_arrays_read_alike(void **state)
{
    static const char *const forms[] = {"83010203", "9803010203", "990003010203", "9b0000000000000003010203",
                                        "9f010203ff"};
    uint8_t                  bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        ockam_reader_t     r   = hex_reader(forms[i], bytes);
        ockam_cbor_items_t it  = {0};
        uint64_t           sum = 0, value = 0;
        assert_ok(ockam_cbor_enter_array(&r, &it, NULL));
        while (ockam_cbor_next(&r, &it)) {
            assert_ok(ockam_cbor_read_uint(&r, 3, &value, NULL));
            sum = sum * 10 + value;
        }
        assert_int_equal(sum, 123);
        assert_int_equal(r.rest.len, 0);
        assert_false(ockam_cbor_next(&r, &it));
    }
}

static void definite_and_indefinite_maps_read_alike(void **state)
{
    static const char *const forms[] = {"a201020304", "b80201020304", "bf01020304ff"};
    uint8_t                  bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        ockam_reader_t     r     = hex_reader(forms[i], bytes);
        ockam_cbor_items_t it    = {0};
        size_t             pairs = 0;
        uint64_t           key = 0, value = 0;
        assert_ok(ockam_cbor_enter_map(&r, &it, NULL));
        while (ockam_cbor_next(&r, &it)) {
            assert_ok(ockam_cbor_read_uint(&r, 9, &key, NULL));
            assert_ok(ockam_cbor_read_uint(&r, 9, &value, NULL));
            assert_int_equal(value, key + 1);
            pairs++;
        }
        assert_int_equal(pairs, 2);
        assert_int_equal(r.rest.len, 0);
    }
}

static void leaving_steps_over_what_is_left(void **state)
{
    static const struct {
        const char *hex;
        bool        map;
    } cases[] = {{"83018102a10304f6", false},
                 {"9f018102a10304fff6", false},
                 {"a2016161028103f6", true},
                 {"bf016161028103046162fff6", true},
                 {"80f6", false},
                 {"bffff6", true}};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ockam_reader_t     r  = hex_reader(cases[i].hex, bytes);
        ockam_cbor_items_t it = {0};
        assert_ok(cases[i].map ? ockam_cbor_enter_map(&r, &it, NULL) : ockam_cbor_enter_array(&r, &it, NULL));
        assert_ok(ockam_cbor_leave(&r, &it, cases[i].map, NULL));
        assert_true(ockam_cbor_take_null(&r));
        assert_int_equal(r.rest.len, 0);
        assert_ok(ockam_cbor_leave(&r, &it, cases[i].map, NULL)); /* nothing is left */
    }
}

static void leaving_a_cut_array_fails_without_moving(void **state)
{
    uint8_t            bytes[16];
    ockam_reader_t     r  = hex_reader("9f0102", bytes);
    ockam_cbor_items_t it = {0};

    (void)state;
    assert_ok(ockam_cbor_enter_array(&r, &it, NULL));
    assert_status(ockam_cbor_leave(&r, &it, false, NULL), OCKAM_MALFORMED);
    assert_int_equal(r.rest.len, 2);
    assert_true(ockam_cbor_next(&r, &it));
}

static void a_count_beyond_the_bytes_that_are_left_is_refused_at_once(void **state)
{
    static const char *const items[] = {
        "82",   "8200",     "9affffffff00",           "9bffffffffffffffff00",  "9bfffffffffffffffe00",
        "a100", "a3000000", "bbffffffffffffffff0000", "bb80000000000000000000"};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        ockam_reader_t     r   = hex_reader(items[i], bytes);
        ockam_cbor_items_t it  = {7};
        const size_t       len = r.rest.len;
        assert_status(ockam_cbor_enter_array(&r, &it, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_enter_map(&r, &it, NULL), OCKAM_MALFORMED);
        assert_status(ockam_cbor_skip(&r, NULL), OCKAM_MALFORMED);
        assert_int_equal(it.left, 7);
        assert_int_equal(r.rest.len, len);
    }
}

static void an_enum_is_a_definite_array_of_two(void **state)
{
    static const char *const good[] = {"820280", "98020280", "82180280", "82029fff"};
    static const char *const bad[]  = {"9f0280ff", "8102",   "83028000", "80",   "822080", "8202a0",
                                       "820200",   "8202f6", "82",       "8202", "02",     "821b000000010000000080",
                                       "c0820280"};
    uint8_t                  bytes[16];
    uint64_t                 variant;
    ockam_cbor_items_t       fields;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ockam_reader_t r = hex_reader(good[i], bytes);
        assert_ok(ockam_cbor_enter_variant(&r, &variant, &fields, NULL));
        assert_int_equal(variant, 2);
        assert_false(ockam_cbor_next(&r, &fields));
        assert_int_equal(r.rest.len, 0);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ockam_reader_t r   = hex_reader(bad[i], bytes);
        const size_t   len = r.rest.len;
        assert_status(ockam_cbor_enter_variant(&r, &variant, &fields, NULL), OCKAM_MALFORMED);
        assert_int_equal(r.rest.len, len);
    }
}

/* ---- skipping -------------------------------------------------------------------------------------------------- */

static void every_item_of_appendix_a_is_skipped_exactly_and_refused_when_cut(void **state)
{
    vectors_t    *vectors = vectors_open_text("cbor/appendix_a.json");
    ockam_slice_t items[APPENDIX_A_ITEMS];

    (void)state;
    assert_int_equal(appendix_a_load(vectors, items), APPENDIX_A_ITEMS);
    for (size_t i = 0; i < APPENDIX_A_ITEMS; i++) {
        uint8_t        more[80];
        ockam_reader_t r;
        assert_true(items[i].len > 0 && items[i].len < sizeof(more));
        memcpy(more, items[i].ptr, items[i].len);
        more[items[i].len] = 0x00;
        r                  = ockam_reader(ockam_slice(more, items[i].len + 1));
        assert_ok(ockam_cbor_skip(&r, NULL));
        assert_int_equal(r.rest.len, 1);
        for (size_t n = 0; n < items[i].len; n++) {
            r = ockam_reader(ockam_slice(items[i].ptr, n));
            assert_status(ockam_cbor_skip(&r, NULL), OCKAM_MALFORMED);
            assert_int_equal(r.rest.len, n);
        }
    }
    vectors_close(vectors);
}

static void what_is_not_well_formed_is_not_skipped(void **state)
{
    /* RFC 8949 appendix F: reserved heads, breaks in the wrong place, wrong pieces of strings */
    static const char *const items[] = {
        "1c",         "1d",           "1e",           "1f",       "3c",     "3f",       "5c",       "7e",
        "9c",         "bd",           "dc",           "df",       "fc",     "fd",       "fe",       "ff",
        "81ff",       "8200ff",       "a1ff",         "a1ff00",   "a100ff", "a20000ff", "9f81ff",   "bf00ff",
        "bf000000ff", "5f00ff",       "5f21ff",       "5f6100ff", "5f80ff", "5fa0ff",   "5fc000ff", "5fe0ff",
        "7f4100ff",   "5f5f4100ffff", "7f7f6100ffff", "c0ff",     "9fc0ff", "7f61c3ff", "d8",       "c0"};
    uint8_t bytes[16];

    (void)state;
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        ockam_reader_t r   = hex_reader(items[i], bytes);
        const size_t   len = r.rest.len;
        assert_status(ockam_cbor_skip(&r, NULL), OCKAM_MALFORMED);
        assert_int_equal(r.rest.len, len);
    }
}

/* `depth` levels around one number; `open` is 81 (array), 9f (its indefinite form) or bf00 (map) */
static size_t nest(uint8_t *out, size_t depth, const char *open)
{
    const size_t size = strlen(open) / 2;
    const bool   ends = open[1] == 'f';
    size_t       len  = 0;

    for (size_t i = 0; i < depth; i++, len += size)
        assert_ok(ockam_hex_decode(ockam_slice_text(open), out + len, size, NULL));
    out[len++] = 0x00;
    for (size_t i = 0; i < depth && ends; i++)
        out[len++] = 0xff;
    return len;
}

static void nesting_is_followed_to_its_limit_and_no_further(void **state)
{
    static const char *const opens[] = {"81", "9f", "bf00", "a100"};
    uint8_t                  bytes[4 * OCKAM_CBOR_DEPTH_MAX + 8];

    (void)state;
    for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
        ockam_reader_t r = ockam_reader(ockam_slice(bytes, nest(bytes, OCKAM_CBOR_DEPTH_MAX, opens[i])));
        assert_ok(ockam_cbor_skip(&r, NULL));
        assert_int_equal(r.rest.len, 0);
        r = ockam_reader(ockam_slice(bytes, nest(bytes, OCKAM_CBOR_DEPTH_MAX + 1, opens[i])));
        assert_status(ockam_cbor_skip(&r, NULL), OCKAM_LIMIT);
    }
    /* the innermost level may be empty, and still counts */
    memset(bytes, 0x81, OCKAM_CBOR_DEPTH_MAX);
    bytes[OCKAM_CBOR_DEPTH_MAX - 1] = 0x80;
    for (size_t more = 0; more < 2; more++) {
        ockam_reader_t r = ockam_reader(ockam_slice(bytes, OCKAM_CBOR_DEPTH_MAX + more));
        assert_status(ockam_cbor_skip(&r, NULL), more == 0 ? OCKAM_OK : OCKAM_LIMIT);
        bytes[OCKAM_CBOR_DEPTH_MAX - 1] = 0x81;
        bytes[OCKAM_CBOR_DEPTH_MAX]     = 0x80;
    }
}

static void a_megabyte_of_opening_bytes_neither_recurses_nor_loops(void **state)
{
    static uint8_t bytes[1 << 20];

    (void)state;
    for (unsigned b = 0x80; b < 0x100; b++) {
        ockam_reader_t r = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
        ockam_status_t s;
        memset(bytes, (int)b, sizeof(bytes));
        s = ockam_cbor_skip(&r, NULL);
        assert_true(s == OCKAM_OK || s == OCKAM_LIMIT || s == OCKAM_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_shortest_at_every_edge),
        cmocka_unit_test(every_kind_of_item_is_written_as_documented),
        cmocka_unit_test(a_write_that_does_not_fit_changes_nothing),
        cmocka_unit_test(a_write_without_memory_changes_nothing),
        cmocka_unit_test(integers_of_any_width_are_read_if_the_value_fits),
        cmocka_unit_test(strings_are_lent_whatever_the_width_of_their_length),
        cmocka_unit_test(what_a_typed_read_does_not_accept_is_refused_without_moving),
        cmocka_unit_test(only_f4_and_f5_are_booleans_and_only_f6_is_null),
        cmocka_unit_test(bytes_of_fixed_size_have_exactly_that_size),
        cmocka_unit_test(text_that_is_not_utf8_is_refused),
        cmocka_unit_test(definite_and_indefinite_arrays_read_alike),
        cmocka_unit_test(definite_and_indefinite_maps_read_alike),
        cmocka_unit_test(leaving_steps_over_what_is_left),
        cmocka_unit_test(leaving_a_cut_array_fails_without_moving),
        cmocka_unit_test(a_count_beyond_the_bytes_that_are_left_is_refused_at_once),
        cmocka_unit_test(an_enum_is_a_definite_array_of_two),
        cmocka_unit_test(every_item_of_appendix_a_is_skipped_exactly_and_refused_when_cut),
        cmocka_unit_test(what_is_not_well_formed_is_not_skipped),
        cmocka_unit_test(nesting_is_followed_to_its_limit_and_no_further),
        cmocka_unit_test(a_megabyte_of_opening_bytes_neither_recurses_nor_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
