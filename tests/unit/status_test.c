/* SPDX-License-Identifier: Apache-2.0
 *
 * status_test.c - one list of statuses; the trail that says where and why a call failed. */
#include <errno.h>
#include <stdio.h>

#include "test.h"

static void every_status_has_a_name_a_text_and_a_kind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OCKAM_STATUS_COUNT; i++) {
        const ockam_status_t s = (ockam_status_t)i;
        assert_true(strlen(ockam_status_name(s)) > 0);
        assert_true(strlen(ockam_status_text(s)) > 0);
        assert_int_equal(ockam_status_kind(s) == OCKAM_KIND_NONE, s == OCKAM_OK);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(ockam_status_name(s), ockam_status_name((ockam_status_t)k));
    }
}

static void names_and_kinds_are_those_of_the_list(void **state)
{
    (void)state;
    assert_int_equal(OCKAM_OK, 0);
    assert_string_equal(ockam_status_name(OCKAM_NOT_AUTHENTIC), "NOT_AUTHENTIC");
    assert_string_equal(ockam_status_text(OCKAM_NOT_AUTHENTIC), "an authenticity check failed");
    assert_int_equal(ockam_status_kind(OCKAM_NEED_MORE), OCKAM_KIND_PROGRESS);
    assert_int_equal(ockam_status_kind(OCKAM_INVALID), OCKAM_KIND_USAGE);
    assert_int_equal(ockam_status_kind(OCKAM_NO_MEMORY), OCKAM_KIND_RESOURCE);
    assert_int_equal(ockam_status_kind(OCKAM_IO), OCKAM_KIND_SYSTEM);
    assert_int_equal(ockam_status_kind(OCKAM_MALFORMED), OCKAM_KIND_PEER);
    assert_int_equal(ockam_status_kind(OCKAM_DENIED), OCKAM_KIND_POLICY);
    assert_int_equal(ockam_status_kind(OCKAM_INTERNAL), OCKAM_KIND_BUG);
}

static void a_number_outside_the_enum_counts_as_a_bug(void **state)
{
    (void)state;
    assert_string_equal(ockam_status_name(OCKAM_STATUS_COUNT), "UNKNOWN");
    assert_string_equal(ockam_status_text(OCKAM_STATUS_COUNT), "unknown status");
    assert_int_equal(ockam_status_kind(OCKAM_STATUS_COUNT), OCKAM_KIND_BUG);
    assert_string_equal(ockam_status_name((ockam_status_t)-1), "UNKNOWN");
    assert_int_equal(ockam_status_kind((ockam_status_t)-1), OCKAM_KIND_BUG);
}

static ockam_status_t origin(ockam_error_t *err)
{
    return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "signature of change %d", 1);
}

static ockam_status_t middle(ockam_error_t *err)
{
    OCKAM_TRY(err, origin(err), "change history");
    return OCKAM_OK;
}

static ockam_status_t outer(ockam_error_t *err)
{
    OCKAM_TRY(err, middle(err), "message 2");
    return OCKAM_OK;
}

static void the_trail_reads_from_the_outside_in(void **state)
{
    ockam_error_t err = {0};
    char          text[256];

    (void)state;
    assert_status(outer(&err), OCKAM_NOT_AUTHENTIC);
    assert_int_equal(err.status, OCKAM_NOT_AUTHENTIC);
    assert_int_equal(err.depth, 3);
    assert_string_equal(err.frame[0].func, "origin");
    assert_string_equal(err.frame[2].func, "outer");
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_string_equal(text, "message 2: change history: signature of change 1: an authenticity check failed");
}

static void the_trail_is_optional(void **state)
{
    (void)state;
    assert_status(outer(NULL), OCKAM_NOT_AUTHENTIC);
}

static void a_refusal_of_the_system_is_told_in_its_own_words(void **state)
{
    ockam_error_t err = {0};
    char          text[256], expected[256];

    (void)state;
    assert_status(ockam_fail_os(&err, ECONNREFUSED, "tcp#localhost:%u", 4000u), OCKAM_IO);
    assert_int_equal(err.os_errno, ECONNREFUSED);
    (void)ockam_error_text(&err, text, sizeof(text));
    (void)snprintf(expected, sizeof(expected), "tcp#localhost:4000: %s", strerror(ECONNREFUSED));
    assert_string_equal(text, expected);
}

