/* SPDX-License-Identifier: Apache-2.0
 *
 * route_test.c - routes: every edit against a plain list of addresses, the limits, the text form, literals. */
#include "test.h"

#include "fixed_random.h"
#include "ockam/address.h"
#include "wire/route_codec.h"

/* ---- the model: a plain list ----------------------------------------------------------------------------------- */

#define MODEL_MAX 512u

typedef struct {
    ockam_address_t list[MODEL_MAX];
    size_t          count;
} model_t;

static void model_insert(model_t *m, size_t at, ockam_address_t a)
{
    assert_true(m->count < MODEL_MAX);
    memmove(m->list + at + 1, m->list + at, (m->count - at) * sizeof(m->list[0]));
    m->list[at] = a;
    m->count++;
}

static void model_remove(model_t *m, size_t at)
{
    memmove(m->list + at, m->list + at + 1, (m->count - at - 1) * sizeof(m->list[0]));
    m->count--;
}

static size_t model_size(const model_t *m)
{
    size_t size = 0;

    for (size_t i = 0; i < m->count; i++)
        size += ockam_address_encoded_size(m->list[i]);
    return size;
}

static void assert_same(const ockam_route_t *route, const model_t *m)
{
    ockam_address_t a;

    assert_int_equal(route->count, m->count);
    assert_int_equal(ockam_route_is_empty(route), m->count == 0);
    assert_true(route->start <= route->end && route->end <= OCKAM_ROUTE_BYTES_MAX);
    assert_int_equal(route->end - route->start, model_size(m));
    for (size_t i = 0; i < m->count; i++) {
        assert_ok(ockam_route_at(route, i, &a, NULL));
        assert_true(ockam_address_equal(a, m->list[i]));
    }
    assert_status(ockam_route_at(route, m->count, &a, NULL), OCKAM_NOT_FOUND);
    if (m->count == 0) {
        assert_status(ockam_route_first(route, &a, NULL), OCKAM_NOT_FOUND);
        assert_status(ockam_route_last(route, &a, NULL), OCKAM_NOT_FOUND);
        return;
    }
    assert_ok(ockam_route_first(route, &a, NULL));
    assert_true(ockam_address_equal(a, m->list[0]));
    assert_ok(ockam_route_last(route, &a, NULL));
    assert_true(ockam_address_equal(a, m->list[m->count - 1]));
}

static ockam_route_t parse(const char *text)
{
    ockam_route_t route;

    assert_ok(ockam_route_parse(ockam_slice_text(text), &route, NULL));
    return route;
}

