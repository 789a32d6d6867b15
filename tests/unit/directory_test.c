/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_test.c - addresses and flows enter and leave, many of them, and when memory runs out. */
#include <stdio.h>

#include "test.h"

#include "failing_allocator.h"
#include "node/directory.h"

#define MANY 10000u

static ockam_address_t numbered(unsigned i, char text[16])
{
    (void)snprintf(text, 16, "w%u", i);
    return ockam_address_local(text);
}

static bool allows(const ockam_directory_t *d, const char *address, ockam_flow_id_t flow)
{
    const ockam_found_t found = ockam_directory_find(d, ockam_address_local(address));

    return ockam_found_allows(&found, flow);
}

static void an_address_is_found_until_it_is_removed(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_box_t        *box = NULL, *again = NULL;

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    assert_ok(ockam_directory_add(d, ockam_address_local("echoer"), &box, NULL));
    assert_true(ockam_address_equal(ockam_box_address(box), ockam_address_local("echoer")));
    assert_status(ockam_directory_add(d, ockam_address_local("echoer"), &again, NULL), OCKAM_EXISTS);
    assert_null(again);
    assert_ptr_equal(ockam_directory_find(d, ockam_address_local("echoer")).box, box);
    assert_ptr_equal(ockam_directory_find_first(d, OCKAM_ROUTE("echoer", "x")).box, box);
    assert_null(ockam_directory_find_first(d, OCKAM_ROUTE("echoer2")).box);
    assert_null(ockam_directory_find_first(d, OCKAM_ROUTE("tcp#echoer")).box); /* another type is another address */
    assert_null(ockam_directory_find_first(d, &(ockam_route_t){0}).box);
    ockam_directory_remove(d, box);
    assert_null(ockam_directory_find(d, ockam_address_local("echoer")).box);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void a_mailbox_lives_as_long_as_somebody_holds_it(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_box_t        *box = NULL, *successor = NULL;

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    assert_ok(ockam_directory_add(d, ockam_address_local("w"), &box, NULL));
    box->refs++; /* as a message on its way does */
    ockam_directory_remove(d, box);
    assert_ok(ockam_directory_add(d, ockam_address_local("w"), &successor, NULL));
    assert_ptr_not_equal(successor, box);
    assert_int_equal(box->refs, 1);
    ockam_box_unref(d, box);
    assert_ptr_equal(ockam_directory_find(d, ockam_address_local("w")).box, successor);
    ockam_directory_remove(d, successor);
    ockam_box_unref(d, NULL);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void an_address_has_its_limit(void **state)
{
    static uint8_t      value[OCKAM_ADDRESS_BYTES_MAX + 1];
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_box_t        *box = NULL, *none = NULL;

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    assert_ok(ockam_directory_add(d, (ockam_address_t){0, ockam_slice(value, OCKAM_ADDRESS_BYTES_MAX)}, &box, NULL));
    assert_int_equal(ockam_box_address(box).value.len, OCKAM_ADDRESS_BYTES_MAX);
    assert_status(ockam_directory_add(d, (ockam_address_t){0, ockam_slice(value, sizeof(value))}, &none, NULL),
                  OCKAM_LIMIT);
    assert_null(none);
    ockam_directory_remove(d, box);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void ten_thousand_addresses_come_and_go(void **state)
{
    static ockam_box_t *boxes[MANY];
    failing_allocator_t a;
    ockam_directory_t  *d;
    char                text[16];

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    for (unsigned i = 0; i < MANY; i++)
        assert_ok(ockam_directory_add(d, numbered(i, text), &boxes[i], NULL));
    for (unsigned i = 0; i < MANY; i++)
        assert_ptr_equal(ockam_directory_find(d, numbered(i, text)).box, boxes[i]);
    for (unsigned i = 0; i < MANY; i += 2)
        ockam_directory_remove(d, boxes[i]);
    for (unsigned i = 0; i < MANY; i++)
        assert_ptr_equal(ockam_directory_find(d, numbered(i, text)).box, i % 2 == 0 ? NULL : boxes[i]);
    for (unsigned i = 1; i < MANY; i += 2)
        ockam_directory_remove(d, boxes[i]);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void ten_thousand_flows_reach_one_address_until_each_ends(void **state)
{
    static ockam_flow_id_t flows[MANY];
    failing_allocator_t    a;
    ockam_directory_t     *d;
    ockam_box_t           *box = NULL;

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    assert_ok(ockam_directory_add(d, ockam_address_local("w"), &box, NULL));
    for (unsigned i = 0; i < MANY; i++) {
        flows[i] = ockam_directory_flow_new(d);
        assert_int_equal(flows[i], i + 1); /* 0 is none, and none comes twice */
        assert_ok(ockam_directory_allow(d, flows[i], ockam_address_local("w"), NULL));
        assert_ok(ockam_directory_allow(d, flows[i], ockam_address_local("w"), NULL));
    }
    assert_int_equal(ockam_directory_find(d, ockam_address_local("w")).flow_count, MANY);
    for (unsigned i = 0; i < MANY; i += 2) {
        ockam_directory_flow_end(d, flows[i]);
        assert_false(allows(d, "w", flows[i]));
    }
    assert_int_equal(ockam_directory_find(d, ockam_address_local("w")).flow_count, MANY / 2);
    for (unsigned i = 1; i < MANY; i += 2)
        assert_true(allows(d, "w", flows[i]));
    ockam_directory_remove(d, box); /* forgets whom it may be reached by */
    assert_int_equal(ockam_directory_find(d, ockam_address_local("w")).flow_count, 0);
    ockam_directory_free(d); /* with live flows */
    failing_allocator_assert_empty(&a);
}

static void a_flow_may_be_allowed_before_the_address_exists(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_flow_id_t     flow, other;
    ockam_box_t        *box = NULL;
    size_t              before;

    (void)state;
    failing_allocator_init(&a, 0);
    d      = ockam_directory_new(&a.allocator);
    flow   = ockam_directory_flow_new(d);
    other  = ockam_directory_flow_new(d);
    before = a.live_blocks;
    assert_ok(ockam_directory_allow(d, flow, ockam_address_local("later"), NULL));
    assert_null(ockam_directory_find(d, ockam_address_local("later")).box);
    assert_ok(ockam_directory_add(d, ockam_address_local("later"), &box, NULL));
    assert_true(allows(d, "later", flow));
    assert_false(allows(d, "later", other));
    assert_false(allows(d, "later", 0));
    ockam_directory_remove(d, box);
    assert_int_equal(a.live_blocks, before);
    assert_ok(ockam_directory_allow(d, flow, ockam_address_local("never"), NULL));
    ockam_directory_flow_end(d, flow); /* nothing else keeps the entry */
    assert_int_equal(a.live_blocks, before - 1);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void a_flow_that_has_ended_is_unknown(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_flow_id_t     flow;

    (void)state;
    failing_allocator_init(&a, 0);
    d    = ockam_directory_new(&a.allocator);
    flow = ockam_directory_flow_new(d);
    assert_status(ockam_directory_allow(d, 0, ockam_address_local("w"), NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_directory_allow(d, flow + 1, ockam_address_local("w"), NULL), OCKAM_NOT_FOUND);
    ockam_directory_flow_end(d, flow);
    ockam_directory_flow_end(d, flow);
    ockam_directory_flow_end(d, 0);
    assert_status(ockam_directory_allow(d, flow, ockam_address_local("w"), NULL), OCKAM_NOT_FOUND);
    assert_int_not_equal(ockam_directory_flow_new(d), flow);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

static void allow_same_copies_who_may_reach(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    ockam_flow_id_t     flows[6];
    ockam_box_t        *box = NULL;

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    for (unsigned i = 0; i < 6; i++) {
        flows[i] = ockam_directory_flow_new(d);
        if (i < 5)
            assert_ok(ockam_directory_allow(d, flows[i], ockam_address_local("listener"), NULL));
    }
    assert_ok(ockam_directory_add(d, ockam_address_local("responder"), &box, NULL));
    assert_ok(ockam_directory_allow_same(d, ockam_address_local("listener"), ockam_address_local("responder"), NULL));
    assert_ok(ockam_directory_allow_same(d, ockam_address_local("nobody"), ockam_address_local("responder"), NULL));
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(allows(d, "responder", flows[i]), i < 5);
    ockam_directory_remove(d, box);
    assert_true(allows(d, "listener", flows[0]));
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

/* More of everything than the first tables hold, then away with it: frees all whatever happens. */
static ockam_status_t build(const ockam_allocator_t *allocator, void *context)
{
    ockam_directory_t *d      = ockam_directory_new(allocator);
    ockam_box_t       *box    = NULL;
    ockam_status_t     s      = OCKAM_OK;
    unsigned           failed = 0; /* a table that could not grow is slower, not wrong */
    char               text[16];

    (void)context;
    if (d == NULL)
        return OCKAM_NO_MEMORY;
    for (unsigned i = 0; s == OCKAM_OK && i < 6; i++) {
        const ockam_flow_id_t flow = ockam_directory_flow_new(d);
        if (flow == 0)
            s = OCKAM_NO_MEMORY;
        if (s == OCKAM_OK)
            s = ockam_directory_allow(d, flow, ockam_address_local("w"), NULL);
        if (s == OCKAM_OK && !allows(d, "w", flow))
            failed++;
    }
    if (s == OCKAM_OK && (s = ockam_directory_add(d, numbered(1, text), &box, NULL)) == OCKAM_OK)
        ockam_directory_remove(d, box);
    else if (ockam_directory_find(d, numbered(1, text)).box != NULL)
        failed++;
    ockam_directory_free(d);
    return failed == 0 ? s : OCKAM_INTERNAL;
}

static void each_failing_allocation_is_reported_and_leaves_nothing(void **state)
{
    (void)state;
    assert_true(failing_allocator_sweep(build, NULL) >= 3 + 6 + 2 + 2);
}

static void tables_that_cannot_grow_still_find_everything(void **state)
{
    failing_allocator_t a;
    ockam_directory_t  *d;
    static ockam_box_t *boxes[200];
    char                text[16];

    (void)state;
    failing_allocator_init(&a, 0);
    d = ockam_directory_new(&a.allocator);
    for (unsigned i = 0; i < 200; i++) {
        if (i >= 64)
            a.fail_at = a.calls + 2; /* the entry, then the larger table, then the mailbox */
        assert_ok(ockam_directory_add(d, numbered(i, text), &boxes[i], NULL));
        if (i >= 64)
            assert_int_equal(a.calls, a.fail_at + 1);
    }
    for (unsigned i = 0; i < 200; i++)
        assert_ptr_equal(ockam_directory_find(d, numbered(i, text)).box, boxes[i]);
    for (unsigned i = 0; i < 200; i++)
        ockam_directory_remove(d, boxes[i]);
    ockam_directory_free(d);
    failing_allocator_assert_empty(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_found_until_it_is_removed),
        cmocka_unit_test(a_mailbox_lives_as_long_as_somebody_holds_it),
        cmocka_unit_test(an_address_has_its_limit),
        cmocka_unit_test(ten_thousand_addresses_come_and_go),
        cmocka_unit_test(ten_thousand_flows_reach_one_address_until_each_ends),
        cmocka_unit_test(a_flow_may_be_allowed_before_the_address_exists),
        cmocka_unit_test(a_flow_that_has_ended_is_unknown),
        cmocka_unit_test(allow_same_copies_who_may_reach),
        cmocka_unit_test(each_failing_allocation_is_reported_and_leaves_nothing),
        cmocka_unit_test(tables_that_cannot_grow_still_find_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
