/* SPDX-License-Identifier: Apache-2.0
 *
 * change_history_test.c - what a chain of changes must be, beyond the vectors: every mix of key types, cuts, flips,
 * limits, memory. */
#include "identity/change_history.h"

#include <stdlib.h>

#include "failing_allocator.h"
#include "identity/signed_data.h"
#include "identity_kit.h"
#include "test.h"

static ockam_vault_t *vault;

static int setup(void **state)
{
    (void)state;
    vault = kit_vault(NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ockam_vault_free(vault);
    return 0;
}

/* Change `i` has key `i + 1`, of the type that bit `i` of `types` says, and starts at 1000 + i. */
static ockam_change_history_t *history_of(size_t count, unsigned types)
{
    ockam_change_history_t *history  = NULL;
    ockam_key_id_t          previous = OCKAM_KEY_ID_NONE;

    for (size_t i = 0; i < count; i++) {
        const ockam_signing_type_t   type    = i < 8 && (types >> i & 1u) != 0 ? OCKAM_P256 : OCKAM_ED25519;
        const ockam_change_options_t options = {
            .key = kit_key(vault, type, (uint8_t)(i + 1)), .valid_from_s = 1000 + i, .valid_until_s = 5000};
        ockam_change_history_t *longer = NULL;
        ockam_error_t           err    = {0};
        assert_ok_err(ockam_change_history_extend(vault, history, previous, &options, &longer, &err), &err);
        ockam_change_history_free(history);
        history  = longer;
        previous = options.key;
    }
    return history;
}

static ockam_status_t verify(ockam_slice_t encoded, ockam_change_history_t **out, ockam_error_t *err)
{
    return ockam_change_history_verify(vault, encoded, NULL, out, err);
}

static ockam_status_t verify_bytes(const uint8_t *bytes, size_t len)
{
    uint8_t                *exact   = malloc(len > 0 ? len : 1); /* so that a sanitizer sees the end */
    ockam_change_history_t *history = NULL;
    ockam_status_t          s;

    assert_non_null(exact);
    memcpy(exact, bytes, len);
    s = verify(ockam_slice(exact, len), &history, NULL);
    free(exact);
    if (s != OCKAM_OK)
        assert_null(history);
    ockam_change_history_free(history);
    return s;
}

/* ---- good ones -------------------------------------------------------------------------------------------------- */

static void every_mix_of_key_types_verifies_with_one_to_three_changes(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 3; count++)
        for (unsigned types = 0; types < 1u << count; types++) {
            ockam_change_history_t *made  = history_of(count, types);
            ockam_change_history_t *again = NULL;
            assert_ok(verify(ockam_change_history_view(made), &again, NULL));
            assert_int_equal(ockam_change_history_count(again), count);
            assert_slice_equal(ockam_change_history_view(again), ockam_change_history_view(made));
            assert_int_equal(ockam_change_history_latest_key(again)->type,
                             (types >> (count - 1) & 1u) != 0 ? OCKAM_P256 : OCKAM_ED25519);
            assert_int_equal(ockam_change_history_valid_from_s(again), 1000 + count - 1);
            ockam_change_history_free(again);
            ockam_change_history_free(made);
        }
}

static void first_changes_have_the_documented_sizes(void **state)
{
    static const size_t     sizes[2] = {128, 161}; /* with times of 32 bits */
    ockam_change_history_t *history;

    (void)state;
    for (unsigned type = 0; type < 2; type++) {
        const ockam_change_options_t options = {.key           = kit_key(vault, (ockam_signing_type_t)type, 9),
                                                .valid_from_s  = 1700000000,
                                                .valid_until_s = 2015360000};
        assert_ok(ockam_change_history_extend(vault, NULL, OCKAM_KEY_ID_NONE, &options, &history, NULL));
        assert_int_equal(ockam_change_history_view(history).len, sizes[type]);
        ockam_change_history_free(history);
    }
}

static void comparison_is_by_changes_from_the_first_on(void **state)
{
    ockam_change_history_t *by_count[4] = {NULL, history_of(1, 0), history_of(2, 0), history_of(3, 0)};
    ockam_change_history_t *fork        = history_of(3, 2); /* change 1 differs */

    (void)state;
    for (size_t a = 1; a <= 3; a++)
        for (size_t b = 1; b <= 3; b++)
            assert_int_equal(ockam_change_history_compare(by_count[a], by_count[b]), a == b  ? OCKAM_HISTORY_EQUAL
                                                                                     : a < b ? OCKAM_HISTORY_OLDER
                                                                                             : OCKAM_HISTORY_NEWER);
    assert_int_equal(ockam_change_history_compare(fork, by_count[1]), OCKAM_HISTORY_NEWER);
    assert_int_equal(ockam_change_history_compare(fork, by_count[2]), OCKAM_HISTORY_CONFLICT);
    assert_int_equal(ockam_change_history_compare(by_count[3], fork), OCKAM_HISTORY_CONFLICT);
    for (size_t i = 1; i <= 3; i++)
        ockam_change_history_free(by_count[i]);
    ockam_change_history_free(fork);
}

