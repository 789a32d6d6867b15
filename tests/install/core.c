/* SPDX-License-Identifier: Apache-2.0
 *
 * core.c - the core without an operating system behind it: both ends of a handshake in one program, which carries their
 * messages itself. */
#include <ockam/handshake.h>
#include <stdio.h>

#define NOW_S 1700000000u

typedef struct {
    ockam_vault_t     *vault;
    ockam_identity_t  *identity;
    ockam_handshake_t *handshake;
    ockam_buf_t        out;
} end_t;

static ockam_status_t start(end_t *end, ockam_role_t role, ockam_error_t *err)
{
    const ockam_provider_t *const providers[] = {ockam_provider_sodium(), ockam_provider_openssl(), NULL};
    const ockam_vault_options_t   vault       = {.allocator = ockam_allocator_malloc(), .providers = providers};

    ockam_buf_init(&end->out, ockam_allocator_malloc(), OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX);
    OCKAM_TRY(err, ockam_vault_new(&vault, &end->vault, err), "vault");
    OCKAM_TRY(err, ockam_identity_create(end->vault, NOW_S, NULL, &end->identity, err), "identity");
    const ockam_handshake_options_t options = {
        .role = role, .vault = end->vault, .identity = end->identity, .trust = OCKAM_TRUST_EVERYONE};
    OCKAM_TRY(err, ockam_handshake_new(&options, &end->handshake, err), "handshake");
    return ockam_handshake_start(end->handshake, NOW_S, &end->out, err);
}

static ockam_status_t deliver(end_t *from, end_t *to, ockam_error_t *err)
{
    const ockam_status_t s = ockam_handshake_receive(to->handshake, ockam_buf_view(&from->out), NOW_S, &to->out, err);

    ockam_buf_truncate(&from->out, 0);
    return s;
}

static ockam_status_t run(end_t *alice, end_t *bob, ockam_error_t *err)
{
    OCKAM_TRY(err, start(bob, OCKAM_RESPONDER, err), "bob");
    OCKAM_TRY(err, start(alice, OCKAM_INITIATOR, err), "alice");
    while (alice->out.len > 0 || bob->out.len > 0)
        OCKAM_TRY(err, alice->out.len > 0 ? deliver(alice, bob, err) : deliver(bob, alice, err), "message");
    return ockam_handshake_state(alice->handshake) == OCKAM_HANDSHAKE_READY &&
                   ockam_handshake_state(bob->handshake) == OCKAM_HANDSHAKE_READY
               ? OCKAM_OK
               : ockam_fail(err, OCKAM_INTERNAL, "not ready");
}

static void finish(end_t *end)
{
    ockam_handshake_free(end->handshake);
    ockam_identity_free(end->identity);
    ockam_buf_deinit(&end->out);
    ockam_vault_free(end->vault);
}

int main(void)
{
    end_t                alice = {0}, bob = {0};
    ockam_error_t        err = {0};
    char                 text[500];
    const ockam_status_t s = run(&alice, &bob, &err);

    if (s == OCKAM_OK) {
        printf("Hello Ockam!\n");
    } else {
        (void)ockam_error_text(&err, text, sizeof(text));
        fprintf(stderr, "core: %s\n", text);
    }
    finish(&alice);
    finish(&bob);
    return s == OCKAM_OK ? 0 : 1;
}
