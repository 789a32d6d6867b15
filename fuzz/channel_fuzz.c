/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_fuzz.c - see channel_fuzz.h. */
#include "channel_fuzz.h"

#include <assert.h>
#include <stdlib.h>

#include "channel/identity_payload.h"

static uint64_t random_state;

/* Not random at all, which is the point: begin() sets it back. */
static ockam_status_t fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        out[i]       = (uint8_t)(random_state >> 56);
    }
    return OCKAM_OK;
}

static void must(ockam_status_t s)
{
    if (s != OCKAM_OK)
        abort();
}

static void make_world(ockam_vault_t **vault, ockam_identity_t *identities[2])
{
    const ockam_provider_t *const providers[] = {ockam_provider_sodium(), ockam_provider_openssl(), NULL};
    const ockam_vault_options_t   options     = {
              .allocator = ockam_allocator_malloc(), .providers = providers, .random = fill};

    random_state = 1;
    must(ockam_vault_new(&options, vault, NULL));
    for (unsigned i = 0; i < 2; i++)
        must(ockam_identity_create(*vault, IDENTITY_FUZZ_NOW - 100, NULL, &identities[i], NULL));
}

void channel_fuzz_begin(channel_fuzz_t *f, ockam_role_t tested)
{
    static const uint8_t     no_key[OCKAM_NOISE_KEY_BYTES];
    static ockam_vault_t    *vault;
    static ockam_identity_t *identities[2];
    ockam_slice_t            attestation;

    if (vault == NULL)
        make_world(&vault, identities);
    memset(f, 0, sizeof(*f));
    f->vault           = vault;
    f->tested_identity = identities[0];
    f->other_identity  = identities[1];
    ockam_buf_init(&f->payload, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    ockam_buf_init(&f->message, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    ockam_buf_init(&f->reply, ockam_allocator_malloc(), CHANNEL_FUZZ_MESSAGE_MAX);
    must(ockam_store_memory(ockam_allocator_malloc(), &f->store, NULL));
    f->tools.vault = vault;
    must(ockam_aead_new(vault, ockam_noise_xx_suite.aead, no_key, &f->tools.aead, NULL));
    ockam_noise_start(&f->xx.noise, &f->tools, &ockam_noise_xx_suite);
    must(ockam_identity_secure_channel_key(f->other_identity, IDENTITY_FUZZ_NOW, &f->xx.s, &attestation, NULL));
    must(ockam_vault_x25519_public(vault, f->xx.s, f->xx.s_public, NULL));
    must(ockam_identity_payload_encode(ockam_change_history_view(ockam_identity_history(f->other_identity)),
                                       attestation, ockam_slice(NULL, 0), &f->payload, NULL));
    random_state = 2; /* from here on the same for every input */
    must(ockam_vault_generate_x25519(vault, OCKAM_EPHEMERAL, &f->xx.e, NULL));
    must(ockam_vault_x25519_public(vault, f->xx.e, f->xx.e_public, NULL));
    const ockam_handshake_options_t options = {
        .role      = tested,
        .vault     = vault,
        .identity  = f->tested_identity,
        .trust     = OCKAM_TRUST_EVERYONE,
        .store     = f->store,
        .authority = ockam_identity_history(identity_fuzz_authority()),
    };
    must(ockam_handshake_new(&options, &f->tested, NULL));
}

void channel_fuzz_end(channel_fuzz_t *f)
{
    ockam_handshake_free(f->tested);
    ockam_vault_forget(f->vault, f->xx.e);
    ockam_aead_free(f->tools.aead);
    ockam_store_free(f->store);
    ockam_buf_deinit(&f->payload);
    ockam_buf_deinit(&f->message);
    ockam_buf_deinit(&f->reply);
}

static size_t position(identity_fuzz_input_t *in, size_t below)
{
    const size_t high = identity_fuzz_byte(in);

    return (high << 8 | identity_fuzz_byte(in)) % below;
}

void channel_fuzz_mutate(identity_fuzz_input_t *in, ockam_buf_t *data)
{
    const unsigned how = identity_fuzz_byte(in);

    for (unsigned i = 0; i < how % 4 && data->len > 0; i++) {
        const size_t at = position(in, data->len);
        data->ptr[at]   = identity_fuzz_byte(in);
    }
    if (how & 64u)
        ockam_buf_truncate(data, position(in, data->len + 1));
    if (how & 128u)
        must(ockam_buf_append(data, ockam_slice(in->ptr, in->len < 16 ? in->len : 16), NULL));
}

static bool knows_other(channel_fuzz_t *f)
{
    ockam_change_history_t *history = NULL;
    const ockam_status_t    s = ockam_identities_load(f->store, f->vault, ockam_identity_identifier(f->other_identity),
                                                      &history, NULL);

    ockam_change_history_free(history);
    return s == OCKAM_OK;
}

void channel_fuzz_feed_forgery(channel_fuzz_t *f, ockam_slice_t in)
{
    const ockam_handshake_state_t before = ockam_handshake_state(f->tested);
    const size_t                  len    = f->reply.len;
    const ockam_status_t          s      = ockam_handshake_receive(f->tested, in, IDENTITY_FUZZ_NOW, &f->reply, NULL);

    assert(s == OCKAM_MALFORMED || s == OCKAM_NOT_AUTHENTIC || s == OCKAM_LIMIT);
    assert(ockam_handshake_state(f->tested) == before);
    assert(f->reply.len == len);
    assert(!knows_other(f));
}

void channel_fuzz_feed_payload(channel_fuzz_t *f, bool right)
{
    const ockam_status_t          s = ockam_handshake_receive(f->tested, ockam_buf_view(&f->message), IDENTITY_FUZZ_NOW,
                                                              &f->reply, NULL);
    const ockam_handshake_state_t state = ockam_handshake_state(f->tested);

    if (s == OCKAM_OK) {
        assert(state == OCKAM_HANDSHAKE_READY && knows_other(f));
        assert(ockam_identifier_equal(ockam_handshake_peer(f->tested), ockam_identity_identifier(f->other_identity)));
        return;
    }
    assert(!right);
    assert(state == OCKAM_HANDSHAKE_FAILED && f->reply.len == 0 && !knows_other(f));
    assert(ockam_handshake_peer(f->tested) == NULL);
}

bool channel_fuzz_same(const ockam_buf_t *a, ockam_slice_t b)
{
    return ockam_slice_equal(ockam_buf_view(a), b);
}
