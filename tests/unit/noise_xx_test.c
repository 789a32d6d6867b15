/* SPDX-License-Identifier: Apache-2.0
 *
 * The generic Noise XX core: public vectors of several origins, then our own suite, then everything that must fail. */
#include "channel/noise_xx.h"

#include "channel_vault.h"
#include "ockam/limits.h"
#include "test.h"
#include "vectors.h"

#define MESSAGE_MAX OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX

/* Both ends of one handshake with known secrets. */
typedef struct {
    ockam_vault_t      *vault;
    ockam_noise_suite_t suite;
    ockam_noise_tools_t tools;
    ockam_noise_xx_t    end[2]; /* initiator, responder */
} pair_t;

typedef struct {
    ockam_slice_t s[2], e[2];
} secrets_t;

static void end_start(pair_t *p, unsigned i, const secrets_t *secrets)
{
    ockam_noise_xx_t *xx = &p->end[i];

    ockam_noise_start(&xx->noise, &p->tools, &p->suite);
    xx->s = channel_vault_x25519(p->vault, secrets->s[i], xx->s_public);
    xx->e = channel_vault_x25519(p->vault, secrets->e[i], xx->e_public);
}

static void pair_start(pair_t *p, ockam_noise_suite_t suite, const secrets_t *secrets)
{
    static const uint8_t no_key[OCKAM_NOISE_KEY_BYTES];

    memset(p, 0, sizeof(*p));
    p->suite       = suite;
    p->vault       = channel_vault(ockam_allocator_malloc(), NULL, NULL);
    p->tools.vault = p->vault;
    assert_ok(ockam_aead_new(p->vault, suite.aead, no_key, &p->tools.aead, NULL));
    end_start(p, 0, secrets);
    end_start(p, 1, secrets);
}

static void pair_end(pair_t *p)
{
    ockam_aead_free(p->tools.aead);
    ockam_vault_free(p->vault);
}

typedef ockam_status_t   message_fn(ockam_noise_xx_t *, const ockam_noise_tools_t *, ockam_slice_t, ockam_buf_t *,
                                    ockam_error_t *);
static message_fn *const writers[3] = {ockam_noise_xx_write_1, ockam_noise_xx_write_2, ockam_noise_xx_write_3};
static message_fn *const readers[3] = {ockam_noise_xx_read_1, ockam_noise_xx_read_2, ockam_noise_xx_read_3};

static unsigned writer_of(unsigned m)
{
    return m % 2;
}

/* Write message m (0 to 2), compare with `expected` if that is not empty, read it at the other end. */
static void pass(pair_t *p, unsigned m, ockam_slice_t payload, ockam_slice_t expected)
{
    ockam_buf_t message, read;

    ockam_buf_init(&message, ockam_allocator_malloc(), MESSAGE_MAX);
    ockam_buf_init(&read, ockam_allocator_malloc(), MESSAGE_MAX);
    assert_ok(writers[m](&p->end[writer_of(m)], &p->tools, payload, &message, NULL));
    if (expected.len > 0)
        assert_slice_equal(ockam_buf_view(&message), expected);
    assert_ok(readers[m](&p->end[1 - writer_of(m)], &p->tools, ockam_buf_view(&message), &read, NULL));
    assert_slice_equal(ockam_buf_view(&read), payload);
    assert_memory_equal(&p->end[0].noise, &p->end[1].noise, sizeof(p->end[0].noise.h));
    ockam_buf_deinit(&message);
    ockam_buf_deinit(&read);
}

static ockam_slice_t none(void)
{
    return ockam_slice(NULL, 0);
}

static ockam_noise_suite_t suite_of(const char *name, ockam_slice_t prologue)
{
    const ockam_noise_suite_t suite = {
        .name     = name,
        .aead     = strstr(name, "ChaChaPoly") != NULL ? OCKAM_CHACHA20_POLY1305 : OCKAM_AES256_GCM,
        .prologue = prologue,
    };
    return suite;
}

