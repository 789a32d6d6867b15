/* SPDX-License-Identifier: Apache-2.0
 *
 * worker_test.c - how workers end: stopped by others, by themselves, before they began, with their node. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#include "node/runtime.h"

typedef struct {
    ockam_node_t *node;
    char          event[64];
    unsigned      events;
} fixture_t;

static void on_event(void *context, const ockam_event_t *event)
{
    fixture_t *f = (fixture_t *)context;

    (void)snprintf(f->event, sizeof(f->event), "%s", event->name);
    f->events++;
}

static int setup(void **state)
{
    fixture_t *f = (fixture_t *)calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_ok(ockam_node_new(&(ockam_node_options_t){.on_event = on_event, .event_context = f}, &f->node, NULL));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    ockam_node_free(f->node);
    free(f);
    return 0;
}

static ockam_metrics_t metrics(const fixture_t *f)
{
    ockam_metrics_t m;

    ockam_node_metrics(f->node, &m);
    return m;
}

typedef enum { NOTHING, STOP_SELF, STOP_OTHER, FORWARD_STOPPED, RETURN_STOPPED, SEND_STOPPED } act_t;

/* What a worker of these tests does, and what happened to it. */
typedef struct probe {
    act_t           on_initialize, on_handle, on_shutdown;
    ockam_status_t  initialize_gives;
    ockam_worker_t *other; /* to be stopped */
    unsigned        initialized, handled, processed, shut_down;
    unsigned        order; /* of its shutdown among all, from 1 */
    unsigned       *clock;
    ockam_status_t  gave; /* the call that an act made */
} probe_t;

static void act(ockam_worker_t *w, act_t what, ockam_message_t *m)
{
    probe_t *p = (probe_t *)ockam_worker_context(w);

    if (what == STOP_OTHER)
        ockam_worker_stop(p->other);
    else if (what != NOTHING)
        ockam_worker_stop(w);
    if (what == FORWARD_STOPPED)
        p->gave = ockam_worker_forward(w, m, NULL);
    if (what == RETURN_STOPPED)
        p->gave = ockam_worker_return(w, m, NULL);
    if (what == SEND_STOPPED)
        p->gave = ockam_worker_send(w, OCKAM_ROUTE("app"), ockam_slice(NULL, 0), NULL);
}

static ockam_status_t probe_initialize(ockam_worker_t *w, ockam_error_t *err)
{
    probe_t *p = (probe_t *)ockam_worker_context(w);

    p->initialized++;
    act(w, p->on_initialize, NULL);
    return p->initialize_gives == OCKAM_OK ? OCKAM_OK : ockam_fail(err, p->initialize_gives, "as told");
}

static ockam_status_t probe_handle(ockam_worker_t *w, ockam_message_t *m, ockam_error_t *err)
{
    probe_t *p = (probe_t *)ockam_worker_context(w);

    (void)err;
    p->handled++;
    act(w, p->on_handle, m);
    return OCKAM_OK;
}

static void probe_shutdown(ockam_worker_t *w)
{
    probe_t *p = (probe_t *)ockam_worker_context(w);

    p->shut_down++;
    if (p->clock != NULL)
        p->order = ++*p->clock;
    act(w, p->on_shutdown, NULL);
}

static const ockam_worker_ops_t probing = {
    .name = "probe", .initialize = probe_initialize, .handle = probe_handle, .shutdown = probe_shutdown};

static ockam_worker_t *probe(fixture_t *f, const char *address, probe_t *p)
{
    ockam_worker_t *w = NULL;

    assert_ok(ockam_worker_start(f->node, address, &probing, &(ockam_worker_options_t){.context = p}, &w, NULL));
    return w;
}

/* A message that waits for the next turn, whereas ockam_send() has its own. */
static void post(fixture_t *f, const char *address)
{
    const ockam_found_t app = ockam_directory_find(ockam_node_directory(f->node), ockam_address_local("app"));
    ockam_message_t    *m   = ockam_message_new(f->node, ockam_worker_account(app.box->worker));

    assert_non_null(m);
    ockam_route_copy(&m->onward_route, OCKAM_ROUTE(address));
    ockam_route_copy(&m->return_route, OCKAM_ROUTE("app"));
    assert_ok(ockam_node_route(f->node, app.box, m, NULL));
}

