/* SPDX-License-Identifier: Apache-2.0
 *
 * frame_test.c - a stream is cut into messages wherever its reads end. */
#include "test.h"

#include "wire/frame.h"

static void a_frame_is_lent_and_the_rest_stays(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 1, 'd', 0, 0};
    ockam_reader_t       rest    = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    ockam_slice_t        body    = {NULL, 0};
    size_t               need    = 0;

    (void)state;
    assert_ok(ockam_frame_next(&rest, &body, &need, NULL));
    assert_ptr_equal(body.ptr, bytes + 4);
    assert_int_equal(body.len, 3);
    assert_ok(ockam_frame_next(&rest, &body, &need, NULL));
    assert_slice_equal(body, ockam_slice_text("d"));
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_NEED_MORE);
    assert_int_equal(need, 4);
    assert_int_equal(rest.rest.len, 2);
    assert_ptr_equal(rest.rest.ptr, bytes + 12);
}

static void a_frame_cut_at_any_byte_tells_how_much_it_needs(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0, 3, 'a', 'b', 'c'};

    (void)state;
    for (size_t n = 0; n < sizeof(bytes); n++) {
        ockam_reader_t rest = ockam_reader(ockam_slice(bytes, n));
        ockam_slice_t  body = {NULL, 0};
        size_t         need = 0;
        assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_NEED_MORE);
        assert_int_equal(need, n < 4 ? 4 : 7);
        assert_int_equal(rest.rest.len, n);
        assert_null(body.ptr);
    }
}

static void nothing_at_all_needs_a_head(void **state)
{
    ockam_reader_t rest = ockam_reader(ockam_slice(NULL, 0));
    ockam_slice_t  body;
    size_t         need = 0;

    (void)state;
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_NEED_MORE);
    assert_int_equal(need, OCKAM_FRAME_HEAD_BYTES);
}

static void a_length_of_0_is_malformed(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0, 0, 1};
    ockam_reader_t       rest    = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    ockam_slice_t        body;
    size_t               need = 0;

    (void)state;
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_MALFORMED);
    assert_int_equal(rest.rest.len, sizeof(bytes));
}

static void a_length_at_the_limit_is_waited_for_and_one_past_it_is_refused_before_the_body(void **state)
{
    uint8_t        bytes[5] = {0};
    ockam_reader_t rest     = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    ockam_slice_t  body;
    size_t         need = 0;

    (void)state;
    ockam_frame_put_head(bytes, OCKAM_TCP_MESSAGE_BYTES_MAX);
    assert_memory_equal(bytes, "\1\0\0\0", 4);
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_NEED_MORE);
    assert_int_equal(need, OCKAM_FRAME_HEAD_BYTES + OCKAM_TCP_MESSAGE_BYTES_MAX);
    ockam_frame_put_head(bytes, OCKAM_TCP_MESSAGE_BYTES_MAX + 1u);
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_LIMIT);
    memset(bytes, 0xff, 4);
    rest = ockam_reader(ockam_slice(bytes, 4));
    assert_status(ockam_frame_next(&rest, &body, &need, NULL), OCKAM_LIMIT);
}

static void the_largest_frame_is_taken_whole(void **state)
{
    static uint8_t bytes[OCKAM_FRAME_HEAD_BYTES + OCKAM_TCP_MESSAGE_BYTES_MAX];
    ockam_reader_t rest = ockam_reader(ockam_slice(bytes, sizeof(bytes)));
    ockam_slice_t  body;
    size_t         need = 0;

    (void)state;
    ockam_frame_put_head(bytes, OCKAM_TCP_MESSAGE_BYTES_MAX);
    assert_ok(ockam_frame_next(&rest, &body, &need, NULL));
    assert_int_equal(body.len, OCKAM_TCP_MESSAGE_BYTES_MAX);
    assert_int_equal(rest.rest.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_lent_and_the_rest_stays),
        cmocka_unit_test(a_frame_cut_at_any_byte_tells_how_much_it_needs),
        cmocka_unit_test(nothing_at_all_needs_a_head),
        cmocka_unit_test(a_length_of_0_is_malformed),
        cmocka_unit_test(a_length_at_the_limit_is_waited_for_and_one_past_it_is_refused_before_the_body),
        cmocka_unit_test(the_largest_frame_is_taken_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
