/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes_test.c - slices, buffers that keep their limit, secrets that are wiped, hex. */
#include "failing_allocator.h"
#include "test.h"

static void slices_are_equal_by_length_and_bytes(void **state)
{
    (void)state;
    assert_true(ockam_slice_equal(ockam_slice_text("ab"), ockam_slice_text("ab")));
    assert_false(ockam_slice_equal(ockam_slice_text("ab"), ockam_slice_text("ac")));
    assert_false(ockam_slice_equal(ockam_slice_text("ab"), ockam_slice_text("abc")));
    assert_true(ockam_slice_equal(ockam_slice(NULL, 0), ockam_slice_text("")));
}

static void allocated_memory_is_zero_and_wiped_when_released(void **state)
{
    failing_allocator_t a;
    uint8_t            *ptr;

    (void)state;
    failing_allocator_init(&a, 0);
    ptr = ockam_alloc(&a.allocator, 100);
    assert_non_null(ptr);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(ptr[i], 0);
    memset(ptr, 0x77, 100);
    ockam_release(&a.allocator, ptr, 100);
    assert_int_equal(a.unwiped, 0);
    ockam_release(&a.allocator, NULL, 100);
    failing_allocator_assert_empty(&a);
}

static void allocation_that_fails_gives_null(void **state)
{
    failing_allocator_t a;

    (void)state;
    failing_allocator_init(&a, 1);
    assert_null(ockam_alloc(&a.allocator, 1));
    failing_allocator_assert_empty(&a);
}

static void the_allocator_of_libc_gives_and_takes_back(void **state)
{
    const ockam_allocator_t *libc = ockam_allocator_malloc();
    uint8_t                 *ptr  = ockam_alloc(libc, 33);

    (void)state;
    assert_non_null(ptr);
    assert_int_equal(ptr[32], 0);
    ockam_release(libc, ptr, 33);
}

static void a_buffer_grows_up_to_its_limit_and_not_one_byte_more(void **state)
{
    for (size_t limit = 0; limit <= 300; limit++) {
        failing_allocator_t a;
        ockam_buf_t         buf;
        (void)state;
        failing_allocator_init(&a, 0);
        ockam_buf_init(&buf, &a.allocator, limit);
        for (size_t i = 0; i < limit; i++)
            assert_ok(ockam_buf_append_byte(&buf, (uint8_t)i, NULL));
        assert_int_equal(buf.len, limit);
        assert_status(ockam_buf_append_byte(&buf, 1, NULL), OCKAM_LIMIT);
        assert_int_equal(buf.len, limit);
        assert_true(buf.cap <= limit);
        for (size_t i = 0; i < limit; i++)
            assert_int_equal(buf.ptr[i], (uint8_t)i);
        ockam_buf_deinit(&buf);
        assert_int_equal(a.unwiped, 0);
        failing_allocator_assert_empty(&a);
    }
}

static void appending_nothing_needs_nothing(void **state)
{
    failing_allocator_t a;
    ockam_buf_t         buf;

    (void)state;
    failing_allocator_init(&a, 1);
    ockam_buf_init(&buf, &a.allocator, 0);
    assert_ok(ockam_buf_append(&buf, ockam_slice(NULL, 0), NULL));
    assert_ok(ockam_buf_reserve(&buf, 0, NULL));
    assert_int_equal(a.calls, 0);
    assert_int_equal(ockam_buf_view(&buf).len, 0);
    ockam_buf_deinit(&buf);
}

static void a_size_that_overflows_is_over_the_limit(void **state)
{
    ockam_buf_t buf;

    (void)state;
    ockam_buf_init(&buf, ockam_allocator_malloc(), SIZE_MAX);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("abc"), NULL));
    assert_status(ockam_buf_reserve(&buf, SIZE_MAX - 2, NULL), OCKAM_LIMIT);
    assert_status(ockam_buf_reserve(&buf, SIZE_MAX, NULL), OCKAM_LIMIT);
    assert_slice_equal(ockam_buf_view(&buf), ockam_slice_text("abc"));
    ockam_buf_deinit(&buf);
}

