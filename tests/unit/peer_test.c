/* SPDX-License-Identifier: Apache-2.0
 *
 * What a peer says about itself, inside messages that are authentic: each check of V1 to V12, in both roles. */
#include "channel_peers.h"
#include "ockam/credential.h"
#include "test.h"
#include "vectors.h"
#include "wire/cbor.h"
#include "wire/padded.h"

/* Someone who proves himself, and someone who looks at it. */
typedef struct {
    channel_peer_t prover, verifier;
} pair_t;

static void pair_start(pair_t *p)
{
    channel_peer_start(&p->prover, OCKAM_ED25519, 100);
    channel_peer_start(&p->verifier, OCKAM_ED25519, 200);
}

static void pair_end(pair_t *p)
{
    channel_peer_end(&p->prover);
    channel_peer_end(&p->verifier);
}

/* The prover shows `payload` to a handshake with `options`; its outcome. If it is not OCKAM_OK, the attempt is over, nothing
 * was said, and what the verifier knows has not changed. */
static void show_with(pair_t *p, ockam_handshake_options_t options, ockam_slice_t payload, ockam_status_t expected)
{
    channel_puppet_t   puppet;
    ockam_handshake_t *hs = NULL;
    ockam_buf_t        message, out;
    const bool         known = channel_peer_knows(&p->verifier, &p->prover);
    ockam_error_t      err   = {.status = OCKAM_OK};

    channel_buf_init(&message);
    channel_buf_init(&out);
    assert_ok(ockam_handshake_new(&options, &hs, NULL));
    channel_puppet_start(&puppet, &p->prover, options.role == OCKAM_INITIATOR ? OCKAM_RESPONDER : OCKAM_INITIATOR);
    channel_puppet_message(&puppet, hs, payload, &message);
    const ockam_status_t s = ockam_handshake_receive(hs, ockam_buf_view(&message), CHANNEL_NOW, &out, &err);
    if (s != expected) {
        char text[512];
        (void)ockam_error_text(&err, text, sizeof(text));
        fail_msg("%s instead of %s: %s", ockam_status_name(s), ockam_status_name(expected), text);
    }
    if (expected == OCKAM_OK) {
        assert_true(ockam_handshake_is_ready(hs));
        assert_int_equal(out.len > 0, options.role == OCKAM_INITIATOR);
        assert_true(options.store == NULL || channel_peer_knows(&p->verifier, &p->prover));
    } else {
        assert_int_equal(err.status, expected);
        assert_int_equal(ockam_handshake_state(hs), OCKAM_HANDSHAKE_FAILED);
        assert_null(ockam_handshake_peer(hs));
        assert_int_equal(out.len, 0);
        assert_int_equal(channel_peer_knows(&p->verifier, &p->prover), known);
    }
    channel_puppet_end(&puppet);
    ockam_handshake_free(hs);
    ockam_buf_deinit(&message);
    ockam_buf_deinit(&out);
}

/* In both roles, the initiator first. */
static void show(pair_t *p, ockam_slice_t payload, ockam_status_t expected)
{
    for (unsigned role = 0; role < 2; role++)
        show_with(p, channel_peer_options(&p->verifier, (ockam_role_t)role), payload, expected);
}

static void show_parts(pair_t *p, ockam_slice_t history, ockam_slice_t attestation, ockam_status_t expected)
{
    ockam_buf_t payload;

    channel_buf_init(&payload);
    channel_payload(&payload, history, attestation, NULL, 0);
    show(p, ockam_buf_view(&payload), expected);
    ockam_buf_deinit(&payload);
}

static void show_attestation(pair_t *p, const channel_attestation_t *said, ockam_status_t expected)
{
    ockam_buf_t attestation;

    channel_buf_init(&attestation);
    channel_attestation_sign(&p->prover, p->prover.signing_key, said, &attestation);
    show_parts(p, channel_peer_history(&p->prover), ockam_buf_view(&attestation), expected);
    ockam_buf_deinit(&attestation);
}

static void own_payload(channel_peer_t *peer, ockam_buf_t *out)
{
    channel_buf_init(out);
    channel_payload(out, channel_peer_history(peer), channel_peer_attestation(peer), NULL, 0);
}

/* A rotation deletes the secret key from the vault; this brings it back, as somebody who stole it would have it. */
static ockam_key_id_t rotate_and_keep_key(channel_peer_t *peer)
{
    ockam_secret_t secret = {.len = 0};
    ockam_key_id_t key    = OCKAM_KEY_ID_NONE;

    assert_ok(ockam_vault_export(peer->vault, peer->signing_key, &secret, NULL));
    assert_ok(ockam_identity_rotate(peer->identity, CHANNEL_NOW - 50, NULL, NULL));
    assert_ok(ockam_vault_import_signing_key(peer->vault, OCKAM_ED25519, &secret, OCKAM_EPHEMERAL, &key, NULL));
    ockam_secret_deinit(&secret);
    return key;
}

static void copy(ockam_buf_t *to, ockam_slice_t from)
{
    channel_buf_init(to);
    assert_ok(ockam_buf_append(to, from, NULL));
}

/* ---- V1 ------------------------------------------------------------------------------------------------------------ */

