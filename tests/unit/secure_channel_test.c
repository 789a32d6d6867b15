/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_channel_test.c - channels between two nodes whose link the test holds in its hands: what is cut, changed, late,
 * repeated or missing costs that one message at most. */
#include <stdio.h>
#include <stdlib.h>

#include "channel_nodes.h"
#include "fault_store.h"
#include "service/secure_channel_internal.h"
#include "test.h"

static int setup(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)malloc(sizeof(*n));

    assert_non_null(n);
    channel_nodes_start(n, 1, NULL, NULL);
    *state = n;
    return 0;
}

/* The same nodes with something set. */
static void restart(channel_nodes_t *n, const ockam_node_options_t options[2],
                    const ockam_secure_channel_options_t *listening)
{
    channel_nodes_end(n);
    channel_nodes_start(n, 2, options, listening);
}

static int teardown(void **state)
{
    channel_nodes_end((channel_nodes_t *)*state);
    free(*state);
    return 0;
}

static uint64_t malformed(const channel_nodes_t *n, unsigned node)
{
    return channel_nodes_metrics(n, node).dropped_malformed;
}

/* The channel carries a message each way. */
static void assert_lives(channel_nodes_t *n, const ockam_secure_channel_t *channel)
{
    const size_t there = n->sink[BOB].count, back = n->sink[ALICE].count;

    assert_true(ockam_secure_channel_is_open(channel));
    channel_nodes_say(n, channel, 60001);
    link_run(&n->link);
    assert_int_equal(n->sink[BOB].count, there + 1);
    assert_int_equal(n->sink[BOB].last, 60001);
    assert_ok(channel_nodes_answer(n, 60002));
    link_run(&n->link);
    assert_int_equal(n->sink[ALICE].count, back + 1);
    assert_int_equal(n->sink[ALICE].last, 60002);
}

/* ---- handshake ---------------------------------------------------------------------------------------------------- */

static void message_1_cut_at_any_byte_begins_nothing(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;
    packet_t         m1;

    channel_nodes_begin(n, NULL, &outcome);
    m1 = link_take(&n->link, ALICE, 0);
    for (size_t len = 0; len < m1.len; len++) {
        n->events = 0;
        assert_ok(link_put_bytes(&n->link, ALICE, &m1, m1.bytes, len));
        assert_int_equal(malformed(n, BOB), len + 1);
        assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 0);
        assert_int_equal(n->events, 1);
        assert_string_equal(n->event, "channel.handshake.failed");
    }
    assert_int_equal(n->link.end[BOB].count, 0); /* nobody was answered */
    assert_ok(link_put(&n->link, ALICE, &m1));
    packet_free(&m1);
    link_run(&n->link);
    assert_ok(outcome.status);
    ockam_secure_channel_close(outcome.channel);
}

/* Message 2 (from Bob) and 3 (from Alice): every cut and one flip in every byte is refused, then the genuine one counts. */
static void messages_2_and_3_cut_or_flipped_are_ignored_and_the_genuine_one_counts(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;

    channel_nodes_begin(n, NULL, &outcome);
    for (unsigned from = BOB;; from = ALICE) {
        packet_t genuine;
        uint64_t refused = 0;
        if (from == BOB) {
            packet_t m1 = link_take(&n->link, ALICE, 0);
            assert_ok(link_put(&n->link, ALICE, &m1));
            packet_free(&m1);
        }
        genuine = link_take(&n->link, from, 0);
        for (size_t len = 0; len < genuine.len; len++) {
            assert_ok(link_put_bytes(&n->link, from, &genuine, genuine.bytes, len));
            assert_int_equal(malformed(n, 1 - from), ++refused);
        }
        for (size_t i = 0; i < genuine.len; i++) {
            packet_t flipped = packet_copy(&genuine);
            flipped.bytes[i] ^= (uint8_t)(1u << (i % 8));
            assert_ok(link_put(&n->link, from, &flipped));
            packet_free(&flipped);
            assert_int_equal(malformed(n, 1 - from), ++refused);
        }
        assert_int_equal(n->link.end[1 - from].count, 0); /* no answer to any */
        assert_int_equal(outcome.ended, from == ALICE);
        assert_ok(link_put(&n->link, from, &genuine));
        packet_free(&genuine);
        if (from == ALICE)
            break;
    }
    assert_ok(outcome.status);
    assert_ok(ockam_flow_allow(n->node[ALICE], ockam_secure_channel_flow(outcome.channel), "sink", NULL));
    assert_lives(n, outcome.channel);
    ockam_secure_channel_close(outcome.channel);
}

