/* SPDX-License-Identifier: Apache-2.0
 *
 * address.h - addresses and routes: where a message goes, and how an answer comes back.
 *
 * An address names a worker on this node ("echoer") or a place that a transport reaches ("tcp#localhost:4000"). A route
 * is a list of addresses, visited one after the other:
 *
 *     OCKAM_ROUTE("tcp#localhost:3000", "hop", "tcp#localhost:4000", "echoer")
 *
 * Source: docs/protocol/messages.md, "Addresses" and "Routes". */
#ifndef OCKAM_ADDRESS_H
#define OCKAM_ADDRESS_H

#include "ockam/bytes.h"
#include "ockam/limits.h"

OCKAM_BEGIN_DECLS

/** Transport types. Other numbers are carried through unchanged. */
enum { OCKAM_LOCAL = 0, OCKAM_TCP = 1, OCKAM_UDP = 2, OCKAM_WS = 3, OCKAM_BLE = 4, OCKAM_UDS = 5 };

/** A borrowed address. Any bytes are allowed in the value, at most OCKAM_ADDRESS_BYTES_MAX; usually it is UTF-8. */
typedef struct {
    uint8_t       type;
    ockam_slice_t value;
} ockam_address_t;

/** A worker of this node, from a NUL-terminated name. */
static inline ockam_address_t ockam_address_local(const char *name)
{
    const ockam_address_t a = {OCKAM_LOCAL, ockam_slice_text(name)};
    return a;
}

static inline bool ockam_address_equal(ockam_address_t a, ockam_address_t b)
{
    return a.type == b.type && ockam_slice_equal(a.value, b.value);
}

/**
 * Read the text form: "echoer" and "0#echoer" are local; "tcp#host:port" and "1#host:port" are TCP (likewise udp, ws, ble,
 * uds); the type is a decimal number from 0 to 255. The result borrows from `text`.
 * @return OCKAM_OK; OCKAM_MALFORMED (more than one '#', no such type); OCKAM_LIMIT (value too long).
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_address_parse(ockam_slice_t text, ockam_address_t *out,
                                                             ockam_error_t *err);
/** Longest text of an address with its NUL: "255#" and every byte escaped. */
#define OCKAM_ADDRESS_TEXT_MAX (4u + 4u * OCKAM_ADDRESS_BYTES_MAX + 1u)
/**
 * Write "0#echoer"; bytes that are not printable ASCII come out as \xNN. Always NUL-terminated when `size` > 0.
 * @return the bytes needed without the NUL, as snprintf does.
 */
OCKAM_API size_t ockam_address_text(ockam_address_t address, char *text, size_t size);

/**
 * A list of addresses, stored in place in its wire form, so that taking the first one off moves an offset and putting
 * one in front writes a few bytes. Starts as {0}: the empty route. Copied by assignment; nothing to free.
 */
typedef struct ockam_route {
    uint16_t start;  /* first byte in use */
    uint16_t end;    /* one past the last */
    uint16_t count;  /* addresses */
    uint16_t failed; /* an ockam_status_t: why a route literal could not be made; 0 otherwise */
    uint8_t  bytes[OCKAM_ROUTE_BYTES_MAX];
} ockam_route_t;

static inline bool ockam_route_is_empty(const ockam_route_t *route)
{
    return route->count == 0;
}

/** @return OCKAM_OK; OCKAM_LIMIT (does not fit; the route is unchanged). `address` must not point into `route`. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_append(ockam_route_t *route, ockam_address_t address,
                                                            ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_prepend(ockam_route_t *route, ockam_address_t address,
                                                             ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_append_route(ockam_route_t *route, const ockam_route_t *tail,
                                                                  ockam_error_t *err);
/** Put `head` in front, keeping its order. @return OCKAM_OK; OCKAM_LIMIT. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_prepend_route(ockam_route_t *route, const ockam_route_t *head,
                                                                   ockam_error_t *err);
/** Lend the first (last) address until the route changes. @return OCKAM_OK; OCKAM_NOT_FOUND (the route is empty). */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_first(const ockam_route_t *route, ockam_address_t *out,
                                                           ockam_error_t *err);
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_last(const ockam_route_t *route, ockam_address_t *out,
                                                          ockam_error_t *err);
/** Lend address number `index`, from 0. @return OCKAM_OK; OCKAM_NOT_FOUND. Walks the route: for printing and set-up. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_at(const ockam_route_t *route, size_t index, ockam_address_t *out,
                                                        ockam_error_t *err);
/** Take the first (last) address off. Does nothing to an empty route. */
OCKAM_API void ockam_route_drop_first(ockam_route_t *route);
OCKAM_API void ockam_route_drop_last(ockam_route_t *route);
OCKAM_API bool ockam_route_equal(const ockam_route_t *a, const ockam_route_t *b);

/** Copy only the bytes in use, which plain assignment does not. */
static inline void ockam_route_copy(ockam_route_t *to, const ockam_route_t *from)
{
    to->start  = from->start;
    to->end    = from->end;
    to->count  = from->count;
    to->failed = from->failed;
    memcpy(to->bytes + from->start, from->bytes + from->start, (size_t)(from->end - from->start));
}

/**
 * Read "tcp#localhost:3000 => hop => echoer". Spaces around "=>" do not count; an empty text is the empty route.
 * @return OCKAM_OK; OCKAM_MALFORMED; OCKAM_LIMIT. `out` is unchanged on failure.
 */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_parse(ockam_slice_t text, ockam_route_t *out, ockam_error_t *err);
/** Write "1#localhost:3000 => 0#hop"; as ockam_address_text() in everything else. */
OCKAM_API size_t ockam_route_text(const ockam_route_t *route, char *text, size_t size);

/** What OCKAM_ROUTE() calls: fills `route` from `count` texts and returns it; a bad text is remembered in
 *  `route->failed` and reported by the call that the route is given to. */
OCKAM_API const ockam_route_t *ockam_route_literal(ockam_route_t *route, const char *const *texts, size_t count);
/** @return OCKAM_OK, or the status a route literal failed with. */
OCKAM_API OCKAM_NODISCARD ockam_status_t ockam_route_check(const ockam_route_t *route, ockam_error_t *err);

#ifndef __cplusplus
/** A route written as a list of texts; lives to the end of the enclosing block, like any compound literal. */
#define OCKAM_ROUTE(...)                                                                                               \
    ockam_route_literal(&(ockam_route_t){0}, (const char *const[]){__VA_ARGS__},                                       \
                        sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))
#endif

OCKAM_END_DECLS

#ifdef __cplusplus
namespace ockam {
/** A route written as a list of texts; lives to the end of the full expression. */
class route_literal {
  public:
    template <typename... Texts> explicit route_literal(Texts... texts) : route_()
    {
        const char *const list[] = {texts...};
        ockam_route_literal(&route_, list, sizeof...(texts));
    }
    operator const ockam_route_t *() const { return &route_; }

  private:
    ockam_route_t route_;
};
} // namespace ockam
#define OCKAM_ROUTE(...) (static_cast<const ockam_route_t *>(ockam::route_literal(__VA_ARGS__)))
#endif

#endif