static void the_right_payload_passes(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload;

    pair_start(&p);
    own_payload(&p.prover, &payload);
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    ockam_buf_deinit(&payload);
    pair_end(&p);
}

static void a_payload_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload;

    pair_start(&p);
    own_payload(&p.prover, &payload);
    for (size_t len = 0; len < payload.len; len++)
        show(&p, ockam_slice(payload.ptr, len), OCKAM_MALFORMED);
    ockam_buf_deinit(&payload);
    pair_end(&p);
}

static void a_fourth_element_and_bytes_behind_are_ignored(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload;

    pair_start(&p);
    own_payload(&p.prover, &payload);
    assert_ok(ockam_buf_append_byte(&payload, 0xff, NULL)); /* behind */
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    payload.ptr[0]               = 0x84;
    payload.ptr[payload.len - 1] = 0xf6; /* a fourth */
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    ockam_buf_deinit(&payload);
    pair_end(&p);
}

static void payloads_of_another_shape_are_refused(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "",                   /* nothing */
        "00",                 /* a number */
        "a0",                 /* a map */
        "a3010203",           /* a map of the right size, cut */
        "80",                 /* no elements */
        "5fff",               /* indefinite bytes */
        "838080f6",           /* no list of credentials */
        "83",                 /* cut */
        "9b7fffffffffffffff", /* more elements than there can be */
        "83808081",           /* a credential that is not there */
    };
    pair_t      p;
    ockam_buf_t deep;
    uint8_t     bytes[64];

    pair_start(&p);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        const size_t len = strlen(shapes[i]) / 2;
        assert_ok(ockam_hex_decode(ockam_slice_text(shapes[i]), bytes, len, NULL));
        show(&p, ockam_slice(bytes, len), OCKAM_MALFORMED);
    }
    channel_buf_init(&deep);
    for (unsigned i = 0; i < 10000; i++)
        assert_ok(ockam_buf_append_byte(&deep, 0x81, NULL));
    assert_ok(ockam_buf_append_byte(&deep, 0x80, NULL));
    show(&p, ockam_buf_view(&deep), OCKAM_LIMIT);
    ockam_buf_deinit(&deep);
    pair_end(&p);
}

static void a_payload_with_any_bit_flipped_is_refused(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload;

    pair_start(&p);
    own_payload(&p.prover, &payload);
    for (size_t bit = 0; bit < 8 * payload.len; bit++) {
        ockam_handshake_options_t options = channel_peer_options(&p.verifier, (ockam_role_t)(bit % 2));
        channel_puppet_t          puppet;
        ockam_handshake_t        *hs = NULL;
        ockam_buf_t               message, out;
        channel_buf_init(&message);
        channel_buf_init(&out);
        payload.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_ok(ockam_handshake_new(&options, &hs, NULL));
        channel_puppet_start(&puppet, &p.prover, (ockam_role_t)(1 - bit % 2));
        channel_puppet_message(&puppet, hs, ockam_buf_view(&payload), &message);
        assert_int_not_equal(ockam_handshake_receive(hs, ockam_buf_view(&message), CHANNEL_NOW, &out, NULL), OCKAM_OK);
        assert_int_equal(ockam_handshake_state(hs), OCKAM_HANDSHAKE_FAILED);
        assert_int_equal(out.len, 0);
        payload.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        channel_puppet_end(&puppet);
        ockam_handshake_free(hs);
        ockam_buf_deinit(&message);
        ockam_buf_deinit(&out);
    }
    assert_false(channel_peer_knows(&p.verifier, &p.prover));
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    ockam_buf_deinit(&payload);
    pair_end(&p);
}

/* ---- V2 to V4 -------------------------------------------------------------------------------------------------------- */

static void a_history_without_changes_is_refused(void **state)
{
    (void)state;
    static const uint8_t empty[] = {0x80};
    pair_t               p;

    pair_start(&p);
    show_parts(&p, ockam_slice(empty, 1), channel_peer_attestation(&p.prover), OCKAM_NOT_AUTHENTIC);
    pair_end(&p);
}

static void a_history_with_a_wrong_signature_is_refused(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t history;

    pair_start(&p);
    copy(&history, channel_peer_history(&p.prover));
    history.ptr[history.len - 1] ^= 1;
    show_parts(&p, ockam_buf_view(&history), channel_peer_attestation(&p.prover), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&history);
    pair_end(&p);
}

static void a_signature_of_another_type_than_the_key_is_refused(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t history;

    pair_start(&p);
    copy(&history, channel_peer_history(&p.prover));
    assert_int_equal(history.ptr[history.len - 64 - 4], 0x00); /* 82 00 81 58 40 <64> */
    history.ptr[history.len - 64 - 4] = 0x01;
    show_parts(&p, ockam_buf_view(&history), channel_peer_attestation(&p.prover), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&history);
    pair_end(&p);
}

static void p256_identities_pass(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload;

    channel_peer_start(&p.prover, OCKAM_P256, 100);
    channel_peer_start(&p.verifier, OCKAM_P256, 200);
    own_payload(&p.prover, &payload);
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    ockam_buf_deinit(&payload);
    pair_end(&p);
}

/* ---- V5 ---------------------------------------------------------------------------------------------------------------- */

