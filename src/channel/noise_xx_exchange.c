/* SPDX-License-Identifier: Apache-2.0
 *
 * noise_xx_exchange.c - Noise XX as a key exchange: which message comes when, and identity payloads inside.
 * Protocol: docs/protocol/secure-channels.md, "Handshake messages". The only place that knows how many there are. */
#include "channel/noise_xx.h"
#include "ockam/key_exchange.h"

typedef enum {
    XX_INITIAL, /* zero: a fresh state */
    XX_WAIT_1,
    XX_WAIT_2,
    XX_WAIT_3,
    XX_ASK_2, /* message 2 is read and its sender proven; is he trusted? */
    XX_ASK_3,
    XX_READY,
    XX_FAILED, /* has no row: whatever follows is out of order */
    XX_STATES
} xx_state_t;

typedef enum { XX_ON_START, XX_ON_MESSAGE, XX_ON_TRUSTED, XX_EVENTS } xx_event_t;

typedef struct {
    xx_state_t                state;
    ockam_noise_xx_t          noise;
    ockam_aead_t             *aead; /* scratch of every step */
    ockam_key_exchange_keys_t keys; /* in READY */
} xx_t;

/* One event under way. Steps work on the copy `noise`, so that what they did can be dropped. */
typedef struct {
    ockam_handshake_t  *hs;
    xx_t               *xx;
    ockam_noise_tools_t tools;
    ockam_noise_xx_t    noise;
    ockam_slice_t       in;
    ockam_buf_t        *out;
    bool                authentic; /* `in` is the peer's: from here on a failure is final */
} xx_step_t;

typedef ockam_status_t step_fn(xx_step_t *step, ockam_error_t *err);

static step_fn send_1, await_1, read_1_send_2, read_2_send_3, read_3, send_3, finish;

/* clang-format off */
/* `ask`: where a step goes whose answer from the trust policy comes later. An empty cell is an illegal event. */
static const struct rule {
    step_fn   *step;
    xx_state_t next, ask;
} rules[2][XX_STATES][XX_EVENTS] = {
    [OCKAM_INITIATOR] = {
        [XX_INITIAL] = {[XX_ON_START]   = {send_1,        XX_WAIT_2, XX_FAILED}},
        [XX_WAIT_2]  = {[XX_ON_MESSAGE] = {read_2_send_3, XX_READY,  XX_ASK_2}},
        [XX_ASK_2]   = {[XX_ON_TRUSTED] = {send_3,        XX_READY,  XX_FAILED}},
    },
    [OCKAM_RESPONDER] = {
        [XX_INITIAL] = {[XX_ON_START]   = {await_1,       XX_WAIT_1, XX_FAILED}},
        [XX_WAIT_1]  = {[XX_ON_MESSAGE] = {read_1_send_2, XX_WAIT_3, XX_FAILED}},
        [XX_WAIT_3]  = {[XX_ON_MESSAGE] = {read_3,        XX_READY,  XX_ASK_3}},
        [XX_ASK_3]   = {[XX_ON_TRUSTED] = {finish,        XX_READY,  XX_FAILED}},
    },
};
/* clang-format on */

/* ---- steps ------------------------------------------------------------------------------------------------------ */

/* Fresh for each handshake. */
static ockam_status_t make_e(xx_step_t *step, ockam_error_t *err)
{
    OCKAM_TRY(err, ockam_vault_generate_x25519(step->tools.vault, OCKAM_EPHEMERAL, &step->xx->noise.e, err), "e");
    step->noise.e = step->xx->noise.e; /* in the state at once: wiping the state forgets it */
    OCKAM_TRY(err, ockam_vault_x25519_public(step->tools.vault, step->noise.e, step->noise.e_public, err), "e");
    return OCKAM_OK;
}

static ockam_status_t await_1(xx_step_t *step, ockam_error_t *err)
{
    static const uint8_t no_key[OCKAM_NOISE_KEY_BYTES];

    OCKAM_TRY(err, ockam_aead_new(step->tools.vault, ockam_noise_xx_suite.aead, no_key, &step->xx->aead, err), "aead");
    step->tools.aead = step->xx->aead;
    ockam_noise_start(&step->noise.noise, &step->tools, &ockam_noise_xx_suite);
    step->noise.s = ockam_key_exchange_static_key(step->hs);
    memcpy(step->noise.s_public, ockam_key_exchange_static_public(step->hs), sizeof(step->noise.s_public));
    return make_e(step, err);
}