/* One transport message of the Noise specification: no additional data, counter as nonce. */
static void check_transport(pair_t *p, const uint8_t *key, uint64_t n, ockam_slice_t payload, ockam_slice_t expected,
                            ockam_slice_t aad)
{
    uint8_t       text[256], nonce[OCKAM_AEAD_NONCE_BYTES];
    ockam_aead_t *aead = NULL;

    assert_true(payload.len + OCKAM_AEAD_TAG_BYTES <= sizeof(text));
    memcpy(text, payload.ptr, payload.len);
    ockam_noise_nonce(p->suite.aead == OCKAM_CHACHA20_POLY1305, n, nonce);
    assert_ok(ockam_aead_new(p->vault, p->suite.aead, key, &aead, NULL));
    assert_ok(ockam_aead_seal(aead, nonce, aad, text, payload.len, text + payload.len, NULL));
    assert_slice_equal(ockam_slice(text, payload.len + OCKAM_AEAD_TAG_BYTES), expected);
    ockam_aead_free(aead);
}

/* ---- other people's vectors --------------------------------------------------------------------------------------- */

static void check_json_entry(vectors_t *v, const json_t *entry)
{
    const bool      named    = json_object_get(entry, "protocol_name") != NULL;
    const char     *name     = vectors_string(v, entry, named ? "protocol_name" : "name");
    const json_t   *messages = vectors_get(v, entry, "messages");
    const secrets_t secrets  = {
         .s = {vectors_hex(v, entry, "init_static"), vectors_hex(v, entry, "resp_static")},
         .e = {vectors_hex(v, entry, "init_ephemeral"), vectors_hex(v, entry, "resp_ephemeral")},
    };
    ockam_secret_t keys = {.len = 0};
    uint64_t       n[2] = {0, 0};
    pair_t         p;

    pair_start(&p, suite_of(name, vectors_hex(v, entry, "init_prologue")), &secrets);
    assert_true(json_array_size(messages) >= 5);
    for (unsigned m = 0; m < 3; m++) {
        const json_t *message = json_array_get(messages, m);
        pass(&p, m, vectors_hex(v, message, "payload"), vectors_hex(v, message, "ciphertext"));
    }
    if (json_object_get(entry, "handshake_hash") != NULL)
        assert_slice_equal(ockam_slice(p.end[0].noise.h, OCKAM_SHA256_BYTES), vectors_hex(v, entry, "handshake_hash"));
    assert_ok(ockam_noise_split(&p.end[0].noise, &p.tools, &keys, NULL));
    for (unsigned m = 3; m < json_array_size(messages); m++) {
        const json_t  *message = json_array_get(messages, m);
        const unsigned from    = writer_of(m);
        /* The specification: the initiator sends with the first key. */
        check_transport(&p, keys.bytes + from * OCKAM_NOISE_KEY_BYTES, n[from]++, vectors_hex(v, message, "payload"),
                        vectors_hex(v, message, "ciphertext"), none());
    }
    ockam_secret_deinit(&keys);
    pair_end(&p);
}

static void check_json_file(const char *name)
{
    vectors_t    *v    = vectors_open(name);
    const json_t *list = vectors_get(v, vectors_root(v), "vectors");

    assert_int_equal(json_array_size(list), 2); /* AESGCM, ChaChaPoly */
    for (size_t i = 0; i < json_array_size(list); i++)
        check_json_entry(v, json_array_get(list, i));
    vectors_close(v);
}

static void cacophony_vectors(void **state)
{
    (void)state;
    check_json_file("noise/cacophony-xx-25519-sha256.json");
}

static void snow_vectors(void **state)
{
    (void)state;
    check_json_file("noise/snow-xx-25519-sha256.json");
}

static void noise_c_basic_vectors(void **state)
{
    (void)state;
    check_json_file("noise/noise-c-basic-xx-25519-sha256.json");
}

static void noise_c_cacophony_vectors(void **state)
{
    (void)state;
    check_json_file("noise/noise-c-cacophony-xx-25519-sha256.json");
}

