/* SPDX-License-Identifier: Apache-2.0
 *
 * memory_test.c - accounts at their marks, blocks and their pools. */
#include "test.h"

#include "failing_allocator.h"
#include "node/memory.h"

static void count_low(void *owner)
{
    (*(unsigned *)owner)++;
}

static void an_account_is_held_up_one_past_the_high_mark_and_let_go_at_the_low_one(void **state)
{
    failing_allocator_t a;
    unsigned            low = 0;
    ockam_account_t    *account;

    (void)state;
    failing_allocator_init(&a, 0);
    account = ockam_account_new(&a.allocator, count_low, &low);
    ockam_account_charge(account, OCKAM_ACCOUNT_HIGH_BYTES);
    assert_false(account->held_up);
    ockam_account_charge(account, 1);
    assert_true(account->held_up);
    ockam_account_release(account, 1);
    assert_true(account->held_up); /* between the marks nothing changes */
    ockam_account_charge(account, OCKAM_ACCOUNT_LOW_BYTES + 1);
    ockam_account_release(account, OCKAM_ACCOUNT_HIGH_BYTES); /* one byte above the low mark is left */
    assert_int_equal(account->bytes, OCKAM_ACCOUNT_LOW_BYTES + 1);
    assert_true(account->held_up);
    assert_int_equal(low, 0);
    ockam_account_charge(account, 1);
    ockam_account_release(account, 2);
    assert_int_equal(account->bytes, OCKAM_ACCOUNT_LOW_BYTES);
    assert_false(account->held_up);
    assert_int_equal(low, 1);
    ockam_account_charge(account, 10); /* told once for each time it was held up */
    ockam_account_release(account, 10);
    assert_int_equal(low, 1);
    ockam_account_release(account, OCKAM_ACCOUNT_LOW_BYTES);
    assert_int_equal(low, 1);
    ockam_account_close(account);
    failing_allocator_assert_empty(&a);
}

static void an_account_outlives_its_owner_until_its_last_byte_is_back(void **state)
{
    failing_allocator_t a;
    unsigned            low = 0;
    ockam_account_t    *account;

    (void)state;
    failing_allocator_init(&a, 0);
    account = ockam_account_new(&a.allocator, count_low, &low);
    ockam_account_charge(account, OCKAM_ACCOUNT_HIGH_BYTES + 1);
    ockam_account_charge(account, 1);
    assert_int_equal(account->refs, 3);
    ockam_account_close(account);
    ockam_account_release(account, OCKAM_ACCOUNT_HIGH_BYTES + 1);
    assert_int_equal(low, 0); /* nobody is there to be told */
    assert_int_equal(a.live_blocks, 1);
    ockam_account_release(account, 1);
    failing_allocator_assert_empty(&a);
    ockam_account_close(NULL);
}

typedef struct {
    failing_allocator_t a;
    ockam_metrics_t     metrics;
    ockam_memory_t      memory;
    ockam_account_t    *account;
} fixture_t;

static void begin(fixture_t *f)
{
    failing_allocator_init(&f->a, 0);
    f->metrics = (ockam_metrics_t){0};
    ockam_memory_init(&f->memory, &f->a.allocator, &f->metrics);
    f->account = ockam_account_new(&f->a.allocator, NULL, NULL);
}

static void end(fixture_t *f)
{
    assert_int_equal(f->account->bytes, 0);
    assert_int_equal(f->account->refs, 1);
    ockam_account_close(f->account);
    ockam_memory_deinit(&f->memory);
    failing_allocator_assert_empty(&f->a);
}

static void a_block_is_charged_with_all_it_takes_and_used_again(void **state)
{
    const size_t   sizes[] = {0, 1, 768, 769, 4096, 4097, 16384, 16385, 69632, 69633, 262144};
    const size_t   caps[]  = {768, 768, 768, 4096, 4096, 16384, 16384, 69632, 69632, 262144, 262144};
    fixture_t      f;
    ockam_block_t *block, *again;

    (void)state;
    begin(&f);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        const ockam_metrics_t before = f.metrics;
        assert_non_null(block = ockam_block_new(&f.memory, sizes[i], f.account));
        assert_int_equal(block->cap, caps[i]);
        assert_int_equal(f.account->bytes, sizeof(*block) + caps[i]);
        block->refs++;
        ockam_block_unref(block);
        assert_int_equal(f.account->bytes, sizeof(*block) + caps[i]);
        ockam_block_unref(block);
        assert_int_equal(f.account->bytes, 0);
        assert_non_null(again = ockam_block_new(&f.memory, sizes[i], f.account));
        assert_ptr_equal(again, block);
        assert_true(f.metrics.pool_hits > before.pool_hits);
        ockam_block_unref(again);
    }
    ockam_block_unref(NULL);
    end(&f);
}

static void a_block_past_the_largest_class_is_never_kept(void **state)
{
    fixture_t      f;
    ockam_block_t *block;
    size_t         live;

    (void)state;
    begin(&f);
    live = f.a.live_blocks;
    assert_non_null(block = ockam_block_new(&f.memory, 262145, f.account));
    assert_int_equal(block->cap, 262145);
    ockam_block_unref(block);
    assert_int_equal(f.a.live_blocks, live);
    end(&f);
}

static void a_pool_keeps_no_more_than_it_says(void **state)
{
    static ockam_block_t *blocks[1025];
    const size_t          sizes[] = {768, 4096, 16384, 69632, 262144};
    const size_t          keeps[] = {1024, 64, 16, 16, 4};
    fixture_t             f;
    size_t                live;

    (void)state;
    begin(&f);
    for (size_t c = 0; c < OCKAM_BLOCK_CLASSES; c++) {
        live = f.a.live_blocks;
        for (size_t i = 0; i <= keeps[c]; i++)
            assert_non_null(blocks[i] = ockam_block_new(&f.memory, sizes[c], f.account));
        for (size_t i = 0; i <= keeps[c]; i++)
            ockam_block_unref(blocks[i]);
        assert_int_equal(f.a.live_blocks, live + keeps[c]);
    }
    end(&f);
}

static void no_memory_charges_nothing(void **state)
{
    fixture_t f;

    (void)state;
    begin(&f);
    f.a.fail_at = f.a.calls + 1;
    assert_null(ockam_block_new(&f.memory, 10, f.account));
    assert_int_equal(f.account->bytes, 0);
    assert_int_equal(f.metrics.allocations, 0);
    f.a.fail_at = f.a.calls + 1;
    assert_null(ockam_account_new(&f.a.allocator, NULL, NULL));
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_held_up_one_past_the_high_mark_and_let_go_at_the_low_one),
        cmocka_unit_test(an_account_outlives_its_owner_until_its_last_byte_is_back),
        cmocka_unit_test(a_block_is_charged_with_all_it_takes_and_used_again),
        cmocka_unit_test(a_block_past_the_largest_class_is_never_kept),
        cmocka_unit_test(a_pool_keeps_no_more_than_it_says),
        cmocka_unit_test(no_memory_charges_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