static void a_flipped_message_1_gets_an_answer_that_the_initiator_ignores(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;
    packet_t         m1, answer;

    channel_nodes_begin(n, NULL, &outcome);
    m1 = link_take(&n->link, ALICE, 0);
    m1.bytes[3] ^= 1;
    assert_ok(link_put(&n->link, ALICE, &m1));
    answer = link_take(&n->link, BOB, 0);
    assert_ok(link_put(&n->link, BOB, &answer));
    assert_int_equal(malformed(n, ALICE), 1);
    assert_int_equal(outcome.ended, 0);
    m1.bytes[3] ^= 1;
    assert_ok(link_put(&n->link, ALICE, &m1)); /* the genuine one goes on */
    packet_free(&m1);
    packet_free(&answer);
    link_run(&n->link);
    assert_ok(outcome.status);
    ockam_secure_channel_close(outcome.channel);
}

static void handshake_messages_repeated_to_a_finished_channel_do_nothing(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;
    packet_t         m[3];

    channel_nodes_begin(n, NULL, &outcome);
    for (unsigned i = 0; i < 3; i++) {
        m[i] = link_take(&n->link, i % 2 == 0 ? ALICE : BOB, 0);
        assert_ok(link_put(&n->link, i % 2 == 0 ? ALICE : BOB, &m[i]));
    }
    assert_ok(outcome.status);
    assert_ok(link_put(&n->link, BOB, &m[1]));
    assert_int_equal(malformed(n, ALICE), 1);
    assert_ok(link_put(&n->link, ALICE, &m[2]));
    assert_int_equal(malformed(n, BOB), 1);
    assert_ok(link_put(&n->link, ALICE, &m[0])); /* a stranger's attempt, for all Bob knows */
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 1);
    link_run(&n->link);
    assert_int_equal(malformed(n, ALICE), 2);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 1);
    assert_int_equal(outcome.ended, 1);
    assert_ok(ockam_flow_allow(n->node[ALICE], ockam_secure_channel_flow(outcome.channel), "sink", NULL));
    assert_lives(n, outcome.channel);
    for (unsigned i = 0; i < 3; i++)
        packet_free(&m[i]);
    ockam_secure_channel_close(outcome.channel);
}

static void data_that_overtakes_message_3_is_lost_alone(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;
    packet_t         p[2];

    channel_nodes_begin(n, NULL, &outcome);
    for (unsigned i = 0; i < 2; i++) {
        p[0] = link_take(&n->link, i, 0);
        assert_ok(link_put(&n->link, i, &p[0]));
        packet_free(&p[0]);
    }
    assert_ok(outcome.status);
    channel_nodes_say(n, outcome.channel, 5);
    p[0] = link_take(&n->link, ALICE, 0);
    p[1] = link_take(&n->link, ALICE, 0);
    assert_ok(link_put(&n->link, ALICE, &p[1]));
    assert_int_equal(malformed(n, BOB), 1);
    assert_string_equal(n->event, "channel.handshake.ignored");
    assert_ok(link_put(&n->link, ALICE, &p[0]));
    assert_int_equal(n->sink[BOB].count, 0);
    assert_ok(ockam_flow_allow(n->node[ALICE], ockam_secure_channel_flow(outcome.channel), "sink", NULL));
    assert_lives(n, outcome.channel);
    packet_free(&p[0]);
    packet_free(&p[1]);
    ockam_secure_channel_close(outcome.channel);
}

static void junk_to_a_listener_keeps_nothing(void **state)
{
    static const uint8_t junk[32] = {1, 2, 3};
    channel_nodes_t     *n        = (channel_nodes_t *)*state;
    packet_t             p        = {0};

    ockam_route_copy(&p.onward_route, OCKAM_ROUTE("listener"));
    ockam_route_copy(&p.return_route, OCKAM_ROUTE("nobody"));
    for (size_t len = 0; len < sizeof(junk); len++)
        assert_ok(link_put_bytes(&n->link, ALICE, &p, junk, len));
    assert_int_equal(malformed(n, BOB), sizeof(junk));
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 0);
    ockam_secure_channel_close(channel_nodes_open(n));
}

static void a_responder_whose_time_is_up_is_gone(void **state)
{
    const ockam_secure_channel_options_t hasty = {.trust = OCKAM_TRUST_EVERYONE, .timeout_ms = 1};
    channel_nodes_t                     *n     = (channel_nodes_t *)*state;
    outcome_t                            outcome;
    packet_t                             p;

    restart(n, NULL, &hasty);
    channel_nodes_begin(n, NULL, &outcome);
    for (unsigned i = 0; i < 2; i++) {
        p = link_take(&n->link, i, 0);
        assert_ok(link_put(&n->link, i, &p));
        packet_free(&p);
    }
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 1);
    channel_nodes_wait_for_timeouts(n, BOB);
    assert_string_equal(n->event, "channel.handshake.failed");
    p = link_take(&n->link, ALICE, 0); /* message 3, too late */
    assert_status(link_put(&n->link, ALICE, &p), OCKAM_NOT_FOUND);
    packet_free(&p);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 0);
    ockam_secure_channel_close(outcome.channel);
}