/* The value of `key` in the block of "key=value" lines at `block`; NULL if it is not there. */
static const char *block_value(const char *block, const char *key, size_t *len)
{
    const size_t key_len = strlen(key);

    for (const char *line = block; *line != '\0' && *line != '\n'; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, key, key_len) == 0 && line[key_len] == '=') {
            *len = strcspn(line + key_len + 1, "\n");
            return line + key_len + 1;
        }
    }
    return NULL;
}

static ockam_slice_t block_hex(vectors_t *v, const char *block, const char *key)
{
    size_t      len  = 0;
    const char *text = block_value(block, key, &len);

    return text != NULL ? vectors_unhex(v, text, len) : none();
}

static void check_flynn_block(vectors_t *v, const char *block)
{
    size_t          len     = 0;
    const char     *name    = block_value(block, "handshake", &len);
    const secrets_t secrets = {
        .s = {block_hex(v, block, "init_static"), block_hex(v, block, "resp_static")},
        .e = {block_hex(v, block, "gen_init_ephemeral"), block_hex(v, block, "gen_resp_ephemeral")},
    };
    char           full[64] = {0}, key[32];
    ockam_secret_t keys     = {.len = 0};
    pair_t         p;

    assert_non_null(name);
    assert_true(len < sizeof(full));
    memcpy(full, name, len);
    pair_start(&p, suite_of(full, block_hex(v, block, "prologue")), &secrets);
    for (unsigned m = 0; m < 5; m++) {
        (void)snprintf(key, sizeof(key), "msg_%u_payload", m);
        const ockam_slice_t payload = block_hex(v, block, key);
        (void)snprintf(key, sizeof(key), "msg_%u_ciphertext", m);
        const ockam_slice_t expected = block_hex(v, block, key);
        assert_true(expected.len > 0);
        if (m < 3) {
            pass(&p, m, payload, expected);
            continue;
        }
        /* Here the first transport message is the initiator's. */
        assert_ok(ockam_noise_split(&p.end[1].noise, &p.tools, &keys, NULL));
        check_transport(&p, keys.bytes + (m == 3 ? 0 : OCKAM_NOISE_KEY_BYTES), 0, payload, expected, none());
    }
    ockam_secret_deinit(&keys);
    pair_end(&p);
}

static void flynn_vectors(void **state)
{
    (void)state;
    vectors_t  *v      = vectors_open_text("noise/flynn-xx-25519-sha256.txt");
    const char *text   = vectors_text(v);
    unsigned    blocks = 0;

    while (*text != '\0') {
        check_flynn_block(v, text);
        blocks++;
        const char *end = strstr(text, "\n\n");
        if (end == NULL)
            break;
        for (text = end; *text == '\n';)
            text++;
    }
    assert_int_equal(blocks, 8);
    vectors_close(v);
}

/* ---- the protocol's vectors ---------------------------------------------------------------------------------------- */

static secrets_t vector_secrets(vectors_t *v)
{
    const json_t   *keys    = vectors_get(v, vectors_root(v), "noise_xx_keys");
    const secrets_t secrets = {
        .s = {vectors_hex(v, keys, "initiator_static_private"), vectors_hex(v, keys, "responder_static_private")},
        .e = {vectors_hex(v, keys, "initiator_ephemeral_private"), vectors_hex(v, keys, "responder_ephemeral_private")},
    };
    return secrets;
}

/* The name as a text: its padding with zero bytes is the core's business. */
static ockam_noise_suite_t vector_suite(vectors_t *v, const json_t *entry, char name[33])
{
    const ockam_slice_t bytes = vectors_hex(v, entry, "protocol_name_hex");

    memset(name, 0, 33);
    memcpy(name, bytes.ptr, bytes.len);
    return suite_of(name, none());
}

