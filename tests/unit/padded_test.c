/* SPDX-License-Identifier: Apache-2.0
 *
 * padded_test.c - the plaintext of a secure channel: public and recorded bytes first, then every other form. */
#include "test.h"

#include "failing_allocator.h"
#include "ockam/limits.h"
#include "vectors.h"
#include "wire/cbor.h"
#include "wire/padded.h"

#define HELLO "8282008183818200466563686f6572818200436170704c48656c6c6f204f636b616d2140"

typedef struct {
    ockam_wire_padded_t padded;
    ockam_route_t       onward, back;
} decoded_t;

static ockam_status_t decode(ockam_slice_t bytes, decoded_t *out)
{
    return ockam_wire_padded_decode(bytes, &out->padded, &out->onward, &out->back, NULL);
}

static ockam_slice_t unhex(const char *hex, uint8_t *bytes)
{
    assert_ok(ockam_hex_decode(ockam_slice_text(hex), bytes, strlen(hex) / 2, NULL));
    return ockam_slice(bytes, strlen(hex) / 2);
}

static size_t encode(uint8_t *out, const ockam_route_t *onward, const ockam_route_t *back, ockam_slice_t payload)
{
    uint8_t *p = ockam_wire_padded_put_head(out, onward, back, payload.len);

    assert_int_equal(p - out, ockam_wire_padded_head_size(onward, back, payload.len));
    if (payload.len > 0)
        memmove(p, payload.ptr, payload.len);
    return (size_t)(ockam_wire_padded_put_tail(p + payload.len) - out);
}

static void assert_route(const ockam_route_t *route, const char *expected)
{
    char text[4 * OCKAM_ROUTE_BYTES_MAX];

    (void)ockam_route_text(route, text, sizeof(text));
    assert_string_equal(text, expected);
}

static void the_documented_payloads_are_read_and_written_byte_for_byte(void **state)
{
    static const struct {
        const char *hex, *onward, *back;
    } cases[] = {
        {HELLO, "0#echoer", "0#app"},
        {"828200818380804040", "", ""},
        {"82820081838282014e3132372e302e302e313a3430303082004361706981820058203031323334353637383961626364656630313233"
         "3435363738396162636465664200ff40",
         "1#127.0.0.1:4000 => 0#api", "0#0123456789abcdef0123456789abcdef"},
    };
    uint8_t   bytes[128], out[128];
    decoded_t d;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_slice_t in = unhex(cases[i].hex, bytes);
        assert_ok(decode(in, &d));
        assert_int_equal(d.padded.kind, OCKAM_PADDED_PAYLOAD);
        assert_route(&d.onward, cases[i].onward);
        assert_route(&d.back, cases[i].back);
        assert_true(d.padded.payload.ptr + d.padded.payload.len == in.ptr + in.len - 1);
        assert_slice_equal(ockam_slice(out, encode(out, &d.onward, &d.back, d.padded.payload)), in);
    }
}

static void close_is_five_bytes(void **state)
{
    uint8_t   bytes[8];
    decoded_t d;

    (void)state;
    assert_slice_equal(ockam_slice(ockam_wire_padded_close, sizeof(ockam_wire_padded_close)),
                       unhex("8282028040", bytes));
    assert_ok(decode(ockam_slice(ockam_wire_padded_close, sizeof(ockam_wire_padded_close)), &d));
    assert_int_equal(d.padded.kind, OCKAM_PADDED_CLOSE);
}

static void the_public_refresh_message_is_read_and_written_byte_for_byte(void **state)
{
    vectors_t          *v  = vectors_open("secure_channel.json");
    const ockam_slice_t in = vectors_hex(v, vectors_get(v, vectors_root(v), "padded_message_refresh_credentials"),
                                         "cbor");
    uint8_t             storage[1024];
    ockam_buf_t         out;
    decoded_t           d;

    (void)state;
    assert_ok(decode(in, &d));
    assert_int_equal(d.padded.kind, OCKAM_PADDED_REFRESH_CREDENTIALS);
    assert_int_equal(d.padded.credential_count, 1);
    assert_ptr_equal(d.padded.change_history.ptr, in.ptr + 5);
    assert_int_equal(d.padded.change_history.ptr[0], 0x81); /* a list of one change */
    assert_int_equal(d.padded.credentials[0].ptr[0], 0x82);
    ockam_buf_init_fixed(&out, storage, sizeof(storage));
    assert_ok(ockam_wire_padded_write_refresh(&out, d.padded.change_history, d.padded.credentials, 1, NULL));
    assert_slice_equal(ockam_buf_view(&out), in);
    for (size_t n = 0; n < in.len; n++)
        assert_status(decode(ockam_slice(in.ptr, n), &d), OCKAM_MALFORMED);
    vectors_close(v);
}

