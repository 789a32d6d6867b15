/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor_libcbor_test.c - our reader against the streaming decoder of libcbor: same items, same values, same ends, on
 * RFC 8949 appendix A, on broken forms of it, and on random bytes. */
#include "test.h"

#ifdef OCKAM_HAVE_LIBCBOR
#include <cbor.h>

#include "appendix_a.h"
#include "fixed_random.h"
#include "ockam/limits.h"
#include "wire/cbor.h"
#include "wire/text.h"

#define LEVELS 128u

/* The one thing that libcbor saw last. */
typedef enum {
    NOTHING,
    UINT,
    BYTES,
    TEXT,
    ARRAY,
    MAP,
    OPEN_ARRAY,
    OPEN_MAP,
    OPEN_BYTES,
    OPEN_TEXT,
    BOOL,
    NUL,
    TAG,
    BREAK,
    ATOM
} kind_t;

typedef struct {
    kind_t        kind;
    uint64_t      value;
    ockam_slice_t bytes;
} seen_t;

static void see(void *context, kind_t kind, uint64_t value)
{
    seen_t *seen = (seen_t *)context;

    seen->kind  = kind;
    seen->value = value;
}

static void on_uint8(void *context, uint8_t v)
{
    see(context, UINT, v);
}
static void on_uint16(void *context, uint16_t v)
{
    see(context, UINT, v);
}
static void on_uint32(void *context, uint32_t v)
{
    see(context, UINT, v);
}
static void on_uint64(void *context, uint64_t v)
{
    see(context, UINT, v);
}
static void on_negint8(void *context, uint8_t v)
{
    see(context, ATOM, v);
}
static void on_negint16(void *context, uint16_t v)
{
    see(context, ATOM, v);
}
static void on_negint32(void *context, uint32_t v)
{
    see(context, ATOM, v);
}
static void on_negint64(void *context, uint64_t v)
{
    see(context, ATOM, v);
}
static void on_open_bytes(void *context)
{
    see(context, OPEN_BYTES, 0);
}
static void on_open_text(void *context)
{
    see(context, OPEN_TEXT, 0);
}
static void on_open_array(void *context)
{
    see(context, OPEN_ARRAY, 0);
}
static void on_open_map(void *context)
{
    see(context, OPEN_MAP, 0);
}
static void on_array(void *context, size_t v)
{
    see(context, ARRAY, v);
}
static void on_map(void *context, size_t v)
{
    see(context, MAP, v);
}
static void on_tag(void *context, uint64_t v)
{
    see(context, TAG, v);
}
static void on_float(void *context, float v)
{
    (void)v;
    see(context, ATOM, 0);
}
static void on_double(void *context, double v)
{
    (void)v;
    see(context, ATOM, 0);
}
static void on_undefined(void *context)
{
    see(context, ATOM, 0);
}
static void on_null(void *context)
{
    see(context, NUL, 0);
}
static void on_bool(void *context, bool v)
{
    see(context, BOOL, v);
}
static void on_break(void *context)
{
    see(context, BREAK, 0);
}

static void on_bytes(void *context, cbor_data data, size_t len)
{
    see(context, BYTES, 0);
    ((seen_t *)context)->bytes = ockam_slice(data, len);
}

static void on_text(void *context, cbor_data data, size_t len)
{
    see(context, TEXT, 0);
    ((seen_t *)context)->bytes = ockam_slice(data, len);
}

static const struct cbor_callbacks callbacks = {
    .uint8             = on_uint8,
    .uint16            = on_uint16,
    .uint32            = on_uint32,
    .uint64            = on_uint64,
    .negint8           = on_negint8,
    .negint16          = on_negint16,
    .negint32          = on_negint32,
    .negint64          = on_negint64,
    .byte_string_start = on_open_bytes,
    .byte_string       = on_bytes,
    .string            = on_text,
    .string_start      = on_open_text,
    .indef_array_start = on_open_array,
    .array_start       = on_array,
    .indef_map_start   = on_open_map,
    .map_start         = on_map,
    .tag               = on_tag,
    .float2            = on_float,
    .float4            = on_float,
    .float8            = on_double,
    .undefined         = on_undefined,
    .null              = on_null,
    .boolean           = on_bool,
    .indef_break       = on_break,
};

/* One head (with the bytes of a string), as libcbor sees it. @return its size, 0 if there is none. */
static size_t look(ockam_slice_t bytes, seen_t *seen)
{
    struct cbor_decoder_result result;

    seen->kind = NOTHING;
    if (bytes.len == 0)
        return 0;
    /* Simple values and tags without a meaning: libcbor 0.8 refuses them, RFC 8949 does not. */
    if (bytes.ptr[0] >= 0xc6 && bytes.ptr[0] <= 0xd4) {
        seen->kind = TAG;
        return 1;
    }
    if (bytes.ptr[0] >= 0xe0 && bytes.ptr[0] <= 0xf3) {
        seen->kind = ATOM;
        return 1;
    }
    if (bytes.ptr[0] == 0xf8 && bytes.len >= 2) {
        seen->kind = ATOM;
        return 2;
    }
    result = cbor_stream_decode(bytes.ptr, bytes.len, &callbacks, seen);
    if (result.status != CBOR_DECODER_FINISHED) {
        seen->kind = NOTHING;
        return 0;
    }
    return result.read;
}

