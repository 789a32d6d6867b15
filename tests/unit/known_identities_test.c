/* SPDX-License-Identifier: Apache-2.0
 *
 * known_identities_test.c - what is accepted over what is known, in one transaction, whatever the store does. */
#include "fault_store.h"
#include "identity/change_history.h"
#include "identity_kit.h"
#include "test.h"

typedef struct {
    ockam_store_t          *store;
    ockam_vault_t          *vault;
    ockam_change_history_t *by_count[4]; /* one identity with 1, 2, 3 changes */
    ockam_change_history_t *fork;        /* the same, another change 1 */
} kit_t;

static ockam_change_history_t *extend(kit_t *kit, const ockam_change_history_t *before, uint8_t before_key, uint8_t key)
{
    ockam_change_history_t *out = NULL;

    assert_ok(ockam_change_history_extend(kit->vault, before, kit_key(kit->vault, OCKAM_ED25519, before_key),
                                          &(ockam_change_options_t){.key = kit_key(kit->vault, OCKAM_ED25519, key),
                                                                    .valid_from_s  = 10,
                                                                    .valid_until_s = 20},
                                          &out, NULL));
    return out;
}

static int setup(void **state)
{
    static kit_t kit;

    kit             = (kit_t){.store = kit_store(), .vault = kit_vault(NULL)};
    kit.by_count[1] = extend(&kit, NULL, 1, 1);
    kit.by_count[2] = extend(&kit, kit.by_count[1], 1, 2);
    kit.by_count[3] = extend(&kit, kit.by_count[2], 2, 3);
    kit.fork        = extend(&kit, kit.by_count[1], 1, 4);
    *state          = &kit;
    return 0;
}

static int teardown(void **state)
{
    kit_t *kit = *state;

    for (size_t i = 1; i < 4; i++)
        ockam_change_history_free(kit->by_count[i]);
    ockam_change_history_free(kit->fork);
    ockam_vault_free(kit->vault);
    ockam_store_free(kit->store);
    return 0;
}

static size_t stored_count(kit_t *kit)
{
    ockam_change_history_t *history = NULL;
    size_t                  count;

    assert_ok(ockam_identities_load(kit->store, kit->vault, ockam_change_history_identifier(kit->by_count[1]), &history,
                                    NULL));
    count = ockam_change_history_count(history);
    ockam_change_history_free(history);
    return count;
}

static ockam_status_t update(kit_t *kit, const ockam_change_history_t *received, ockam_history_order_t *order)
{
    return ockam_identities_update(kit->store, kit->vault, received, order, NULL);
}

static void a_longer_history_replaces_a_shorter_one_and_never_the_other_way(void **state)
{
    kit_t *kit = *state;

    for (size_t known = 1; known <= 3; known++)
        for (size_t received = 1; received <= 3; received++) {
            ockam_history_order_t order = OCKAM_HISTORY_CONFLICT;
            teardown(state);
            setup(state);
            assert_ok(update(kit, kit->by_count[known], &order));
            assert_int_equal(order, OCKAM_HISTORY_NEWER); /* than nothing */
            assert_status(update(kit, kit->by_count[received], &order), received < known ? OCKAM_CONFLICT : OCKAM_OK);
            assert_int_equal(order, received < known    ? OCKAM_HISTORY_OLDER
                                    : received == known ? OCKAM_HISTORY_EQUAL
                                                        : OCKAM_HISTORY_NEWER);
            assert_int_equal(stored_count(kit), received > known ? received : known);
        }
}

static void a_fork_is_refused(void **state)
{
    kit_t                *kit = *state;
    ockam_history_order_t order;

    assert_ok(update(kit, kit->by_count[2], NULL));
    assert_status(update(kit, kit->fork, &order), OCKAM_CONFLICT);
    assert_int_equal(order, OCKAM_HISTORY_CONFLICT);
    assert_int_equal(stored_count(kit), 2);
    assert_ok(update(kit, kit->by_count[3], NULL));
    assert_status(update(kit, kit->fork, NULL), OCKAM_CONFLICT);
}

/* P-256 signatures have two forms; only the signed data says who somebody is. */
static void other_signatures_over_the_same_changes_are_equal_and_not_stored(void **state)
{
    kit_t                  *kit     = *state;
    vectors_t              *vectors = vectors_open("identity.json");
    ockam_change_history_t *first   = kit_history(kit->vault, vectors, "d-p256-1");
    ockam_change_history_t *second  = kit_history(kit->vault, vectors, "d-ok-p256-other-s");
    ockam_history_order_t   order;
    uint8_t                 stored[256];
    ockam_buf_t             value;

    ockam_buf_init_fixed(&value, stored, sizeof(stored));
    assert_true(
        ockam_identifier_equal(ockam_change_history_identifier(first), ockam_change_history_identifier(second)));
    assert_ok(update(kit, first, NULL));
    assert_ok(update(kit, second, &order));
    assert_int_equal(order, OCKAM_HISTORY_EQUAL);
    assert_ok(ockam_store_get(kit->store, OCKAM_TABLE_CHANGE_HISTORY,
                              ockam_identifier_view(ockam_change_history_identifier(first)), &value, NULL));
    assert_slice_equal(ockam_buf_view(&value), ockam_change_history_view(first));
    ockam_change_history_free(first);
    ockam_change_history_free(second);
    vectors_close(vectors);
}

