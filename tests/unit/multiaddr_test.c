/* SPDX-License-Identifier: Apache-2.0
 *
 * multiaddr_test.c - multiaddrs as text and in binary, and as routes. */
#include "test.h"

#include "fixed_random.h"
#include "ockam/multiaddr.h"

static ockam_slice_t unhex(const char *hex, uint8_t *bytes)
{
    assert_ok(ockam_hex_decode(ockam_slice_text(hex), bytes, strlen(hex) / 2, NULL));
    return ockam_slice(bytes, strlen(hex) / 2);
}

static ockam_multiaddr_t parse(const char *text)
{
    ockam_multiaddr_t m;

    assert_ok(ockam_multiaddr_parse(ockam_slice_text(text), &m, NULL));
    return m;
}

static void assert_text(const ockam_multiaddr_t *m, const char *expected)
{
    char text[4 * OCKAM_MULTIADDR_BYTES_MAX];

    assert_int_equal(ockam_multiaddr_text(m, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

/* ---- text and binary ------------------------------------------------------------------------------------------- */

static void texts_and_bytes_are_those_of_the_protocol(void **state)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"/secure/api", "c6890603617069"},
        {"/service/api", "bee80303617069"},
        {"/ip4/127.0.0.1/tcp/4000/service/api", "047f000001060fa0bee80303617069"},
        {"/dnsaddr/localhost/tcp/4000/service/api", "38096c6f63616c686f7374060fa0bee80303617069"},
        {"/dnsaddr/localhost/tcp/4000/secure/api", "38096c6f63616c686f7374060fa0c6890603617069"},
        {"/udp/4001", "91020fa1"},
        {"/ip6/::1/udp/0", "290000000000000000000000000000000191020000"},
        {"/node/n/project/p/space/s/worker/w", "ceb604016ede84050170eed2050173fea0060177"},
        {"/service/", "bee80300"},
        {"", ""},
    };
    uint8_t           bytes[128];
    ockam_multiaddr_t m, back;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_slice_t binary = unhex(cases[i].hex, bytes);
        m                          = parse(cases[i].text);
        assert_slice_equal(ockam_multiaddr_view(&m), binary);
        assert_ok(ockam_multiaddr_decode(binary, &back, NULL));
        assert_true(ockam_multiaddr_equal(&m, &back));
        assert_text(&back, cases[i].text);
    }
}

static void other_spellings_come_out_in_the_usual_one(void **state)
{
    static const struct {
        const char *text, *usual;
    } cases[] = {
        {"self", "/secure/api"},
        {"node/n2/service/api", "/node/n2/service/api"},
        {"/service", "/service/"},
        {"service", "/service/"},
        {"/service//service/x", "/service//service/x"},
        {"/tcp/+080", "/tcp/80"},
        {"/ip6/0:0:0:0:0:0:0:1", "/ip6/::1"},
        {"/ip6/2001:DB8::A", "/ip6/2001:db8::a"},
        {"/service/self", "/service/self"},
        {"/service/\xc3\xa4 b#=>", "/service/\xc3\xa4 b#=>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_multiaddr_t m = parse(cases[i].text);
        assert_text(&m, cases[i].usual);
    }
}

static void wrong_texts_are_refused_and_leave_the_result_alone(void **state)
{
    static const char *const bad[] = {"/",           "//",
                                      "//service/x", "/service/x/",
                                      "/service//",  "/service/x//service/y",
                                      "/nope/x",     "/Service/x",
                                      "x",           "/self",
                                      "self/",       "/ip4/",
                                      "/ip4/1.2.3",  "/ip4/256.0.0.1",
                                      "/ip4/::1",    "/ip6/1.2.3.4",
                                      "/ip6/::g",    "/tcp/",
                                      "/tcp/65536",  "/tcp/-1",
                                      "/tcp/x",      "/udp/65536",
                                      "/tcp/1/udp",  "/service/\xff",
                                      "/p2p/x",      "/ip4/127.0.0.1/tcp"};
    ockam_multiaddr_t        m = parse("/service/kept"), before = m;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ockam_multiaddr_parse(ockam_slice_text(bad[i]), &m, NULL) != OCKAM_MALFORMED)
            fail_msg("'%s' was not refused", bad[i]);
    assert_status(ockam_multiaddr_parse(ockam_slice("/service/a\0b", 12), &m, NULL), OCKAM_MALFORMED);
    assert_true(ockam_multiaddr_equal(&m, &before));
}