/* ---- one head -------------------------------------------------------------------------------------------------- */

static void check_strings(ockam_slice_t bytes, const seen_t *seen, size_t read)
{
    ockam_reader_t r    = ockam_reader(bytes);
    ockam_slice_t  lent = {NULL, 0};
    const bool     text = seen->kind == TEXT && ockam_utf8_valid(seen->bytes);

    assert_int_equal(ockam_cbor_read_bytes(&r, &lent, NULL), seen->kind == BYTES ? OCKAM_OK : OCKAM_MALFORMED);
    if (seen->kind == BYTES)
        assert_slice_equal(lent, seen->bytes);
    assert_int_equal(r.rest.len, bytes.len - (seen->kind == BYTES ? read : 0));
    r = ockam_reader(bytes);
    assert_int_equal(ockam_cbor_read_text(&r, &lent, NULL), text ? OCKAM_OK : OCKAM_MALFORMED);
    if (text)
        assert_slice_equal(lent, seen->bytes);
    assert_int_equal(r.rest.len, bytes.len - (text ? read : 0));
}

static void check_containers(ockam_slice_t bytes, const seen_t *seen, size_t read)
{
    ockam_reader_t     r     = ockam_reader(bytes);
    ockam_cbor_items_t items = {0};
    const bool         array = (seen->kind == ARRAY && seen->value <= bytes.len - read) || seen->kind == OPEN_ARRAY;
    const bool         map   = (seen->kind == MAP && seen->value <= (bytes.len - read) / 2) || seen->kind == OPEN_MAP;

    assert_int_equal(ockam_cbor_enter_array(&r, &items, NULL), array ? OCKAM_OK : OCKAM_MALFORMED);
    if (array)
        assert_true(items.left == (seen->kind == ARRAY ? seen->value : UINT64_MAX));
    assert_int_equal(r.rest.len, bytes.len - (array ? read : 0));
    r = ockam_reader(bytes);
    assert_int_equal(ockam_cbor_enter_map(&r, &items, NULL), map ? OCKAM_OK : OCKAM_MALFORMED);
    if (map)
        assert_true(items.left == (seen->kind == MAP ? seen->value : UINT64_MAX));
    assert_int_equal(r.rest.len, bytes.len - (map ? read : 0));
}

static void check_head(ockam_slice_t bytes)
{
    ockam_reader_t r = ockam_reader(bytes);
    seen_t         seen;
    const size_t   read  = look(bytes, &seen);
    uint64_t       value = 0;
    bool           b     = false;

    assert_int_equal(ockam_cbor_read_uint(&r, UINT64_MAX, &value, NULL),
                     seen.kind == UINT ? OCKAM_OK : OCKAM_MALFORMED);
    if (seen.kind == UINT)
        assert_true(value == seen.value);
    assert_int_equal(r.rest.len, bytes.len - (seen.kind == UINT ? read : 0));
    r = ockam_reader(bytes);
    assert_int_equal(ockam_cbor_read_bool(&r, &b, NULL), seen.kind == BOOL ? OCKAM_OK : OCKAM_MALFORMED);
    if (seen.kind == BOOL)
        assert_int_equal(b, seen.value != 0);
    r = ockam_reader(bytes);
    assert_int_equal(ockam_cbor_take_null(&r), seen.kind == NUL);
    check_strings(bytes, &seen, read);
    check_containers(bytes, &seen, read);
}

/* ---- one whole item -------------------------------------------------------------------------------------------- */

typedef struct {
    kind_t   kind;
    uint64_t left; /* items (not pairs) to come in a definite level; items so far in an open one */
} level_t;

typedef enum { GOOD, BAD, DEEP } verdict_t;