static void a_newer_history_replaces_the_known_one_and_the_older_is_refused_from_then_on(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t before, after;

    pair_start(&p);
    own_payload(&p.prover, &before);
    show(&p, ockam_buf_view(&before), OCKAM_OK);
    assert_ok(ockam_identity_rotate(p.prover.identity, CHANNEL_NOW - 50, NULL, NULL));
    own_payload(&p.prover, &after);
    show(&p, ockam_buf_view(&after), OCKAM_OK);
    /* The old attestation names the old static key, so a puppet that still has it is needed for the true case; the history
     * is looked at first, and that is enough here. */
    show(&p, ockam_buf_view(&before), OCKAM_CONFLICT);
    show(&p, ockam_buf_view(&after), OCKAM_OK);
    ockam_buf_deinit(&before);
    ockam_buf_deinit(&after);
    pair_end(&p);
}

static void a_history_that_contradicts_the_known_one_is_refused(void **state)
{
    (void)state;
    pair_t            p;
    ockam_buf_t       original, first, second;
    ockam_identity_t *fork = NULL;

    pair_start(&p);
    copy(&original, channel_peer_history(&p.prover));
    const ockam_key_id_t old = rotate_and_keep_key(&p.prover);
    assert_ok(ockam_identity_import(p.prover.vault, ockam_buf_view(&original), &(ockam_identity_options_t){.key = old},
                                    &fork, NULL));
    own_payload(&p.prover, &first);
    show(&p, ockam_buf_view(&first), OCKAM_OK);
    assert_ok(ockam_identity_rotate(fork, CHANNEL_NOW - 40, NULL, NULL));
    ockam_identity_t *const honest = p.prover.identity;
    p.prover.identity              = fork;
    own_payload(&p.prover, &second);
    show(&p, ockam_buf_view(&second), OCKAM_CONFLICT);
    p.prover.identity = honest;
    show(&p, ockam_buf_view(&first), OCKAM_OK);
    ockam_identity_free(fork);
    ockam_buf_deinit(&original);
    ockam_buf_deinit(&first);
    ockam_buf_deinit(&second);
    pair_end(&p);
}

static ockam_status_t must_not_be_asked(void *context, const ockam_identifier_t *peer, ockam_error_t *err)
{
    (void)context;
    (void)peer;
    (void)err;
    fail_msg("the trust policy was asked");
    return OCKAM_DENIED;
}

static void the_trust_policy_is_asked_last(void **state)
{
    (void)state;
    pair_t                p;
    ockam_buf_t           before, payload, attestation;
    channel_attestation_t said;

    pair_start(&p);
    own_payload(&p.prover, &before);
    said              = channel_attestation_of(&p.prover);
    said.expires_at_s = CHANNEL_NOW - 1;
    channel_buf_init(&attestation);
    channel_attestation_sign(&p.prover, p.prover.signing_key, &said, &attestation);
    channel_buf_init(&payload);
    channel_payload(&payload, channel_peer_history(&p.prover), ockam_buf_view(&attestation), NULL, 0);
    for (unsigned role = 0; role < 2; role++) {
        ockam_handshake_options_t options = channel_peer_options(&p.verifier, (ockam_role_t)role);
        options.trust                     = ockam_trust_callback(must_not_be_asked, NULL);
        show_with(&p, options, ockam_buf_view(&payload), OCKAM_EXPIRED);
    }
    assert_ok(ockam_identities_update(p.verifier.store, p.verifier.vault, ockam_identity_history(p.prover.identity),
                                      NULL, NULL));
    assert_ok(ockam_identity_rotate(p.prover.identity, CHANNEL_NOW - 50, NULL, NULL));
    assert_ok(ockam_identities_update(p.verifier.store, p.verifier.vault, ockam_identity_history(p.prover.identity),
                                      NULL, NULL));
    for (unsigned role = 0; role < 2; role++) {
        ockam_handshake_options_t options = channel_peer_options(&p.verifier, (ockam_role_t)role);
        options.trust                     = ockam_trust_callback(must_not_be_asked, NULL);
        show_with(&p, options, ockam_buf_view(&before), OCKAM_CONFLICT);
    }
    ockam_buf_deinit(&before);
    ockam_buf_deinit(&payload);
    ockam_buf_deinit(&attestation);
    pair_end(&p);
}

/* ---- V6 to V10 ---------------------------------------------------------------------------------------------------------- */

static void an_attestation_made_by_hand_passes(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    const channel_attestation_t said = channel_attestation_of(&p.prover);
    show_attestation(&p, &said, OCKAM_OK);
    pair_end(&p);
}

static void an_attestation_of_another_version_or_type_is_refused(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    channel_attestation_t said = channel_attestation_of(&p.prover);
    said.version               = 2;
    show_attestation(&p, &said, OCKAM_MALFORMED);
    said.version   = 1;
    said.data_type = 1;
    show_attestation(&p, &said, OCKAM_MALFORMED);
    said.data_type = 3;
    show_attestation(&p, &said, OCKAM_MALFORMED);
    pair_end(&p);
}

