/* SPDX-License-Identifier: Apache-2.0
 *
 * support_test.c - what other tests lean on: fixed randomness, and an allocator that fails when told to. */
#include "failing_allocator.h"
#include "fixed_random.h"
#include "test.h"

static void a_seed_gives_the_same_bytes_however_they_are_drawn(void **state)
{
    fixed_random_t whole, pieces;
    uint8_t        a[64], b[64];

    (void)state;
    fixed_random_seed(&whole, 7);
    fixed_random_seed(&pieces, 7);
    assert_ok(fixed_random_fill(&whole, a, sizeof(a)));
    for (size_t i = 0; i < sizeof(b); i += 8)
        assert_ok(fixed_random_fill(&pieces, b + i, 8));
    assert_memory_equal(a, b, sizeof(a));
    fixed_random_seed(&whole, 8);
    assert_ok(fixed_random_fill(&whole, b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a));
}

static void the_generator_gives_the_published_numbers(void **state)
{
    /* SplitMix64 with seed 1234567: the first outputs, little-endian. */
    static const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u};
    fixed_random_t        random;

    (void)state;
    fixed_random_seed(&random, 1234567);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        uint8_t  bytes[8];
        uint64_t value = 0;
        assert_ok(fixed_random_fill(&random, bytes, sizeof(bytes)));
        for (size_t k = 8; k-- > 0;)
            value = value << 8 | bytes[k];
        assert_true(value == expected[i]);
    }
}

static void pushed_bytes_come_in_order_and_then_nothing(void **state)
{
    fixed_random_t random;
    uint8_t        out[6];

    (void)state;
    fixed_random_queue(&random);
    fixed_random_push(&random, ockam_slice_text("abc"));
    fixed_random_push(&random, ockam_slice_text("defg"));
    assert_ok(fixed_random_fill(&random, out, 2));
    assert_ok(fixed_random_fill(&random, out + 2, 4));
    assert_memory_equal(out, "abcdef", 6);
    assert_int_equal(fixed_random_left(&random), 1);
    assert_status(fixed_random_fill(&random, out, 2), OCKAM_IO);
}

static void the_allocator_fails_once_and_counts(void **state)
{
    failing_allocator_t a;
    void               *first;
    void               *third;

    (void)state;
    failing_allocator_init(&a, 2);
    first = a.allocator.alloc(a.allocator.context, 10);
    assert_non_null(first);
    assert_null(a.allocator.alloc(a.allocator.context, 20));
    third = a.allocator.alloc(a.allocator.context, 30);
    assert_non_null(third);
    assert_int_equal(a.live_blocks, 2);
    assert_int_equal(a.live_bytes, 40);
    assert_int_equal(a.calls, 3);
    a.allocator.release(a.allocator.context, first, 10);
    assert_int_equal(a.unwiped, 1);
    ockam_release(&a.allocator, third, 30);
    assert_int_equal(a.unwiped, 1);
    assert_int_equal(a.peak_bytes, 40);
    failing_allocator_assert_empty(&a);
}

static ockam_status_t grow_a_buffer(const ockam_allocator_t *allocator, void *context)
{
    ockam_buf_t    buf;
    ockam_status_t s = OCKAM_OK;

    (void)context;
    ockam_buf_init(&buf, allocator, 1000);
    for (size_t i = 0; s == OCKAM_OK && i < 1000; i++)
        s = ockam_buf_append_byte(&buf, (uint8_t)i, NULL);
    ockam_buf_deinit(&buf);
    return s;
}

static void a_sweep_fails_each_allocation_once(void **state)
{
    (void)state;
    assert_int_equal(failing_allocator_sweep(grow_a_buffer, NULL), 5); /* 64, 128, 256, 512, 1000 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_gives_the_same_bytes_however_they_are_drawn),
        cmocka_unit_test(the_generator_gives_the_published_numbers),
        cmocka_unit_test(pushed_bytes_come_in_order_and_then_nothing),
        cmocka_unit_test(the_allocator_fails_once_and_counts),
        cmocka_unit_test(a_sweep_fails_each_allocation_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