static void assert_address_is_free(fixture_t *f, const char *address)
{
    assert_null(ockam_directory_find(ockam_node_directory(f->node), ockam_address_local(address)).box);
}

static void a_worker_stopped_by_another_loses_what_waits(void **state)
{
    fixture_t *f = (fixture_t *)*state;
    probe_t    a = {.on_handle = STOP_OTHER}, b = {0};

    (void)probe(f, "a", &a);
    a.other = probe(f, "b", &b);
    ockam_node_flush(f->node);
    post(f, "b");
    post(f, "a");
    post(f, "b");
    post(f, "b");
    ockam_node_flush(f->node);
    assert_int_equal(a.handled, 1);
    assert_int_equal(a.shut_down, 0);
    assert_int_equal(b.handled, 1);
    assert_int_equal(b.shut_down, 1);
    assert_int_equal(metrics(f).dropped_stopped, 2);
    assert_address_is_free(f, "b");
    assert_ok(ockam_worker_stop_address(f->node, ockam_address_local("a"), NULL));
    assert_int_equal(a.shut_down, 1);
}

static void a_worker_stopped_before_it_began_is_shut_down_and_nothing_else(void **state)
{
    fixture_t *f = (fixture_t *)*state;
    probe_t    p = {0};

    ockam_worker_stop(probe(f, "w", &p));
    ockam_node_flush(f->node);
    assert_int_equal(p.initialized, 0);
    assert_int_equal(p.shut_down, 1);
}

static void a_worker_may_stop_itself_while_it_is_initialized(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    for (unsigned waiting = 0; waiting < 3; waiting++) /* with none the loop begins it, else its first message does */
        for (int fails = 0; fails < 2; fails++) {
            probe_t        p      = {.on_initialize = STOP_SELF, .initialize_gives = fails ? OCKAM_IO : OCKAM_OK};
            const uint64_t before = metrics(f).dropped_stopped;
            (void)probe(f, "w", &p);
            for (unsigned i = 0; i < waiting; i++)
                post(f, "w");
            ockam_node_flush(f->node);
            assert_int_equal(p.initialized, 1);
            assert_int_equal(p.handled, 0);
            assert_int_equal(p.shut_down, 1);
            assert_int_equal(metrics(f).dropped_stopped, before + waiting);
            assert_address_is_free(f, "w");
        }
}

static void a_failing_initialize_ends_the_worker_and_what_waits_for_it(void **state)
{
    fixture_t *f = (fixture_t *)*state;

    for (unsigned waiting = 0; waiting < 3; waiting++) {
        probe_t        p      = {.initialize_gives = OCKAM_IO};
        const uint64_t before = metrics(f).dropped_stopped;
        f->events             = 0;
        (void)probe(f, "w", &p);
        for (unsigned i = 0; i < waiting; i++)
            post(f, "w");
        ockam_node_flush(f->node);
        assert_int_equal(p.initialized, 1);
        assert_int_equal(p.handled, 0);
        assert_int_equal(p.shut_down, 1);
        assert_int_equal(f->events, 1);
        assert_string_equal(f->event, "worker.initialize.failed");
        assert_int_equal(metrics(f).dropped_stopped, before + waiting);
        assert_address_is_free(f, "w");
    }
}