static void an_attestation_of_another_identity_is_refused(void **state)
{
    (void)state;
    pair_t         p;
    channel_peer_t other;

    pair_start(&p);
    channel_peer_start(&other, OCKAM_ED25519, 300);
    show_parts(&p, channel_peer_history(&p.prover), channel_peer_attestation(&other), OCKAM_NOT_AUTHENTIC);
    /* Also one that the prover signed itself, and one that another signed about the prover. */
    channel_attestation_t said = channel_attestation_of(&p.prover);
    said.subject.bytes[0] ^= 1;
    show_attestation(&p, &said, OCKAM_NOT_AUTHENTIC);
    ockam_buf_t foreign;
    channel_buf_init(&foreign);
    said = channel_attestation_of(&p.prover);
    channel_attestation_sign(&other, other.signing_key, &said, &foreign);
    show_parts(&p, channel_peer_history(&p.prover), ockam_buf_view(&foreign), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&foreign);
    channel_peer_end(&other);
    pair_end(&p);
}

static void a_whole_payload_of_another_identity_is_refused(void **state)
{
    (void)state;
    pair_t         p;
    channel_peer_t other;
    ockam_buf_t    payload;

    pair_start(&p);
    channel_peer_start(&other, OCKAM_ED25519, 300);
    own_payload(&other, &payload);
    show(&p, ockam_buf_view(&payload), OCKAM_NOT_AUTHENTIC); /* it attests the other's key, not the one in use */
    assert_false(channel_peer_knows(&p.verifier, &other));
    ockam_buf_deinit(&payload);
    channel_peer_end(&other);
    pair_end(&p);
}

static void an_attestation_under_another_change_is_refused(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    channel_attestation_t said = channel_attestation_of(&p.prover);
    said.latest_hash[31] ^= 1;
    show_attestation(&p, &said, OCKAM_NOT_AUTHENTIC);
    pair_end(&p);
}

static void an_attestation_from_before_a_rotation_is_refused(void **state)
{
    (void)state;
    pair_t                p;
    ockam_buf_t           old;
    channel_attestation_t said;

    pair_start(&p);
    const ockam_key_id_t key = rotate_and_keep_key(&p.prover);
    said = channel_attestation_of(&p.prover); /* right in everything, but signed with the key from before */
    channel_buf_init(&old);
    channel_attestation_sign(&p.prover, key, &said, &old);
    show_parts(&p, channel_peer_history(&p.prover), ockam_buf_view(&old), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&old);
    pair_end(&p);
}

static void an_attestation_is_good_from_60_seconds_before_until_its_last_second(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    channel_attestation_t said = channel_attestation_of(&p.prover);
    said.expires_at_s          = CHANNEL_NOW - 1;
    show_attestation(&p, &said, OCKAM_EXPIRED);
    said.expires_at_s = CHANNEL_NOW;
    show_attestation(&p, &said, OCKAM_OK);
    said.expires_at_s = CHANNEL_NOW + 3600;
    said.created_at_s = CHANNEL_NOW + 60;
    show_attestation(&p, &said, OCKAM_OK);
    said.created_at_s = CHANNEL_NOW + 61;
    show_attestation(&p, &said, OCKAM_EXPIRED);
    pair_end(&p);
}

static void an_attestation_outside_the_life_of_its_key_is_refused(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    const ockam_change_history_t *history = ockam_identity_history(p.prover.identity);
    channel_attestation_t         said    = channel_attestation_of(&p.prover);
    said.created_at_s                     = ockam_change_history_valid_from_s(history);
    said.expires_at_s                     = ockam_change_history_valid_until_s(history);
    show_attestation(&p, &said, OCKAM_OK);
    said.expires_at_s++;
    show_attestation(&p, &said, OCKAM_NOT_AUTHENTIC);
    said.expires_at_s--;
    said.created_at_s--;
    show_attestation(&p, &said, OCKAM_NOT_AUTHENTIC);
    pair_end(&p);
}

static void an_attestation_with_a_wrong_signature_is_refused(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t attestation;

    pair_start(&p);
    copy(&attestation, channel_peer_attestation(&p.prover));
    attestation.ptr[attestation.len - 1] ^= 1;
    show_parts(&p, channel_peer_history(&p.prover), ockam_buf_view(&attestation), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&attestation);
    pair_end(&p);
}

static void an_attestation_of_another_static_key_is_refused(void **state)
{
    (void)state;
    pair_t p;

    pair_start(&p);
    for (unsigned i = 0; i < 32; i++) { /* all 32 bytes count */
        channel_attestation_t said = channel_attestation_of(&p.prover);
        said.x25519[i] ^= 0x80;
        show_attestation(&p, &said, OCKAM_NOT_AUTHENTIC);
    }
    pair_end(&p);
}

static void an_attestation_of_a_credential_key_is_refused(void **state)
{
    (void)state;
    pair_t         p;
    ockam_key_id_t key;
    ockam_slice_t  attestation;

    pair_start(&p);
    assert_ok(ockam_identity_credential_key(p.prover.identity, CHANNEL_NOW, &key, &attestation, NULL));
    ockam_buf_t kept;
    copy(&kept, attestation);
    show_parts(&p, channel_peer_history(&p.prover), ockam_buf_view(&kept), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&kept);
    pair_end(&p);
}

/* ---- the cache ------------------------------------------------------------------------------------------------------------ */