static void one_that_is_known_costs_no_transaction(void **state)
{
    kit_t        *kit = *state;
    fault_store_t fault;

    fault_store_init(&fault, kit->store, 0);
    assert_ok(ockam_identities_update(&fault.base, kit->vault, kit->by_count[1], NULL, NULL));
    assert_string_equal(fault.log, "begin put:change_history commit ");
    fault.log[0] = '\0';
    assert_ok(ockam_identities_update(&fault.base, kit->vault, kit->by_count[1], NULL, NULL));
    assert_string_equal(fault.log, "");
    assert_status(ockam_identities_update(&fault.base, kit->vault, kit->fork, NULL, NULL), OCKAM_OK);
    fault.log[0] = '\0';
    assert_status(ockam_identities_update(&fault.base, kit->vault, kit->by_count[2], NULL, NULL), OCKAM_CONFLICT);
    assert_string_equal(fault.log, "begin rollback ");
}

static void comparing_says_what_updating_would_and_stores_nothing(void **state)
{
    kit_t                        *kit        = *state;
    const ockam_change_history_t *received[] = {kit->by_count[1], kit->by_count[2], kit->by_count[3], kit->fork};
    const ockam_history_order_t   unknown[]  = {OCKAM_HISTORY_NEWER, OCKAM_HISTORY_NEWER, OCKAM_HISTORY_NEWER,
                                                OCKAM_HISTORY_NEWER};
    const ockam_history_order_t   with_two[] = {OCKAM_HISTORY_OLDER, OCKAM_HISTORY_EQUAL, OCKAM_HISTORY_NEWER,
                                                OCKAM_HISTORY_CONFLICT};
    fault_store_t                 fault;
    ockam_history_order_t         order;

    for (size_t i = 0; i < 4; i++) {
        assert_ok(ockam_identities_compare(kit->store, kit->vault, received[i], &order, NULL));
        assert_int_equal(order, unknown[i]);
    }
    assert_int_equal(store_rows(kit->store), 0);
    assert_ok(update(kit, kit->by_count[2], NULL));
    for (size_t i = 0; i < 4; i++) {
        assert_status(ockam_identities_compare(kit->store, kit->vault, received[i], &order, NULL),
                      i == 0 || i == 3 ? OCKAM_CONFLICT : OCKAM_OK);
        assert_int_equal(order, with_two[i]);
    }
    assert_int_equal(stored_count(kit), 2);
    fault_store_init(&fault, kit->store, 1);
    assert_status(ockam_identities_compare(&fault.base, kit->vault, kit->fork, NULL, NULL), OCKAM_IO);
}

static void a_transaction_of_the_caller_is_used(void **state)
{
    kit_t *kit = *state;

    assert_ok(ockam_store_begin(kit->store, NULL));
    assert_ok(update(kit, kit->by_count[1], NULL));
    assert_true(kit->store->in_transaction);
    ockam_store_rollback(kit->store);
    assert_int_equal(store_rows(kit->store), 0);
}

static void whatever_the_store_refuses_changes_nothing(void **state)
{
    kit_t *kit = *state;

    assert_ok(update(kit, kit->by_count[1], NULL));
    for (size_t n = 1;; n++) {
        fault_store_t  fault;
        ockam_status_t s;
        fault_store_init(&fault, kit->store, n);
        s = ockam_identities_update(&fault.base, kit->vault, kit->by_count[2], NULL, NULL);
        if (s == OCKAM_OK)
            break;
        assert_int_equal(s, OCKAM_IO);
        assert_int_equal(stored_count(kit), 1);
        assert_false(kit->store->in_transaction);
    }
    assert_int_equal(stored_count(kit), 2);
}

static void a_stored_history_that_does_not_verify_is_corrupt(void **state)
{
    kit_t                    *kit     = *state;
    const ockam_identifier_t *id      = ockam_change_history_identifier(kit->by_count[1]);
    const ockam_slice_t       good    = ockam_change_history_view(kit->by_count[1]);
    ockam_change_history_t   *history = NULL;
    uint8_t                   bytes[256];

    assert_true(good.len <= sizeof(bytes));
    memcpy(bytes, good.ptr, good.len);
    bytes[good.len - 1] ^= 1;
    for (size_t len = good.len; len > good.len - 2; len--) { /* signature, encoding */
        assert_ok(ockam_store_put(kit->store, OCKAM_TABLE_CHANGE_HISTORY, ockam_identifier_view(id),
                                  ockam_slice(bytes, len), NULL));
        assert_status(ockam_identities_load(kit->store, kit->vault, id, &history, NULL), OCKAM_CORRUPT);
        assert_status(update(kit, kit->by_count[2], NULL), OCKAM_CORRUPT);
        assert_null(history);
    }
}

static void a_history_stored_for_another_identifier_is_corrupt(void **state)
{
    kit_t                  *kit     = *state;
    ockam_identifier_t      other   = {{9}};
    ockam_change_history_t *history = NULL;

    assert_ok(ockam_store_put(kit->store, OCKAM_TABLE_CHANGE_HISTORY, ockam_identifier_view(&other),
                              ockam_change_history_view(kit->by_count[1]), NULL));
    assert_status(ockam_identities_load(kit->store, kit->vault, &other, &history, NULL), OCKAM_CORRUPT);
    other.bytes[0] = 8;
    assert_status(ockam_identities_load(kit->store, kit->vault, &other, &history, NULL), OCKAM_NOT_FOUND);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_longer_history_replaces_a_shorter_one_and_never_the_other_way),
        T(a_fork_is_refused),
        T(other_signatures_over_the_same_changes_are_equal_and_not_stored),
        T(one_that_is_known_costs_no_transaction),
        T(comparing_says_what_updating_would_and_stores_nothing),
        T(a_transaction_of_the_caller_is_used),
        T(whatever_the_store_refuses_changes_nothing),
        T(a_stored_history_that_does_not_verify_is_corrupt),
        T(a_history_stored_for_another_identifier_is_corrupt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