static void a_flood_of_first_messages_fills_one_listener_until_their_time_is_up(void **state)
{
    const ockam_secure_channel_options_t hasty = {.trust = OCKAM_TRUST_EVERYONE, .timeout_ms = 1};
    channel_nodes_t                     *n     = (channel_nodes_t *)*state;
    outcome_t                            outcome;
    packet_t                             m1;

    restart(n, NULL, &hasty);
    channel_nodes_begin(n, NULL, &outcome);
    m1 = link_take(&n->link, ALICE, 0);
    for (unsigned i = 0; i < OCKAM_HANDSHAKES_PENDING_MAX; i++)
        assert_ok(link_put(&n->link, ALICE, &m1));
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, OCKAM_HANDSHAKES_PENDING_MAX);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_limit, 0);
    n->events = 0;
    assert_ok(link_put(&n->link, ALICE, &m1)); /* one past */
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, OCKAM_HANDSHAKES_PENDING_MAX);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_limit, 1);
    assert_int_equal(n->events, 1);
    /* Another listener of the same node does not notice. */
    assert_ok(ockam_secure_channel_listen(n->node[BOB], n->identity[BOB], "other", &n->trusting, NULL, NULL));
    assert_ok(ockam_flow_allow(n->node[BOB], n->link.end[BOB].flow, "other", NULL));
    ockam_route_copy(&m1.onward_route, OCKAM_ROUTE("other"));
    assert_ok(link_put(&n->link, ALICE, &m1));
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, OCKAM_HANDSHAKES_PENDING_MAX + 1);
    assert_ok(ockam_worker_stop_address(n->node[BOB], ockam_address_local("other"), NULL)); /* its attempt goes on */
    while (n->link.end[BOB].count > 1) { /* only the last answer is delivered */
        packet_t answer = link_take(&n->link, BOB, 0);
        packet_free(&answer);
    }
    link_run(&n->link);
    assert_ok(outcome.status);
    channel_nodes_wait_for_timeouts(n, BOB);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 1);
    packet_free(&m1);
    ockam_secure_channel_close(outcome.channel);
    link_run(&n->link);
    channel_nodes_begin(n, NULL, &outcome); /* a real client; its time may be up at once on a machine this slow */
    link_run(&n->link);
    assert_ok(outcome.status);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 1);
    ockam_secure_channel_close(outcome.channel);
}

static void a_peer_that_comes_again_costs_no_write_to_the_store(void **state)
{
    channel_nodes_t     *n       = (channel_nodes_t *)*state;
    ockam_node_options_t with[2] = {{0}, {0}};
    fault_store_t        stores[2];

    for (unsigned i = 0; i < 2; i++) {
        ockam_store_t *inner = NULL;
        assert_ok(ockam_store_memory(ockam_allocator_malloc(), &inner, NULL));
        fault_store_init(&stores[i], inner, 0);
        with[i].store = &stores[i].base;
    }
    restart(n, with, NULL);
    ockam_secure_channel_close(channel_nodes_open(n));
    for (unsigned i = 0; i < 2; i++) {
        assert_string_equal(stores[i].log, "begin put:change_history commit ");
        stores[i].log[0] = '\0';
    }
    link_run(&n->link);
    ockam_secure_channel_close(channel_nodes_open(n));
    for (unsigned i = 0; i < 2; i++)
        assert_string_equal(stores[i].log, "");
    restart(n, NULL, NULL); /* the nodes that use them go first */
    for (unsigned i = 0; i < 2; i++)
        ockam_store_free(stores[i].inner);
}

/* ---- limits ------------------------------------------------------------------------------------------------------- */