static void a_remembered_pair_is_still_checked_for_time_and_key(void **state)
{
    (void)state;
    pair_t      p;
    ockam_buf_t payload, attestation;

    pair_start(&p);
    assert_ok(ockam_verified_cache_new(ockam_allocator_malloc(), 8, &p.verifier.cache, NULL));
    channel_attestation_t said = channel_attestation_of(&p.prover);
    channel_buf_init(&payload);
    channel_buf_init(&attestation);
    channel_attestation_sign(&p.prover, p.prover.signing_key, &said, &attestation);
    channel_payload(&payload, channel_peer_history(&p.prover), ockam_buf_view(&attestation), NULL, 0);
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    show(&p, ockam_buf_view(&payload), OCKAM_OK);
    assert_int_equal(ockam_verified_cache_misses(p.verifier.cache), 1);
    assert_int_equal(ockam_verified_cache_hits(p.verifier.cache), 3);
    /* The same bytes, shown by somebody who does not hold the key. */
    channel_peer_t       thief;
    const channel_peer_t honest = p.prover;
    channel_peer_start(&thief, OCKAM_ED25519, 400);
    p.prover.vault    = thief.vault;
    p.prover.identity = thief.identity;
    show(&p, ockam_buf_view(&payload), OCKAM_NOT_AUTHENTIC);
    p.prover.vault    = honest.vault;
    p.prover.identity = honest.identity;
    channel_peer_end(&thief);
    /* A signature that differs in one bit is another pair. */
    payload.ptr[payload.len - 2] ^= 1;
    show(&p, ockam_buf_view(&payload), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&payload);
    ockam_buf_deinit(&attestation);
    pair_end(&p);
}

/* ---- V12 ------------------------------------------------------------------------------------------------------------------- */

#define REPORTS_MAX 16u

typedef struct {
    ockam_status_t status[REPORTS_MAX];
    size_t         count;
} reports_t;

static void note_report(void *context, const ockam_credential_report_t *report)
{
    reports_t *reports = context;

    assert_int_equal(report->index, reports->count);
    assert_int_equal(report->status == OCKAM_OK, report->err == NULL);
    if (report->status == OCKAM_OK)
        assert_non_null(report->credential);
    if (report->err != NULL)
        assert_int_equal(report->err->status, report->status);
    assert_true(reports->count < REPORTS_MAX);
    reports->status[reports->count++] = report->status;
}

static void issue(channel_peer_t *issuer, const ockam_change_history_t *subject, const char *value, uint64_t now_s,
                  uint64_t ttl_s, ockam_buf_t *out)
{
    const ockam_attribute_t role = {ockam_slice_text("role"), ockam_slice_text(value)};

    channel_buf_init(out);
    assert_ok(ockam_credential_issue(issuer->identity, subject, &role, 1, OCKAM_SCHEMA_PROJECT_MEMBER, now_s, ttl_s,
                                     out, NULL));
}

/* What the verifier holds about the prover; NULL: nothing. */
static void assert_role(pair_t *p, channel_peer_t *issuer, const char *value)
{
    ockam_stored_attributes_t stored;
    ockam_slice_t             found;
    ockam_buf_t               buf;

    channel_buf_init(&buf);
    const ockam_status_t s = ockam_attributes_load(p->verifier.store, ockam_identity_identifier(p->prover.identity),
                                                   ockam_identity_identifier(issuer->identity), CHANNEL_NOW, &buf,
                                                   &stored, NULL);
    if (value == NULL) {
        assert_status(s, OCKAM_NOT_FOUND);
    } else {
        assert_ok(s);
        assert_true(ockam_attributes_find(stored.attributes, ockam_slice_text("role"), &found));
        assert_slice_equal(found, ockam_slice_text(value));
    }
    ockam_buf_deinit(&buf);
}

/* Show these credentials to a responder that accepts `issuer` (NULL: nobody). */
static void show_credentials(pair_t *p, channel_peer_t *issuer, const ockam_slice_t *credentials, size_t count,
                             reports_t *reports)
{
    ockam_handshake_options_t options = channel_peer_options(&p->verifier, OCKAM_RESPONDER);
    ockam_buf_t               payload;

    memset(reports, 0, sizeof(*reports));
    options.authority          = issuer != NULL ? ockam_identity_history(issuer->identity) : NULL;
    options.on_credential      = note_report;
    options.credential_context = reports;
    channel_buf_init(&payload);
    channel_payload(&payload, channel_peer_history(&p->prover), channel_peer_attestation(&p->prover), credentials,
                    count);
    show_with(p, options, ockam_buf_view(&payload), OCKAM_OK);
    ockam_buf_deinit(&payload);
}

static void one_credential(const char *what, uint64_t made_s, uint64_t ttl_s, bool own_subject, bool right_issuer,
                           int flip_from_end, ockam_status_t expected)
{
    pair_t         p;
    channel_peer_t issuer, other;
    ockam_buf_t    credential;
    reports_t      reports;

    pair_start(&p);
    channel_peer_start(&issuer, OCKAM_ED25519, 500);
    channel_peer_start(&other, OCKAM_ED25519, 600);
    issue(right_issuer ? &issuer : &other,
          ockam_identity_history(own_subject ? p.prover.identity : p.verifier.identity), "member", made_s, ttl_s,
          &credential);
    if (flip_from_end > 0)
        credential.ptr[credential.len - (size_t)flip_from_end] ^= 1;
    const ockam_slice_t presented = ockam_buf_view(&credential);
    show_credentials(&p, &issuer, &presented, 1, &reports);
    assert_int_equal(reports.count, 1);
    if (reports.status[0] != expected)
        fail_msg("%s: %s", what, ockam_status_name(reports.status[0]));
    assert_role(&p, &issuer, expected == OCKAM_OK ? "member" : NULL);
    ockam_buf_deinit(&credential);
    channel_peer_end(&issuer);
    channel_peer_end(&other);
    pair_end(&p);
}