static void an_expected_identifier_must_be_the_first_hash(void **state)
{
    ockam_change_history_t *history = history_of(2, 0);
    ockam_change_history_t *again   = NULL;
    ockam_identifier_t      other   = *ockam_change_history_identifier(history);
    ockam_error_t           err     = {0};
    char                    text[256];

    (void)state;
    assert_ok(ockam_change_history_verify(vault, ockam_change_history_view(history), &other, &again, NULL));
    ockam_change_history_free(again);
    other.bytes[31] ^= 1;
    assert_status(ockam_change_history_verify(vault, ockam_change_history_view(history), &other, &again, &err),
                  OCKAM_NOT_AUTHENTIC);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_string_equal(text, "change history: not the expected identity: an authenticity check failed");
    ockam_change_history_free(history);
}

static void text_is_read_in_either_case_and_written_in_lower_case(void **state)
{
    ockam_change_history_t *history = history_of(2, 1);
    ockam_change_history_t *again   = NULL;
    ockam_buf_t             text;

    (void)state;
    ockam_buf_init(&text, ockam_allocator_malloc(), 4096);
    assert_ok(ockam_change_history_text(history, &text, NULL));
    assert_int_equal(text.len, 2 * ockam_change_history_view(history).len);
    assert_memory_equal(text.ptr, "828258", 6);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'a')
            text.ptr[i] = (uint8_t)(text.ptr[i] - 'a' + 'A');
    assert_ok(ockam_change_history_verify_text(vault, ockam_buf_view(&text), NULL, &again, NULL));
    assert_slice_equal(ockam_change_history_view(again), ockam_change_history_view(history));
    ockam_change_history_free(again);
    again = NULL;
    assert_status(ockam_change_history_verify_text(vault, ockam_slice(text.ptr, text.len - 1), NULL, &again, NULL),
                  OCKAM_MALFORMED);
    text.ptr[5] = 'g';
    assert_status(ockam_change_history_verify_text(vault, ockam_buf_view(&text), NULL, &again, NULL), OCKAM_MALFORMED);
    assert_status(ockam_change_history_verify_text(vault, ockam_slice(NULL, 0), NULL, &again, NULL), OCKAM_MALFORMED);
    assert_null(again);
    ockam_buf_deinit(&text);
    ockam_change_history_free(history);
}

static void references_are_counted(void **state)
{
    ockam_change_history_t *history = history_of(1, 0);
    ockam_change_history_t *second  = ockam_change_history_ref(history);

    (void)state;
    assert_ptr_equal(history, second);
    ockam_change_history_free(history);
    assert_int_equal(ockam_change_history_count(second), 1);
    ockam_change_history_free(second);
    ockam_change_history_free(NULL);
}

/* ---- damage ----------------------------------------------------------------------------------------------------- */

static void a_history_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    for (unsigned types = 0; types < 8; types += 5) {
        ockam_change_history_t *history = history_of(3, types);
        const ockam_slice_t     all     = ockam_change_history_view(history);
        for (size_t len = 0; len < all.len; len++)
            assert_int_equal(verify_bytes(all.ptr, len), OCKAM_MALFORMED);
        ockam_change_history_free(history);
    }
}

static void a_history_with_any_bit_flipped_is_refused(void **state)
{
    (void)state;
    for (unsigned types = 0; types < 4; types++) {
        ockam_change_history_t *history = history_of(2, types);
        const ockam_slice_t     all     = ockam_change_history_view(history);
        uint8_t                *copy    = malloc(all.len);
        assert_non_null(copy);
        for (size_t bit = 0; bit < 8 * all.len; bit++) {
            memcpy(copy, all.ptr, all.len);
            copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (ockam_status_kind(verify_bytes(copy, all.len)) != OCKAM_KIND_PEER)
                fail_msg("types %u: bit %zu of byte %zu", types, bit % 8, bit / 8);
        }
        free(copy);
        ockam_change_history_free(history);
    }
}

static void what_follows_a_history_is_ignored_and_not_kept(void **state)
{
    ockam_change_history_t *history = history_of(2, 0);
    const ockam_slice_t     all     = ockam_change_history_view(history);
    ockam_change_history_t *again   = NULL;
    uint8_t                *copy    = malloc(all.len + 3);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, all.ptr, all.len);
    memcpy(copy + all.len, "\xff\x00\x1f", 3);
    assert_ok(verify(ockam_slice(copy, all.len + 3), &again, NULL));
    assert_slice_equal(ockam_change_history_view(again), all);
    ockam_change_history_free(again);
    free(copy);
    ockam_change_history_free(history);
}