static void an_append_without_memory_changes_nothing(void **state)
{
    failing_allocator_t a;
    ockam_buf_t         buf;
    uint8_t             more[200] = {1};

    (void)state;
    failing_allocator_init(&a, 2);
    ockam_buf_init(&buf, &a.allocator, 1000);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("kept"), NULL));
    assert_status(ockam_buf_append(&buf, ockam_slice(more, sizeof(more)), NULL), OCKAM_NO_MEMORY);
    assert_slice_equal(ockam_buf_view(&buf), ockam_slice_text("kept"));
    assert_ok(ockam_buf_append(&buf, ockam_slice(more, sizeof(more)), NULL));
    assert_int_equal(buf.len, 4 + sizeof(more));
    ockam_buf_deinit(&buf);
    failing_allocator_assert_empty(&a);
}

static void what_a_growing_buffer_leaves_behind_is_wiped(void **state)
{
    failing_allocator_t a;
    ockam_buf_t         buf;

    (void)state;
    failing_allocator_init(&a, 0);
    ockam_buf_init(&buf, &a.allocator, 10000);
    for (size_t i = 0; i < 10000; i++)
        assert_ok(ockam_buf_append_byte(&buf, 0xaa, NULL));
    assert_true(a.calls > 2);
    ockam_buf_deinit(&buf);
    assert_int_equal(a.unwiped, 0);
    failing_allocator_assert_empty(&a);
}

static void truncating_wipes_the_end_and_keeps_the_beginning(void **state)
{
    ockam_buf_t   buf;
    const uint8_t expected[8] = {'a', 'b', 'c'};

    (void)state;
    ockam_buf_init(&buf, ockam_allocator_malloc(), 100);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("abcdefgh"), NULL));
    ockam_buf_truncate(&buf, 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.ptr, expected, 8);
    ockam_buf_truncate(&buf, 3);
    assert_slice_equal(ockam_buf_view(&buf), ockam_slice_text("abc"));
    ockam_buf_deinit(&buf);
}

static void a_buffer_is_deinitialised_twice_without_harm_and_can_be_used_again(void **state)
{
    failing_allocator_t a;
    ockam_buf_t         buf;

    (void)state;
    failing_allocator_init(&a, 0);
    ockam_buf_init(&buf, &a.allocator, 100);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("one"), NULL));
    ockam_buf_deinit(&buf);
    ockam_buf_deinit(&buf);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("two"), NULL));
    assert_slice_equal(ockam_buf_view(&buf), ockam_slice_text("two"));
    ockam_buf_deinit(&buf);
    failing_allocator_assert_empty(&a);
}

static void a_buffer_in_the_callers_storage_fills_it_exactly(void **state)
{
    uint8_t       storage[9] = {0};
    const uint8_t zeros[8]   = {0};
    ockam_buf_t   buf;

    (void)state;
    storage[8] = 0xee;
    ockam_buf_init_fixed(&buf, storage, 8);
    assert_ok(ockam_buf_append(&buf, ockam_slice_text("12345678"), NULL));
    assert_status(ockam_buf_append_byte(&buf, '9', NULL), OCKAM_LIMIT);
    assert_memory_equal(storage, "12345678", 8);
    assert_ptr_equal(buf.ptr, storage);
    ockam_buf_deinit(&buf);
    assert_memory_equal(storage, zeros, 8);
    assert_int_equal(storage[8], 0xee);
    assert_int_equal(buf.len, 0);
}

static void a_secret_is_wiped_whole(void **state)
{
    ockam_secret_t secret;

    (void)state;
    memset(&secret, 0x5a, sizeof(secret));
    secret.len = OCKAM_SECRET_BYTES_MAX;
    ockam_secret_deinit(&secret);
    for (size_t i = 0; i < sizeof(secret.bytes); i++)
        assert_int_equal(secret.bytes[i], 0);
    assert_int_equal(secret.len, 0);
    ockam_wipe(NULL, 0);
}