static void credentials_are_looked_at_and_never_end_a_handshake(void **state)
{
    (void)state;
    one_credential("good", CHANNEL_NOW, 100, true, true, 0, OCKAM_OK);
    one_credential("a minute early", CHANNEL_NOW + 60, 100, true, true, 0, OCKAM_OK);
    one_credential("too early", CHANNEL_NOW + 61, 100, true, true, 0, OCKAM_EXPIRED);
    one_credential("expired", CHANNEL_NOW - 101, 100, true, true, 0, OCKAM_EXPIRED);
    one_credential("about somebody else", CHANNEL_NOW, 100, false, true, 0, OCKAM_NOT_AUTHENTIC);
    one_credential("of another issuer", CHANNEL_NOW, 100, true, false, 0, OCKAM_DENIED);
    one_credential("attestation signature", CHANNEL_NOW, 100, true, true, 1, OCKAM_NOT_AUTHENTIC);
}

static void without_an_authority_no_credential_counts(void **state)
{
    (void)state;
    pair_t         p;
    channel_peer_t issuer;
    ockam_buf_t    credential;
    reports_t      reports;

    pair_start(&p);
    channel_peer_start(&issuer, OCKAM_ED25519, 500);
    issue(&issuer, ockam_identity_history(p.prover.identity), "member", CHANNEL_NOW, 100, &credential);
    const ockam_slice_t presented = ockam_buf_view(&credential);
    show_credentials(&p, NULL, &presented, 1, &reports);
    assert_int_equal(reports.count, 1);
    assert_status(reports.status[0], OCKAM_DENIED);
    assert_role(&p, &issuer, NULL);
    ockam_buf_deinit(&credential);
    channel_peer_end(&issuer);
    pair_end(&p);
}

static void of_several_credentials_the_last_good_one_counts(void **state)
{
    (void)state;
    static const uint8_t junk[] = {0x82, 0x01, 0x02};
    pair_t               p;
    channel_peer_t       issuer;
    ockam_buf_t          first, second;
    reports_t            reports;

    pair_start(&p);
    channel_peer_start(&issuer, OCKAM_ED25519, 500);
    issue(&issuer, ockam_identity_history(p.prover.identity), "first", CHANNEL_NOW, 100, &first);
    issue(&issuer, ockam_identity_history(p.prover.identity), "second", CHANNEL_NOW, 100, &second);
    const ockam_slice_t good_bad[] = {ockam_buf_view(&first), ockam_slice(junk, sizeof(junk))};
    show_credentials(&p, &issuer, good_bad, 2, &reports);
    assert_int_equal(reports.count, 2);
    assert_status(reports.status[0], OCKAM_OK);
    assert_status(reports.status[1], OCKAM_MALFORMED);
    assert_role(&p, &issuer, "first");
    const ockam_slice_t both[] = {ockam_buf_view(&first), ockam_buf_view(&second)};
    show_credentials(&p, &issuer, both, 2, &reports);
    assert_role(&p, &issuer, "second");
    ockam_buf_deinit(&first);
    ockam_buf_deinit(&second);
    channel_peer_end(&issuer);
    pair_end(&p);
}

static void no_more_credentials_than_the_limit_are_looked_at(void **state)
{
    (void)state;
    pair_t         p;
    channel_peer_t issuer;
    ockam_buf_t    credential;
    ockam_slice_t  many[OCKAM_CREDENTIALS_MAX + 1];
    reports_t      reports;

    pair_start(&p);
    channel_peer_start(&issuer, OCKAM_ED25519, 500);
    issue(&issuer, ockam_identity_history(p.prover.identity), "member", CHANNEL_NOW, 100, &credential);
    for (size_t i = 0; i < OCKAM_CREDENTIALS_MAX + 1; i++)
        many[i] = ockam_buf_view(&credential);
    show_credentials(&p, &issuer, many, OCKAM_CREDENTIALS_MAX, &reports);
    assert_int_equal(reports.count, OCKAM_CREDENTIALS_MAX);
    show_credentials(&p, &issuer, many, OCKAM_CREDENTIALS_MAX + 1, &reports);
    assert_int_equal(reports.count, OCKAM_CREDENTIALS_MAX);
    ockam_buf_deinit(&credential);
    channel_peer_end(&issuer);
    pair_end(&p);
}

/* ---- new credentials on an open channel --------------------------------------------------------------------------------------- */