static void a_node_has_no_more_channels_than_it_was_told(void **state)
{
    const ockam_node_options_t options[2] = {{.channels_max = 3}, {.channels_max = 2}};
    channel_nodes_t           *n          = (channel_nodes_t *)*state;
    ockam_secure_channel_t    *first, *second;
    outcome_t                  third;
    uint64_t                   dropped;

    restart(n, options, NULL);
    first  = channel_nodes_open(n);
    second = channel_nodes_open(n);
    channel_nodes_begin(n, NULL, &third);
    dropped = channel_nodes_metrics(n, BOB).dropped_limit;
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_limit, dropped + 1);
    assert_int_equal(third.ended, 0);
    assert_status(ockam_secure_channel_start(n->node[ALICE], n->identity[ALICE], OCKAM_ROUTE("to_bob", "listener"),
                                             &n->trusting, channel_nodes_on_outcome, &third, NULL),
                  OCKAM_LIMIT); /* two channels and an attempt */
    assert_lives(n, first);
    assert_lives(n, second);
    ockam_secure_channel_close(first);
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 1);
    first = channel_nodes_open(n);
    assert_lives(n, first);
    ockam_secure_channel_close(first);
    ockam_secure_channel_close(second);
}

/* ---- trust -------------------------------------------------------------------------------------------------------- */

static ockam_status_t answer_later(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    (void)err;
    *(ockam_identifier_t *)context = *peer;
    return OCKAM_PENDING;
}

static void a_responder_may_be_trusted_later_and_loses_nothing_meanwhile(void **state)
{
    ockam_identifier_t                   asked = {{0}};
    const ockam_secure_channel_options_t later = {.trust = ockam_trust_callback(answer_later, &asked)};
    channel_nodes_t                     *n     = (channel_nodes_t *)*state;
    ockam_secure_channel_t              *channel;

    restart(n, NULL, &later);
    channel = channel_nodes_open(n); /* Alice cannot know that Bob is still thinking */
    assert_memory_equal(asked.bytes, ockam_identity_identifier(n->identity[ALICE])->bytes, sizeof(asked.bytes));
    for (uint32_t i = 0; i < OCKAM_CHANNEL_EARLY_MAX; i++)
        channel_nodes_say(n, channel, i);
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_limit, 0);
    channel_nodes_say(n, channel, 100); /* one past */
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_limit, 1);
    assert_int_equal(n->sink[BOB].count, 0);
    assert_int_equal(ockam_secure_channel_decide(n->node[BOB], ockam_identity_identifier(n->identity[BOB]), true), 0);
    assert_int_equal(ockam_secure_channel_decide(n->node[BOB], &asked, true), 1);
    assert_int_equal(ockam_secure_channel_decide(n->node[BOB], &asked, true), 0);
    link_run(&n->link);
    assert_int_equal(n->sink[BOB].count, OCKAM_CHANNEL_EARLY_MAX);
    assert_int_equal(n->sink[BOB].last, OCKAM_CHANNEL_EARLY_MAX - 1);
    assert_lives(n, channel);
    ockam_secure_channel_close(channel);
}

static void a_responder_refused_later_delivers_nothing(void **state)
{
    ockam_identifier_t                   asked = {{0}};
    const ockam_secure_channel_options_t later = {.trust = ockam_trust_callback(answer_later, &asked)};
    channel_nodes_t                     *n     = (channel_nodes_t *)*state;
    ockam_secure_channel_t              *channel;

    restart(n, NULL, &later);
    channel = channel_nodes_open(n);
    channel_nodes_say(n, channel, 1);
    link_run(&n->link);
    n->events = 0;
    assert_int_equal(ockam_secure_channel_decide(n->node[BOB], &asked, false), 1);
    assert_int_equal(n->events, 1);
    assert_string_equal(n->event, "channel.handshake.failed");
    channel_nodes_say(n, channel, 2);
    link_run(&n->link);
    assert_int_equal(n->sink[BOB].count, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 0);
    assert_int_equal(n->link.end[BOB].count, 0); /* strangers are told nothing */
    ockam_secure_channel_close(channel);
}

static void an_initiator_may_decide_later_either_way(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;

    for (int trusted = 0; trusted < 2; trusted++) {
        ockam_identifier_t                   asked = {{0}};
        const ockam_secure_channel_options_t later = {.trust = ockam_trust_callback(answer_later, &asked)};
        outcome_t                            outcome;
        const uint64_t                       channels = channel_nodes_metrics(n, BOB).channels;
        channel_nodes_begin(n, &later, &outcome);
        link_run(&n->link);
        assert_int_equal(outcome.ended, 0);
        assert_memory_equal(asked.bytes, ockam_identity_identifier(n->identity[BOB])->bytes, sizeof(asked.bytes));
        assert_int_equal(ockam_secure_channel_decide(n->node[ALICE], &asked, trusted), 1);
        assert_int_equal(outcome.ended, 1);
        assert_status(outcome.status, trusted ? OCKAM_OK : OCKAM_DENIED);
        link_settle(&n->link);
        assert_int_equal(n->link.end[ALICE].count, trusted); /* message 3 */
        link_run(&n->link);
        assert_int_equal(channel_nodes_metrics(n, BOB).channels, channels + (trusted ? 1 : 0));
        ockam_secure_channel_close(outcome.channel);
    }
}

