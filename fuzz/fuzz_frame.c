/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_frame.c - reaches ockam_frame_next() on streams that arrive in pieces. The first byte sets the size of the
 * pieces. Properties: the same frames come out whatever the pieces; `need` is always more than there is, and never more
 * than a frame; nothing moves but past a whole frame. */
#include <assert.h>

#include "wire/frame.h"

typedef struct {
    ockam_status_t end;   /* OCKAM_NEED_MORE when the input is used up */
    size_t         count; /* frames */
    size_t         taken; /* bytes of them */
} outcome_t;

static outcome_t run(const uint8_t *data, size_t size, size_t piece)
{
    outcome_t out  = {OCKAM_NEED_MORE, 0, 0};
    size_t    here = 0; /* bytes that have arrived */

    for (;;) {
        ockam_reader_t rest = ockam_reader(ockam_slice(data + out.taken, here - out.taken));
        ockam_slice_t  body = {NULL, 0};
        size_t         need = 0;
        out.end             = ockam_frame_next(&rest, &body, &need, NULL);
        if (out.end == OCKAM_OK) {
            assert(body.len > 0 && body.len <= OCKAM_TCP_MESSAGE_BYTES_MAX);
            assert(body.ptr == data + out.taken + OCKAM_FRAME_HEAD_BYTES && body.ptr + body.len == rest.rest.ptr);
            out.taken = (size_t)(rest.rest.ptr - data);
            out.count++;
            continue;
        }
        assert(rest.rest.ptr == data + out.taken && rest.rest.len == here - out.taken && body.ptr == NULL);
        if (out.end != OCKAM_NEED_MORE)
            return out;
        assert(need > here - out.taken && need <= OCKAM_FRAME_HEAD_BYTES + OCKAM_TCP_MESSAGE_BYTES_MAX);
        if (here == size)
            return out;
        here = size - here < piece ? size : here + piece;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    outcome_t whole, pieces;

    if (size == 0)
        return 0;
    whole  = run(data + 1, size - 1, size);
    pieces = run(data + 1, size - 1, 1u + data[0] % 64u);
    assert(whole.end == pieces.end && whole.count == pieces.count && whole.taken == pieces.taken);
    assert(whole.end == OCKAM_NEED_MORE || whole.end == OCKAM_MALFORMED || whole.end == OCKAM_LIMIT);
    return 0;
}