static void changes_of_two_identities_do_not_mix(void **state)
{
    ockam_change_history_t      *mine  = history_of(1, 0);
    const ockam_key_id_t         wrong = kit_key(vault, OCKAM_ED25519, 77);
    const ockam_change_options_t next  = {
         .key = kit_key(vault, OCKAM_ED25519, 78), .valid_from_s = 2000, .valid_until_s = 1};
    ockam_change_history_t *out = NULL;
    ockam_error_t           err = {0};
    char                    text[256];

    (void)state;
    assert_status(ockam_change_history_extend(vault, mine, wrong, &next, &out, &err), OCKAM_NOT_AUTHENTIC);
    (void)ockam_error_text(&err, text, sizeof(text));
    assert_non_null(strstr(text, "previous signature of change 1"));
    assert_null(out);
    ockam_change_history_free(mine);
}

static void a_change_may_start_with_the_previous_one_and_not_before_it(void **state)
{
    ockam_change_history_t *mine = history_of(1, 0);
    const ockam_key_id_t    key  = kit_key(vault, OCKAM_ED25519, 1);
    ockam_change_options_t  next = {
         .key = kit_key(vault, OCKAM_ED25519, 2), .valid_from_s = 1000, .valid_until_s = 5000};
    ockam_change_history_t *out = NULL;

    (void)state;
    assert_ok(ockam_change_history_extend(vault, mine, key, &next, &out, NULL));
    ockam_change_history_free(out);
    next.valid_from_s = 999;
    assert_status(ockam_change_history_extend(vault, mine, key, &next, &out, NULL), OCKAM_NOT_AUTHENTIC);
    ockam_change_history_free(mine);
}

/* ---- tolerance -------------------------------------------------------------------------------------------------- */

/* A history of one change whose shell the test writes: what comes after data and signature in the change. */
static ockam_status_t with_tail(const uint8_t *tail, size_t len, size_t extra)
{
    ockam_change_history_t *one = history_of(1, 0);
    const ockam_slice_t     all = ockam_change_history_view(one);
    ockam_buf_t             out;
    ockam_status_t          s;

    ockam_buf_init(&out, ockam_allocator_malloc(), 4096);
    assert_ok(ockam_cbor_write_array(&out, 1, NULL));
    assert_ok(ockam_cbor_write_array(&out, 2 + extra, NULL));
    assert_ok(ockam_buf_append(&out, ockam_slice(all.ptr + 2, all.len - 2), NULL));
    assert_ok(ockam_buf_append(&out, ockam_slice(tail, len), NULL));
    s = verify_bytes(out.ptr, out.len);
    ockam_buf_deinit(&out);
    ockam_change_history_free(one);
    return s;
}

static void a_previous_signature_of_an_unknown_type_counts_as_none(void **state)
{
    uint8_t bad_length[] = {0x82, 0x00, 0x81, 0x41, 0x00};

    (void)state;
    assert_int_equal(with_tail((const uint8_t *)"\x82\x02\x81\x41\x00", 5, 1), OCKAM_OK);
    assert_int_equal(with_tail((const uint8_t *)"\x82\x18\x63\xf6", 4, 1), OCKAM_OK); /* whatever its fields are */
    assert_int_equal(with_tail((const uint8_t *)"\xf6", 1, 1), OCKAM_OK);
    assert_int_equal(with_tail(bad_length, sizeof(bad_length), 1), OCKAM_MALFORMED);
    assert_int_equal(with_tail((const uint8_t *)"\x83\x02\x80\x00", 4, 1), OCKAM_MALFORMED); /* not a pair */
    assert_int_equal(with_tail((const uint8_t *)"\x9f\x02\x80\xff", 4, 1), OCKAM_MALFORMED); /* not definite */
    assert_int_equal(with_tail((const uint8_t *)"\x82\x1b\0\0\0\1\0\0\0\0\x80", 11, 1),
                     OCKAM_MALFORMED); /* > 32 bits */
    assert_int_equal(with_tail((const uint8_t *)"\xf7", 1, 1), OCKAM_MALFORMED);
}

static void unknown_elements_are_skipped_as_deep_as_the_limit(void **state)
{
    uint8_t nested[64];

    (void)state;
    nested[0] = 0xf6;
    memset(nested + 1, 0x81, sizeof(nested) - 1);
    for (size_t depth = 1; depth < 20; depth++) {
        nested[1 + depth]      = 0x00; /* depth arrays, then a number */
        const ockam_status_t s = with_tail(nested, 2 + depth, 2);
        assert_int_equal(s, depth <= OCKAM_CBOR_DEPTH_MAX ? OCKAM_OK : OCKAM_LIMIT);
        nested[1 + depth] = 0x81;
    }
}

