/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/nonce_window.h"

#include "ockam/limits.h"
#include "test.h"
#include "vectors.h"

static bool take(ockam_nonce_window_t *window, uint64_t nonce)
{
    if (!ockam_nonce_window_accepts(window, nonce))
        return false;
    ockam_nonce_window_mark(window, nonce);
    return true;
}

static void the_published_trace_gives_the_published_answers(void **state)
{
    (void)state;
    vectors_t           *v      = vectors_open("secure_channel.json");
    const json_t        *trace  = vectors_get(v, vectors_root(v), "nonce_tracker_trace");
    const json_t        *steps  = vectors_get(v, trace, "steps_nonce_accept");
    ockam_nonce_window_t window = {0};

    assert_int_equal(vectors_int(v, trace, "interval"), OCKAM_CHANNEL_REKEY_INTERVAL);
    assert_true(json_array_size(steps) > 70);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t  *step  = json_array_get(steps, i);
        const uint64_t nonce = (uint64_t)json_integer_value(json_array_get(step, 0));
        if (take(&window, nonce) != json_is_true(json_array_get(step, 1)))
            fail_msg("step %zu, nonce %llu", i, (unsigned long long)nonce);
    }
    vectors_close(v);
}

static void before_the_first_message_0_to_32_are_acceptable(void **state)
{
    (void)state;
    const ockam_nonce_window_t window = {0};

    for (uint64_t n = 0; n <= 32; n++)
        assert_true(ockam_nonce_window_accepts(&window, n));
    assert_false(ockam_nonce_window_accepts(&window, 33));
    assert_false(ockam_nonce_window_accepts(&window, UINT64_MAX));
}

/* The definition in words, with a list of everything that was accepted. */
static void the_window_is_what_a_list_of_all_nonces_says(void **state)
{
    (void)state;
    static bool          seen[4096];
    ockam_nonce_window_t window = {0};
    uint64_t             random = 1, highest = 0;

    for (unsigned i = 0; i < 20000; i++) {
        random               = random * 6364136223846793005u + 1442695040888963407u;
        const uint64_t low   = highest > 40 ? highest - 40 : 0;
        const uint64_t nonce = low + (random >> 40) % 81;
        if (nonce >= 4096)
            break;
        const bool in_reach = nonce > highest ? nonce - highest <= 32 : highest - nonce <= 32;
        const bool expected = in_reach && !seen[nonce];
        assert_int_equal(take(&window, nonce), expected);
        if (expected) {
            seen[nonce] = true;
            highest     = nonce > highest ? nonce : highest;
        }
    }
    assert_true(highest > 1000);
}

static void asking_changes_nothing(void **state)
{
    (void)state;
    ockam_nonce_window_t window = {.highest = 100, .seen = 5};

    for (uint64_t n = 0; n < 300; n++)
        (void)ockam_nonce_window_accepts(&window, n);
    assert_int_equal(window.highest, 100);
    assert_int_equal(window.seen, 5);
}

static void the_edges_are_32_behind_and_32_ahead(void **state)
{
    (void)state;
    const ockam_nonce_window_t window = {.highest = 1000, .seen = 1};

    assert_false(ockam_nonce_window_accepts(&window, 967));
    assert_true(ockam_nonce_window_accepts(&window, 968));
    assert_false(ockam_nonce_window_accepts(&window, 1000));
    assert_true(ockam_nonce_window_accepts(&window, 1032));
    assert_false(ockam_nonce_window_accepts(&window, 1033));
}

static void nothing_wraps_at_the_end_of_the_counter(void **state)
{
    (void)state;
    ockam_nonce_window_t window = {.highest = UINT64_MAX - 1, .seen = 1};

    assert_false(ockam_nonce_window_accepts(&window, 0));
    assert_false(ockam_nonce_window_accepts(&window, 31));
    assert_true(take(&window, UINT64_MAX));
    assert_false(take(&window, UINT64_MAX));
    assert_true(take(&window, UINT64_MAX - 32));
    assert_false(take(&window, UINT64_MAX - 33));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_trace_gives_the_published_answers),
        cmocka_unit_test(before_the_first_message_0_to_32_are_acceptable),
        cmocka_unit_test(the_window_is_what_a_list_of_all_nonces_says),
        cmocka_unit_test(asking_changes_nothing),
        cmocka_unit_test(the_edges_are_32_behind_and_32_ahead),
        cmocka_unit_test(nothing_wraps_at_the_end_of_the_counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