static ockam_secure_channel_t *to_close;

static void close_another(void *context, ockam_status_t status, ockam_secure_channel_t *channel,
                          const ockam_error_t *err)
{
    channel_nodes_on_outcome(context, status, channel, err);
    ockam_secure_channel_close(to_close);
}

static void who_is_told_of_a_decision_may_close_any_channel(void **state)
{
    ockam_identifier_t                   asked = {{0}};
    const ockam_secure_channel_options_t later = {.trust = ockam_trust_callback(answer_later, &asked)};
    channel_nodes_t                     *n     = (channel_nodes_t *)*state;

    for (int trusted = 0; trusted < 2; trusted++) {
        outcome_t outcome = {0};
        to_close          = channel_nodes_open(n); /* behind the attempt in the list of channels */
        assert_ok(ockam_secure_channel_start(n->node[ALICE], n->identity[ALICE], OCKAM_ROUTE("to_bob", "listener"),
                                             &later, close_another, &outcome, NULL));
        link_run(&n->link);
        assert_int_equal(ockam_secure_channel_decide(n->node[ALICE], &asked, trusted), 1);
        assert_int_equal(outcome.ended, 1);
        link_run(&n->link);
        assert_int_equal(channel_nodes_metrics(n, ALICE).channels, trusted);
        ockam_secure_channel_close(outcome.channel);
    }
}

static void refused_by_the_initiator_message_3_is_never_sent(void **state)
{
    const ockam_secure_channel_options_t nobody = {.trust = ockam_trust_identifiers(NULL, 0)};
    channel_nodes_t                     *n      = (channel_nodes_t *)*state;
    outcome_t                            outcome;
    const uint64_t                       before = channel_nodes_metrics(n, BOB).delivered;

    channel_nodes_begin(n, &nobody, &outcome);
    link_run(&n->link);
    assert_int_equal(outcome.ended, 1);
    assert_status(outcome.status, OCKAM_DENIED);
    assert_null(outcome.channel);
    assert_int_equal(channel_nodes_metrics(n, BOB).delivered, before + 3); /* message 1 to listener and responder; 2 */
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 1);         /* until its time is up */
    assert_int_equal(channel_nodes_metrics(n, ALICE).handshakes, 0);
}

static void refused_by_the_responder_nothing_is_delivered(void **state)
{
    const ockam_secure_channel_options_t nobody = {.trust = ockam_trust_identifiers(NULL, 0)};
    channel_nodes_t                     *n      = (channel_nodes_t *)*state;
    ockam_secure_channel_t              *channel;

    restart(n, NULL, &nobody);
    channel = channel_nodes_open(n);
    channel_nodes_say(n, channel, 1);
    link_run(&n->link);
    assert_int_equal(n->sink[BOB].count, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).handshakes, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 0);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_unknown, 1);
    ockam_secure_channel_close(channel);
}

/* ---- data --------------------------------------------------------------------------------------------------------- */

#define SPOKEN 100u

static void data_messages_count_once_and_only_inside_the_window(void **state)
{
    /* number -> whether it is accepted at that point */
    static const struct {
        unsigned number;
        bool     accepted;
    } steps[] = {{33, false}, {32, true}, {32, false}, {0, true},   {0, false}, {1, true},   {65, false}, {64, true},
                 {31, false}, {33, true}, {63, true},  {33, false}, {96, true}, {64, false}, {65, true},  {63, false}};
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *other   = channel_nodes_open(n);
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    packet_t                spoken[SPOKEN];

    for (uint32_t i = 0; i < SPOKEN; i++) {
        channel_nodes_say(n, channel, i);
        spoken[i] = link_take(&n->link, ALICE, 0);
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        const size_t   count   = n->sink[BOB].count;
        const uint64_t refused = malformed(n, BOB);
        n->events              = 0;
        assert_ok(link_put(&n->link, ALICE, &spoken[steps[i].number]));
        assert_int_equal(n->sink[BOB].count, count + (steps[i].accepted ? 1 : 0));
        assert_int_equal(malformed(n, BOB), refused + (steps[i].accepted ? 0 : 1));
        assert_int_equal(n->events, steps[i].accepted ? 0 : 1);
        if (steps[i].accepted)
            assert_int_equal(n->sink[BOB].last, steps[i].number);
    }
    for (uint32_t i = 0; i < SPOKEN; i++)
        packet_free(&spoken[i]);
    assert_lives(n, channel);
    assert_lives(n, other);
    ockam_secure_channel_close(channel);
    ockam_secure_channel_close(other);
}