static void public_keys_are_those_of_the_vectors(void **state)
{
    (void)state;
    vectors_t      *v       = vectors_open("secure_channel.json");
    const json_t   *keys    = vectors_get(v, vectors_root(v), "noise_xx_keys");
    const secrets_t secrets = vector_secrets(v);
    pair_t          p;

    pair_start(&p, ockam_noise_xx_suite, &secrets);
    assert_slice_equal(ockam_slice(p.end[0].s_public, 32), vectors_hex(v, keys, "initiator_static_public"));
    assert_slice_equal(ockam_slice(p.end[0].e_public, 32), vectors_hex(v, keys, "initiator_ephemeral_public"));
    assert_slice_equal(ockam_slice(p.end[1].s_public, 32), vectors_hex(v, keys, "responder_static_public"));
    assert_slice_equal(ockam_slice(p.end[1].e_public, 32), vectors_hex(v, keys, "responder_ephemeral_public"));
    pair_end(&p);
    vectors_close(v);
}

static void the_first_state_is_the_published_one(void **state)
{
    (void)state;
    vectors_t          *v     = vectors_open("secure_channel.json");
    const json_t       *entry = vectors_get(v, vectors_root(v), "noise_xx_initial_state");
    ockam_noise_tools_t tools = {.vault = channel_vault(ockam_allocator_malloc(), NULL, NULL)};
    char                name[33];
    ockam_noise_suite_t suite = vector_suite(v, entry, name);
    ockam_noise_t       noise;

    ockam_noise_start(&noise, &tools, &suite);
    assert_slice_equal(ockam_slice(noise.ck, 32), vectors_hex(v, entry, "ck"));
    assert_slice_equal(ockam_slice(noise.h, 32), vectors_hex(v, entry, "h"));
    assert_int_equal(noise.n, vectors_int(v, entry, "n"));
    assert_false(noise.has_key);
    ockam_vault_free(tools.vault);
    vectors_close(v);
}

static void check_state(vectors_t *v, const json_t *steps, const char *name, const ockam_noise_t *noise)
{
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        if (strcmp(vectors_string(v, step, "step"), name) != 0)
            continue;
        assert_slice_equal(ockam_slice(noise->h, 32), vectors_hex(v, step, "h"));
        assert_slice_equal(ockam_slice(noise->ck, 32), vectors_hex(v, step, "ck"));
        assert_int_equal(noise->has_key, !json_is_null(vectors_get(v, step, "k")));
        if (noise->has_key)
            assert_slice_equal(ockam_slice(noise->k, 32), vectors_hex(v, step, "k"));
        return;
    }
    fail_msg("no step %s", name);
}

static void mix_dh(pair_t *p, ockam_noise_t *noise, ockam_key_id_t ours, const uint8_t *theirs)
{
    ockam_secret_t shared = {.len = 0};

    assert_ok(ockam_vault_x25519(p->vault, ours, theirs, &shared, NULL));
    assert_ok(ockam_noise_mix_key(noise, &p->tools, ockam_slice(shared.bytes, shared.len), NULL));
}

/* Token by token, as the protocol document writes them, with the state looked at after each. */
static void check_tokens(vectors_t *v, const json_t *entry, pair_t *p)
{
    const json_t *steps = vectors_get(v, vectors_get(v, entry, "derived_by_us"), "intermediate");
    ockam_noise_t noise = p->end[0].noise;
    ockam_buf_t   out;

    ockam_buf_init(&out, ockam_allocator_malloc(), MESSAGE_MAX);
    assert_int_equal(json_array_size(steps), 7);
    check_state(v, steps, "init", &noise);
    ockam_noise_mix_hash(&noise, &p->tools, ockam_slice(p->end[0].e_public, 32));
    assert_ok(ockam_noise_encrypt(&noise, &p->tools, vectors_hex(v, entry, "payload1"), &out, NULL));
    check_state(v, steps, "after_msg1", &noise);
    ockam_noise_mix_hash(&noise, &p->tools, ockam_slice(p->end[1].e_public, 32));
    mix_dh(p, &noise, p->end[1].e, p->end[0].e_public);
    check_state(v, steps, "after_ee", &noise);
    assert_ok(ockam_noise_encrypt(&noise, &p->tools, ockam_slice(p->end[1].s_public, 32), &out, NULL));
    mix_dh(p, &noise, p->end[1].s, p->end[0].e_public);
    check_state(v, steps, "after_es", &noise);
    assert_ok(ockam_noise_encrypt(&noise, &p->tools, vectors_hex(v, entry, "payload2"), &out, NULL));
    check_state(v, steps, "after_msg2", &noise);
    assert_int_equal(noise.n, 1); /* the counter with which message 3 begins */
    assert_ok(ockam_noise_encrypt(&noise, &p->tools, ockam_slice(p->end[0].s_public, 32), &out, NULL));
    mix_dh(p, &noise, p->end[0].s, p->end[1].e_public);
    check_state(v, steps, "after_se", &noise);
    assert_ok(ockam_noise_encrypt(&noise, &p->tools, vectors_hex(v, entry, "payload3"), &out, NULL));
    check_state(v, steps, "after_msg3", &noise);
    ockam_buf_deinit(&out);
}