/* Every plaintext of one recorded session: read it, write it again, compare. */
static size_t check_session(vectors_t *v, const json_t *data)
{
    size_t        count = 0, i;
    const json_t *row;
    uint8_t       storage[8192];

    json_array_foreach(data, i, row)
    {
        const char         *hex = json_string_value(json_array_get(row, 2));
        const ockam_slice_t in  = vectors_unhex(v, hex, strlen(hex));
        ockam_buf_t         out;
        decoded_t           d;
        assert_true(in.len < sizeof(storage));
        assert_ok(decode(in, &d));
        ockam_buf_init_fixed(&out, storage, sizeof(storage));
        switch (d.padded.kind) {
        case OCKAM_PADDED_PAYLOAD: out.len = encode(storage, &d.onward, &d.back, d.padded.payload); break;
        case OCKAM_PADDED_REFRESH_CREDENTIALS:
            assert_ok(ockam_wire_padded_write_refresh(&out, d.padded.change_history, d.padded.credentials,
                                                      d.padded.credential_count, NULL));
            break;
        case OCKAM_PADDED_CLOSE:
            assert_ok(
                ockam_buf_append(&out, ockam_slice(ockam_wire_padded_close, OCKAM_WIRE_PADDED_CLOSE_BYTES), NULL));
            break;
        }
        assert_slice_equal(ockam_buf_view(&out), in);
        count++;
    }
    return count;
}

/* Sessions stand in scenarios, and in lists and objects inside of scenarios. */
static size_t check_sessions(vectors_t *v, const json_t *json)
{
    const char   *key;
    const json_t *value;
    size_t        count = 0, i;

    if (json_is_object(json) && json_is_object(json_object_get(json, "handshake")) &&
        json_object_get(json, "data") != NULL)
        return check_session(v, json_object_get(json, "data"));
    json_object_foreach((json_t *)(uintptr_t)json, key, value) count += check_sessions(v, value);
    json_array_foreach(json, i, value) count += check_sessions(v, value);
    return count;
}

static void every_plaintext_recorded_with_the_rust_program_is_read_and_written_byte_for_byte(void **state)
{
    vectors_t *v = vectors_open("recorded-0.150.0.json");

    (void)state;
    assert_true(check_sessions(v, vectors_root(v)) > 280); /* two sessions of 140 messages, and smaller ones */
    vectors_close(v);
}

static void every_form_that_a_peer_may_send_means_the_same(void **state)
{
    static const char *const forms[] = {
        "82820081838182004165818200416141aa40",     "82820081838182004165818200416141aa43000000", /* padding */
        "83820081838182004165818200416141aa40f6", /* surplus elements on every level */
        "82820082838182004165818200416141aaf640",   "82820081848182004165818200416141aaf640",
        "82820081838182004165818200416141aa40ffff", /* junk behind */
        "9f820081838182004165818200416141aa40ff",   /* indefinite where an array is */
        "8282009f838182004165818200416141aaff40",   "828200819f8182004165818200416141aaff40",
        "82820081839f82004165ff819f004161ff41aa40", "980298021800980198039801980218005801659801820041615801aa5800",
    };
    uint8_t   bytes[128], out[64], expected[64];
    decoded_t d;

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_ok(decode(unhex(forms[i], bytes), &d));
        assert_int_equal(d.padded.kind, OCKAM_PADDED_PAYLOAD);
        assert_slice_equal(ockam_slice(out, encode(out, &d.onward, &d.back, d.padded.payload)),
                           unhex(forms[0], expected));
    }
}

static void close_may_carry_anything_and_be_padded(void **state)
{
    static const char *const forms[] = {"8282028043000000", "828202f640", "8282020040",
                                        "828202810140",     "828202a040", "828202c15f4100ff40"};
    uint8_t                  bytes[32];
    decoded_t                d;

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_ok(decode(unhex(forms[i], bytes), &d));
        assert_int_equal(d.padded.kind, OCKAM_PADDED_CLOSE);
    }
}

