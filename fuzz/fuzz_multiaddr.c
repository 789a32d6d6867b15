/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_multiaddr.c - reaches ockam_multiaddr_decode(), _parse(), _text(), _next(), _append(), _to_route(),
 * _from_route(). Properties: binary that decodes is what it was; built again from its components it has the same bytes;
 * text that parses prints and parses to the same; its route, where it has one, makes the same route again. */
#include <assert.h>

#include "ockam/multiaddr.h"

static bool value_has(ockam_multiaddr_component_t c, int byte)
{
    return c.value.len > 0 && memchr(c.value.ptr, byte, c.value.len) != NULL;
}

static void check(const ockam_multiaddr_t *m)
{
    static char                 text[8 * OCKAM_MULTIADDR_BYTES_MAX];
    ockam_multiaddr_t           built = {0}, back;
    ockam_multiaddr_component_t c;
    ockam_route_t               route, again;
    size_t                      position = 0;
    bool                        clean    = true; /* no value that text cannot hold */

    while (ockam_multiaddr_next(m, &position, &c)) {
        const ockam_status_t s = ockam_multiaddr_append(&built, c, NULL);
        if (s != OCKAM_OK) {
            assert(s == OCKAM_INVALID && (value_has(c, '/') || value_has(c, '\0')));
            clean = false;
            break;
        }
    }
    if (ockam_multiaddr_to_route(m, &route, NULL) == OCKAM_OK &&
        ockam_multiaddr_from_route(&route, &back, NULL) == OCKAM_OK) {
        if (ockam_multiaddr_to_route(&back, &again, NULL) != OCKAM_OK)
            __builtin_trap();
        assert(ockam_route_equal(&route, &again));
    }
    if (!clean)
        return;
    assert(position == m->len && ockam_multiaddr_equal(m, &built));
    assert(ockam_multiaddr_text(m, text, sizeof(text)) == strlen(text));
    if (ockam_multiaddr_parse(ockam_slice_text(text), &back, NULL) != OCKAM_OK)
        __builtin_trap();
    assert(ockam_multiaddr_equal(m, &back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ockam_multiaddr_t m;

    if (ockam_multiaddr_decode(ockam_slice(data, size), &m, NULL) == OCKAM_OK) {
        assert(ockam_slice_equal(ockam_multiaddr_view(&m), ockam_slice(data, size)));
        check(&m);
    }
    if (ockam_multiaddr_parse(ockam_slice(data, size), &m, NULL) == OCKAM_OK)
        check(&m);
    return 0;
}
