/* SPDX-License-Identifier: Apache-2.0
 *
 * message_test.c - messages as documented, in every form that a peer may send, and cut, flipped and too long. */
#include "test.h"

#include "fixed_random.h"
#include "ockam/limits.h"
#include "wire/cbor.h"
#include "wire/message.h"

#define ECHO "84818200466563686f6572818200436170704d0c48656c6c6f204f636b616d21627b7d"

typedef struct {
    ockam_route_t onward, back;
    ockam_slice_t payload;
} decoded_t;

/* Exactly as many bytes as there are, so that a sanitizer sees a read past the end. */
static ockam_status_t decode(ockam_slice_t bytes, decoded_t *out)
{
    return ockam_wire_message_decode(bytes, &out->onward, &out->back, &out->payload, NULL);
}

static ockam_slice_t unhex(const char *hex, uint8_t *bytes)
{
    assert_ok(ockam_hex_decode(ockam_slice_text(hex), bytes, strlen(hex) / 2, NULL));
    return ockam_slice(bytes, strlen(hex) / 2);
}

static size_t encode(uint8_t *out, const ockam_route_t *onward, const ockam_route_t *back, ockam_slice_t payload)
{
    uint8_t *p = ockam_wire_message_put_head(out, onward, back, payload.len);

    assert_int_equal(p - out, ockam_wire_message_head_size(onward, back, payload.len));
    if (payload.len > 0)
        memmove(p, payload.ptr, payload.len);
    return (size_t)(ockam_wire_message_put_tail(p + payload.len) - out);
}

static void assert_routes(const decoded_t *m, const char *onward, const char *back)
{
    char text[4 * OCKAM_ROUTE_BYTES_MAX];

    (void)ockam_route_text(&m->onward, text, sizeof(text));
    assert_string_equal(text, onward);
    (void)ockam_route_text(&m->back, text, sizeof(text));
    assert_string_equal(text, back);
}

static void the_reference_message_is_read_and_written_byte_for_byte(void **state)
{
    static const struct {
        const char *hex, *onward, *back;
    } cases[] = {
        {ECHO, "0#echoer", "0#app"},
        {"84818200466563686f657281820058203031323334353637383961626364656630313233343536373839616263646566"
         "4d0c48656c6c6f204f636b616d21627b7d",
         "0#echoer", "0#0123456789abcdef0123456789abcdef"},
        {"848282004e666f72776172645f746f5f626f6282004c626f625f6c697374656e6572818200446161616141aa627b7d",
         "0#forward_to_bob => 0#bob_listener", "0#aaaa"},
        {"84818200446563686f828218c841ff820043617070420178627b7d", "0#echo", "200#\\xff => 0#app"},
        {"84808040627b7d", "", ""},
    };
    uint8_t bytes[128], out[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_slice_t in = unhex(cases[i].hex, bytes);
        decoded_t           m;
        assert_ok(decode(in, &m));
        assert_routes(&m, cases[i].onward, cases[i].back);
        assert_true(m.payload.ptr > in.ptr && m.payload.ptr + m.payload.len == in.ptr + in.len - 3);
        assert_slice_equal(ockam_slice(out, encode(out, &m.onward, &m.back, m.payload)), in);
    }
}

static void every_form_that_a_peer_may_send_means_the_same(void **state)
{
    static const char *const forms[] = {
        "84818200446563686f81820043617070420178627b7d",
        "83818200446563686f81820043617070420178",   /* three elements */
        "84818200446563686f81820043617070420178f6", /* null */
        "84818200446563686f8182004361707042017860", /* empty text */
        "84818200446563686f81820043617070420178686e6f6e73656e7365",
        "85818200446563686f81820043617070420178627b7df6",     /* five elements */
        "85818200446563686f81820043617070420178f6c15f41aaff", /* the fifth tagged, in pieces */
        "84818200446563686f81820043617070420178627b7dffffff", /* junk behind */
        "9f818200446563686f81820043617070420178627b7dff",     /* indefinite outer array */
        "9f818200446563686f81820043617070420178ff",
        "849f8200446563686fff9f820043617070ff420178627b7d", /* indefinite routes */
        "84819f00446563686fff819f0043617070ff420178627b7d", /* indefinite addresses */
        "9804818200446563686f81820043617070420178627b7d",   /* long heads */
        "84980182180058046563686f9900018219000059000361707058020178627b7d",
        "8481821b0000000000000000446563686f9a00000001821a000000005a0000000361707059000201787800",
        "84818300446563686f0581820043617070420178627b7d", /* address of three elements */
    };
    uint8_t   bytes[128], out[64], expected[64];
    decoded_t m;

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        assert_ok(decode(unhex(forms[i], bytes), &m));
        assert_routes(&m, "0#echo", "0#app");
        assert_slice_equal(m.payload, ockam_slice("\1x", 2));
        assert_slice_equal(ockam_slice(out, encode(out, &m.onward, &m.back, m.payload)), unhex(forms[0], expected));
    }
}