static void check_entry(const char *name)
{
    vectors_t      *v       = vectors_open("secure_channel.json");
    const json_t   *entry   = vectors_get(v, vectors_root(v), name);
    const json_t   *derived = vectors_get(v, entry, "derived_by_us");
    const json_t   *steps   = vectors_get(v, derived, "intermediate");
    const secrets_t secrets = vector_secrets(v);
    ockam_secret_t  keys    = {.len = 0};
    char            protocol[33];
    pair_t          p;

    pair_start(&p, vector_suite(v, entry, protocol), &secrets);
    check_tokens(v, entry, &p);
    pass(&p, 0, vectors_hex(v, entry, "payload1"), vectors_hex(v, entry, "message1"));
    check_state(v, steps, "after_msg1", &p.end[0].noise);
    pass(&p, 1, vectors_hex(v, entry, "payload2"), vectors_hex(v, entry, "message2"));
    check_state(v, steps, "after_msg2", &p.end[1].noise);
    pass(&p, 2, vectors_hex(v, entry, "payload3"), vectors_hex(v, entry, "message3"));
    check_state(v, steps, "after_msg3", &p.end[0].noise);
    check_state(v, steps, "after_msg3", &p.end[1].noise);
    assert_slice_equal(ockam_slice(p.end[1].noise.h, 32), vectors_hex(v, derived, "handshake_hash"));
    assert_ok(ockam_noise_split(&p.end[0].noise, &p.tools, &keys, NULL));
    assert_slice_equal(ockam_slice(keys.bytes, 32), vectors_hex(v, derived, "split_k1"));
    assert_slice_equal(ockam_slice(keys.bytes + 32, 32), vectors_hex(v, derived, "split_k2"));
    ockam_secret_deinit(&keys);
    pair_end(&p);
    vectors_close(v);
}

static void upstream_handshake_with_empty_payloads(void **state)
{
    (void)state;
    check_entry("noise_xx_handshake_empty_payloads");
}

static void upstream_handshake_with_payloads(void **state)
{
    (void)state;
    check_entry("noise_xx_handshake_with_payloads");
}

static void our_handshake_with_empty_payloads(void **state)
{
    (void)state;
    check_entry("ockam_xx_handshake_empty_payloads");
}

static void our_handshake_with_payloads(void **state)
{
    (void)state;
    check_entry("ockam_xx_handshake_with_payloads");
}

static void our_suite_is_the_one_of_the_vectors(void **state)
{
    (void)state;
    vectors_t          *v = vectors_open("secure_channel.json");
    char                name[33];
    ockam_noise_suite_t suite = vector_suite(v, vectors_get(v, vectors_root(v), "ockam_xx_handshake_empty_payloads"),
                                             name);

    assert_string_equal(ockam_noise_xx_suite.name, suite.name);
    assert_int_equal(ockam_noise_xx_suite.aead, suite.aead);
    assert_int_equal(ockam_noise_xx_suite.prologue.len, 0);
    vectors_close(v);
}