static void a_data_message_changed_or_cut_anywhere_is_one_refusal(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    uint64_t                refused = malformed(n, BOB);
    packet_t                genuine;

    channel_nodes_say(n, channel, 7);
    genuine = link_take(&n->link, ALICE, 0);
    for (size_t i = 0; i < genuine.len * 8; i++) {
        packet_t flipped = packet_copy(&genuine);
        flipped.bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_ok(link_put(&n->link, ALICE, &flipped));
        packet_free(&flipped);
        assert_int_equal(malformed(n, BOB), ++refused);
    }
    for (size_t len = 0; len < genuine.len; len++) {
        assert_ok(link_put_bytes(&n->link, ALICE, &genuine, genuine.bytes, len));
        assert_int_equal(malformed(n, BOB), ++refused);
    }
    assert_int_equal(n->sink[BOB].count, 0);
    assert_ok(link_put(&n->link, ALICE, &genuine)); /* no forgery has moved the window */
    assert_int_equal(n->sink[BOB].count, 1);
    packet_free(&genuine);
    assert_lives(n, channel);
    ockam_secure_channel_close(channel);
}

static void what_is_sealed_and_still_no_message_is_one_refusal(void **state)
{
    static const struct {
        size_t  len;
        uint8_t bytes[12];
    } texts[]                       = {{0, {0}},
                                       {1, {0xff}},
                                       {1, {0x82}},
                                       {5, {0x82, 0x82, 0x03, 0x80, 0x40}},                          /* no such kind */
                                       {6, {0x82, 0x82, 0x00, 0x83, 0x80, 0x80}},                    /* cut */
                                       {4, {0x9f, 0x9f, 0x9f, 0x9f}},                                /* indefinite */
                                       {9, {0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}}; /* huge */
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    packet_t                p       = {0};
    ockam_route_t           remote;

    ockam_channel_get_remote(channel, &remote);
    ockam_route_drop_first(&remote); /* the link's own end */
    ockam_route_copy(&p.onward_route, &remote);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        uint8_t        message[64];
        const uint64_t refused = malformed(n, BOB);
        memcpy(message + OCKAM_SEAL_HEAD_BYTES, texts[i].bytes, texts[i].len);
        assert_ok(ockam_sealer_seal(channel->sealer, message + OCKAM_SEAL_HEAD_BYTES, texts[i].len, NULL));
        n->events = 0;
        assert_ok(
            link_put_bytes(&n->link, ALICE, &p, message, OCKAM_SEAL_HEAD_BYTES + texts[i].len + OCKAM_SEAL_TAIL_BYTES));
        assert_int_equal(malformed(n, BOB), refused + 1);
        assert_int_equal(n->events, 1);
    }
    assert_lives(n, channel);
    ockam_secure_channel_close(channel);
}

static void a_message_to_somebody_who_is_not_there_costs_only_itself(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    const char             *address = ockam_secure_channel_address(channel);
    ockam_metrics_t         before  = channel_nodes_metrics(n, BOB);

    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(address, "nobody"), 1));
    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(address), 1)); /* no address at all */
    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(address, "app"), 1));
    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(address, "tcp#127.0.0.1:1", "x"), 1));
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_unknown, before.dropped_unknown + 3);
    assert_int_equal(channel_nodes_metrics(n, BOB).dropped_denied, before.dropped_denied + 1);
    assert_lives(n, channel);
    ockam_secure_channel_close(channel);
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

static ockam_secure_channel_t *bobs(const channel_nodes_t *n)
{
    return ockam_channels_of(n->node[BOB])->first;
}

static void the_initiator_closes_after_all_it_has_sent(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    packet_t                goodbye;

    for (uint32_t i = 0; i < 50; i++)
        channel_nodes_say(n, channel, i);
    ockam_secure_channel_close(channel);
    assert_int_equal(channel_nodes_metrics(n, ALICE).channels, 0);
    assert_int_equal(n->link.end[ALICE].count, 51);
    goodbye = packet_copy(&n->link.end[ALICE].sent[50]);
    link_run(&n->link);
    assert_int_equal(n->sink[BOB].count, 50);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 0);
    assert_string_equal(n->event, "channel.closed");
    assert_status(link_put(&n->link, ALICE, &goodbye), OCKAM_NOT_FOUND);
    packet_free(&goodbye);
}

