/* SPDX-License-Identifier: Apache-2.0
 *
 * hostport_test.c - "host:port", and IP addresses against the C library's reading and writing of them. */
#include "test.h"

#include <arpa/inet.h>

#include "fixed_random.h"
#include "wire/hostport.h"
#include "wire/ip.h"

/* ---- host and port --------------------------------------------------------------------------------------------- */

static void hosts_and_ports_are_read_as_documented(void **state)
{
    static const struct {
        const char       *text, *host, *back;
        uint16_t          port;
        ockam_host_kind_t kind;
    } cases[] = {
        {"localhost:80", "localhost", "localhost:80", 80, OCKAM_HOST_NAME},
        {"33domain:80", "33domain", "33domain:80", 80, OCKAM_HOST_NAME},
        {"xn--74h.com:80", "xn--74h.com", "xn--74h.com:80", 80, OCKAM_HOST_NAME},
        {"sub.xn_74h.com:65535", "sub.xn_74h.com", "sub.xn_74h.com:65535", 65535, OCKAM_HOST_NAME},
        {"A-b.C:0", "A-b.C", "A-b.C:0", 0, OCKAM_HOST_NAME},
        {"1.2.3:4", "1.2.3", "1.2.3:4", 4, OCKAM_HOST_NAME},
        {"127.0.0.1:4000", "127.0.0.1", "127.0.0.1:4000", 4000, OCKAM_HOST_IPV4},
        {"80", "127.0.0.1", "127.0.0.1:80", 80, OCKAM_HOST_IPV4},
        {":80", "127.0.0.1", "127.0.0.1:80", 80, OCKAM_HOST_IPV4},
        {"[::1]:4000", "::1", "[::1]:4000", 4000, OCKAM_HOST_IPV6},
        {"[2001:db8:85a3::8a2e:370:7334]:8080", "2001:db8:85a3::8a2e:370:7334", "[2001:db8:85a3::8a2e:370:7334]:8080",
         8080, OCKAM_HOST_IPV6},
        {"[2001:DB8:0:0:0:0:0:1]:1", "2001:db8::1", "[2001:db8::1]:1", 1, OCKAM_HOST_IPV6},
        {"[::ffff:1.2.3.4]:1", "::ffff:1.2.3.4", "[::ffff:1.2.3.4]:1", 1, OCKAM_HOST_IPV6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ockam_hostport_t h;
        char             text[OCKAM_HOSTPORT_TEXT_MAX];
        assert_ok(ockam_hostport_parse(ockam_slice_text(cases[i].text), &h, NULL));
        assert_string_equal(h.host, cases[i].host);
        assert_int_equal(h.port, cases[i].port);
        assert_int_equal(h.kind, cases[i].kind);
        assert_int_equal(ockam_hostport_text(&h, text, sizeof(text)), strlen(cases[i].back));
        assert_string_equal(text, cases[i].back);
    }
}

static void what_is_no_host_and_port_is_refused(void **state)
{
    static const char *const bad[] = {
        "",          ":",       "localhost",     "localhost:",    "localhost:x", "localhost:65536",
        "65536",     "-1",      "-a:1",          "a-:1",          ".a:1",        "a.:1",
        "a..b:1",    "a b:1",   "a/b:1",         "\xc3\xbc:1",    "::1:80",      "a:1:2",
        "[::1]",     "[::1]:",  "[::1]4000",     "[::1",          "[]:1",        "[1.2.3.4]:1",
        "[::1%1]:1", "[::g]:1", "localhost:80 ", " localhost:80", "#:1",         "1#localhost:1"};
    ockam_hostport_t h, before;

    (void)state;
    memset(&h, 0x5a, sizeof(h));
    memcpy(&before, &h, sizeof(h));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (ockam_hostport_parse(ockam_slice_text(bad[i]), &h, NULL) != OCKAM_MALFORMED)
            fail_msg("'%s' was not refused", bad[i]);
    assert_status(ockam_hostport_parse(ockam_slice(NULL, 0), &h, NULL), OCKAM_MALFORMED);
    assert_status(ockam_hostport_parse(ockam_slice("a\0b:1", 5), &h, NULL), OCKAM_MALFORMED);
    assert_memory_equal(&h, &before, sizeof(h));
}

static void names_and_labels_have_their_limits(void **state)
{
    char             text[OCKAM_HOSTPORT_TEXT_MAX + 8], back[OCKAM_HOSTPORT_TEXT_MAX];
    ockam_hostport_t h;

    (void)state;
    for (size_t len = 1; len <= OCKAM_HOST_BYTES_MAX + 2; len++) {
        memset(text, 'a', len);
        for (size_t i = 63; i < len; i += 64)
            text[i] = '.';
        if (text[len - 1] == '.')
            text[len - 1] = 'a', text[len - 2] = '.';
        memcpy(text + len, ":65535", 7);
        assert_status(ockam_hostport_parse(ockam_slice_text(text), &h, NULL),
                      len <= OCKAM_HOST_BYTES_MAX ? OCKAM_OK : OCKAM_MALFORMED);
        if (len <= OCKAM_HOST_BYTES_MAX) {
            (void)ockam_hostport_text(&h, back, sizeof(back));
            assert_string_equal(back, text);
        }
    }
    memset(text, 'a', 64);
    memcpy(text + 63, ":1", 3);
    assert_ok(ockam_hostport_parse(ockam_slice_text(text), &h, NULL));
    memset(text, 'a', 64);
    memcpy(text + 64, ":1", 3);
    assert_status(ockam_hostport_parse(ockam_slice_text(text), &h, NULL), OCKAM_MALFORMED);
}

/* ---- IP addresses ---------------------------------------------------------------------------------------------- */

static void check_ip4(const char *text)
{
    uint8_t    ours[4];
    uint8_t    theirs[4];
    const bool good = inet_pton(AF_INET, text, theirs) == 1;

    if (ockam_ip4_parse(ockam_slice_text(text), ours) != good)
        fail_msg("'%s': the C library %s it", text, good ? "reads" : "refuses");
    if (good)
        assert_memory_equal(ours, theirs, sizeof(ours));
}

static void check_ip6(const char *text)
{
    uint8_t    ours[16];
    uint8_t    theirs[16];
    const bool good = inet_pton(AF_INET6, text, theirs) == 1;

    if (ockam_ip6_parse(ockam_slice_text(text), ours) != good)
        fail_msg("'%s': the C library %s it", text, good ? "reads" : "refuses");
    if (good)
        assert_memory_equal(ours, theirs, sizeof(ours));
}

static void ip4_texts_read_as_in_the_c_library(void **state)
{
    static const char *const texts[] = {"0.0.0.0",   "255.255.255.255", "1.2.3.4",  "256.1.1.1",  "1.2.3",
                                        "1.2.3.4.5", "1.2.3.",          ".1.2.3",   "1..2.3",     "",
                                        "a.b.c.d",   "1.2.3.4 ",        " 1.2.3.4", "0001.2.3.4", "+1.2.3.4",
                                        "-1.2.3.4",  "1.2.3.0x4",       "1.2.3.4.", "4"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_ip4(texts[i]);
    assert_false(ockam_ip4_parse(ockam_slice_text("01.2.3.4"), (uint8_t[4]){0})); /* octal to some */
}

static void ip6_texts_read_as_in_the_c_library(void **state)
{
    static const char *const texts[] = {
        "::",
        "::1",
        "1::",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "1::8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        ":1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:",
        ":",
        ":::",
        "1:::2",
        "",
        "12345::",
        "g::",
        "::1.2.3.4",
        "::ffff:1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1:2:3:4:5:1.2.3.4",
        "1.2.3.4",
        "1.2.3.4::",
        "::1.2.3.4:5",
        "::1.2.3",
        "::256.1.1.1",
        "::1%lo",
        "fe80::1",
        "FE80::AbCd",
        "[::1]",
        "::1 ",
        " ::1",
        "0:0:0:0:0:0:0:0",
        "::0000:0000",
        "::00000",
        "1:2:3:4:5:6::1.2.3.4",
        "1:2:3:4:5::1.2.3.4",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_ip6(texts[i]);
}

static void random_ip_texts_read_as_in_the_c_library(void **state)
{
    static const char letters[] = "0123:::..:af9:";
    fixed_random_t    random;

    (void)state;
    fixed_random_seed(&random, 6);
    for (size_t round = 0; round < 300000; round++) {
        uint8_t dice[20];
        char    text[20];
        assert_ok(fixed_random_fill(&random, dice, sizeof(dice)));
        for (size_t i = 0; i < sizeof(text) - 1; i++)
            text[i] = letters[dice[i] % (sizeof(letters) - 1)];
        text[dice[19] % sizeof(text)] = '\0';
        text[sizeof(text) - 1]        = '\0';
        check_ip6(text);
        if (text[0] != '0' && strstr(text, ".0") == NULL) /* leading zeros: the C library allows some */
            check_ip4(text);
    }
}

static void ip6_addresses_are_written_as_in_the_c_library(void **state)
{
    fixed_random_t random;

    (void)state;
    fixed_random_seed(&random, 66);
    for (size_t round = 0; round < 200000; round++) {
        uint8_t             ip[16], back[16], zero[2];
        char                ours[64], theirs[64];
        ockam_text_writer_t w = ockam_text_writer(ours, sizeof(ours));
        assert_ok(fixed_random_fill(&random, ip, sizeof(ip)));
        assert_ok(fixed_random_fill(&random, zero, sizeof(zero)));
        for (size_t i = 0; i < 8; i++) {
            if ((zero[0] >> i & 1) != 0)
                ip[2 * i] = 0;
            if ((zero[0] >> i & 1) != 0 && (zero[1] >> i & 1) != 0)
                ip[2 * i + 1] = 0;
        }
        if (zero[1] % 16 == 0)
            memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        ockam_ip6_put(&w, ip);
        (void)ockam_text_finish(&w);
        assert_true(ockam_ip6_parse(ockam_slice_text(ours), back));
        assert_memory_equal(back, ip, sizeof(ip));
        assert_non_null(inet_ntop(AF_INET6, ip, theirs, sizeof(theirs)));
        if (strchr(theirs, '.') == NULL || strchr(ours, '.') != NULL) /* ::1.2.3.4 is not written so any more */
            assert_string_equal(ours, theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_and_ports_are_read_as_documented),
        cmocka_unit_test(what_is_no_host_and_port_is_refused),
        cmocka_unit_test(names_and_labels_have_their_limits),
        cmocka_unit_test(ip4_texts_read_as_in_the_c_library),
        cmocka_unit_test(ip6_texts_read_as_in_the_c_library),
        cmocka_unit_test(random_ip_texts_read_as_in_the_c_library),
        cmocka_unit_test(ip6_addresses_are_written_as_in_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