/* Which key goes which way: the old C implementation's messages, which had h as additional data. */
static void the_responder_sends_with_k1_and_the_initiator_with_k2(void **state)
{
    (void)state;
    vectors_t      *v         = vectors_open("secure_channel.json");
    const json_t   *handshake = vectors_get(v, vectors_root(v), "noise_xx_handshake_empty_payloads");
    const json_t   *transport = vectors_get(v, vectors_root(v), "noise_xx_transport_after_empty_handshake_legacy_c");
    const json_t   *message4  = vectors_get(v, transport, "message4");
    const json_t   *message5  = vectors_get(v, transport, "message5");
    const secrets_t secrets   = vector_secrets(v);
    ockam_secret_t  keys      = {.len = 0};
    char            name[33];
    pair_t          p;

    pair_start(&p, vector_suite(v, handshake, name), &secrets);
    for (unsigned m = 0; m < 3; m++)
        pass(&p, m, none(), none());
    assert_ok(ockam_noise_split(&p.end[0].noise, &p.tools, &keys, NULL));
    assert_string_equal(vectors_string(v, message4, "from"), "responder");
    check_transport(&p, keys.bytes, 0, vectors_hex(v, message4, "plaintext"), vectors_hex(v, message4, "ciphertext"),
                    vectors_hex(v, message4, "aad"));
    assert_string_equal(vectors_string(v, message5, "from"), "initiator");
    check_transport(&p, keys.bytes + 32, 0, vectors_hex(v, message5, "plaintext"),
                    vectors_hex(v, message5, "ciphertext"), vectors_hex(v, message5, "aad"));
    pair_end(&p);
    vectors_close(v);
}

/* ---- what must fail ------------------------------------------------------------------------------------------------ */

/* Ends as they are before message m is read, and the genuine message. */
static void pair_before(pair_t *p, vectors_t *v, unsigned m, ockam_buf_t *message)
{
    const secrets_t secrets = vector_secrets(v);

    pair_start(p, ockam_noise_xx_suite, &secrets);
    for (unsigned i = 0; i < m; i++)
        pass(p, i, ockam_slice_text("payload"), none());
    ockam_buf_init(message, ockam_allocator_malloc(), MESSAGE_MAX);
    assert_ok(writers[m](&p->end[writer_of(m)], &p->tools, ockam_slice_text("payload"), message, NULL));
}

static ockam_status_t read_copy(const pair_t *p, unsigned m, ockam_slice_t in)
{
    ockam_noise_xx_t xx = p->end[1 - writer_of(m)];
    ockam_buf_t      payload;
    ockam_status_t   s;

    ockam_buf_init(&payload, ockam_allocator_malloc(), MESSAGE_MAX);
    s = readers[m](&xx, &p->tools, in, &payload, NULL);
    if (s != OCKAM_OK)
        assert_int_equal(payload.len, 0); /* nothing of an unauthentic message is seen */
    ockam_buf_deinit(&payload);
    return s;
}

