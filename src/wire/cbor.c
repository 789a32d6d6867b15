/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor.c - read CBOR from a peer: in one pass, without recursion or allocation, as tolerant as the protocol's other
 * implementation and no more. Protocol: docs/protocol/encodings.md, "Reading". */
#include "wire/cbor.h"

#include "ockam/limits.h"
#include "wire/text.h"

enum { UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7 };

#define INDEFINITE 31u
#define BREAK      0xffu
#define NULL_ITEM  0xf6u

static const char *const majors[8] = {"uint", "negative", "bytes", "text", "array", "map", "tag", "simple"};

typedef struct {
    unsigned major;
    bool     indefinite; /* or, for SIMPLE, a break */
    size_t   size;       /* bytes of the head */
    uint64_t value;
} head_t;

static void advance(ockam_reader_t *r, size_t len)
{
    r->rest = ockam_slice(r->rest.ptr + len, r->rest.len - len);
}

/* Look at the head of the next item without moving. */
static ockam_status_t peek_head(const ockam_reader_t *r, head_t *out, ockam_error_t *err)
{
    const uint8_t *p = r->rest.ptr;
    unsigned       info;
    size_t         width;
    uint64_t       value = 0;

    if (OCKAM_UNLIKELY(r->rest.len == 0))
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: an item is missing");
    info            = p[0] & 31u;
    out->major      = (unsigned)(p[0] >> 5);
    out->size       = 1;
    out->value      = info;
    out->indefinite = false;
    if (info < 24)
        return OCKAM_OK;
    if (info == INDEFINITE && out->major >= BYTES && out->major != TAG) {
        out->indefinite = true;
        return OCKAM_OK;
    }
    if (info > 27)
        return ockam_fail(err, OCKAM_MALFORMED, "byte %02x begins no item", p[0]);
    width = (size_t)1 << (info - 24);
    if (r->rest.len <= width)
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: a head of %zu bytes, %zu left", width + 1, r->rest.len);
    for (size_t i = 1; i <= width; i++)
        value = value << 8 | p[i];
    out->size  = width + 1;
    out->value = value;
    return OCKAM_OK;
}