static void the_responder_closes_and_the_handle_stays_until_it_is_closed(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);

    ockam_secure_channel_close(bobs(n));
    link_run(&n->link);
    assert_false(ockam_secure_channel_is_open(channel));
    assert_int_equal(channel_nodes_metrics(n, ALICE).channels, 0);
    assert_status(channel_nodes_send(n, ALICE, OCKAM_ROUTE(ockam_secure_channel_address(channel), "sink"), 1),
                  OCKAM_NOT_FOUND);
    ockam_secure_channel_close(channel);
    assert_int_equal(n->link.end[ALICE].count, 0); /* nobody is told twice */
}

static void both_sides_may_close_at_once(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    ockam_secure_channel_t *other   = channel_nodes_open(n);

    ockam_secure_channel_close(bobs(n)); /* the end of `other`: the last one made is the first */
    ockam_secure_channel_close(other);
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, ALICE).channels, 1);
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 1);
    assert_lives(n, channel);
    ockam_secure_channel_close(channel);
}

static void a_node_may_be_freed_with_channels_handles_and_attempts(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;
    outcome_t        outcome;

    (void)channel_nodes_open(n);
    ockam_secure_channel_close(bobs(n));
    link_run(&n->link); /* a handle without a channel */
    (void)channel_nodes_open(n);
    channel_nodes_begin(n, NULL, &outcome);
    assert_int_equal(channel_nodes_metrics(n, ALICE).handshakes, 1);
    restart(n, NULL, NULL);
    assert_int_equal(outcome.ended, 0);
}

/* ---- routes ------------------------------------------------------------------------------------------------------- */

/* Alice's next message takes another way; where does Bob's answer go? */
static void answer_after_roaming(channel_nodes_t *n, link_t *second, const ockam_secure_channel_t *channel,
                                 uint32_t number)
{
    packet_t p;

    channel_nodes_say(n, channel, number);
    p = link_take(&n->link, ALICE, 0);
    assert_ok(link_put(second, ALICE, &p));
    packet_free(&p);
    assert_int_equal(n->sink[BOB].last, number);
    assert_ok(channel_nodes_answer(n, number));
}

static void a_responder_follows_its_peer_unless_its_route_is_fixed(void **state)
{
    channel_nodes_t *n = (channel_nodes_t *)*state;

    for (int fixed = 0; fixed < 2; fixed++) {
        const ockam_secure_channel_options_t listening = {.trust = OCKAM_TRUST_EVERYONE, .fixed_route = fixed};
        ockam_secure_channel_t              *channel;
        link_t                               second;
        packet_t                             p;
        restart(n, NULL, &listening);
        link_start(&second, n->node[ALICE], "to_bob_2", n->node[BOB], "to_alice_2");
        assert_ok(ockam_flow_allow(n->node[BOB], second.end[BOB].flow, "listener", NULL));
        channel = channel_nodes_open(n);
        answer_after_roaming(n, &second, channel, 0); /* nonce 0 moves nothing */
        assert_int_equal(second.end[BOB].count, 0);
        link_run(&n->link);
        assert_int_equal(n->sink[ALICE].count, 1);
        answer_after_roaming(n, &second, channel, 1);
        assert_int_equal(second.end[BOB].count, fixed ? 0 : 1);
        assert_int_equal(n->link.end[BOB].count, fixed ? 1 : 0);
        if (!fixed) { /* as the old way may be gone, so is the new one open to the answer */
            p = link_take(&second, BOB, 0);
            assert_ok(ockam_flow_allow_address(n->node[ALICE], second.end[ALICE].flow,
                                               ockam_worker_address(channel->worker, BOX_REMOTE), NULL));
            assert_ok(link_put(&second, BOB, &p));
            packet_free(&p);
        } else {
            link_run(&n->link);
        }
        assert_int_equal(n->sink[ALICE].count, 2);
        assert_lives(n, channel); /* and back: a newer message by the first way */
        link_end(&second);
        ockam_secure_channel_close(channel);
    }
}

static void a_message_that_is_not_delivered_moves_the_route_and_an_older_one_does_not(void **state)
{
    channel_nodes_t        *n       = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channel = channel_nodes_open(n);
    link_t                  second;
    packet_t                older, newer;

    link_start(&second, n->node[ALICE], "to_bob_2", n->node[BOB], "to_alice_2");
    assert_ok(ockam_flow_allow(n->node[BOB], second.end[BOB].flow, "listener", NULL));
    assert_ok(ockam_flow_allow_address(n->node[BOB], second.end[BOB].flow,
                                       ockam_worker_address(bobs(n)->worker, BOX_REMOTE), NULL));
    channel_nodes_say(n, channel, 0);
    channel_nodes_say(n, channel, 1);
    assert_ok(channel_nodes_send(n, ALICE, OCKAM_ROUTE(ockam_secure_channel_address(channel), "nobody"), 2));
    older = link_take(&n->link, ALICE, 1);
    newer = link_take(&n->link, ALICE, 1);
    link_run(&n->link);
    assert_ok(link_put(&second, ALICE, &newer));
    assert_ok(link_put(&n->link, ALICE, &older)); /* late by the first way */
    assert_int_equal(n->sink[BOB].last, 1);
    assert_ok(channel_nodes_answer(n, 1));
    assert_int_equal(second.end[BOB].count, 1);
    packet_free(&older);
    packet_free(&newer);
    link_end(&second);
    ockam_secure_channel_close(channel);
}