static void a_refresh_replaces_attributes_and_takes_a_newer_history(void **state)
{
    (void)state;
    pair_t                    p;
    channel_peer_t            issuer;
    ockam_buf_t               credential, older;
    reports_t                 reports = {.count = 0};
    ockam_credential_counts_t counts  = {0, 0};

    pair_start(&p);
    channel_peer_start(&issuer, OCKAM_ED25519, 500);
    const ockam_identifier_t      prover  = *ockam_identity_identifier(p.prover.identity);
    const ockam_refresh_options_t options = {.vault              = p.verifier.vault,
                                             .store              = p.verifier.store,
                                             .peer               = &prover,
                                             .authority          = ockam_identity_history(issuer.identity),
                                             .on_credential      = note_report,
                                             .credential_context = &reports};
    copy(&older, channel_peer_history(&p.prover));
    assert_ok(ockam_identity_rotate(p.prover.identity, CHANNEL_NOW - 50, NULL, NULL));
    issue(&issuer, ockam_identity_history(p.prover.identity), "refreshed", CHANNEL_NOW, 100, &credential);
    const ockam_slice_t presented = ockam_buf_view(&credential);
    assert_ok(
        ockam_refresh_verify(&options, channel_peer_history(&p.prover), &presented, 1, CHANNEL_NOW, &counts, NULL));
    assert_int_equal(counts.presented, 1);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(reports.count, 1);
    assert_role(&p, &issuer, "refreshed");
    assert_true(channel_peer_knows(&p.verifier, &p.prover));
    /* The older history, and another's. */
    assert_status(ockam_refresh_verify(&options, ockam_buf_view(&older), &presented, 1, CHANNEL_NOW, NULL, NULL),
                  OCKAM_CONFLICT);
    assert_status(ockam_refresh_verify(&options, channel_peer_history(&issuer), &presented, 1, CHANNEL_NOW, NULL, NULL),
                  OCKAM_NOT_AUTHENTIC);
    assert_false(channel_peer_knows(&p.verifier, &issuer));
    assert_int_equal(reports.count, 1); /* their credentials were not looked at */
    ockam_buf_deinit(&credential);
    ockam_buf_deinit(&older);
    channel_peer_end(&issuer);
    pair_end(&p);
}

static void a_refresh_needs_a_vault_and_a_peer(void **state)
{
    (void)state;
    pair_t                  p;
    ockam_refresh_options_t options = {.vault = NULL};

    pair_start(&p);
    options.peer = ockam_identity_identifier(p.prover.identity);
    assert_status(ockam_refresh_verify(&options, channel_peer_history(&p.prover), NULL, 0, CHANNEL_NOW, NULL, NULL),
                  OCKAM_INVALID);
    options = (ockam_refresh_options_t){.vault = p.verifier.vault};
    assert_status(ockam_refresh_verify(&options, channel_peer_history(&p.prover), NULL, 0, CHANNEL_NOW, NULL, NULL),
                  OCKAM_INVALID);
    options.peer = ockam_identity_identifier(p.prover.identity);
    assert_ok(ockam_refresh_verify(&options, channel_peer_history(&p.prover), NULL, 0, CHANNEL_NOW, NULL, NULL));
    pair_end(&p);
}

/* The published message, encoded by the other implementation. Its issuer is known by the credential's own attestation
 * only, so the credential's signature is checked here and not by way of an authority. */
static void the_published_refresh_decodes_and_verifies(void **state)
{
    (void)state;
    vectors_t              *v       = vectors_open("secure_channel.json");
    const json_t           *entry   = vectors_get(v, vectors_root(v), "padded_message_refresh_credentials");
    const json_t           *derived = vectors_get(v, entry, "derived_by_us");
    static ockam_route_t    onward, back;
    ockam_wire_padded_t     padded;
    pair_t                  p;
    ockam_identifier_t      subject, issuer, found;
    ockam_change_history_t *history = NULL;

    pair_start(&p);
    assert_ok(ockam_wire_padded_decode(vectors_hex(v, entry, "cbor"), &padded, &onward, &back, NULL));
    assert_int_equal(padded.kind, OCKAM_PADDED_REFRESH_CREDENTIALS);
    assert_int_equal(padded.credential_count, 1);
    assert_ok(
        ockam_identifier_parse(ockam_slice_text(vectors_string(v, derived, "subject_identifier")), &subject, NULL));
    assert_ok(ockam_identifier_parse(ockam_slice_text(vectors_string(v, derived, "issuer_identifier")), &issuer, NULL));
    assert_ok(ockam_credential_issuer(padded.credentials[0], &found, NULL));
    assert_memory_equal(&found, &issuer, sizeof(issuer));
    const ockam_refresh_options_t options = {.vault = p.verifier.vault, .store = p.verifier.store, .peer = &subject};
    assert_ok(ockam_refresh_verify(&options, padded.change_history, padded.credentials, 1, 1704764370, NULL, NULL));
    assert_ok(ockam_identities_load(p.verifier.store, p.verifier.vault, &subject, &history, NULL));
    ockam_change_history_free(history);

    /* [ [data, [0, [signature]]], attestation ] */
    ockam_reader_t     r = ockam_reader(padded.credentials[0]);
    ockam_cbor_items_t items;
    ockam_slice_t      data;
    uint64_t           variant;
    uint8_t            hash[OCKAM_SHA256_BYTES];
    ockam_public_key_t key       = {.type = OCKAM_ED25519};
    ockam_signature_t  signature = {.type = OCKAM_ED25519};
    assert_ok(ockam_cbor_enter_array(&r, &items, NULL));
    assert_true(ockam_cbor_next(&r, &items));
    assert_ok(ockam_cbor_enter_array(&r, &items, NULL));
    assert_true(ockam_cbor_next(&r, &items));
    assert_ok(ockam_cbor_read_bytes(&r, &data, NULL));
    assert_true(ockam_cbor_next(&r, &items));
    assert_ok(ockam_cbor_enter_variant(&r, &variant, &items, NULL));
    assert_int_equal(variant, OCKAM_ED25519);
    assert_true(ockam_cbor_next(&r, &items));
    assert_ok(ockam_cbor_read_bytes_exact(&r, signature.bytes, sizeof(signature.bytes), NULL));
    memcpy(key.bytes, vectors_hex(v, derived, "issuer_purpose_key").ptr, 32);
    ockam_vault_sha256(p.verifier.vault, data, ockam_slice(NULL, 0), hash);
    assert_ok(ockam_vault_verify(p.verifier.vault, &key, ockam_slice(hash, sizeof(hash)), &signature, NULL));
    pair_end(&p);
    vectors_close(v);
}