/* A head of one major type, of definite length. */
static ockam_status_t peek_definite(const ockam_reader_t *r, unsigned major, head_t *out, ockam_error_t *err)
{
    const ockam_status_t s = peek_head(r, out, err);

    if (s != OCKAM_OK)
        return s;
    if (out->major != major)
        return ockam_fail(err, OCKAM_MALFORMED, "%s where %s is expected", majors[out->major], majors[major]);
    if (out->indefinite)
        return ockam_fail(err, OCKAM_MALFORMED, "%s of indefinite length", majors[major]);
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_read_uint(ockam_reader_t *r, uint64_t max, uint64_t *out, ockam_error_t *err)
{
    head_t               head = {0};
    const ockam_status_t s    = peek_definite(r, UINT, &head, err);

    if (s != OCKAM_OK)
        return s;
    if (head.value > max)
        return ockam_fail(err, OCKAM_MALFORMED, "number %llu, at most %llu is expected", (unsigned long long)head.value,
                          (unsigned long long)max);
    advance(r, head.size);
    *out = head.value;
    return OCKAM_OK;
}

static ockam_status_t read_string(ockam_reader_t *r, unsigned major, ockam_slice_t *out, ockam_error_t *err)
{
    head_t               head = {0};
    ockam_slice_t        bytes;
    const ockam_status_t s = peek_definite(r, major, &head, err);

    if (s != OCKAM_OK)
        return s;
    if (head.value > r->rest.len - head.size)
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: a string of %llu bytes, %zu left",
                          (unsigned long long)head.value, r->rest.len - head.size);
    bytes = ockam_slice(r->rest.ptr + head.size, (size_t)head.value);
    if (major == TEXT && !ockam_utf8_valid(bytes))
        return ockam_fail(err, OCKAM_MALFORMED, "text of %zu bytes is not UTF-8", bytes.len);
    advance(r, head.size + bytes.len);
    *out = bytes;
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_read_bytes(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err)
{
    return read_string(r, BYTES, out, err);
}

ockam_status_t ockam_cbor_read_text(ockam_reader_t *r, ockam_slice_t *out, ockam_error_t *err)
{
    return read_string(r, TEXT, out, err);
}

ockam_status_t ockam_cbor_read_bytes_exact(ockam_reader_t *r, uint8_t *out, size_t len, ockam_error_t *err)
{
    ockam_reader_t       at    = *r;
    ockam_slice_t        bytes = {0};
    const ockam_status_t s     = read_string(&at, BYTES, &bytes, err);

    if (s != OCKAM_OK)
        return s;
    if (bytes.len != len)
        return ockam_fail(err, OCKAM_MALFORMED, "%zu bytes where %zu are expected", bytes.len, len);
    if (len > 0)
        memcpy(out, bytes.ptr, len);
    *r = at;
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_read_bool(ockam_reader_t *r, bool *out, ockam_error_t *err)
{
    if (r->rest.len == 0 || (r->rest.ptr[0] != 0xf4 && r->rest.ptr[0] != 0xf5))
        return ockam_fail(err, OCKAM_MALFORMED, "no boolean");
    *out = r->rest.ptr[0] == 0xf5;
    advance(r, 1);
    return OCKAM_OK;
}

bool ockam_cbor_take_null(ockam_reader_t *r)
{
    if (r->rest.len == 0 || r->rest.ptr[0] != NULL_ITEM)
        return false;
    advance(r, 1);
    return true;
}

/* ---- arrays, maps and enums ------------------------------------------------------------------------------------ */

static ockam_status_t enter(ockam_reader_t *r, unsigned major, ockam_cbor_items_t *items, ockam_error_t *err)
{
    const uint64_t       item_size = major == MAP ? 2 : 1; /* at least */
    head_t               head      = {0};
    const ockam_status_t s         = peek_head(r, &head, err);

    if (s != OCKAM_OK)
        return s;
    if (head.major != major)
        return ockam_fail(err, OCKAM_MALFORMED, "%s where %s is expected", majors[head.major], majors[major]);
    /* So a count is never more than a loop over bytes that are there, and never the mark for "no count". */
    if (!head.indefinite && head.value > (r->rest.len - head.size) / item_size)
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: %s of %llu, %zu bytes left", majors[major],
                          (unsigned long long)head.value, r->rest.len - head.size);
    advance(r, head.size);
    items->left = head.indefinite ? UINT64_MAX : head.value;
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_enter_array(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_error_t *err)
{
    return enter(r, ARRAY, items, err);
}

ockam_status_t ockam_cbor_enter_map(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_error_t *err)
{
    return enter(r, MAP, items, err);
}

bool ockam_cbor_next(ockam_reader_t *r, ockam_cbor_items_t *items)
{
    if (items->left == 0)
        return false;
    if (items->left != UINT64_MAX) {
        items->left--;
        return true;
    }
    if (r->rest.len == 0 || r->rest.ptr[0] != BREAK)
        return true;
    advance(r, 1);
    items->left = 0;
    return false;
}

ockam_status_t ockam_cbor_leave(ockam_reader_t *r, ockam_cbor_items_t *items, bool pair, ockam_error_t *err)
{
    ockam_reader_t     at   = *r;
    ockam_cbor_items_t left = *items;

    while (ockam_cbor_next(&at, &left)) {
        OCKAM_TRY(err, ockam_cbor_skip(&at, err), "surplus element");
        if (pair)
            OCKAM_TRY(err, ockam_cbor_skip(&at, err), "value of a surplus key");
    }
    *r     = at;
    *items = left;
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_enter_variant(ockam_reader_t *r, uint64_t *variant, ockam_cbor_items_t *fields,
                                        ockam_error_t *err)
{
    ockam_reader_t at     = *r;
    head_t         head   = {0};
    uint64_t       number = 0;

    OCKAM_TRY(err, peek_definite(&at, ARRAY, &head, err), "enum");
    if (head.value != 2)
        return ockam_fail(err, OCKAM_MALFORMED, "enum of %llu elements", (unsigned long long)head.value);
    advance(&at, head.size);
    OCKAM_TRY(err, ockam_cbor_read_uint(&at, UINT32_MAX, &number, err), "variant");
    OCKAM_TRY(err, enter(&at, ARRAY, fields, err), "fields of a variant");
    *variant = number;
    *r       = at;
    return OCKAM_OK;
}

/* ---- skipping -------------------------------------------------------------------------------------------------- */

/* Levels of an item that are open, outermost first. */
typedef struct {
    uint64_t left[OCKAM_CBOR_DEPTH_MAX]; /* items to come, or one of the three below */
    size_t   depth;
} levels_t;

#define TO_BREAK       UINT64_MAX       /* in an array: until a break */
#define KEY_TO_BREAK   (UINT64_MAX - 1) /* in a map: a key or a break is next */
#define VALUE_TO_BREAK (UINT64_MAX - 2) /* in a map: a value is next */

static ockam_status_t open_level(levels_t *levels, const ockam_reader_t *r, const head_t *head, ockam_error_t *err)
{
    const uint64_t item_size = head->major == MAP ? 2 : 1;

    if (levels->depth == OCKAM_CBOR_DEPTH_MAX)
        return ockam_fail(err, OCKAM_LIMIT, "more than %u levels", OCKAM_CBOR_DEPTH_MAX);
    if (!head->indefinite && head->value > (r->rest.len - head->size) / item_size)
        return ockam_fail(err, OCKAM_MALFORMED, "cut off: %s of %llu, %zu bytes left", majors[head->major],
                          (unsigned long long)head->value, r->rest.len - head->size);
    if (head->indefinite)
        levels->left[levels->depth++] = head->major == MAP ? KEY_TO_BREAK : TO_BREAK;
    else
        levels->left[levels->depth++] = head->value * item_size;
    return OCKAM_OK;
}

/* Count one item on the innermost level. */
static void count_item(levels_t *levels)
{
    uint64_t *left;

    if (levels->depth == 0)
        return;
    left = &levels->left[levels->depth - 1];
    switch (*left) {
    case TO_BREAK: break;
    case KEY_TO_BREAK: *left = VALUE_TO_BREAK; break;
    case VALUE_TO_BREAK: *left = KEY_TO_BREAK; break;
    default: --*left; break;
    }
}

/* Close what is complete, breaks consumed; what closes was counted when it began. */
static void close_levels(levels_t *levels, ockam_reader_t *r)
{
    while (levels->depth > 0) {
        const uint64_t left = levels->left[levels->depth - 1];
        if (left == TO_BREAK || left == KEY_TO_BREAK) {
            if (r->rest.len == 0 || r->rest.ptr[0] != BREAK)
                return;
            advance(r, 1);
        } else if (left != 0) {
            return;
        }
        levels->depth--;
    }
}

/* A string in pieces is fine where nobody looks at it. */
static ockam_status_t skip_pieces(ockam_reader_t *r, unsigned major, ockam_error_t *err)
{
    ockam_slice_t ignored;

    for (;;) {
        if (r->rest.len > 0 && r->rest.ptr[0] == BREAK) {
            advance(r, 1);
            return OCKAM_OK;
        }
        OCKAM_TRY(err, read_string(r, major, &ignored, err), "piece of a string");
    }
}

/* One head, with the bytes of a string; arrays and maps are opened. */
static ockam_status_t skip_head(ockam_reader_t *r, levels_t *levels, ockam_error_t *err)
{
    head_t         head = {0};
    ockam_slice_t  ignored;
    ockam_status_t s = OCKAM_OK;

    do { /* any number of tags, and what they stand in front of */
        if ((s = peek_head(r, &head, err)) != OCKAM_OK)
            return s;
        if (head.major == TAG)
            advance(r, head.size);
    } while (head.major == TAG);

    count_item(levels);
    switch (head.major) {
    case BYTES:
    case TEXT:
        if (!head.indefinite)
            return read_string(r, head.major, &ignored, err);
        advance(r, head.size);
        return skip_pieces(r, head.major, err);
    case ARRAY:
    case MAP:
        if ((s = open_level(levels, r, &head, err)) != OCKAM_OK)
            return s;
        break;
    case SIMPLE:
        if (head.indefinite)
            return ockam_fail(err, OCKAM_MALFORMED, "a break where an item is expected");
        break;
    default: break;
    }
    advance(r, head.size);
    return OCKAM_OK;
}

ockam_status_t ockam_cbor_skip(ockam_reader_t *r, ockam_error_t *err)
{
    ockam_reader_t at = *r;
    levels_t       levels;
    ockam_status_t s = OCKAM_OK;

    levels.depth = 0;
    do {
        if ((s = skip_head(&at, &levels, err)) != OCKAM_OK)
            return s;
        close_levels(&levels, &at);
    } while (levels.depth > 0);
    *r = at;
    return OCKAM_OK;
}