static void what_is_no_plaintext_is_refused_and_leaves_the_results_alone(void **state)
{
    static const char *const forms[] = {
        "",
        "80",
        "8180",
        "a0",
        "40",
        "ff",
        "82820280", /* padding is missing */
        "8282028000",
        "82820280f6",
        "8282028060",
        "828202805f4100ff",           /* padding is something else */
        "8282038040",                 /* unknown variant */
        "82821b00000001000000028040", /* not variant 2, in 32 bits */
        "829f028040",
        "829f0280ff40", /* an indefinite enum */
        "82810240",
        "828302808040",
        "820240",
        "8282008040",
        "828200818040",
        "8282008182808040", /* fields are missing */
        "8282008183808040",
        "828200818380a04040",
        "8282008183f6804040",
        "828200a18380804040",
        "82820081a3804040",
        "828200818380806040",
        "82820081838080810140",
        "828200818380805f4100ff40", /* payload is no bytes */
        "c0828200818380804040",
        "82c08200818380804040",
        "8282008183c080804040",
        "82820181828081", /* refresh: padding is missing */
        "82820181818040",
        "82820181828040",
        "8282018182808140",
        "828201818280a040",
        "8282018182806040",
        "8282018040",
        "8282008183808182005bffffffffffffffff4040",
    };
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        decoded_t d, before;
        memset(&d, 0x5a, sizeof(d));
        memcpy(&before, &d, sizeof(d));
        if (decode(unhex(forms[i], bytes), &d) != OCKAM_MALFORMED)
            fail_msg("%s was not refused", forms[i]);
        assert_memory_equal(&d, &before, sizeof(d));
    }
}

static void a_payload_cut_at_any_byte_is_refused(void **state)
{
    uint8_t             bytes[64];
    const ockam_slice_t whole = unhex(HELLO, bytes);
    decoded_t           d;

    (void)state;
    for (size_t n = 0; n < whole.len; n++)
        assert_status(decode(ockam_slice(whole.ptr, n), &d), OCKAM_MALFORMED);
}

