/* SPDX-License-Identifier: Apache-2.0
 *
 * test.c - assertions that say what they saw. */
#include "test.h"

#include <stdio.h>

void test_assert_status(ockam_status_t status, ockam_status_t expected, const ockam_error_t *err, const char *what,
                        const char *file, int line)
{
    char trail[512] = "";

    if (status == expected)
        return;
    if (err != NULL)
        (void)ockam_error_text(err, trail, sizeof(trail));
    print_error("%s: %s, expected %s%s%s\n", what, ockam_status_name(status), ockam_status_name(expected),
                trail[0] != '\0' ? ": " : "", trail);
    _fail(file, line);
}

void test_assert_kind(ockam_status_t status, ockam_kind_t expected, const char *what, const char *file, int line)
{
    if (ockam_status_kind(status) == expected)
        return;
    print_error("%s: %s of kind %d, expected kind %d\n", what, ockam_status_name(status),
                (int)ockam_status_kind(status), (int)expected);
    _fail(file, line);
}

static void print_hex(const char *title, ockam_slice_t bytes)
{
    print_error("%s (%zu bytes) ", title, bytes.len);
    for (size_t i = 0; i < bytes.len && i < 256; i++)
        print_error("%02x", bytes.ptr[i]);
    print_error("%s\n", bytes.len > 256 ? "..." : "");
}

void test_assert_slice(ockam_slice_t got, ockam_slice_t expected, const char *what, const char *file, int line)
{
    size_t at = 0;

    if (ockam_slice_equal(got, expected))
        return;
    while (at < got.len && at < expected.len && got.ptr[at] == expected.ptr[at])
        at++;
    print_error("%s differs at byte %zu\n", what, at);
    print_hex("got     ", got);
    print_hex("expected", expected);
    _fail(file, line);
}
