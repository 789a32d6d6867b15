/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_route_text.c - reaches ockam_address_parse(), ockam_route_parse(), ockam_route_text(), ockam_hostport_parse().
 * Properties: what prints without escapes reads back as the same route; the text is the same whatever room it had; a
 * host and port reads back from its text. */
#include <assert.h>

#include "ockam/address.h"
#include "wire/hostport.h"

static void check_route(ockam_slice_t text)
{
    static char    printed[5 * OCKAM_ROUTE_BYTES_MAX];
    char           small[32];
    ockam_route_t  route, back;
    size_t         len;
    ockam_status_t s = ockam_route_parse(text, &route, NULL);

    assert(s == OCKAM_OK || s == OCKAM_MALFORMED || s == OCKAM_LIMIT);
    if (s != OCKAM_OK)
        return;
    len = ockam_route_text(&route, printed, sizeof(printed));
    assert(len < sizeof(printed) && strlen(printed) == len);
    assert(ockam_route_text(&route, small, sizeof(small)) == len);
    assert(strncmp(small, printed, sizeof(small) - 1) == 0);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] >= 0x7f)
            return; /* was escaped */
    s = ockam_route_parse(ockam_slice_text(printed), &back, NULL);
    assert(s == OCKAM_OK && ockam_route_equal(&route, &back));
}

static void check_hostport(ockam_slice_t text)
{
    ockam_hostport_t h, back;
    char             printed[OCKAM_HOSTPORT_TEXT_MAX];

    if (ockam_hostport_parse(text, &h, NULL) != OCKAM_OK)
        return;
    assert(ockam_hostport_text(&h, printed, sizeof(printed)) < sizeof(printed));
    if (ockam_hostport_parse(ockam_slice_text(printed), &back, NULL) != OCKAM_OK)
        __builtin_trap();
    assert(h.kind == back.kind && h.port == back.port && strcmp(h.host, back.host) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_route(ockam_slice(data, size));
    check_hostport(ockam_slice(data, size));
    return 0;
}