static void a_payload_with_any_bit_flipped_is_refused_or_comes_out_canonical(void **state)
{
    uint8_t             bytes[64], out[128];
    const ockam_slice_t whole = unhex(HELLO, bytes);

    (void)state;
    for (size_t bit = 0; bit < 8 * whole.len; bit++) {
        decoded_t      d, back;
        ockam_status_t s;
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        s = decode(whole, &d);
        assert_true(s == OCKAM_OK || s == OCKAM_MALFORMED);
        if (s == OCKAM_OK && d.padded.kind == OCKAM_PADDED_PAYLOAD) {
            assert_ok(decode(ockam_slice(out, encode(out, &d.onward, &d.back, d.padded.payload)), &back));
            assert_true(ockam_route_equal(&d.onward, &back.onward) && ockam_route_equal(&d.back, &back.back));
            assert_slice_equal(d.padded.payload, back.padded.payload);
        }
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

static void a_route_beyond_the_limit_is_told_from_a_broken_one(void **state)
{
    static uint8_t bytes[2048];
    size_t         len = unhex("8282008183", bytes).len;
    decoded_t      d;

    (void)state;
    len += ockam_cbor_put_head(bytes + len, 4, OCKAM_ROUTE_BYTES_MAX / 3 + 1);
    for (size_t i = 0; i < OCKAM_ROUTE_BYTES_MAX / 3 + 1; i++, len += 3)
        (void)unhex("820040", bytes + len);
    (void)unhex("804040", bytes + len);
    assert_status(decode(ockam_slice(bytes, len + 3), &d), OCKAM_LIMIT);
    assert_status(decode(ockam_slice(bytes, len + 2), &d), OCKAM_MALFORMED);
}

static void credentials_beyond_the_limit_are_ignored(void **state)
{
    uint8_t       storage[64];
    ockam_buf_t   out;
    ockam_slice_t credentials[OCKAM_CREDENTIALS_MAX + 1];
    const uint8_t numbers[OCKAM_CREDENTIALS_MAX + 1] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    decoded_t     d;

    (void)state;
    for (size_t i = 0; i < OCKAM_CREDENTIALS_MAX + 1; i++)
        credentials[i] = ockam_slice(&numbers[i], 1);
    for (size_t count = 0; count <= OCKAM_CREDENTIALS_MAX + 1; count++) {
        const size_t kept = count < OCKAM_CREDENTIALS_MAX ? count : OCKAM_CREDENTIALS_MAX;
        ockam_buf_init_fixed(&out, storage, sizeof(storage));
        assert_ok(ockam_wire_padded_write_refresh(&out, ockam_slice("\xf6", 1), credentials, count, NULL));
        assert_ok(decode(ockam_buf_view(&out), &d));
        assert_int_equal(d.padded.credential_count, kept);
        for (size_t i = 0; i < kept; i++)
            assert_slice_equal(d.padded.credentials[i], credentials[i]);
        assert_slice_equal(d.padded.change_history, ockam_slice("\xf6", 1));
    }
}

static void a_refresh_that_does_not_fit_changes_nothing(void **state)
{
    uint8_t             storage[16];
    const ockam_slice_t credential = ockam_slice("\x01", 1);

    (void)state;
    for (size_t cap = 0; cap < 10; cap++) {
        ockam_buf_t out;
        ockam_buf_init_fixed(&out, storage, cap);
        assert_status(ockam_wire_padded_write_refresh(&out, ockam_slice("\xf6", 1), &credential, 1, NULL),
                      cap < 9 ? OCKAM_LIMIT : OCKAM_OK);
        assert_int_equal(out.len, cap < 9 ? 0 : 9);
    }
}

static ockam_status_t write_refresh(const ockam_allocator_t *allocator, void *context)
{
    const ockam_slice_t credential  = ockam_slice("\x01", 1);
    uint8_t             history[90] = {0};
    ockam_buf_t         out;
    ockam_status_t      s;

    (void)context;
    ockam_buf_init(&out, allocator, 1000);
    s = ockam_wire_padded_write_refresh(&out, ockam_slice(history, sizeof(history)), &credential, 1, NULL);
    assert_int_equal(out.len, s == OCKAM_OK ? 98 : 0);
    ockam_buf_deinit(&out);
    return s;
}

static void a_refresh_without_memory_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(failing_allocator_sweep(write_refresh, NULL), 2);
}

static void the_head_is_written_directly_in_front_of_a_payload(void **state)
{
    uint8_t              slab[256];
    uint8_t *const       payload = slab + 128;
    const ockam_route_t *onward  = OCKAM_ROUTE("echoer");
    const ockam_route_t *back    = OCKAM_ROUTE("app");
    const size_t         head    = ockam_wire_padded_head_size(onward, back, 64);
    decoded_t            d;

    (void)state;
    memset(slab, 0xcc, sizeof(slab));
    assert_ptr_equal(ockam_wire_padded_put_head_before(payload, onward, back, 64), payload - head);
    assert_int_equal(payload[-(ptrdiff_t)head - 1], 0xcc);
    assert_int_equal(payload[0], 0xcc);
    assert_ptr_equal(ockam_wire_padded_put_tail(payload + 64), payload + 65);
    assert_ok(decode(ockam_slice(payload - head, head + 65), &d));
    assert_ptr_equal(d.padded.payload.ptr, payload);
    assert_int_equal(d.padded.payload.len, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_payloads_are_read_and_written_byte_for_byte),
        cmocka_unit_test(close_is_five_bytes),
        cmocka_unit_test(the_public_refresh_message_is_read_and_written_byte_for_byte),
        cmocka_unit_test(every_plaintext_recorded_with_the_rust_program_is_read_and_written_byte_for_byte),
        cmocka_unit_test(every_form_that_a_peer_may_send_means_the_same),
        cmocka_unit_test(close_may_carry_anything_and_be_padded),
        cmocka_unit_test(what_is_no_plaintext_is_refused_and_leaves_the_results_alone),
        cmocka_unit_test(a_payload_cut_at_any_byte_is_refused),
        cmocka_unit_test(a_payload_with_any_bit_flipped_is_refused_or_comes_out_canonical),
        cmocka_unit_test(a_route_beyond_the_limit_is_told_from_a_broken_one),
        cmocka_unit_test(credentials_beyond_the_limit_are_ignored),
        cmocka_unit_test(a_refresh_that_does_not_fit_changes_nothing),
        cmocka_unit_test(a_refresh_without_memory_changes_nothing),
        cmocka_unit_test(the_head_is_written_directly_in_front_of_a_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
