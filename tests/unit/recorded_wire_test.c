/* SPDX-License-Identifier: Apache-2.0
 *
 * recorded_wire_test.c - every frame of the sessions recorded with the Rust program: what it wrote we write again byte
 * for byte, and what it refused or accepted we refuse or accept. */
#include "test.h"

#include "ockam/limits.h"
#include "vectors.h"
#include "wire/frame.h"
#include "wire/message.h"

typedef struct {
    ockam_route_t onward, back;
    ockam_slice_t payload;
} decoded_t;

static ockam_status_t decode(ockam_slice_t body, decoded_t *m)
{
    return ockam_wire_message_decode(body, &m->onward, &m->back, &m->payload, NULL);
}

/* One frame that holds `m`. */
static size_t encode(const decoded_t *m, uint8_t *out)
{
    uint8_t *p = ockam_wire_message_put_head(out + OCKAM_FRAME_HEAD_BYTES, &m->onward, &m->back, m->payload.len);

    if (m->payload.len > 0)
        memcpy(p, m->payload.ptr, m->payload.len);
    p = ockam_wire_message_put_tail(p + m->payload.len);
    ockam_frame_put_head(out, (size_t)(p - out) - OCKAM_FRAME_HEAD_BYTES);
    return (size_t)(p - out);
}

/* All frames in `bytes`, which hold nothing else, come out again the same. @return how many. */
static size_t check_frames(ockam_slice_t bytes)
{
    static uint8_t out[300000];
    ockam_reader_t rest  = ockam_reader(bytes);
    size_t         count = 0;

    while (rest.rest.len > 0) {
        const uint8_t *begin = rest.rest.ptr;
        ockam_slice_t  body;
        size_t         need;
        decoded_t      m;
        assert_ok(ockam_frame_next(&rest, &body, &need, NULL));
        assert_ok(decode(body, &m));
        assert_true(body.len + 64 < sizeof(out));
        assert_slice_equal(ockam_slice(out, encode(&m, out)), ockam_slice(begin, body.len + OCKAM_FRAME_HEAD_BYTES));
        count++;
    }
    return count;
}

/* The chunks of one connection in the direction `wanted`. */
static size_t check_chunks(vectors_t *v, const json_t *chunks, const char *wanted)
{
    size_t        count = 0, i;
    const json_t *chunk;
    bool          first = true;

    json_array_foreach(chunks, i, chunk)
    {
        const char *direction = json_string_value(json_array_get(chunk, 0));
        const char *hex       = json_string_value(json_array_get(chunk, 1));
        if (direction == NULL || hex == NULL || strcmp(direction, wanted) != 0)
            continue;
        if (first)
            assert_string_equal(hex, "01");
        else
            count += check_frames(vectors_unhex(v, hex, strlen(hex)));
        first = false;
    }
    return count;
}

/* A list of [direction, hex]. */
static bool is_connection(const json_t *json)
{
    const char *direction = json_string_value(json_array_get(json_array_get(json, 0), 0));

    return direction != NULL && (strcmp(direction, "tx") == 0 || strcmp(direction, "rx") == 0);
}

/* All TCP connections, at any depth. */
static size_t check_all(vectors_t *v, const json_t *json, const char *wanted)
{
    const char   *key;
    const json_t *value;
    size_t        count = 0, i;

    if (is_connection(json))
        return check_chunks(v, json, wanted);
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (strcmp(key, "udp_echo") != 0)
            count += check_all(v, value, wanted);
    }
    json_array_foreach(json, i, value) count += check_all(v, value, wanted);
    return count;
}

static void every_recorded_frame_comes_out_again_byte_for_byte(void **state)
{
    vectors_t *v = vectors_open("recorded-0.150.0.json");

    (void)state;
    assert_true(check_all(v, vectors_root(v), "rx") > 230); /* written by the Rust program */
    assert_true(check_all(v, vectors_root(v), "tx") > 230); /* accepted by it */
    vectors_close(v);
}

/* ---- good and bad frames --------------------------------------------------------------------------------------- */

/* What we wrote in this row, without the version byte. @return false if it is described, not listed. */
static bool sent_bytes(vectors_t *v, const json_t *row, uint8_t *out, size_t size, size_t *len)
{
    size_t        i;
    const json_t *chunk;

    *len = 0;
    json_array_foreach(vectors_get(v, row, "tx"), i, chunk)
    {
        ockam_slice_t bytes;
        if (!json_is_string(chunk))
            return false;
        bytes = vectors_unhex(v, json_string_value(chunk), json_string_length(chunk));
        assert_true(*len + bytes.len <= size);
        if (bytes.len > 0)
            memcpy(out + *len, bytes.ptr, bytes.len);
        *len += bytes.len;
    }
    return true;
}