static void secrets_are_equal_only_when_every_bit_is(void **state)
{
    uint8_t a[32], b[32];

    (void)state;
    memset(a, 0xc3, sizeof(a));
    memcpy(b, a, sizeof(b));
    assert_true(ockam_equal_secret(a, b, sizeof(a)));
    assert_true(ockam_equal_secret(NULL, NULL, 0));
    for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
        b[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_false(ockam_equal_secret(a, b, sizeof(a)));
        b[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
}

static void hex_of_every_byte_reads_back(void **state)
{
    uint8_t bytes[256], back[256];
    char    text[513];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)i;
    ockam_hex_encode(ockam_slice(bytes, sizeof(bytes)), text);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_string_equal(text + 506, "fdfeff");
    assert_ok(ockam_hex_decode(ockam_slice_text(text), back, sizeof(back), NULL));
    assert_memory_equal(back, bytes, sizeof(bytes));
}

static void hex_digits_may_be_of_either_case(void **state)
{
    uint8_t out[3];

    (void)state;
    assert_ok(ockam_hex_decode(ockam_slice_text("aBCdEf"), out, 3, NULL));
    assert_memory_equal(out, "\xab\xcd\xef", 3);
}

static void hex_of_nothing_is_the_empty_text(void **state)
{
    char text[1] = {'x'};

    (void)state;
    ockam_hex_encode(ockam_slice(NULL, 0), text);
    assert_string_equal(text, "");
    assert_ok(ockam_hex_decode(ockam_slice(NULL, 0), NULL, 0, NULL));
}

static void hex_of_another_length_is_malformed(void **state)
{
    uint8_t out[4];

    (void)state;
    for (size_t digits = 0; digits <= 12; digits++) {
        const ockam_slice_t text = ockam_slice("0123456789ab", digits);
        assert_status(ockam_hex_decode(text, out, 3, NULL), digits == 6 ? OCKAM_OK : OCKAM_MALFORMED);
    }
}

static void a_character_that_is_no_hex_digit_is_malformed_wherever_it_stands(void **state)
{
    uint8_t out[2];

    (void)state;
    for (size_t at = 0; at < 4; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char       text[4] = {'0', '0', '0', '0'};
            const bool digit   = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
            text[at]           = (char)c;
            assert_status(ockam_hex_decode(ockam_slice(text, 4), out, 2, NULL), digit ? OCKAM_OK : OCKAM_MALFORMED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_are_equal_by_length_and_bytes),
        cmocka_unit_test(allocated_memory_is_zero_and_wiped_when_released),
        cmocka_unit_test(allocation_that_fails_gives_null),
        cmocka_unit_test(the_allocator_of_libc_gives_and_takes_back),
        cmocka_unit_test(a_buffer_grows_up_to_its_limit_and_not_one_byte_more),
        cmocka_unit_test(appending_nothing_needs_nothing),
        cmocka_unit_test(a_size_that_overflows_is_over_the_limit),
        cmocka_unit_test(an_append_without_memory_changes_nothing),
        cmocka_unit_test(what_a_growing_buffer_leaves_behind_is_wiped),
        cmocka_unit_test(truncating_wipes_the_end_and_keeps_the_beginning),
        cmocka_unit_test(a_buffer_is_deinitialised_twice_without_harm_and_can_be_used_again),
        cmocka_unit_test(a_buffer_in_the_callers_storage_fills_it_exactly),
        cmocka_unit_test(a_secret_is_wiped_whole),
        cmocka_unit_test(secrets_are_equal_only_when_every_bit_is),
        cmocka_unit_test(hex_of_every_byte_reads_back),
        cmocka_unit_test(hex_digits_may_be_of_either_case),
        cmocka_unit_test(hex_of_nothing_is_the_empty_text),
        cmocka_unit_test(hex_of_another_length_is_malformed),
        cmocka_unit_test(a_character_that_is_no_hex_digit_is_malformed_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