static void wrong_bytes_are_refused_and_leave_the_result_alone(void **state)
{
    static const char *const bad[] = {
        "00",
        "01",
        "05",
        "7f",
        "9002",
        "ffffffff0f", /* unknown codes */
        "8400",
        "848000",
        "84808080800000",
        "b8000161", /* longer than needed */
        "8480808010",
        "ffffffff7f",
        "808080808001",
        "be",
        "bee8", /* more than 32 bits; cut */
        "04",
        "047f0000",
        "06",
        "060f",
        "9102",
        "91020f",
        "29",
        "290000000000000000000000000000",
        "38",
        "3801",
        "380561",
        "3881800061",
        "3881ffffff0f",
        "388080808010",
        "3801ff",
        "bee80302c328", /* not UTF-8 */
        "38016100",
    };
    uint8_t           bytes[32];
    ockam_multiaddr_t m = parse("/service/kept"), before = m;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ockam_multiaddr_decode(unhex(bad[i], bytes), &m, NULL) != OCKAM_MALFORMED)
            fail_msg("%s was not refused", bad[i]);
    assert_true(ockam_multiaddr_equal(&m, &before));
}

static void bytes_cut_within_a_component_are_refused(void **state)
{
    const ockam_multiaddr_t m      = parse("/ip4/127.0.0.1/tcp/4000/udp/1/ip6/::1/dnsaddr/x/service/api");
    static const size_t     ends[] = {0, 5, 8, 12, 29, 32, 39};
    ockam_multiaddr_t       out;

    (void)state;
    assert_int_equal(m.len, 39);
    for (size_t n = 0, next = 0; n <= m.len; n++) {
        const bool end = n == ends[next];
        assert_status(ockam_multiaddr_decode(ockam_slice(m.bytes, n), &out, NULL), end ? OCKAM_OK : OCKAM_MALFORMED);
        next += end ? 1 : 0;
    }
}

static void any_flipped_bit_is_refused_or_reads_back(void **state)
{
    ockam_multiaddr_t       m    = parse("/ip4/127.0.0.1/tcp/4000/ip6/::1/dnsaddr/x/service/api");
    const ockam_multiaddr_t good = m;

    (void)state;
    for (size_t bit = 0; bit < 8u * good.len; bit++) {
        ockam_multiaddr_t out;
        m = good;
        m.bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        if (ockam_multiaddr_decode(ockam_multiaddr_view(&m), &out, NULL) == OCKAM_OK)
            assert_true(ockam_multiaddr_equal(&m, &out));
    }
}

static void components_are_visited_in_order(void **state)
{
    const ockam_multiaddr_t     m        = parse("/ip4/1.2.3.4/tcp/4000/secure/api");
    size_t                      position = 0;
    ockam_multiaddr_component_t c;

    (void)state;
    assert_true(ockam_multiaddr_next(&m, &position, &c));
    assert_int_equal(c.protocol, OCKAM_MULTIADDR_IP4);
    assert_slice_equal(c.value, ockam_slice("\1\2\3\4", 4));
    assert_int_equal(position, 5);
    assert_int_equal(ockam_multiaddr_port(c), 0);
    assert_true(ockam_multiaddr_next(&m, &position, &c));
    assert_int_equal(c.protocol, OCKAM_MULTIADDR_TCP);
    assert_int_equal(ockam_multiaddr_port(c), 4000);
    assert_true(ockam_multiaddr_next(&m, &position, &c));
    assert_int_equal(c.protocol, OCKAM_MULTIADDR_SECURE);
    assert_slice_equal(c.value, ockam_slice_text("api"));
    assert_false(ockam_multiaddr_next(&m, &position, &c));
    assert_int_equal(position, m.len);
}

static void protocols_have_names(void **state)
{
    (void)state;
    assert_string_equal(ockam_multiaddr_protocol_name(OCKAM_MULTIADDR_UDP), "udp");
    assert_string_equal(ockam_multiaddr_protocol_name(OCKAM_MULTIADDR_WORKER), "worker");
    assert_null(ockam_multiaddr_protocol_name((ockam_multiaddr_protocol_t)7));
}

/* ---- building -------------------------------------------------------------------------------------------------- */