static void the_first_failure_overwrites_what_an_earlier_one_left(void **state)
{
    ockam_error_t err = {0};
    char          text[256];

    (void)state;
    assert_status(ockam_fail_os(&err, ENOENT, "old"), OCKAM_IO);
    assert_status(outer(&err), OCKAM_NOT_AUTHENTIC);
    assert_int_equal(err.os_errno, 0);
    assert_int_equal(err.depth, 3);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_null(strstr(text, "old"));
}

static void a_note_on_a_status_without_a_trail_starts_one(void **state)
{
    ockam_error_t err = {0};
    char          text[256];

    (void)state;
    assert_status(ockam_fail_os(&err, ENOENT, "of an earlier call"), OCKAM_IO);
    assert_status(ockam_error_wrap(&err, OCKAM_LIMIT, "caller", "route"), OCKAM_LIMIT);
    assert_int_equal(err.depth, 1);
    assert_int_equal(err.os_errno, 0);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_string_equal(text, "route: a documented limit was reached");
}

static void frames_beyond_the_array_are_dropped(void **state)
{
    ockam_error_t err = {0};

    (void)state;
    assert_status(ockam_fail(&err, OCKAM_LIMIT, "0"), OCKAM_LIMIT);
    for (unsigned i = 1; i <= OCKAM_ERROR_FRAMES; i++)
        assert_status(ockam_error_wrap(&err, OCKAM_LIMIT, "f", i < OCKAM_ERROR_FRAMES ? "kept" : "dropped"),
                      OCKAM_LIMIT);
    assert_int_equal(err.depth, OCKAM_ERROR_FRAMES);
    assert_string_equal(err.frame[0].note, "0");
    assert_string_equal(err.frame[OCKAM_ERROR_FRAMES - 1].note, "kept");
}

static void a_note_that_is_too_long_is_cut(void **state)
{
    ockam_error_t err = {0};
    char          note[OCKAM_ERROR_NOTE_BYTES + 1];

    (void)state;
    memset(note, 'a', sizeof(note) - 1);
    note[sizeof(note) - 1] = '\0';
    assert_status(ockam_fail(&err, OCKAM_LIMIT, "%s", note), OCKAM_LIMIT);
    assert_int_equal(strlen(err.frame[0].note), OCKAM_ERROR_NOTE_BYTES - 1);
    assert_status(ockam_error_wrap(&err, OCKAM_LIMIT, "f", note), OCKAM_LIMIT);
    assert_int_equal(strlen(err.frame[1].note), OCKAM_ERROR_NOTE_BYTES - 1);
}

static void text_says_how_much_room_it_needs_whatever_it_gets(void **state)
{
    ockam_error_t err = {0};
    char          whole[256], cut[256];
    size_t        need;

    (void)state;
    assert_status(outer(&err), OCKAM_NOT_AUTHENTIC);
    need = ockam_error_text(&err, whole, sizeof(whole));
    assert_int_equal(need, strlen(whole));
    assert_int_equal(ockam_error_text(&err, NULL, 0), need);
    for (size_t size = 1; size <= need + 1; size++) {
        memset(cut, 'x', sizeof(cut));
        assert_int_equal(ockam_error_text(&err, cut, size), need);
        assert_int_equal(strlen(cut), size - 1);
        assert_memory_equal(cut, whole, size - 1);
        assert_int_equal(cut[size], 'x');
    }
}

static void empty_notes_leave_no_mark(void **state)
{
    ockam_error_t err = {0};
    char          text[64];

    (void)state;
    assert_status(ockam_error_wrap(&err, OCKAM_CLOSED, "f", ""), OCKAM_CLOSED);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_string_equal(text, ockam_status_text(OCKAM_CLOSED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_a_text_and_a_kind),
        cmocka_unit_test(names_and_kinds_are_those_of_the_list),
        cmocka_unit_test(a_number_outside_the_enum_counts_as_a_bug),
        cmocka_unit_test(the_trail_reads_from_the_outside_in),
        cmocka_unit_test(the_trail_is_optional),
        cmocka_unit_test(a_refusal_of_the_system_is_told_in_its_own_words),
        cmocka_unit_test(the_first_failure_overwrites_what_an_earlier_one_left),
        cmocka_unit_test(a_note_on_a_status_without_a_trail_starts_one),
        cmocka_unit_test(frames_beyond_the_array_are_dropped),
        cmocka_unit_test(a_note_that_is_too_long_is_cut),
        cmocka_unit_test(text_says_how_much_room_it_needs_whatever_it_gets),
        cmocka_unit_test(empty_notes_leave_no_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