static void what_is_no_message_is_refused_and_leaves_the_results_alone(void **state)
{
    static const char *const forms[] = {
        "",
        "a0",
        "ff",
        "80",
        "8180",
        "82818200446563686f81820043617070", /* two elements */
        "9f8080ff",
        "84818200446563686f8182004361707042017805",         /* tracing is a number */
        "84818200446563686f81820043617070420178427b7d",     /* bytes */
        "84818200446563686f8182004361707042017880",         /* an array */
        "84818200446563686f81820043617070420178f7",         /* undefined */
        "84818200446563686f8182004361707042017862fffe",     /* not UTF-8 */
        "84818200446563686f818200436170704201787f617bff",   /* text in pieces */
        "848182190100446563686f81820043617070420178627b7d", /* type 256 */
        "84818200646563686f81820043617070420178627b7d",     /* value is text */
        "848182005f446563686fff81820043617070420178627b7d", /* value in pieces */
        "8481810081820043617070420178627b7d",               /* address of one element */
        "84818081820043617070420178627b7d",
        "84812081820043617070420178627b7d",
        "84a081820043617070420178627b7d", /* route is a map */
        "84f681820043617070420178627b7d",
        "8480808101627b7d", /* payload is an array */
        "8480806178627b7d",
        "8480805f41aaff627b7d",
        "848080f6627b7d",
        "c084808040627b7d", /* tags */
        "84c0808040627b7d",
        "848080c040627b7d",
        "9b0000000000000001808040627b7d", /* one element, the rest is behind */
        "9bffffffffffffffff808040627b7d", /* counts and lengths beyond the end */
        "849bffffffffffffffff8040627b7d",
        "8480805bffffffffffffffff627b7d",
        "848182005bffffffffffffffff627b7d",
    };
    uint8_t bytes[128];

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        decoded_t m, before;
        memset(&m, 0x5a, sizeof(m));
        memcpy(&before, &m, sizeof(m));
        if (decode(unhex(forms[i], bytes), &m) != OCKAM_MALFORMED)
            fail_msg("%s was not refused", forms[i]);
        assert_memory_equal(&m, &before, sizeof(m));
    }
}

static void a_message_cut_at_any_byte_is_refused(void **state)
{
    uint8_t             bytes[64];
    const ockam_slice_t whole = unhex(ECHO, bytes);
    decoded_t           m;

    (void)state;
    for (size_t n = 0; n < whole.len; n++)
        assert_status(decode(ockam_slice(whole.ptr, n), &m), OCKAM_MALFORMED);
}