/* ---- limits ----------------------------------------------------------------------------------------------------- */

static void as_many_changes_as_the_limit_verify_and_one_more_does_not(void **state)
{
    ockam_change_history_t      *longest = history_of(OCKAM_CHANGES_MAX, 0);
    const ockam_change_options_t next    = {
           .key = kit_key(vault, OCKAM_ED25519, 200), .valid_from_s = 4000, .valid_until_s = 5000};
    ockam_change_history_t *out = NULL;
    ockam_error_t           err = {0};

    (void)state;
    assert_int_equal(ockam_change_history_count(longest), OCKAM_CHANGES_MAX);
    assert_ok(verify(ockam_change_history_view(longest), &out, NULL));
    ockam_change_history_free(out);
    out = NULL;
    assert_status(ockam_change_history_extend(vault, longest, kit_key(vault, OCKAM_ED25519, (uint8_t)OCKAM_CHANGES_MAX),
                                              &next, &out, &err),
                  OCKAM_LIMIT);
    assert_null(out);
    ockam_change_history_free(longest);
}

static void as_many_bytes_as_the_limit_are_read_and_one_more_is_not(void **state)
{
    ockam_change_history_t *history = history_of(1, 0);
    const ockam_slice_t     all     = ockam_change_history_view(history);
    uint8_t                *padded  = calloc(1, OCKAM_CHANGE_HISTORY_BYTES_MAX + 1);

    (void)state;
    assert_non_null(padded);
    memcpy(padded, all.ptr, all.len);
    assert_int_equal(verify_bytes(padded, OCKAM_CHANGE_HISTORY_BYTES_MAX), OCKAM_OK);
    assert_int_equal(verify_bytes(padded, OCKAM_CHANGE_HISTORY_BYTES_MAX + 1), OCKAM_LIMIT);
    free(padded);
    ockam_change_history_free(history);
}

static void a_claim_of_many_changes_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(verify_bytes((const uint8_t *)"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9), OCKAM_MALFORMED);
    assert_int_equal(verify_bytes((const uint8_t *)"\x81\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 10), OCKAM_MALFORMED);
    assert_int_equal(verify_bytes((const uint8_t *)"\x81\x82\x5b\xff\xff\xff\xff\xff\xff\xff\xff", 11),
                     OCKAM_MALFORMED);
}

/* ---- memory ----------------------------------------------------------------------------------------------------- */

static ockam_status_t verify_with(const ockam_allocator_t *allocator, void *context)
{
    const ockam_slice_t    *encoded = context;
    ockam_vault_t          *own     = NULL;
    ockam_change_history_t *history = NULL;
    ockam_status_t          s       = kit_vault_new(allocator, NULL, &own);

    if (s == OCKAM_OK)
        s = ockam_change_history_verify(own, *encoded, NULL, &history, NULL);
    ockam_change_history_free(history);
    ockam_vault_free(own);
    return s;
}

static void a_failing_allocation_is_reported_and_nothing_leaks(void **state)
{
    ockam_change_history_t *history = history_of(3, 2);
    ockam_slice_t           encoded = ockam_change_history_view(history);

    (void)state;
    assert_true(failing_allocator_sweep(verify_with, &encoded) > 0);
    ockam_change_history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mix_of_key_types_verifies_with_one_to_three_changes),
        cmocka_unit_test(first_changes_have_the_documented_sizes),
        cmocka_unit_test(comparison_is_by_changes_from_the_first_on),
        cmocka_unit_test(an_expected_identifier_must_be_the_first_hash),
        cmocka_unit_test(text_is_read_in_either_case_and_written_in_lower_case),
        cmocka_unit_test(references_are_counted),
        cmocka_unit_test(a_history_cut_at_any_byte_is_refused),
        cmocka_unit_test(a_history_with_any_bit_flipped_is_refused),
        cmocka_unit_test(what_follows_a_history_is_ignored_and_not_kept),
        cmocka_unit_test(changes_of_two_identities_do_not_mix),
        cmocka_unit_test(a_change_may_start_with_the_previous_one_and_not_before_it),
        cmocka_unit_test(a_previous_signature_of_an_unknown_type_counts_as_none),
        cmocka_unit_test(unknown_elements_are_skipped_as_deep_as_the_limit),
        cmocka_unit_test(as_many_changes_as_the_limit_verify_and_one_more_does_not),
        cmocka_unit_test(as_many_bytes_as_the_limit_are_read_and_one_more_is_not),
        cmocka_unit_test(a_claim_of_many_changes_costs_nothing),
        cmocka_unit_test(a_failing_allocation_is_reported_and_nothing_leaks),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