static ockam_status_t send_1(xx_step_t *step, ockam_error_t *err)
{
    OCKAM_TRY(err, await_1(step, err), "start");
    OCKAM_TRY(err, ockam_noise_xx_write_1(&step->noise, &step->tools, ockam_slice(NULL, 0), step->out, err),
              "message 1");
    return OCKAM_OK;
}

static ockam_status_t read_1_send_2(xx_step_t *step, ockam_error_t *err)
{
    ockam_buf_t    payload; /* hashed, and otherwise ignored */
    ockam_status_t s;

    ockam_buf_init(&payload, ockam_vault_allocator(step->tools.vault), OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    s = ockam_noise_xx_read_1(&step->noise, &step->tools, step->in, &payload, err);
    ockam_buf_deinit(&payload);
    if (s != OCKAM_OK)
        return ockam_error_wrap(err, s, __func__, "message 1");
    OCKAM_TRY(err,
              ockam_noise_xx_write_2(&step->noise, &step->tools, ockam_key_exchange_payload(step->hs), step->out, err),
              "message 2");
    return OCKAM_OK;
}

/* k1 is the responder's to send with and k2 the initiator's: the reverse of the Noise specification. */
static ockam_status_t finish(xx_step_t *step, ockam_error_t *err)
{
    const bool     initiator = ockam_key_exchange_role(step->hs) == OCKAM_INITIATOR;
    ockam_secret_t keys      = {.len = 0};
    ockam_status_t s;

    if ((s = ockam_noise_split(&step->noise.noise, &step->tools, &keys, err)) == OCKAM_OK) {
        const uint8_t *const k1 = keys.bytes;
        const uint8_t *const k2 = keys.bytes + OCKAM_NOISE_KEY_BYTES;
        memcpy(step->xx->keys.send, initiator ? k2 : k1, OCKAM_NOISE_KEY_BYTES);
        memcpy(step->xx->keys.receive, initiator ? k1 : k2, OCKAM_NOISE_KEY_BYTES);
    }
    ockam_secret_deinit(&keys);
    return s;
}

static ockam_status_t send_3(xx_step_t *step, ockam_error_t *err)
{
    OCKAM_TRY(err,
              ockam_noise_xx_write_3(&step->noise, &step->tools, ockam_key_exchange_payload(step->hs), step->out, err),
              "message 3");
    return finish(step, err);
}

typedef ockam_status_t read_fn(ockam_noise_xx_t *xx, const ockam_noise_tools_t *tools, ockam_slice_t in,
                               ockam_buf_t *payload, ockam_error_t *err);

/* Read a message with an identity payload, and check it against the static key that the message authenticates. */
static ockam_status_t read_peer(xx_step_t *step, read_fn *read, const char *name, ockam_error_t *err)
{
    ockam_buf_t    payload;
    ockam_status_t s;

    ockam_buf_init(&payload, ockam_vault_allocator(step->tools.vault), OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    s = read(&step->noise, &step->tools, step->in, &payload, err);
    if (s == OCKAM_OK) {
        step->authentic = true;
        s               = ockam_key_exchange_check_peer(step->hs, ockam_buf_view(&payload), step->noise.rs, err);
    }
    ockam_buf_deinit(&payload);
    return s == OCKAM_OK || s == OCKAM_PENDING ? s : ockam_error_wrap(err, s, __func__, name);
}

/* The order matters: our identity leaves only after the responder is verified and trusted. */
static ockam_status_t read_2_send_3(xx_step_t *step, ockam_error_t *err)
{
    const ockam_status_t s = read_peer(step, ockam_noise_xx_read_2, "message 2", err);

    return s == OCKAM_OK ? send_3(step, err) : s;
}

static ockam_status_t read_3(xx_step_t *step, ockam_error_t *err)
{
    const ockam_status_t s = read_peer(step, ockam_noise_xx_read_3, "message 3", err);

    return s == OCKAM_OK ? finish(step, err) : s;
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

static void erase_handshake(xx_t *xx, ockam_handshake_t *hs)
{
    ockam_vault_forget(ockam_key_exchange_vault(hs), xx->noise.e);
    ockam_aead_free(xx->aead);
    xx->aead = NULL;
    ockam_wipe(&xx->noise, sizeof(xx->noise));
}

static void xx_wipe(void *state, ockam_handshake_t *hs)
{
    xx_t *const xx = (xx_t *)state;

    erase_handshake(xx, hs);
    ockam_wipe(xx, sizeof(*xx));
    xx->state = XX_FAILED;
}

static ockam_status_t dispatch(xx_t *xx, ockam_handshake_t *hs, xx_event_t event, ockam_slice_t in, ockam_buf_t *out,
                               ockam_error_t *err)
{
    const struct rule *rule = &rules[ockam_key_exchange_role(hs)][xx->state][event];
    xx_step_t          step = {.hs = hs, .xx = xx, .in = in, .out = out, .authentic = event == XX_ON_TRUSTED};
    ockam_status_t     s;

    if (rule->step == NULL)
        return ockam_fail(err, OCKAM_OUT_OF_ORDER, "state %d, event %d", (int)xx->state, (int)event);
    step.tools = (ockam_noise_tools_t){ockam_key_exchange_vault(hs), xx->aead};
    step.noise = xx->noise;
    s          = rule->step(&step, err);
    if (s == OCKAM_OK || s == OCKAM_PENDING) {
        xx->noise = step.noise;                             /* whole or not at all (U1) */
        xx->state = s == OCKAM_OK ? rule->next : rule->ask; /* the only line that advances it */
        if (xx->state == XX_READY)
            erase_handshake(xx, hs);
    } else if (step.authentic) {
        xx_wipe(xx, hs); /* the peer himself failed: no other message can mend that (U4) */
    }
    ockam_wipe(&step.noise, sizeof(step.noise));
    return s;
}

static ockam_status_t xx_start(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err)
{
    xx_t *const          xx = (xx_t *)state;
    const ockam_status_t s  = dispatch(xx, hs, XX_ON_START, ockam_slice(NULL, 0), out, err);

    if (s != OCKAM_OK)
        xx_wipe(xx, hs);
    return s;
}

static ockam_status_t xx_receive(void *state, ockam_handshake_t *hs, ockam_slice_t in, ockam_buf_t *out,
                                 ockam_error_t *err)
{
    return dispatch((xx_t *)state, hs, XX_ON_MESSAGE, in, out, err);
}

static ockam_status_t xx_resume(void *state, ockam_handshake_t *hs, ockam_buf_t *out, ockam_error_t *err)
{
    return dispatch((xx_t *)state, hs, XX_ON_TRUSTED, ockam_slice(NULL, 0), out, err);
}

static ockam_key_exchange_progress_t xx_progress(const void *state)
{
    static const ockam_key_exchange_progress_t progress[XX_STATES] = {
        [XX_INITIAL] = OCKAM_KEY_EXCHANGE_WAITING, [XX_WAIT_1] = OCKAM_KEY_EXCHANGE_WAITING,
        [XX_WAIT_2] = OCKAM_KEY_EXCHANGE_WAITING,  [XX_WAIT_3] = OCKAM_KEY_EXCHANGE_WAITING,
        [XX_ASK_2] = OCKAM_KEY_EXCHANGE_UNDECIDED, [XX_ASK_3] = OCKAM_KEY_EXCHANGE_UNDECIDED,
        [XX_READY] = OCKAM_KEY_EXCHANGE_READY,     [XX_FAILED] = OCKAM_KEY_EXCHANGE_FAILED,
    };

    return progress[((const xx_t *)state)->state];
}

static void xx_result(const void *state, ockam_key_exchange_keys_t *keys)
{
    *keys = ((const xx_t *)state)->keys;
}

const ockam_key_exchange_ops_t *ockam_noise_xx(void)
{
    static const ockam_key_exchange_ops_t ops = {
        .name       = "xx",
        .state_size = sizeof(xx_t),
        .start      = xx_start,
        .receive    = xx_receive,
        .resume     = xx_resume,
        .progress   = xx_progress,
        .result     = xx_result,
        .wipe       = xx_wipe,
    };
    return &ops;
}