static void a_message_with_any_bit_flipped_is_refused_or_comes_out_canonical(void **state)
{
    uint8_t             bytes[64], out[128], again[128];
    const ockam_slice_t whole    = unhex(ECHO, bytes);
    size_t              accepted = 0;

    (void)state;
    for (size_t bit = 0; bit < 8 * whole.len; bit++) {
        decoded_t      m, back;
        ockam_status_t s;
        size_t         len;
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        s = decode(whole, &m);
        assert_true(s == OCKAM_OK || s == OCKAM_MALFORMED);
        if (s == OCKAM_OK) {
            accepted++;
            len = encode(out, &m.onward, &m.back, m.payload);
            assert_ok(decode(ockam_slice(out, len), &back));
            assert_true(ockam_route_equal(&m.onward, &back.onward) && ockam_route_equal(&m.back, &back.back));
            assert_slice_equal(m.payload, back.payload);
            assert_slice_equal(ockam_slice(again, encode(again, &back.onward, &back.back, back.payload)),
                               ockam_slice(out, len));
        }
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    assert_true(accepted >= 8 * 22); /* names and payload at least */
}

/* A message with `count` addresses of `len` bytes in one route and nothing else. */
static size_t build(uint8_t *out, bool in_onward, size_t count, size_t len)
{
    uint8_t *p = out;

    *p++ = 0x84;
    if (!in_onward)
        *p++ = 0x80;
    p += ockam_cbor_put_head(p, 4, count);
    for (size_t i = 0; i < count; i++) {
        *p++ = 0x82;
        *p++ = 0x00;
        p += ockam_cbor_put_head(p, 2, len);
        memset(p, 'x', len);
        p += len;
    }
    if (in_onward)
        *p++ = 0x80;
    *p++ = 0x41;
    *p++ = 0xaa;
    return (size_t)(ockam_wire_message_put_tail(p) - out);
}

static void routes_up_to_the_limit_are_kept_and_longer_ones_are_told_from_broken_ones(void **state)
{
    static uint8_t bytes[200000], out[4096];

    (void)state;
    for (int in_onward = 0; in_onward < 2; in_onward++) {
        for (size_t len = 0; len <= OCKAM_ADDRESS_BYTES_MAX + 1; len++) {
            const size_t each = 2 + ockam_cbor_head_size(len) + len;
            const size_t most = len > OCKAM_ADDRESS_BYTES_MAX ? 0 : OCKAM_ROUTE_BYTES_MAX / each;
            decoded_t    m;
            size_t       size = build(bytes, in_onward == 1, most, len);
            assert_ok(decode(ockam_slice(bytes, size), &m));
            assert_int_equal((in_onward == 1 ? m.onward : m.back).count, most);
            assert_int_equal(encode(out, &m.onward, &m.back, m.payload), size);
            assert_memory_equal(out, bytes, size);
            size = build(bytes, in_onward == 1, most + 1, len);
            assert_status(decode(ockam_slice(bytes, size), &m), OCKAM_LIMIT);
            assert_status(decode(ockam_slice(bytes, size - 1), &m), OCKAM_MALFORMED); /* cut as well: the worse wins */
        }
        for (size_t len = 0; len < 16; len += 15) {
            decoded_t m;
            assert_status(decode(ockam_slice(bytes, build(bytes, in_onward == 1, 10000, len)), &m), OCKAM_LIMIT);
        }
    }
}

static void what_nests_too_deeply_to_be_skipped_is_a_limit(void **state)
{
    uint8_t   bytes[64];
    decoded_t m;
    size_t    len = unhex("85808040f6", bytes).len;

    (void)state;
    for (size_t i = 0; i < OCKAM_CBOR_DEPTH_MAX - 1; i++)
        bytes[len++] = 0x81;
    bytes[len] = 0x80;
    assert_ok(decode(ockam_slice(bytes, len + 1), &m));
    bytes[len++] = 0x81;
    bytes[len]   = 0x80;
    assert_status(decode(ockam_slice(bytes, len + 1), &m), OCKAM_LIMIT);
}

static void the_head_is_written_directly_in_front_of_a_payload(void **state)
{
    static uint8_t       slab[70000];
    static const size_t  sizes[] = {0, 1, 23, 24, 255, 256, 65535, 65536};
    const ockam_route_t *onward  = OCKAM_ROUTE("tcp#127.0.0.1:4000", "echoer");
    const ockam_route_t *back    = OCKAM_ROUTE("0123456789abcdef0123456789abcdef");

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *const payload = slab + 512;
        const size_t   head    = ockam_wire_message_head_size(onward, back, sizes[i]);
        decoded_t      m;
        memset(slab, 0xcc, sizeof(slab));
        assert_ptr_equal(ockam_wire_message_put_head_before(payload, onward, back, sizes[i]), payload - head);
        assert_int_equal(payload[-(ptrdiff_t)head - 1], 0xcc);
        assert_int_equal(payload[0], 0xcc);
        (void)ockam_wire_message_put_tail(payload + sizes[i]);
        assert_ok(decode(ockam_slice(payload - head, head + sizes[i] + OCKAM_WIRE_MESSAGE_TAIL_BYTES), &m));
        assert_ptr_equal(m.payload.ptr, payload);
        assert_int_equal(m.payload.len, sizes[i]);
        assert_true(ockam_route_equal(&m.onward, onward) && ockam_route_equal(&m.back, back));
    }
}