static void appending_checks_the_component(void **state)
{
    ockam_multiaddr_t m = {0};

    (void)state;
    assert_status(
        ockam_multiaddr_append(&m, (ockam_multiaddr_component_t){(ockam_multiaddr_protocol_t)7, {NULL, 0}}, NULL),
        OCKAM_INVALID);
    assert_status(ockam_multiaddr_append(
                      &m, (ockam_multiaddr_component_t){OCKAM_MULTIADDR_IP4, {(const uint8_t *)"123", 3}}, NULL),
                  OCKAM_INVALID);
    assert_status(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_SERVICE, "a/b", NULL), OCKAM_INVALID);
    assert_status(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_SERVICE, "\xff", NULL), OCKAM_INVALID);
    assert_status(ockam_multiaddr_append(
                      &m, (ockam_multiaddr_component_t){OCKAM_MULTIADDR_NODE, {(const uint8_t *)"a\0", 2}}, NULL),
                  OCKAM_INVALID);
    assert_int_equal(m.len, 0);
    assert_ok(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_NODE, "n1", NULL));
    assert_ok(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_SERVICE, "", NULL));
    assert_text(&m, "/node/n1/service/");
}

static void hosts_become_the_protocol_of_their_kind(void **state)
{
    ockam_multiaddr_t m = {0}, before;

    (void)state;
    assert_ok(ockam_multiaddr_append_tcp(&m, ockam_slice_text("127.0.0.1:1"), NULL));
    assert_ok(ockam_multiaddr_append_tcp(&m, ockam_slice_text("[::1]:2"), NULL));
    assert_ok(ockam_multiaddr_append_tcp(&m, ockam_slice_text("localhost:3"), NULL));
    assert_text(&m, "/ip4/127.0.0.1/tcp/1/ip6/::1/tcp/2/dnsaddr/localhost/tcp/3");
    before = m;
    assert_status(ockam_multiaddr_append_tcp(&m, ockam_slice_text("localhost"), NULL), OCKAM_MALFORMED);
    assert_true(ockam_multiaddr_equal(&m, &before));
}

static void the_limit_is_kept_by_every_way_in(void **state)
{
    static char       text[OCKAM_MULTIADDR_BYTES_MAX + 64];
    static uint8_t    bytes[OCKAM_MULTIADDR_BYTES_MAX + 8];
    const size_t      most = OCKAM_MULTIADDR_BYTES_MAX - 5; /* a code of 3 bytes, a length of 2 */
    ockam_multiaddr_t m    = {0}, before;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "/service/", 9);
    assert_ok(ockam_multiaddr_parse(ockam_slice(text, 9 + most), &m, NULL));
    assert_int_equal(m.len, OCKAM_MULTIADDR_BYTES_MAX);
    before = m;
    assert_status(ockam_multiaddr_parse(ockam_slice(text, 9 + most + 1), &m, NULL), OCKAM_LIMIT);
    assert_status(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_SERVICE, "", NULL), OCKAM_LIMIT);
    assert_status(ockam_multiaddr_append_tcp(&m, ockam_slice_text("1.2.3.4:5"), NULL), OCKAM_LIMIT);
    memcpy(bytes, m.bytes, m.len);
    assert_ok(ockam_multiaddr_decode(ockam_slice(bytes, m.len), &m, NULL));
    memcpy(bytes + m.len, "\x06\x00\x01", 3);
    assert_status(ockam_multiaddr_decode(ockam_slice(bytes, m.len + 3u), &m, NULL), OCKAM_LIMIT);
    assert_true(ockam_multiaddr_equal(&m, &before));
    /* the host fits, the port does not: neither stays */
    assert_ok(ockam_multiaddr_parse(ockam_slice(text, 9 + most - 7), &m, NULL));
    before = m;
    assert_status(ockam_multiaddr_append_tcp(&m, ockam_slice_text("1.2.3.4:5"), NULL), OCKAM_LIMIT);
    assert_true(ockam_multiaddr_equal(&m, &before));
}

static void the_text_is_cut_to_the_room_there_is(void **state)
{
    const ockam_multiaddr_t m = parse("/ip4/127.0.0.1/tcp/4000");
    char                    text[32];

    (void)state;
    for (size_t size = 1; size < sizeof(text); size++) {
        assert_int_equal(ockam_multiaddr_text(&m, text, size), 23);
        assert_memory_equal(text, "/ip4/127.0.0.1/tcp/4000", strlen(text));
        assert_int_equal(strlen(text), size < 24 ? size - 1 : 23);
    }
}

