/* SPDX-License-Identifier: Apache-2.0 */
#include "ockam/handshake.h"

#include "test.h"

static const ockam_identifier_t alice = {{1}}, bob = {{2}}, carol = {{3}};

typedef struct {
    ockam_status_t answer;
    unsigned       asked;
} oracle_t;

static ockam_status_t ask(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    oracle_t *oracle = context;

    (void)err;
    assert_memory_equal(peer, &alice, sizeof(alice));
    oracle->asked++;
    return oracle->answer;
}

static void a_zeroed_policy_trusts_nobody_and_is_no_policy(void **state)
{
    (void)state;
    const ockam_trust_policy_t unset = {.kind = OCKAM_TRUST_UNSET};

    assert_status(ockam_trust_check(&unset, NULL), OCKAM_INVALID);
    assert_status(ockam_trust_decide(&unset, &alice, NULL), OCKAM_INVALID);
}

static void everyone_is_everyone(void **state)
{
    (void)state;
    const ockam_trust_policy_t policy = OCKAM_TRUST_EVERYONE;

    assert_ok(ockam_trust_check(&policy, NULL));
    assert_ok(ockam_trust_decide(&policy, &alice, NULL));
}

static void a_set_accepts_its_members_only(void **state)
{
    (void)state;
    const ockam_identifier_t   members[] = {alice, bob};
    const ockam_trust_policy_t both      = ockam_trust_identifiers(members, 2);
    const ockam_trust_policy_t one       = ockam_trust_identifiers(members, 1);

    assert_ok(ockam_trust_decide(&both, &alice, NULL));
    assert_ok(ockam_trust_decide(&both, &bob, NULL));
    assert_status(ockam_trust_decide(&both, &carol, NULL), OCKAM_DENIED);
    assert_ok(ockam_trust_decide(&one, &alice, NULL));
    assert_status(ockam_trust_decide(&one, &bob, NULL), OCKAM_DENIED);
}

static void identifiers_are_compared_whole(void **state)
{
    (void)state;
    const ockam_trust_policy_t policy = ockam_trust_identifiers(&alice, 1);

    for (unsigned i = 0; i < sizeof(alice.bytes); i++) {
        ockam_identifier_t other = alice;
        other.bytes[i] ^= 0x80;
        assert_status(ockam_trust_decide(&policy, &other, NULL), OCKAM_DENIED);
    }
}

static void an_empty_set_accepts_nobody(void **state)
{
    (void)state;
    const ockam_trust_policy_t policy = ockam_trust_identifiers(NULL, 0);

    assert_ok(ockam_trust_check(&policy, NULL));
    assert_status(ockam_trust_decide(&policy, &alice, NULL), OCKAM_DENIED);
}

static void a_callback_decides_and_its_errors_are_kept(void **state)
{
    (void)state;
    static const ockam_status_t answers[] = {OCKAM_OK, OCKAM_DENIED, OCKAM_PENDING, OCKAM_IO, OCKAM_NO_MEMORY};

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        oracle_t                   oracle = {.answer = answers[i]};
        const ockam_trust_policy_t policy = ockam_trust_callback(ask, &oracle);
        assert_status(ockam_trust_decide(&policy, &alice, NULL), answers[i]);
        assert_int_equal(oracle.asked, 1);
    }
}

static void a_callback_that_is_not_there_is_no_policy(void **state)
{
    (void)state;
    const ockam_trust_policy_t policy = ockam_trust_callback(NULL, NULL);

    assert_status(ockam_trust_check(&policy, NULL), OCKAM_INVALID);
}