static void channels_go_through_channels(void **state)
{
    channel_nodes_t        *n = (channel_nodes_t *)*state;
    ockam_secure_channel_t *channels[3];
    size_t                  lengths[3];

    assert_ok(ockam_flow_allow(n->node[BOB], n->listener.flow, "listener", NULL));
    channels[0] = channel_nodes_open(n);
    for (unsigned depth = 1; depth < 3; depth++) {
        outcome_t outcome = {0};
        assert_ok(ockam_secure_channel_start(n->node[ALICE], n->identity[ALICE],
                                             OCKAM_ROUTE(ockam_secure_channel_address(channels[depth - 1]), "listener"),
                                             &n->trusting, channel_nodes_on_outcome, &outcome, NULL));
        link_run(&n->link);
        assert_int_equal(outcome.ended, 1);
        assert_ok(outcome.status);
        channels[depth] = outcome.channel;
        assert_ok(ockam_flow_allow(n->node[ALICE], ockam_secure_channel_flow(outcome.channel), "sink", NULL));
    }
    for (unsigned depth = 0; depth < 3; depth++) {
        for (unsigned i = 0; i < 100; i++) /* several keys at every depth */
            assert_lives(n, channels[depth]);
        channel_nodes_say(n, channels[depth], 1);
        link_settle(&n->link);
        lengths[depth] = n->link.end[ALICE].sent[0].len;
        link_run(&n->link);
    }
    assert_true(lengths[0] < lengths[1] && lengths[1] < lengths[2]); /* sealed once more each time */
    assert_int_equal(channel_nodes_metrics(n, BOB).channels, 3);
    ockam_secure_channel_close(channels[0]); /* what goes through it is dead, and still closes */
    link_run(&n->link);
    ockam_secure_channel_close(channels[2]);
    ockam_secure_channel_close(channels[1]);
    link_run(&n->link);
    assert_int_equal(channel_nodes_metrics(n, ALICE).channels, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(message_1_cut_at_any_byte_begins_nothing),
        TEST(messages_2_and_3_cut_or_flipped_are_ignored_and_the_genuine_one_counts),
        TEST(a_flipped_message_1_gets_an_answer_that_the_initiator_ignores),
        TEST(handshake_messages_repeated_to_a_finished_channel_do_nothing),
        TEST(data_that_overtakes_message_3_is_lost_alone),
        TEST(junk_to_a_listener_keeps_nothing),
        TEST(a_responder_whose_time_is_up_is_gone),
        TEST(a_flood_of_first_messages_fills_one_listener_until_their_time_is_up),
        TEST(a_peer_that_comes_again_costs_no_write_to_the_store),
        TEST(a_node_has_no_more_channels_than_it_was_told),
        TEST(a_responder_may_be_trusted_later_and_loses_nothing_meanwhile),
        TEST(a_responder_refused_later_delivers_nothing),
        TEST(an_initiator_may_decide_later_either_way),
        TEST(who_is_told_of_a_decision_may_close_any_channel),
        TEST(refused_by_the_initiator_message_3_is_never_sent),
        TEST(refused_by_the_responder_nothing_is_delivered),
        TEST(data_messages_count_once_and_only_inside_the_window),
        TEST(a_data_message_changed_or_cut_anywhere_is_one_refusal),
        TEST(what_is_sealed_and_still_no_message_is_one_refusal),
        TEST(a_message_to_somebody_who_is_not_there_costs_only_itself),
        TEST(the_initiator_closes_after_all_it_has_sent),
        TEST(the_responder_closes_and_the_handle_stays_until_it_is_closed),
        TEST(both_sides_may_close_at_once),
        TEST(a_node_may_be_freed_with_channels_handles_and_attempts),
        TEST(a_responder_follows_its_peer_unless_its_route_is_fixed),
        TEST(a_message_that_is_not_delivered_moves_the_route_and_an_older_one_does_not),
        TEST(channels_go_through_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