static void random_components_read_back(void **state)
{
    static const ockam_multiaddr_protocol_t all[] = {
        OCKAM_MULTIADDR_IP4,     OCKAM_MULTIADDR_TCP,   OCKAM_MULTIADDR_IP6,    OCKAM_MULTIADDR_DNSADDR,
        OCKAM_MULTIADDR_UDP,     OCKAM_MULTIADDR_NODE,  OCKAM_MULTIADDR_SECURE, OCKAM_MULTIADDR_SERVICE,
        OCKAM_MULTIADDR_PROJECT, OCKAM_MULTIADDR_SPACE, OCKAM_MULTIADDR_WORKER};
    static const size_t sizes[] = {4, 2, 16, 0, 2};
    fixed_random_t      random;

    (void)state;
    fixed_random_seed(&random, 11);
    for (size_t round = 0; round < 20000; round++) {
        uint8_t           dice[64];
        ockam_multiaddr_t m = {0}, from_text, from_bytes;
        char              text[2 * OCKAM_MULTIADDR_BYTES_MAX];
        assert_ok(fixed_random_fill(&random, dice, sizeof(dice)));
        for (size_t i = 0; i < dice[0] % 12u; i++) {
            const size_t                which = dice[i + 1] % (sizeof(all) / sizeof(all[0]));
            ockam_multiaddr_component_t c     = {all[which], ockam_slice(dice + i, 16)};
            if (which < 5 && which != 3)
                c.value.len = sizes[which];
            else
                c.value = ockam_slice("abcdefghijklmnopqrstuvwxyz", dice[i] % 27u);
            assert_ok(ockam_multiaddr_append(&m, c, NULL));
        }
        assert_true(ockam_multiaddr_text(&m, text, sizeof(text)) < sizeof(text));
        assert_ok(ockam_multiaddr_parse(ockam_slice_text(text), &from_text, NULL));
        assert_ok(ockam_multiaddr_decode(ockam_multiaddr_view(&m), &from_bytes, NULL));
        assert_true(ockam_multiaddr_equal(&m, &from_text));
        assert_true(ockam_multiaddr_equal(&m, &from_bytes));
    }
}

/* ---- routes ---------------------------------------------------------------------------------------------------- */

static void multiaddrs_become_routes(void **state)
{
    static const struct {
        const char *multiaddr, *route;
    } cases[] = {
        {"/service/a/worker/b/secure/c", "0#a => 0#b => 0#c"},
        {"/ip4/127.0.0.1/tcp/4000/service/api", "1#127.0.0.1:4000 => 0#api"},
        {"/dnsaddr/localhost/tcp/3000/service/hop/dnsaddr/localhost/tcp/4000/secure/api",
         "1#localhost:3000 => 0#hop => 1#localhost:4000 => 0#api"},
        {"/ip6/::1/tcp/4000", "1#[::1]:4000"},
        {"/ip4/10.0.0.1/udp/4001/service/echo", "2#10.0.0.1:4001 => 0#echo"},
        {"", ""},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_multiaddr_t m = parse(cases[i].multiaddr);
        ockam_route_t           route;
        assert_ok(ockam_multiaddr_to_route(&m, &route, NULL));
        (void)ockam_route_text(&route, text, sizeof(text));
        assert_string_equal(text, cases[i].route);
    }
}

static void what_has_to_be_looked_up_becomes_no_route(void **state)
{
    static const char *const texts[] = {"/node/n1",
                                        "/project/p/service/x",
                                        "/space/s",
                                        "/tcp/1",
                                        "/udp/1",
                                        "/ip4/1.2.3.4",
                                        "/ip4/1.2.3.4/service/x",
                                        "/dnsaddr/a/dnsaddr/b/tcp/1",
                                        "/service/x/node/n"};
    ockam_route_t            route   = {0}, before;

    (void)state;
    assert_ok(ockam_route_append(&route, ockam_address_local("kept"), NULL));
    before = route;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const ockam_multiaddr_t m = parse(texts[i]);
        assert_status(ockam_multiaddr_to_route(&m, &route, NULL), OCKAM_UNSUPPORTED);
    }
    assert_memory_equal(&route, &before, sizeof(route));
}

static void a_value_too_long_for_an_address_is_a_limit(void **state)
{
    char              text[OCKAM_ADDRESS_BYTES_MAX + 2];
    ockam_multiaddr_t m = {0};
    ockam_route_t     route;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[OCKAM_ADDRESS_BYTES_MAX + 1] = '\0';
    assert_ok(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_SERVICE, text, NULL));
    assert_status(ockam_multiaddr_to_route(&m, &route, NULL), OCKAM_LIMIT);
}