/* Rows and columns: yes, no, later. */
static void combinations_follow_the_truth_table_of_three_values(void **state)
{
    (void)state;
    const ockam_status_t y = OCKAM_OK, n = OCKAM_DENIED, l = OCKAM_PENDING;
    const ockam_status_t values[3]    = {y, n, l};
    const ockam_status_t all_of[3][3] = {{y, n, l}, {n, n, n}, {l, n, l}};
    const ockam_status_t any_of[3][3] = {{y, y, y}, {y, n, l}, {y, l, l}};

    for (unsigned a = 0; a < 3; a++) {
        for (unsigned b = 0; b < 3; b++) {
            oracle_t                   first = {.answer = values[a]}, second = {.answer = values[b]};
            const ockam_trust_policy_t parts[2] = {ockam_trust_callback(ask, &first),
                                                   ockam_trust_callback(ask, &second)};
            const ockam_trust_policy_t all = ockam_trust_all_of(parts, 2), any = ockam_trust_any_of(parts, 2);
            assert_status(ockam_trust_decide(&all, &alice, NULL), all_of[a][b]);
            assert_int_equal(second.asked, values[a] == OCKAM_DENIED ? 0 : 1); /* a clear answer ends the asking */
            assert_status(ockam_trust_decide(&any, &alice, NULL), any_of[a][b]);
            assert_int_equal(first.asked, 2);
        }
    }
}

static void an_error_of_a_part_ends_the_asking(void **state)
{
    (void)state;
    oracle_t                   broken = {.answer = OCKAM_IO}, yes = {.answer = OCKAM_OK};
    const ockam_trust_policy_t parts[2] = {ockam_trust_callback(ask, &broken), ockam_trust_callback(ask, &yes)};
    const ockam_trust_policy_t all = ockam_trust_all_of(parts, 2), any = ockam_trust_any_of(parts, 2);

    assert_status(ockam_trust_decide(&all, &alice, NULL), OCKAM_IO);
    assert_status(ockam_trust_decide(&any, &alice, NULL), OCKAM_IO);
    assert_int_equal(yes.asked, 0);
}

static void an_empty_or_unset_part_is_no_policy(void **state)
{
    (void)state;
    const ockam_trust_policy_t unset      = {.kind = OCKAM_TRUST_UNSET};
    const ockam_trust_policy_t with[2]    = {OCKAM_TRUST_EVERYONE, unset};
    const ockam_trust_policy_t policies[] = {ockam_trust_all_of(NULL, 0), ockam_trust_any_of(NULL, 0),
                                             ockam_trust_all_of(with, 2), ockam_trust_any_of(with, 2)};

    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        assert_status(ockam_trust_check(&policies[i], NULL), OCKAM_INVALID);
        assert_status(ockam_trust_decide(&policies[i], &alice, NULL), OCKAM_INVALID);
    }
}

static void policies_nest_to_the_limit_and_not_deeper(void **state)
{
    (void)state;
    ockam_trust_policy_t chain[OCKAM_TRUST_DEPTH_MAX + 1];

    chain[0] = OCKAM_TRUST_EVERYONE;
    for (unsigned i = 1; i <= OCKAM_TRUST_DEPTH_MAX; i++)
        chain[i] = ockam_trust_all_of(&chain[i - 1], 1);
    assert_ok(ockam_trust_decide(&chain[OCKAM_TRUST_DEPTH_MAX - 1], &alice, NULL));
    assert_status(ockam_trust_decide(&chain[OCKAM_TRUST_DEPTH_MAX], &alice, NULL), OCKAM_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_policy_trusts_nobody_and_is_no_policy),
        cmocka_unit_test(everyone_is_everyone),
        cmocka_unit_test(a_set_accepts_its_members_only),
        cmocka_unit_test(identifiers_are_compared_whole),
        cmocka_unit_test(an_empty_set_accepts_nobody),
        cmocka_unit_test(a_callback_decides_and_its_errors_are_kept),
        cmocka_unit_test(a_callback_that_is_not_there_is_no_policy),
        cmocka_unit_test(combinations_follow_the_truth_table_of_three_values),
        cmocka_unit_test(an_error_of_a_part_ends_the_asking),
        cmocka_unit_test(an_empty_or_unset_part_is_no_policy),
        cmocka_unit_test(policies_nest_to_the_limit_and_not_deeper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