/* RFC 8949 on top of libcbor's heads. */
static verdict_t whole_item(ockam_slice_t bytes, size_t *len)
{
    level_t levels[LEVELS];
    size_t  depth  = 0;
    bool    tagged = false;

    *len = 0;
    for (;;) {
        seen_t       seen;
        const size_t read = look(ockam_slice(bytes.ptr + *len, bytes.len - *len), &seen);
        level_t     *top  = depth > 0 ? &levels[depth - 1] : NULL;
        if (read == 0)
            return BAD;
        *len += read;
        if (seen.kind == TAG) {
            tagged = true;
            if (top != NULL && (top->kind == OPEN_BYTES || top->kind == OPEN_TEXT))
                return BAD;
            continue;
        }
        if (seen.kind == BREAK) {
            if (tagged || top == NULL || top->kind == ARRAY || (top->kind == OPEN_MAP && top->left % 2 != 0))
                return BAD;
            depth--;
        } else {
            const bool definite = seen.kind == ARRAY || seen.kind == MAP;
            if (seen.kind == TEXT && !ockam_utf8_valid(seen.bytes))
                return BAD;
            if (top != NULL &&
                ((top->kind == OPEN_BYTES && seen.kind != BYTES) || (top->kind == OPEN_TEXT && seen.kind != TEXT)))
                return BAD;
            if (top != NULL)
                top->left += top->kind == ARRAY ? UINT64_MAX : 1; /* one less, or one more */
            if (definite || seen.kind == OPEN_ARRAY || seen.kind == OPEN_MAP) {
                if (depth == OCKAM_CBOR_DEPTH_MAX)
                    return DEEP;
                if (definite && seen.value > (bytes.len - *len) / (seen.kind == MAP ? 2 : 1))
                    return BAD;
                levels[depth].kind   = definite ? ARRAY : seen.kind;
                levels[depth++].left = definite ? seen.value * (seen.kind == MAP ? 2 : 1) : 0;
            } else if (seen.kind == OPEN_BYTES || seen.kind == OPEN_TEXT) {
                levels[depth].kind   = seen.kind;
                levels[depth++].left = 0;
            }
        }
        tagged = false;
        while (depth > 0 && levels[depth - 1].kind == ARRAY && levels[depth - 1].left == 0)
            depth--;
        if (depth == 0)
            return GOOD;
    }
}

static void check_item(ockam_slice_t bytes)
{
    static const ockam_status_t expected[] = {OCKAM_OK, OCKAM_MALFORMED, OCKAM_LIMIT};
    ockam_reader_t              r          = ockam_reader(bytes);
    size_t                      len        = 0;
    const verdict_t             verdict    = whole_item(bytes, &len);

    assert_int_equal(ockam_cbor_skip(&r, NULL), expected[verdict]);
    assert_int_equal(r.rest.len, verdict == GOOD ? bytes.len - len : bytes.len);
}

static void check(ockam_slice_t bytes)
{
    check_head(bytes);
    check_item(bytes);
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static void appendix_a_and_every_cut_and_flip_of_it_read_alike(void **state)
{
    vectors_t    *vectors = vectors_open_text("cbor/appendix_a.json");
    ockam_slice_t items[APPENDIX_A_ITEMS];

    (void)state;
    assert_int_equal(appendix_a_load(vectors, items), APPENDIX_A_ITEMS);
    for (size_t i = 0; i < APPENDIX_A_ITEMS; i++) {
        uint8_t bytes[80];
        assert_true(items[i].len < sizeof(bytes));
        for (size_t n = 0; n <= items[i].len; n++)
            for (size_t at = 0; at < n; at++)
                check(ockam_slice(items[i].ptr + at, n - at));
        for (size_t bit = 0; bit < 8 * items[i].len; bit++) {
            memcpy(bytes, items[i].ptr, items[i].len);
            bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            check(ockam_slice(bytes, items[i].len));
        }
    }
    vectors_close(vectors);
}

static void every_first_byte_with_every_second_reads_alike(void **state)
{
    uint8_t bytes[12] = {0};

    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            bytes[0] = (uint8_t)first;
            bytes[1] = (uint8_t)second;
            check(ockam_slice(bytes, sizeof(bytes)));
        }
    }
}

static void random_bytes_read_alike(void **state)
{
    /* Mostly heads, so that structures come about. */
    static const uint8_t likely[] = {0x00, 0x18, 0x40, 0x41, 0x5f, 0x60, 0x61, 0x7f, 0x80, 0x81, 0x82, 0x9f,
                                     0xa0, 0xa1, 0xa2, 0xbf, 0xc0, 0xd8, 0xf4, 0xf6, 0xf8, 0xf9, 0xff, 0xff};
    fixed_random_t       random;

    (void)state;
    fixed_random_seed(&random, 2024);
    for (size_t round = 0; round < 200000; round++) {
        uint8_t bytes[48], dice[48];
        size_t  len;
        assert_ok(fixed_random_fill(&random, bytes, sizeof(bytes)));
        assert_ok(fixed_random_fill(&random, dice, sizeof(dice)));
        len = dice[0] % sizeof(bytes);
        for (size_t i = 0; i < len; i++)
            if (dice[i] < 230)
                bytes[i] = likely[bytes[i] % sizeof(likely)];
        check(ockam_slice(bytes, len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appendix_a_and_every_cut_and_flip_of_it_read_alike),
        cmocka_unit_test(every_first_byte_with_every_second_reads_alike),
        cmocka_unit_test(random_bytes_read_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
    print_message("libcbor is not installed: nothing to compare with\n");
    return 0;
}
#endif