static void assert_text(const ockam_route_t *route, const char *expected)
{
    char text[4 * OCKAM_ROUTE_BYTES_MAX];

    assert_int_equal(ockam_route_text(route, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

/* ---- edits ----------------------------------------------------------------------------------------------------- */

static void random_edits_agree_with_a_plain_list(void **state)
{
    static uint8_t pool[1024];
    fixed_random_t random;
    ockam_route_t  route = {0};
    model_t        m     = {.count = 0};

    (void)state;
    fixed_random_seed(&random, 7);
    assert_ok(fixed_random_fill(&random, pool, sizeof(pool)));
    for (size_t round = 0; round < 200000; round++) {
        uint8_t         dice[4];
        ockam_address_t a;
        bool            fits;
        assert_ok(fixed_random_fill(&random, dice, sizeof(dice)));
        a.type  = dice[1];
        a.value = ockam_slice(pool + dice[2], dice[0] % 64 == 0 ? (size_t)dice[3] + 66u : dice[3] % 40u);
        if (a.value.len > OCKAM_ADDRESS_BYTES_MAX)
            a.value.len = OCKAM_ADDRESS_BYTES_MAX;
        fits = model_size(&m) + ockam_address_encoded_size(a) <= OCKAM_ROUTE_BYTES_MAX;
        switch (dice[0] % 16) {
        case 0:
        case 1:
        case 2:
        case 3:
            assert_status(ockam_route_prepend(&route, a, NULL), fits ? OCKAM_OK : OCKAM_LIMIT);
            if (fits)
                model_insert(&m, 0, a);
            break;
        case 4:
        case 5:
        case 6:
        case 7:
            assert_status(ockam_route_append(&route, a, NULL), fits ? OCKAM_OK : OCKAM_LIMIT);
            if (fits)
                model_insert(&m, m.count, a);
            break;
        case 8:
        case 9:
        case 10:
        case 11:
            ockam_route_drop_first(&route);
            if (m.count > 0)
                model_remove(&m, 0);
            break;
        case 12:
        case 13:
        case 14:
            ockam_route_drop_last(&route);
            if (m.count > 0)
                model_remove(&m, m.count - 1);
            break;
        default:
            if (dice[1] % 8 == 0) {
                route   = (ockam_route_t){0};
                m.count = 0;
            }
            break;
        }
        assert_same(&route, &m);
    }
}

static void whole_routes_are_put_in_front_and_behind_in_their_order(void **state)
{
    ockam_route_t route = {0}, head = parse("a => b"), tail = parse("1#x:1 => y"), none = {0};

    (void)state;
    assert_ok(ockam_route_append_route(&route, &tail, NULL));
    assert_text(&route, "1#x:1 => 0#y");
    assert_ok(ockam_route_prepend_route(&route, &head, NULL));
    assert_text(&route, "0#a => 0#b => 1#x:1 => 0#y");
    assert_ok(ockam_route_append_route(&route, &none, NULL));
    assert_ok(ockam_route_prepend_route(&route, &none, NULL));
    assert_text(&route, "0#a => 0#b => 1#x:1 => 0#y");
    route = (ockam_route_t){0};
    assert_ok(ockam_route_prepend_route(&route, &head, NULL));
    assert_true(ockam_route_equal(&route, &head));
}

static void a_route_can_be_put_before_or_behind_itself(void **state)
{
    ockam_route_t route = parse("a => b");

    (void)state;
    assert_ok(ockam_route_append_route(&route, &route, NULL));
    assert_text(&route, "0#a => 0#b => 0#a => 0#b");
    assert_ok(ockam_route_prepend_route(&route, &route, NULL));
    assert_text(&route, "0#a => 0#b => 0#a => 0#b => 0#a => 0#b => 0#a => 0#b");
    for (int i = 0; i < 4; i++) /* until it has to move, so that the bytes it copies from have moved too */
        assert_ok(i % 2 == 0 ? ockam_route_append_route(&route, &route, NULL)
                             : ockam_route_prepend_route(&route, &route, NULL));
    assert_int_equal(route.count, 128);
    for (size_t i = 0; i < 128; i++) {
        ockam_address_t a;
        assert_ok(ockam_route_at(&route, i, &a, NULL));
        assert_true(ockam_address_equal(a, ockam_address_local(i % 2 == 0 ? "a" : "b")));
    }
}

static void a_route_at_the_limit_is_kept_and_one_byte_more_is_refused_unchanged(void **state)
{
    static uint8_t  bytes[OCKAM_ADDRESS_BYTES_MAX];
    ockam_route_t   full = {0}, other = {0}, before;
    ockam_address_t a = {OCKAM_LOCAL, ockam_slice(bytes, 250)}; /* 254 bytes each */

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_ok(i % 2 == 0 ? ockam_route_append(&full, a, NULL) : ockam_route_prepend(&full, a, NULL));
    a.value.len = OCKAM_ROUTE_BYTES_MAX - 3 * 254 - 4 + 1;
    before      = full;
    assert_status(ockam_route_append(&full, a, NULL), OCKAM_LIMIT);
    assert_status(ockam_route_prepend(&full, a, NULL), OCKAM_LIMIT);
    assert_memory_equal(&full, &before, sizeof(full));
    a.value.len--;
    assert_ok(ockam_route_prepend(&full, a, NULL));
    assert_int_equal(full.end - full.start, OCKAM_ROUTE_BYTES_MAX);
    assert_ok(ockam_route_append(&other, ockam_address_local(""), NULL));
    before = full;
    assert_status(ockam_route_append_route(&full, &other, NULL), OCKAM_LIMIT);
    assert_status(ockam_route_prepend_route(&full, &other, NULL), OCKAM_LIMIT);
    assert_status(ockam_route_append_route(&full, &full, NULL), OCKAM_LIMIT);
    assert_status(ockam_route_prepend_route(&full, &full, NULL), OCKAM_LIMIT);
    assert_memory_equal(&full, &before, sizeof(full));
    ockam_route_drop_first(&full);
    assert_int_equal(full.count, 3);
}

static void the_shortest_addresses_fill_a_route_to_its_count(void **state)
{
    ockam_route_t route = {0};
    size_t        count = 0;

    (void)state;
    while (ockam_route_prepend(&route, ockam_address_local(""), NULL) == OCKAM_OK)
        count++;
    assert_int_equal(count, OCKAM_ROUTE_BYTES_MAX / 3);
    assert_int_equal(route.count, count);
}

static void an_address_value_past_its_limit_is_refused(void **state)
{
    static uint8_t  bytes[OCKAM_ADDRESS_BYTES_MAX + 1];
    ockam_route_t   route = {0};
    ockam_address_t a     = {OCKAM_LOCAL, ockam_slice(bytes, sizeof(bytes))};

    (void)state;
    assert_status(ockam_route_append(&route, a, NULL), OCKAM_LIMIT);
    assert_status(ockam_route_prepend(&route, a, NULL), OCKAM_LIMIT);
    a.value.len = SIZE_MAX;
    assert_status(ockam_route_append(&route, a, NULL), OCKAM_LIMIT);
    assert_true(ockam_route_is_empty(&route));
    a.value.len = OCKAM_ADDRESS_BYTES_MAX;
    assert_ok(ockam_route_append(&route, a, NULL));
    assert_ok(ockam_route_prepend(&route, a, NULL));
}

static void putting_addresses_in_front_of_a_new_route_moves_nothing(void **state)
{
    const ockam_address_t a     = ockam_address_local("0123456789abcdef0123456789abcdef");
    ockam_route_t         route = {0};
    uint16_t              end;

    (void)state;
    assert_ok(ockam_route_append(&route, a, NULL));
    end = route.end;
    for (int i = 0; i < 12; i++)
        assert_ok(ockam_route_prepend(&route, a, NULL));
    assert_int_equal(route.end, end);
}

static void equality_does_not_depend_on_where_the_bytes_stand(void **state)
{
    ockam_route_t a = {0}, b = {0};

    (void)state;
    assert_true(ockam_route_equal(&a, &b));
    assert_ok(ockam_route_append(&a, ockam_address_local("x"), NULL));
    assert_false(ockam_route_equal(&a, &b));
    assert_ok(ockam_route_append(&b, ockam_address_local("w"), NULL));
    assert_false(ockam_route_equal(&a, &b));
    assert_ok(ockam_route_append(&b, ockam_address_local("x"), NULL));
    ockam_route_drop_first(&b);
    assert_int_not_equal(a.start, b.start);
    assert_true(ockam_route_equal(&a, &b));
    assert_ok(ockam_route_append(&b, ockam_address_local(""), NULL));
    assert_false(ockam_route_equal(&a, &b));
}

static void copying_takes_what_is_in_use(void **state)
{
    ockam_route_t a = parse("x => 1#y"), b;

    (void)state;
    memset(&b, 0xee, sizeof(b));
    ockam_route_copy(&b, &a);
    assert_true(ockam_route_equal(&a, &b));
    assert_ok(ockam_route_check(&b, NULL));
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static void routes_are_read_from_text(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"tcp#localhost:3000 => hop => echoer", "1#localhost:3000 => 0#hop => 0#echoer"},
        {"hop=>echoer", "0#hop => 0#echoer"},
        {"  \t 0#hop  =>\n 7#echoer ", "0#hop => 7#echoer"},
        {"a b", "0#a b"},
        {"a=b>c", "0#a=b>c"},
        {"0#", "0#"},
        {"", ""},
        {"   ", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const ockam_route_t route = parse(cases[i].text);
        ockam_route_t       back;
        assert_text(&route, cases[i].expected);
        back = parse(cases[i].expected);
        assert_true(ockam_route_equal(&route, &back));
    }
}

static void wrong_texts_are_refused_and_leave_the_result_alone(void **state)
{
    static const char *const bad[] = {"=>", "a =>", "=> a", "a => => b", "a#b", "a => 1#b#c", "256#a", "a =>  "};
    ockam_route_t            route = parse("kept"), before = route;
    uint8_t                  lengthy[2 * OCKAM_ROUTE_BYTES_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_status(ockam_route_parse(ockam_slice_text(bad[i]), &route, NULL), OCKAM_MALFORMED);
    memset(lengthy, 'x', sizeof(lengthy));
    assert_status(ockam_route_parse(ockam_slice(lengthy, OCKAM_ADDRESS_BYTES_MAX + 1), &route, NULL), OCKAM_LIMIT);
    for (size_t i = 1; i + 2 < sizeof(lengthy); i += 3)
        memcpy(lengthy + i, "=>", 2);
    assert_status(ockam_route_parse(ockam_slice(lengthy, sizeof(lengthy) - 1), &route, NULL), OCKAM_LIMIT);
    assert_true(ockam_route_equal(&route, &before));
}

static void the_text_is_cut_to_the_room_there_is(void **state)
{
    const ockam_route_t route = parse("a => 1#b");
    char                text[16];

    (void)state;
    for (size_t size = 1; size < sizeof(text); size++) {
        assert_int_equal(ockam_route_text(&route, text, size), 10);
        assert_int_equal(strlen(text), size < 11 ? size - 1 : 10);
        assert_memory_equal(text, "0#a => 1#b", strlen(text));
    }
    assert_int_equal(ockam_route_text(&route, NULL, 0), 10);
}

/* ---- literals -------------------------------------------------------------------------------------------------- */

static void a_literal_is_the_route_of_its_texts(void **state)
{
    const ockam_route_t *route = OCKAM_ROUTE("tcp#localhost:3000", "hop", "tcp#localhost:4000", "echoer");

    (void)state;
    assert_ok(ockam_route_check(route, NULL));
    assert_text(route, "1#localhost:3000 => 0#hop => 1#localhost:4000 => 0#echoer");
}

static void a_wrong_literal_says_so_where_it_is_used(void **state)
{
    ockam_route_t        route = parse("kept"), before = route, full;
    const ockam_route_t *bad = OCKAM_ROUTE("fine", "not#fine");
    const char          *many[400];

    (void)state;
    assert_status(ockam_route_check(bad, NULL), OCKAM_MALFORMED);
    assert_true(ockam_route_is_empty(bad));
    assert_status(ockam_route_append_route(&route, bad, NULL), OCKAM_MALFORMED);
    assert_status(ockam_route_prepend_route(&route, bad, NULL), OCKAM_MALFORMED);
    assert_true(ockam_route_equal(&route, &before));
    assert_status(ockam_route_check(OCKAM_ROUTE("fine", NULL), NULL), OCKAM_INVALID);
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = "x";
    assert_status(ockam_route_check(ockam_route_literal(&full, many, sizeof(many) / sizeof(many[0])), NULL),
                  OCKAM_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_edits_agree_with_a_plain_list),
        cmocka_unit_test(whole_routes_are_put_in_front_and_behind_in_their_order),
        cmocka_unit_test(a_route_can_be_put_before_or_behind_itself),
        cmocka_unit_test(a_route_at_the_limit_is_kept_and_one_byte_more_is_refused_unchanged),
        cmocka_unit_test(the_shortest_addresses_fill_a_route_to_its_count),
        cmocka_unit_test(an_address_value_past_its_limit_is_refused),
        cmocka_unit_test(putting_addresses_in_front_of_a_new_route_moves_nothing),
        cmocka_unit_test(equality_does_not_depend_on_where_the_bytes_stand),
        cmocka_unit_test(copying_takes_what_is_in_use),
        cmocka_unit_test(routes_are_read_from_text),
        cmocka_unit_test(wrong_texts_are_refused_and_leave_the_result_alone),
        cmocka_unit_test(the_text_is_cut_to_the_room_there_is),
        cmocka_unit_test(a_literal_is_the_route_of_its_texts),
        cmocka_unit_test(a_wrong_literal_says_so_where_it_is_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
