/* SPDX-License-Identifier: Apache-2.0
 *
 * verified_cache_test.c - a pair that was verified costs no signature again; everything else is checked each time. */
#include "failing_allocator.h"
#include "identity_kit.h"
#include "test.h"
#include "vault/provider.h"

#define FROM 1000u

/* libsodium, counting the signatures it checks. */
static size_t           checked;
static ockam_provider_t counting;

static ockam_status_t count_verify(void *context, const uint8_t public_key[32], ockam_slice_t data,
                                   const uint8_t signature[64])
{
    checked++;
    return ockam_provider_sodium()->ed25519_verify(context, public_key, data, signature);
}

static ockam_vault_t          *vault;
static ockam_verified_cache_t *cache;

static int setup(void **state)
{
    const ockam_provider_t *const providers[] = {&counting, ockam_provider_openssl(), NULL};

    (void)state;
    counting                = *ockam_provider_sodium();
    counting.ed25519_verify = count_verify;
    assert_ok(ockam_vault_new(&(ockam_vault_options_t){.allocator = ockam_allocator_malloc(), .providers = providers},
                              &vault, NULL));
    assert_ok(ockam_verified_cache_new(ockam_allocator_malloc(), 4, &cache, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ockam_verified_cache_free(cache);
    ockam_vault_free(vault);
    return 0;
}

typedef struct {
    ockam_identity_t *identity;
    uint8_t           attestation[OCKAM_ATTESTATION_BYTES_MAX];
    size_t            len;
} peer_t;

static peer_t peer_new(void)
{
    peer_t         peer = {.len = 0};
    ockam_key_id_t key;
    ockam_slice_t  bytes;

    assert_ok(ockam_identity_create(vault, FROM, NULL, &peer.identity, NULL));
    assert_ok(ockam_identity_secure_channel_key(peer.identity, FROM, &key, &bytes, NULL));
    memcpy(peer.attestation, bytes.ptr, peer.len = bytes.len);
    return peer;
}

static ockam_status_t verify_bytes(ockam_slice_t history, ockam_slice_t attestation, uint64_t now_s)
{
    ockam_change_history_t *verified = NULL;
    ockam_attestation_t     says;
    const ockam_status_t    s = ockam_verified_cache_verify(cache, vault, history, attestation, now_s, &verified, &says,
                                                            NULL);

    if (s == OCKAM_OK)
        assert_true(ockam_identifier_equal(&says.subject, ockam_change_history_identifier(verified)));
    else
        assert_null(verified);
    ockam_change_history_free(verified);
    return s;
}

/* Signatures that one verification checks. */
static size_t cost(const peer_t *peer, uint64_t now_s)
{
    checked = 0;
    assert_ok(verify_bytes(ockam_change_history_view(ockam_identity_history(peer->identity)),
                           ockam_slice(peer->attestation, peer->len), now_s));
    return checked;
}

static void the_second_time_costs_no_signature(void **state)
{
    peer_t peer = peer_new();

    (void)state;
    assert_int_equal(cost(&peer, FROM), 2);
    assert_int_equal(cost(&peer, FROM), 0);
    assert_int_equal(cost(&peer, FROM + 1), 0);
    assert_int_equal(ockam_verified_cache_hits(cache), 2);
    assert_int_equal(ockam_verified_cache_misses(cache), 1);
    assert_int_equal(ockam_verified_cache_count(cache), 1);
    ockam_identity_free(peer.identity);
}

static void what_it_gives_is_the_same_as_without_it(void **state)
{
    peer_t                  peer       = peer_new();
    const ockam_slice_t     encoded    = ockam_change_history_view(ockam_identity_history(peer.identity));
    ockam_change_history_t *history[2] = {NULL, NULL};
    ockam_attestation_t     says[2];

    (void)state;
    memset(says, 0, sizeof(says));
    for (size_t i = 0; i < 2; i++)
        assert_ok(ockam_verified_cache_verify(cache, vault, encoded, ockam_slice(peer.attestation, peer.len), FROM,
                                              &history[i], &says[i], NULL));
    assert_memory_equal(&says[0].x25519, &says[1].x25519, 32);
    assert_int_equal(says[0].expires_at_s, says[1].expires_at_s);
    assert_slice_equal(ockam_change_history_view(history[0]), ockam_change_history_view(history[1]));
    assert_int_equal(ockam_change_history_compare(history[0], history[1]), OCKAM_HISTORY_EQUAL);
    ockam_change_history_free(history[0]);
    ockam_change_history_free(history[1]);
    ockam_identity_free(peer.identity);
}

static void times_are_checked_each_time(void **state)
{
    peer_t              peer    = peer_new();
    const uint64_t      expires = FROM + OCKAM_PURPOSE_KEY_TTL_S;
    const ockam_slice_t history = ockam_change_history_view(ockam_identity_history(peer.identity));

    (void)state;
    assert_int_equal(cost(&peer, expires), 2);
    assert_int_equal(cost(&peer, expires), 0);
    assert_int_equal(verify_bytes(history, ockam_slice(peer.attestation, peer.len), expires + 1), OCKAM_EXPIRED);
    assert_int_equal(verify_bytes(history, ockam_slice(peer.attestation, peer.len), FROM - 61), OCKAM_EXPIRED);
    ockam_identity_free(peer.identity);
}

static void any_other_bytes_are_checked_in_full(void **state)
{
    peer_t  peer = peer_new();
    uint8_t history[256];
    size_t  len = ockam_change_history_view(ockam_identity_history(peer.identity)).len;

    (void)state;
    assert_true(len < sizeof(history));
    memcpy(history, ockam_change_history_view(ockam_identity_history(peer.identity)).ptr, len);
    assert_int_equal(cost(&peer, FROM), 2);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        history[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(
            ockam_status_kind(verify_bytes(ockam_slice(history, len), ockam_slice(peer.attestation, peer.len), FROM)),
            OCKAM_KIND_PEER);
        history[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * peer.len; bit++) {
        peer.attestation[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(
            ockam_status_kind(verify_bytes(ockam_slice(history, len), ockam_slice(peer.attestation, peer.len), FROM)),
            OCKAM_KIND_PEER);
        peer.attestation[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(ockam_verified_cache_count(cache), 1); /* a failure is not remembered */
    assert_int_equal(ockam_verified_cache_hits(cache), 0);
    ockam_identity_free(peer.identity);
}

/* Bytes after a structure are ignored, so the same bytes could be split between the two in another way. */
static void bytes_that_move_from_one_to_the_other_are_another_pair(void **state)
{
    peer_t              peer    = peer_new();
    const ockam_slice_t history = ockam_change_history_view(ockam_identity_history(peer.identity));
    uint8_t             both[1024];

    (void)state;
    memcpy(both, history.ptr, history.len);
    both[history.len] = 0;
    memcpy(both + history.len + 1, peer.attestation, peer.len);
    assert_int_equal(verify_bytes(ockam_slice(both, history.len + 1), ockam_slice(peer.attestation, peer.len), FROM),
                     OCKAM_OK);
    assert_int_equal(verify_bytes(ockam_slice(both, history.len), ockam_slice(both + history.len, peer.len + 1), FROM),
                     OCKAM_MALFORMED);
    assert_int_equal(ockam_verified_cache_hits(cache), 0);
    ockam_identity_free(peer.identity);
}

static void an_attestation_of_somebody_else_is_refused_though_both_are_remembered(void **state)
{
    peer_t a = peer_new(), b = peer_new();

    (void)state;
    assert_int_equal(cost(&a, FROM), 2);
    assert_int_equal(cost(&b, FROM), 2);
    assert_int_equal(verify_bytes(ockam_change_history_view(ockam_identity_history(a.identity)),
                                  ockam_slice(b.attestation, b.len), FROM),
                     OCKAM_NOT_AUTHENTIC);
    ockam_identity_free(a.identity);
    ockam_identity_free(b.identity);
}

static void the_oldest_pair_makes_room(void **state)
{
    peer_t peers[5];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        peers[i] = peer_new();
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cost(&peers[i], FROM), 2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(cost(&peers[i], FROM), 0);
    assert_int_equal(cost(&peers[4], FROM), 2);
    assert_int_equal(ockam_verified_cache_count(cache), 4);
    for (size_t i = 1; i < 5; i++)
        assert_int_equal(cost(&peers[i], FROM), 0);
    assert_int_equal(cost(&peers[0], FROM), 2); /* instead of 1 */
    assert_int_equal(cost(&peers[1], FROM), 2);
    assert_int_equal(cost(&peers[0], FROM), 0);
    for (size_t i = 0; i < 5; i++)
        ockam_identity_free(peers[i].identity);
}

static void many_rounds_keep_every_pair_that_fits(void **state)
{
    peer_t                  peers[40];
    ockam_verified_cache_t *small = cache;

    (void)state;
    for (size_t i = 0; i < 40; i++)
        peers[i] = peer_new();
    for (size_t capacity = 1; capacity <= 39; capacity += 19) {
        assert_ok(ockam_verified_cache_new(ockam_allocator_malloc(), capacity, &cache, NULL));
        for (size_t round = 0; round < 3; round++)
            for (size_t i = 0; i < 40; i++) {
                assert_int_equal(cost(&peers[i], FROM), 2); /* 40 in turn: the one that comes next has just gone */
                assert_int_equal(cost(&peers[i], FROM), 0);
                if (i >= capacity)
                    assert_int_equal(cost(&peers[i - capacity + 1], FROM), 0);
            }
        assert_int_equal(ockam_verified_cache_count(cache), capacity);
        ockam_verified_cache_free(cache);
    }
    cache = small;
    for (size_t i = 0; i < 40; i++)
        ockam_identity_free(peers[i].identity);
}

static void without_a_cache_everything_is_verified(void **state)
{
    peer_t                  peer = peer_new();
    ockam_verified_cache_t *none = cache;

    (void)state;
    cache = NULL;
    assert_int_equal(cost(&peer, FROM), 2);
    assert_int_equal(cost(&peer, FROM), 2);
    cache = none;
    ockam_identity_free(peer.identity);
    ockam_verified_cache_free(NULL);
}

static void a_history_past_the_limit_is_not_even_hashed(void **state)
{
    static const uint8_t long_history[OCKAM_CHANGE_HISTORY_BYTES_MAX + 1] = {0x80};

    (void)state;
    assert_int_equal(verify_bytes(ockam_slice(long_history, sizeof(long_history)), ockam_slice(NULL, 0), FROM),
                     OCKAM_LIMIT);
    assert_int_equal(verify_bytes(ockam_slice(long_history, sizeof(long_history) - 1), ockam_slice(NULL, 0), FROM),
                     OCKAM_NOT_AUTHENTIC);
}

static void the_capacity_is_bounded_and_costs_what_is_documented(void **state)
{
    failing_allocator_t     allocator;
    ockam_verified_cache_t *out = NULL;
    size_t                  one;

    (void)state;
    failing_allocator_init(&allocator, 0);
    assert_status(ockam_verified_cache_new(&allocator.allocator, 0, &out, NULL), OCKAM_INVALID);
    assert_status(ockam_verified_cache_new(&allocator.allocator, OCKAM_VERIFIED_CACHE_MAX + 1, &out, NULL),
                  OCKAM_INVALID);
    assert_ok(ockam_verified_cache_new(&allocator.allocator, 1, &out, NULL));
    one = allocator.live_bytes;
    ockam_verified_cache_free(out);
    assert_ok(ockam_verified_cache_new(&allocator.allocator, OCKAM_VERIFIED_CACHE_MAX, &out, NULL));
    assert_int_equal(allocator.live_bytes - one, (OCKAM_VERIFIED_CACHE_MAX - 1) * OCKAM_VERIFIED_CACHE_ENTRY_BYTES);
    ockam_verified_cache_free(out);
    failing_allocator_assert_empty(&allocator);
    failing_allocator_init(&allocator, 1);
    assert_status(ockam_verified_cache_new(&allocator.allocator, 1, &out, NULL), OCKAM_NO_MEMORY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_second_time_costs_no_signature),
        T(what_it_gives_is_the_same_as_without_it),
        T(times_are_checked_each_time),
        T(any_other_bytes_are_checked_in_full),
        T(bytes_that_move_from_one_to_the_other_are_another_pair),
        T(an_attestation_of_somebody_else_is_refused_though_both_are_remembered),
        T(the_oldest_pair_makes_room),
        T(many_rounds_keep_every_pair_that_fits),
        T(without_a_cache_everything_is_verified),
        T(a_history_past_the_limit_is_not_even_hashed),
        T(the_capacity_is_bounded_and_costs_what_is_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