static void a_worker_that_has_stopped_itself_sends_nothing_more(void **state)
{
    static const act_t acts[] = {FORWARD_STOPPED, RETURN_STOPPED, SEND_STOPPED};
    fixture_t         *f      = (fixture_t *)*state;

    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        for (unsigned box = 0; box < 2; box++) { /* the message comes to the main mailbox, or to the other one */
            const ockam_mailbox_t  more = {.address = ockam_address_local("second")};
            probe_t                p    = {.on_handle = acts[i]};
            ockam_worker_options_t o    = {.context = &p, .more = &more, .more_count = 1};
            const uint64_t         gone = metrics(f).dropped_stopped;
            assert_ok(ockam_worker_start(f->node, "first", &probing, &o, NULL, NULL));
            post(f, box == 0 ? "first" : "second");
            ockam_node_flush(f->node);
            assert_int_equal(p.handled, 1);
            assert_status(p.gave, OCKAM_WRONG_STATE);
            assert_int_equal(p.shut_down, 1);
            assert_int_equal(metrics(f).dropped_stopped, gone + (acts[i] == SEND_STOPPED ? 0 : 1));
        }
}

static ockam_status_t probe_process(ockam_worker_t *w, ockam_error_t *err)
{
    probe_t *p = (probe_t *)ockam_worker_context(w);

    if (++p->processed == 3)
        act(w, p->on_handle, NULL);
    return p->processed < 3 || p->on_handle == STOP_SELF ? OCKAM_OK : ockam_fail(err, OCKAM_IO, "as told");
}

static void a_processor_ends_by_stopping_or_failing(void **state)
{
    static const ockam_worker_ops_t processing = {
        .name = "processor", .process = probe_process, .shutdown = probe_shutdown};
    fixture_t *f = (fixture_t *)*state;

    for (int stops = 0; stops < 2; stops++) {
        probe_t p = {.on_handle = stops ? STOP_SELF : NOTHING};
        f->events = 0;
        assert_ok(ockam_worker_start(f->node, "p", &processing, &(ockam_worker_options_t){.context = &p}, NULL, NULL));
        ockam_node_flush(f->node);
        assert_int_equal(p.processed, 3);
        assert_int_equal(p.shut_down, 1);
        assert_int_equal(f->events, stops ? 0 : 1);
        assert_address_is_free(f, "p");
    }
}

static void a_node_shuts_its_workers_down_newest_first_and_handles_nothing_more(void **state)
{
    fixture_t *f     = (fixture_t *)*state;
    unsigned   clock = 0;
    probe_t    a = {.clock = &clock}, b = {.clock = &clock}, c = {.clock = &clock, .on_shutdown = STOP_OTHER};

    c.other = probe(f, "a", &a); /* c's shutdown stops a, which then comes before b */
    (void)probe(f, "b", &b);
    (void)probe(f, "c", &c);
    ockam_node_flush(f->node);
    post(f, "a");
    post(f, "b");
    ockam_node_free(f->node);
    f->node = NULL;
    assert_int_equal(c.order, 1);
    assert_int_equal(a.order, 2);
    assert_int_equal(b.order, 3);
    assert_int_equal(a.handled + b.handled + c.handled, 0);
    assert_int_equal(a.shut_down + b.shut_down + c.shut_down, 3);
}

static void *stopper(void *context)
{
    ockam_node_stop((ockam_node_t *)context);
    return NULL;
}

static void another_thread_may_stop_a_running_node(void **state)
{
    fixture_t       *f       = (fixture_t *)*state;
    ockam_message_t *message = NULL;
    pthread_t        thread;

    assert_int_equal(pthread_create(&thread, NULL, stopper, f->node), 0);
    assert_ok(ockam_node_run(f->node, NULL)); /* whether it is told before or after it began */
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ok(ockam_node_run(f->node, NULL)); /* stays told */
    assert_status(ockam_receive(f->node, 1000, &message, NULL), OCKAM_CLOSED);
    assert_ok(ockam_node_drain(f->node, 1000, NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_worker_stopped_by_another_loses_what_waits),
        TEST(a_worker_stopped_before_it_began_is_shut_down_and_nothing_else),
        TEST(a_worker_may_stop_itself_while_it_is_initialized),
        TEST(a_failing_initialize_ends_the_worker_and_what_waits_for_it),
        TEST(a_worker_that_has_stopped_itself_sends_nothing_more),
        TEST(a_processor_ends_by_stopping_or_failing),
        TEST(a_node_shuts_its_workers_down_newest_first_and_handles_nothing_more),
        TEST(another_thread_may_stop_a_running_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