/* Read it as a connection would. @return true if the connection is closed because of it. */
static bool closes(ockam_slice_t bytes, size_t *messages)
{
    ockam_reader_t rest = ockam_reader(bytes);
    decoded_t      m;
    ockam_slice_t  body;
    size_t         need;

    *messages = 0;
    if (bytes.len == 0)
        return false;
    if (bytes.ptr[0] != OCKAM_TCP_VERSION)
        return true;
    rest.rest = ockam_slice(bytes.ptr + 1, bytes.len - 1);
    for (;;) {
        ockam_status_t s = ockam_frame_next(&rest, &body, &need, NULL);
        if (s == OCKAM_NEED_MORE)
            return false;
        if (s == OCKAM_OK)
            s = decode(body, &m);
        if (s != OCKAM_OK)
            return true;
        ++*messages;
    }
}

static void frames_are_refused_exactly_where_the_rust_program_closed(void **state)
{
    vectors_t    *v    = vectors_open("recorded-0.150.0.json");
    const json_t *edge = vectors_get(v, vectors_get(v, vectors_root(v), "scenarios"), "edge_tcp");
    const json_t *row;
    size_t        i, checked = 0;

    (void)state;
    json_array_foreach(vectors_get(v, edge, "rows"), i, row)
    {
        const char *name = vectors_string(v, row, "name");
        uint8_t     bytes[512];
        size_t      len, messages;
        bool        closed = json_is_true(vectors_get(v, row, "closed_by_peer"));
        if (!sent_bytes(v, row, bytes, sizeof(bytes), &len))
            continue; /* 16 MiB messages: unit/frame and the test below */
        if (strcmp(name, "half close after frame") == 0)
            closed = false; /* closed by the end of the stream, not by its bytes */
        if (closes(ockam_slice(bytes, len), &messages) != closed)
            fail_msg("%s: %s", name,
                     closed ? "the Rust program closed, we do not" : "we close, the Rust program did not");
        checked++;
    }
    assert_int_equal(checked, 60);
    vectors_close(v);
}

static void every_answer_to_them_comes_out_again_byte_for_byte(void **state)
{
    vectors_t    *v    = vectors_open("recorded-0.150.0.json");
    const json_t *edge = vectors_get(v, vectors_get(v, vectors_root(v), "scenarios"), "edge_tcp");
    const json_t *row;
    size_t        i, frames = 0;

    (void)state;
    json_array_foreach(vectors_get(v, edge, "rows"), i, row)
    {
        const json_t *rx = vectors_get(v, row, "rx");
        ockam_slice_t bytes;
        if (!json_is_string(rx) || json_string_length(rx) < 2)
            continue;
        bytes = vectors_unhex(v, json_string_value(rx), json_string_length(rx));
        assert_int_equal(bytes.ptr[0], OCKAM_TCP_VERSION);
        frames += check_frames(ockam_slice(bytes.ptr + 1, bytes.len - 1));
    }
    assert_true(frames >= 23);
    vectors_close(v);
}

static void a_message_of_exactly_16_mib_is_one_frame(void **state)
{
    static uint8_t    frame[OCKAM_FRAME_HEAD_BYTES + OCKAM_TCP_MESSAGE_BYTES_MAX];
    static uint8_t    again[OCKAM_FRAME_HEAD_BYTES + OCKAM_TCP_MESSAGE_BYTES_MAX];
    static const char head[] = "0100000084818200446563686f818200436170705a00ffffe8"; /* as recorded */
    ockam_reader_t    rest   = ockam_reader(ockam_slice(frame, sizeof(frame)));
    ockam_slice_t     body;
    size_t            need;
    decoded_t         m;

    (void)state;
    assert_ok(ockam_hex_decode(ockam_slice_text(head), frame, strlen(head) / 2, NULL));
    (void)ockam_wire_message_put_tail(frame + sizeof(frame) - OCKAM_WIRE_MESSAGE_TAIL_BYTES);
    assert_ok(ockam_frame_next(&rest, &body, &need, NULL));
    assert_ok(decode(body, &m));
    assert_int_equal(m.payload.len, 0xffffe8);
    assert_int_equal(encode(&m, again), sizeof(again));
    assert_memory_equal(again, frame, sizeof(frame));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_recorded_frame_comes_out_again_byte_for_byte),
        cmocka_unit_test(frames_are_refused_exactly_where_the_rust_program_closed),
        cmocka_unit_test(every_answer_to_them_comes_out_again_byte_for_byte),
        cmocka_unit_test(a_message_of_exactly_16_mib_is_one_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
