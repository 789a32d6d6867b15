/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/key_tracker.h"

#include <stdlib.h>

#include "ockam/limits.h"
#include "test.h"
#include "vectors.h"

static const char *const names[] = {
    [OCKAM_KEY_REFUSED]  = "error",
    [OCKAM_KEY_PREVIOUS] = "previous",
    [OCKAM_KEY_CURRENT]  = "current",
    [OCKAM_KEY_NEXT]     = "next",
};

static uint64_t number(const json_t *value)
{
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 10) : (uint64_t)json_integer_value(value);
}

static void check_rows(vectors_t *v, const char *name, size_t rows)
{
    const json_t       *all     = vectors_get(v, vectors_root(v), "key_tracker");
    const json_t       *part    = vectors_get(v, all, name);
    const json_t       *expect  = vectors_get(v, part, "expect");
    ockam_key_tracker_t tracker = {
        .interval     = (uint64_t)vectors_int(v, all, "renewal_interval"),
        .rekeys       = (uint64_t)vectors_int(v, part, "number_of_rekeys"),
        .has_previous = json_is_true(json_object_get(part, "previous_key")),
        .exhausted    = json_is_true(json_object_get(part, "max_rekeys_reached")),
    };

    assert_int_equal(json_array_size(expect), rows);
    for (size_t i = 0; i < rows; i++) {
        const json_t *row = json_array_get(expect, i);
        assert_string_equal(names[ockam_key_tracker_choose(&tracker, number(json_array_get(row, 0)))],
                            json_string_value(json_array_get(row, 1)));
    }
}

static void the_published_rows_give_the_published_keys(void **state)
{
    (void)state;
    vectors_t *v = vectors_open("secure_channel.json");

    check_rows(v, "first_interval", 6);
    check_rows(v, "middle_interval", 10);
    check_rows(v, "last_interval", 1);
    vectors_close(v);
}

static void each_interval_of_32_has_its_key(void **state)
{
    (void)state;
    ockam_key_tracker_t tracker = {.interval = OCKAM_CHANNEL_REKEY_INTERVAL};

    for (uint64_t r = 0; r < 5; r++) {
        for (uint64_t n = 0; n < 32 * 8; n++) {
            const uint64_t           key      = n / 32;
            const ockam_key_choice_t expected = key == r                ? OCKAM_KEY_CURRENT
                                                : key == r + 1          ? OCKAM_KEY_NEXT
                                                : r > 0 && key == r - 1 ? OCKAM_KEY_PREVIOUS
                                                                        : OCKAM_KEY_REFUSED;
            assert_int_equal(ockam_key_tracker_choose(&tracker, n), expected);
        }
        ockam_key_tracker_advance(&tracker);
    }
}

static void the_last_interval_there_can_be_ends_everything(void **state)
{
    (void)state;
    ockam_key_tracker_t tracker = {.interval = 32, .rekeys = UINT64_MAX / 32 - 1, .has_previous = true};

    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX - 31), OCKAM_KEY_NEXT);
    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX), OCKAM_KEY_NEXT);
    assert_int_equal(ockam_key_tracker_choose(&tracker, 0), OCKAM_KEY_REFUSED);
    ockam_key_tracker_advance(&tracker);
    assert_false(tracker.exhausted);
    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX), OCKAM_KEY_CURRENT);
    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX - 32), OCKAM_KEY_PREVIOUS);
    ockam_key_tracker_advance(&tracker);
    assert_true(tracker.exhausted);
    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX), OCKAM_KEY_REFUSED);
    assert_int_equal(ockam_key_tracker_choose(&tracker, UINT64_MAX - 32), OCKAM_KEY_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_rows_give_the_published_keys),
        cmocka_unit_test(each_interval_of_32_has_its_key),
        cmocka_unit_test(the_last_interval_there_can_be_ends_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