static void the_longest_head_has_its_documented_size(void **state)
{
    static uint8_t      out[OCKAM_WIRE_MESSAGE_HEAD_MAX];
    ockam_route_t       full  = {0};
    static const size_t large = SIZE_MAX;

    (void)state;
    while (ockam_route_append(&full, ockam_address_local(""), NULL) == OCKAM_OK)
        continue;
    ockam_route_drop_last(&full);
    assert_ok(ockam_route_append(&full, ockam_address_local("12"), NULL));
    assert_int_equal(full.end - full.start, OCKAM_ROUTE_BYTES_MAX);
    assert_int_equal(ockam_wire_message_head_size(&full, &full, large), OCKAM_WIRE_MESSAGE_HEAD_MAX);
    assert_ptr_equal(ockam_wire_message_put_head(out, &full, &full, large), out + sizeof(out));
}

static void decoded_routes_have_room_on_both_sides(void **state)
{
    uint8_t   bytes[64];
    decoded_t m;
    uint16_t  start, end;

    (void)state;
    assert_ok(decode(unhex(ECHO, bytes), &m));
    start = m.back.start;
    end   = m.back.end;
    for (int i = 0; i < 8; i++) {
        assert_ok(ockam_route_prepend(&m.back, ockam_address_local("0123456789abcdef0123456789abcdef"), NULL));
        assert_int_equal(m.back.end, end);
    }
    assert_int_equal(m.back.start, start - 8 * 36);
}

static void random_messages_round_trip(void **state)
{
    static uint8_t bytes[4096], pool[512];
    fixed_random_t random;

    (void)state;
    fixed_random_seed(&random, 99);
    for (size_t round = 0; round < 20000; round++) {
        ockam_route_t routes[2];
        decoded_t     m;
        size_t        len;
        assert_ok(fixed_random_fill(&random, pool, sizeof(pool)));
        for (size_t i = 0; i < 2; i++) {
            memset(&routes[i], 0, sizeof(routes[i]));
            for (size_t k = 0; k < pool[i] % 30u; k++) {
                const ockam_address_t a = {pool[k + 9], ockam_slice(pool + k, pool[k] % 2 == 0 ? 12u : pool[k + 50])};
                if (ockam_route_append(&routes[i], a, NULL) != OCKAM_OK)
                    break;
            }
        }
        len = encode(bytes, &routes[0], &routes[1], ockam_slice(pool, pool[3]));
        assert_ok(decode(ockam_slice(bytes, len), &m));
        assert_true(ockam_route_equal(&m.onward, &routes[0]) && ockam_route_equal(&m.back, &routes[1]));
        assert_slice_equal(m.payload, ockam_slice(pool, pool[3]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_message_is_read_and_written_byte_for_byte),
        cmocka_unit_test(every_form_that_a_peer_may_send_means_the_same),
        cmocka_unit_test(what_is_no_message_is_refused_and_leaves_the_results_alone),
        cmocka_unit_test(a_message_cut_at_any_byte_is_refused),
        cmocka_unit_test(a_message_with_any_bit_flipped_is_refused_or_comes_out_canonical),
        cmocka_unit_test(routes_up_to_the_limit_are_kept_and_longer_ones_are_told_from_broken_ones),
        cmocka_unit_test(what_nests_too_deeply_to_be_skipped_is_a_limit),
        cmocka_unit_test(the_head_is_written_directly_in_front_of_a_payload),
        cmocka_unit_test(the_longest_head_has_its_documented_size),
        cmocka_unit_test(decoded_routes_have_room_on_both_sides),
        cmocka_unit_test(random_messages_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