static void messages_2_and_3_are_refused_cut_at_any_byte(void **state)
{
    (void)state;
    static const size_t minimum[3] = {32, 96, 64};
    vectors_t          *v          = vectors_open("secure_channel.json");

    for (unsigned m = 1; m < 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_before(&p, v, m, &message);
        for (size_t len = 0; len < message.len; len++)
            assert_status(read_copy(&p, m, ockam_slice(message.ptr, len)),
                          len < minimum[m] ? OCKAM_MALFORMED : OCKAM_NOT_AUTHENTIC);
        assert_ok(read_copy(&p, m, ockam_buf_view(&message)));
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
    vectors_close(v);
}

static void message_1_needs_32_bytes_and_more_are_a_payload(void **state)
{
    (void)state;
    vectors_t  *v = vectors_open("secure_channel.json");
    pair_t      p;
    ockam_buf_t message;

    pair_before(&p, v, 0, &message);
    for (size_t len = 0; len < 32; len++)
        assert_status(read_copy(&p, 0, ockam_slice(message.ptr, len)), OCKAM_MALFORMED);
    assert_ok(read_copy(&p, 0, ockam_slice(message.ptr, 32)));
    assert_ok(read_copy(&p, 0, ockam_slice(message.ptr, 33)));
    ockam_buf_deinit(&message);
    pair_end(&p);
    vectors_close(v);
}

static void messages_2_and_3_are_refused_with_any_bit_flipped(void **state)
{
    (void)state;
    vectors_t *v = vectors_open("secure_channel.json");

    for (unsigned m = 1; m < 3; m++) {
        pair_t      p;
        ockam_buf_t message;
        pair_before(&p, v, m, &message);
        for (size_t bit = 0; bit < 8 * message.len; bit++) {
            /* The top bit of an X25519 public key does not count for the product, but it does for the hash. */
            message.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_status(read_copy(&p, m, ockam_buf_view(&message)), OCKAM_NOT_AUTHENTIC);
            message.ptr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_ok(read_copy(&p, m, ockam_buf_view(&message)));
        ockam_buf_deinit(&message);
        pair_end(&p);
    }
    vectors_close(v);
}

static void message_2_does_not_answer_a_message_1_that_was_changed(void **state)
{
    (void)state;
    vectors_t      *v       = vectors_open("secure_channel.json");
    const secrets_t secrets = vector_secrets(v);
    ockam_buf_t     m1, m2, payload;
    pair_t          p;

    pair_start(&p, ockam_noise_xx_suite, &secrets);
    ockam_buf_init(&m1, ockam_allocator_malloc(), MESSAGE_MAX);
    ockam_buf_init(&m2, ockam_allocator_malloc(), MESSAGE_MAX);
    ockam_buf_init(&payload, ockam_allocator_malloc(), MESSAGE_MAX);
    assert_ok(ockam_noise_xx_write_1(&p.end[0], &p.tools, none(), &m1, NULL));
    assert_ok(ockam_buf_append_byte(&m1, 0, NULL)); /* a payload that only the responder sees */
    assert_ok(ockam_noise_xx_read_1(&p.end[1], &p.tools, ockam_buf_view(&m1), &payload, NULL));
    assert_ok(ockam_noise_xx_write_2(&p.end[1], &p.tools, none(), &m2, NULL));
    assert_status(read_copy(&p, 1, ockam_buf_view(&m2)), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&m1);
    ockam_buf_deinit(&m2);
    ockam_buf_deinit(&payload);
    pair_end(&p);
    vectors_close(v);
}

static void ends_with_other_suite_names_do_not_understand_each_other(void **state)
{
    (void)state;
    vectors_t      *v       = vectors_open("secure_channel.json");
    const secrets_t secrets = vector_secrets(v);
    ockam_buf_t     message;
    pair_t          p, other;

    pair_before(&p, v, 1, &message);
    pair_start(&other, suite_of("Noise_XX_25519_AESGCM_SHA256", none()), &secrets);
    pass(&other, 0, ockam_slice_text("payload"), none());
    assert_status(read_copy(&other, 1, ockam_buf_view(&message)), OCKAM_NOT_AUTHENTIC);
    ockam_buf_deinit(&message);
    pair_end(&p);
    pair_end(&other);
    vectors_close(v);
}

static void messages_of_65535_bytes_pass_and_of_65536_do_not(void **state)
{
    (void)state;
    static uint8_t      payload[MESSAGE_MAX];
    static const size_t around[3] = {32, 96, 64};
    vectors_t          *v         = vectors_open("secure_channel.json");
    const secrets_t     secrets   = vector_secrets(v);
    pair_t              p;

    pair_start(&p, ockam_noise_xx_suite, &secrets);
    for (unsigned m = 0; m < 3; m++) {
        const ockam_noise_xx_t before = p.end[writer_of(m)];
        ockam_buf_t            long_message;
        ockam_buf_init(&long_message, ockam_allocator_malloc(), 2 * MESSAGE_MAX);
        assert_status(writers[m](&p.end[writer_of(m)], &p.tools, ockam_slice(payload, MESSAGE_MAX - around[m] + 1),
                                 &long_message, NULL),
                      OCKAM_LIMIT);
        p.end[writer_of(m)] = before;
        ockam_buf_truncate(&long_message, 0);
        assert_ok(ockam_buf_append(&long_message, ockam_slice(payload, sizeof(payload)), NULL));
        assert_ok(ockam_buf_append_byte(&long_message, 0, NULL));
        assert_status(read_copy(&p, m, ockam_buf_view(&long_message)), OCKAM_LIMIT);
        ockam_buf_deinit(&long_message);
        pass(&p, m, ockam_slice(payload, MESSAGE_MAX - around[m]), none());
    }
    pair_end(&p);
    vectors_close(v);
}

static void low_order_keys_are_refused_wherever_they_come(void **state)
{
    (void)state;
    vectors_t      *v       = vectors_open("secure_channel.json");
    const json_t   *points  = vectors_get(v, vectors_get(v, vectors_root(v), "x25519_low_order_points"), "points");
    const secrets_t secrets = vector_secrets(v);

    assert_int_equal(json_array_size(points), 7);
    for (size_t i = 0; i < 2 * json_array_size(points); i++) {
        const char *text = json_string_value(json_array_get(points, i / 2));
        uint8_t     point[32], message[96] = {0};
        ockam_buf_t out;
        pair_t      p;
        memcpy(point, vectors_unhex(v, text, 64).ptr, 32);
        point[31] = (uint8_t)(point[31] | (i % 2 != 0 ? 0x80 : 0));
        pair_start(&p, ockam_noise_xx_suite, &secrets);
        ockam_buf_init(&out, ockam_allocator_malloc(), MESSAGE_MAX);
        /* as e in message 1 */
        memcpy(message, point, 32);
        assert_ok(ockam_noise_xx_read_1(&p.end[1], &p.tools, ockam_slice(message, 32), &out, NULL));
        assert_status(ockam_noise_xx_write_2(&p.end[1], &p.tools, none(), &out, NULL), OCKAM_NOT_AUTHENTIC);
        /* as e in message 2 */
        assert_ok(ockam_noise_xx_write_1(&p.end[0], &p.tools, none(), &out, NULL));
        assert_status(read_copy(&p, 1, ockam_slice(message, sizeof(message))), OCKAM_NOT_AUTHENTIC);
        ockam_buf_deinit(&out);
        pair_end(&p);
        /* as static key of the responder: a message 2 that is right in everything else up to `es` */
        pair_start(&p, ockam_noise_xx_suite, &secrets);
        ockam_buf_init(&out, ockam_allocator_malloc(), MESSAGE_MAX);
        pass(&p, 0, none(), none());
        memcpy(p.end[1].s_public, point, 32);
        assert_ok(ockam_noise_xx_write_2(&p.end[1], &p.tools, none(), &out, NULL));
        assert_status(read_copy(&p, 1, ockam_buf_view(&out)), OCKAM_NOT_AUTHENTIC);
        ockam_buf_deinit(&out);
        pair_end(&p);
    }
    vectors_close(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cacophony_vectors),
        cmocka_unit_test(snow_vectors),
        cmocka_unit_test(noise_c_basic_vectors),
        cmocka_unit_test(noise_c_cacophony_vectors),
        cmocka_unit_test(flynn_vectors),
        cmocka_unit_test(public_keys_are_those_of_the_vectors),
        cmocka_unit_test(the_first_state_is_the_published_one),
        cmocka_unit_test(upstream_handshake_with_empty_payloads),
        cmocka_unit_test(upstream_handshake_with_payloads),
        cmocka_unit_test(our_handshake_with_empty_payloads),
        cmocka_unit_test(our_handshake_with_payloads),
        cmocka_unit_test(our_suite_is_the_one_of_the_vectors),
        cmocka_unit_test(the_responder_sends_with_k1_and_the_initiator_with_k2),
        cmocka_unit_test(message_1_needs_32_bytes_and_more_are_a_payload),
        cmocka_unit_test(messages_2_and_3_are_refused_cut_at_any_byte),
        cmocka_unit_test(messages_2_and_3_are_refused_with_any_bit_flipped),
        cmocka_unit_test(message_2_does_not_answer_a_message_1_that_was_changed),
        cmocka_unit_test(ends_with_other_suite_names_do_not_understand_each_other),
        cmocka_unit_test(messages_of_65535_bytes_pass_and_of_65536_do_not),
        cmocka_unit_test(low_order_keys_are_refused_wherever_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