static void the_refresh_of_the_vectors_is_accepted(void **state)
{
    (void)state;
    vectors_t                *v    = vectors_open("secure_channel.json");
    const json_t             *run  = vectors_get(v, vectors_root(v), "full_handshake_with_identities");
    const json_t             *cbor = vectors_get(v, vectors_root(v), "refresh_credentials_derived");
    static ockam_route_t      onward, back;
    ockam_wire_padded_t       padded;
    ockam_identifier_t        alice;
    ockam_change_history_t   *authority = NULL;
    ockam_credential_counts_t counts    = {0, 0};
    pair_t                    p;

    pair_start(&p);
    assert_ok(ockam_wire_padded_decode(vectors_hex(v, cbor, "cbor"), &padded, &onward, &back, NULL));
    assert_ok(ockam_change_history_verify(
        p.verifier.vault, vectors_hex(v, vectors_get(v, run, "authority"), "change_history"), NULL, &authority, NULL));
    assert_ok(ockam_identifier_parse(ockam_slice_text(vectors_string(v, vectors_get(v, run, "alice"), "identifier")),
                                     &alice, NULL));
    const ockam_refresh_options_t options = {
        .vault = p.verifier.vault, .store = p.verifier.store, .peer = &alice, .authority = authority};
    assert_ok(ockam_refresh_verify(&options, padded.change_history, padded.credentials, padded.credential_count,
                                   1700000100, &counts, NULL));
    assert_int_equal(counts.accepted, 1);
    ockam_change_history_free(authority);
    pair_end(&p);
    vectors_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_payload_passes),
        cmocka_unit_test(a_payload_cut_at_any_byte_is_refused),
        cmocka_unit_test(a_fourth_element_and_bytes_behind_are_ignored),
        cmocka_unit_test(payloads_of_another_shape_are_refused),
        cmocka_unit_test(a_payload_with_any_bit_flipped_is_refused),
        cmocka_unit_test(a_history_without_changes_is_refused),
        cmocka_unit_test(a_history_with_a_wrong_signature_is_refused),
        cmocka_unit_test(a_signature_of_another_type_than_the_key_is_refused),
        cmocka_unit_test(p256_identities_pass),
        cmocka_unit_test(a_newer_history_replaces_the_known_one_and_the_older_is_refused_from_then_on),
        cmocka_unit_test(a_history_that_contradicts_the_known_one_is_refused),
        cmocka_unit_test(the_trust_policy_is_asked_last),
        cmocka_unit_test(an_attestation_made_by_hand_passes),
        cmocka_unit_test(an_attestation_of_another_version_or_type_is_refused),
        cmocka_unit_test(an_attestation_of_another_identity_is_refused),
        cmocka_unit_test(a_whole_payload_of_another_identity_is_refused),
        cmocka_unit_test(an_attestation_under_another_change_is_refused),
        cmocka_unit_test(an_attestation_from_before_a_rotation_is_refused),
        cmocka_unit_test(an_attestation_is_good_from_60_seconds_before_until_its_last_second),
        cmocka_unit_test(an_attestation_outside_the_life_of_its_key_is_refused),
        cmocka_unit_test(an_attestation_with_a_wrong_signature_is_refused),
        cmocka_unit_test(an_attestation_of_another_static_key_is_refused),
        cmocka_unit_test(an_attestation_of_a_credential_key_is_refused),
        cmocka_unit_test(a_remembered_pair_is_still_checked_for_time_and_key),
        cmocka_unit_test(credentials_are_looked_at_and_never_end_a_handshake),
        cmocka_unit_test(without_an_authority_no_credential_counts),
        cmocka_unit_test(of_several_credentials_the_last_good_one_counts),
        cmocka_unit_test(no_more_credentials_than_the_limit_are_looked_at),
        cmocka_unit_test(a_refresh_replaces_attributes_and_takes_a_newer_history),
        cmocka_unit_test(a_refresh_needs_a_vault_and_a_peer),
        cmocka_unit_test(the_published_refresh_decodes_and_verifies),
        cmocka_unit_test(the_refresh_of_the_vectors_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