static void a_dnsaddr_that_is_no_host_name_becomes_no_route(void **state)
{
    static const char *const hosts[] = {"", "a b", "a:1", "-a", "a..b", "::1", "\xc3\xa4", "#", "tcp#a"};
    char                     text[300];
    ockam_multiaddr_t        m;
    ockam_route_t            route;

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        m = (ockam_multiaddr_t){0};
        assert_ok(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_DNSADDR, hosts[i], NULL));
        assert_ok(ockam_multiaddr_append(
            &m, (ockam_multiaddr_component_t){OCKAM_MULTIADDR_TCP, {(const uint8_t *)"\0\1", 2}}, NULL));
        assert_status(ockam_multiaddr_to_route(&m, &route, NULL), OCKAM_UNSUPPORTED);
    }
    for (size_t len = 250; len < sizeof(text); len++) {
        m = (ockam_multiaddr_t){0};
        for (size_t i = 0; i < len; i++)
            text[i] = i % 2 == 1 && i + 1 < len ? '.' : 'x';
        text[len] = '\0';
        assert_ok(ockam_multiaddr_append_text(&m, OCKAM_MULTIADDR_DNSADDR, text, NULL));
        assert_ok(ockam_multiaddr_append(
            &m, (ockam_multiaddr_component_t){OCKAM_MULTIADDR_TCP, {(const uint8_t *)"\0\1", 2}}, NULL));
        assert_status(ockam_multiaddr_to_route(&m, &route, NULL), len <= 253 ? OCKAM_OK : OCKAM_UNSUPPORTED);
    }
}

static void routes_become_multiaddrs(void **state)
{
    ockam_multiaddr_t m = parse("/service/kept");

    (void)state;
    assert_ok(ockam_multiaddr_from_route(OCKAM_ROUTE("tcp#localhost:4000", "hop", "tcp#[::1]:5", "echo"), &m, NULL));
    assert_text(&m, "/dnsaddr/localhost/tcp/4000/service/hop/ip6/::1/tcp/5/service/echo");
    assert_status(ockam_multiaddr_from_route(OCKAM_ROUTE("x", "7#y"), &m, NULL), OCKAM_UNSUPPORTED);
    assert_status(ockam_multiaddr_from_route(OCKAM_ROUTE("x", "udp#1.2.3.4:5"), &m, NULL), OCKAM_UNSUPPORTED);
    assert_status(ockam_multiaddr_from_route(OCKAM_ROUTE("tcp#nowhere"), &m, NULL), OCKAM_MALFORMED);
    assert_status(ockam_multiaddr_from_route(OCKAM_ROUTE("a/b"), &m, NULL), OCKAM_INVALID);
    assert_status(ockam_multiaddr_from_route(OCKAM_ROUTE("a#b#c"), &m, NULL), OCKAM_MALFORMED);
    assert_text(&m, "/dnsaddr/localhost/tcp/4000/service/hop/ip6/::1/tcp/5/service/echo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_bytes_are_those_of_the_protocol),
        cmocka_unit_test(other_spellings_come_out_in_the_usual_one),
        cmocka_unit_test(wrong_texts_are_refused_and_leave_the_result_alone),
        cmocka_unit_test(wrong_bytes_are_refused_and_leave_the_result_alone),
        cmocka_unit_test(bytes_cut_within_a_component_are_refused),
        cmocka_unit_test(any_flipped_bit_is_refused_or_reads_back),
        cmocka_unit_test(components_are_visited_in_order),
        cmocka_unit_test(protocols_have_names),
        cmocka_unit_test(appending_checks_the_component),
        cmocka_unit_test(hosts_become_the_protocol_of_their_kind),
        cmocka_unit_test(the_limit_is_kept_by_every_way_in),
        cmocka_unit_test(the_text_is_cut_to_the_room_there_is),
        cmocka_unit_test(random_components_read_back),
        cmocka_unit_test(multiaddrs_become_routes),
        cmocka_unit_test(what_has_to_be_looked_up_becomes_no_route),
        cmocka_unit_test(a_value_too_long_for_an_address_is_a_limit),
        cmocka_unit_test(a_dnsaddr_that_is_no_host_name_becomes_no_route),
        cmocka_unit_test(routes_become_multiaddrs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
