/* SPDX-License-Identifier: Apache-2.0
 *
 * docs_examples_test.c - what docs/protocol shows in hex is what the library does: every checked example is recomputed
 * or decoded here, and none is left out. */
#include "channel/noise.h"
#include "docs_examples.h"
#include "ockam/identity.h"
#include "ockam/multiaddr.h"
#include "ockam/vault.h"
#include "test.h"
#include "wire/bare.h"
#include "wire/cbor.h"
#include "wire/frame.h"
#include "wire/padded.h"

#define VALID_FROM 1700000000u /* of the identities shown */

static struct examples examples;
static ockam_vault_t  *vault;

/* Lends the bytes of an example and notes that it was looked at. */
static ockam_slice_t example(const char *name)
{
    for (size_t i = 0; i < examples.count; i++) {
        struct example *e = &examples.list[i];
        if (strcmp(e->name, name) == 0) {
            e->checked = true;
            return ockam_slice(e->bytes, e->len);
        }
    }
    fail_msg("docs/protocol has no example \"%s\"", name);
    return ockam_slice(NULL, 0);
}

/* ---- encodings.md ------------------------------------------------------------------------------------------------- */

static void cbor_integers_have_the_documented_heads(void **state)
{
    static const uint64_t edges[] = {0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296u, UINT64_MAX};
    uint8_t               storage[64];
    ockam_buf_t           out;
    ockam_reader_t        r = ockam_reader(example("cbor-uint-edges"));

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof storage);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        uint64_t value = 0;
        assert_ok(ockam_cbor_write_uint(&out, edges[i], NULL));
        assert_ok(ockam_cbor_read_uint(&r, UINT64_MAX, &value, NULL));
        assert_true(value == edges[i]);
    }
    assert_int_equal(r.rest.len, 0);
    assert_slice_equal(ockam_buf_view(&out), example("cbor-uint-edges"));
}

static void cbor_variant_without_fields_has_an_empty_array(void **state)
{
    uint8_t     storage[8];
    ockam_buf_t out;

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof storage);
    assert_ok(ockam_cbor_write_variant(&out, 2, 0, NULL));
    assert_slice_equal(ockam_buf_view(&out), example("cbor-unit-variant"));
}

static void bare_integers_have_the_documented_bytes(void **state)
{
    static const uint64_t edges[] = {0, 1, 127, 128, 255, 300, 16384, 4294967296u, UINT64_MAX};
    uint8_t               storage[64];
    ockam_buf_t           out;
    ockam_reader_t        r = ockam_reader(example("bare-uint-edges"));

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof storage);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        uint64_t value = 0;
        assert_ok(ockam_bare_write_uint(&out, edges[i], NULL));
        assert_ok(ockam_bare_read_uint(&r, &value, NULL));
        assert_true(value == edges[i]);
    }
    assert_int_equal(r.rest.len, 0);
    assert_slice_equal(ockam_buf_view(&out), example("bare-uint-edges"));
}

/* ---- messages.md and transports.md -------------------------------------------------------------------------------- */

static const char hello[] = "\014Hello Ockam!"; /* a BARE string */

/* Writes a message with the payload `hello` as a sender does: head, payload, tail. */
static ockam_slice_t message_hello(uint8_t *out, const ockam_route_t *onward, const ockam_route_t *returning)
{
    uint8_t *end = ockam_wire_message_put_head(out, onward, returning, sizeof hello - 1);

    memcpy(end, hello, sizeof hello - 1);
    end = ockam_wire_message_put_tail(end + sizeof hello - 1);
    return ockam_slice(out, (size_t)(end - out));
}

/* `bytes` is a message with these routes and the payload `hello`. */
static void assert_message_hello(ockam_slice_t bytes, const ockam_route_t *onward, const ockam_route_t *returning)
{
    ockam_route_t got_onward = {0}, got_returning = {0};
    ockam_slice_t payload = {0};

    assert_ok(ockam_wire_message_decode(bytes, &got_onward, &got_returning, &payload, NULL));
    assert_true(ockam_route_equal(&got_onward, onward));
    assert_true(ockam_route_equal(&got_returning, returning));
    assert_slice_equal(payload, ockam_slice(hello, sizeof hello - 1));
}

/* A message whose onward route is `onward` and whose return route is empty begins with 84 and the route. */
static void assert_route(const ockam_route_t *onward, const char *name)
{
    static const ockam_route_t empty = {0};
    const ockam_slice_t        e     = example(name);
    uint8_t                    out[128];
    const ockam_slice_t        message = message_hello(out, onward, &empty);

    assert_true(message.len > 1 + e.len);
    assert_int_equal(message.ptr[0], 0x84);
    assert_slice_equal(ockam_slice(message.ptr + 1, e.len), e);
}

static void addresses_and_routes_are_encoded_as_documented(void **state)
{
    static const ockam_route_t empty = {0};
    ockam_route_t              tcp   = {0};
    ockam_slice_t              address;
    uint8_t                    storage[32];
    ockam_buf_t                out;

    (void)state;
    assert_route(OCKAM_ROUTE("hop", "echoer"), "route-hop-echoer");
    assert_route(&empty, "route-empty");
    /* An address is what a route of one address holds after the head of its array. */
    address = example("address-echoer");
    ockam_buf_init_fixed(&out, storage, sizeof storage);
    assert_ok(ockam_cbor_write_array(&out, 2, NULL));
    assert_ok(ockam_cbor_write_uint(&out, OCKAM_LOCAL, NULL));
    assert_ok(ockam_cbor_write_bytes(&out, ockam_slice_text("echoer"), NULL));
    assert_slice_equal(ockam_buf_view(&out), address);
    assert_ok(ockam_route_parse(ockam_slice_text("tcp#127.0.0.1:4000"), &tcp, NULL));
    address = example("address-tcp");
    assert_slice_equal(ockam_slice(tcp.bytes + tcp.start, (size_t)(tcp.end - tcp.start)), address);
}

static void message_is_encoded_as_documented(void **state)
{
    const ockam_route_t *onward = OCKAM_ROUTE("echoer"), *returning = OCKAM_ROUTE("app");
    uint8_t              out[128];

    (void)state;
    assert_slice_equal(message_hello(out, onward, returning), example("message-echo"));
    assert_message_hello(example("message-echo"), onward, returning);
}

static void text_body_is_a_bare_string(void **state)
{
    uint8_t        storage[32];
    ockam_buf_t    out;
    ockam_slice_t  text = {0};
    ockam_reader_t r    = ockam_reader(example("body-text"));

    (void)state;
    ockam_buf_init_fixed(&out, storage, sizeof storage);
    assert_ok(ockam_bare_write_text(&out, ockam_slice_text("Hello Ockam!"), NULL));
    assert_slice_equal(ockam_buf_view(&out), example("body-text"));
    assert_ok(ockam_bare_read_text(&r, &text, NULL));
    assert_slice_equal(text, ockam_slice_text("Hello Ockam!"));
}

static void assert_multiaddr(const char *text, const char *name)
{
    ockam_multiaddr_t written = {0}, read = {0};
    char              back[128];

    assert_ok(ockam_multiaddr_parse(ockam_slice_text(text), &written, NULL));
    assert_slice_equal(ockam_multiaddr_view(&written), example(name));
    assert_ok(ockam_multiaddr_decode(example(name), &read, NULL));
    (void)ockam_multiaddr_text(&read, back, sizeof back);
    assert_string_equal(back, text);
}

static void multiaddrs_are_encoded_as_documented(void **state)
{
    (void)state;
    assert_multiaddr("/ip4/127.0.0.1/tcp/4000/service/api", "multiaddr-ip4-tcp-service");
    assert_multiaddr("/dnsaddr/localhost/tcp/4000/secure/api", "multiaddr-dnsaddr-secure");
}

/* The example is one whole frame; lends its message. */
static ockam_slice_t frame_body(const char *name)
{
    ockam_reader_t r    = ockam_reader(example(name));
    ockam_slice_t  body = {0};
    size_t         need = 0;

    assert_ok(ockam_frame_next(&r, &body, &need, NULL));
    assert_int_equal(r.rest.len, 0);
    return body;
}

static void assert_frame_hello(const char *name, const ockam_route_t *onward, const ockam_route_t *returning)
{
    uint8_t             out[4 + 128];
    const ockam_slice_t message = message_hello(out + 4, onward, returning);

    ockam_frame_put_head(out, message.len);
    assert_slice_equal(ockam_slice(out, 4 + message.len), example(name));
    assert_message_hello(frame_body(name), onward, returning);
}

static void frames_are_encoded_as_documented(void **state)
{
    const ockam_route_t *echoer = OCKAM_ROUTE("echoer"), *app = OCKAM_ROUTE("app");

    (void)state;
    assert_slice_equal(ockam_slice(&(const uint8_t){OCKAM_TCP_VERSION}, 1), example("tcp-version"));
    assert_frame_hello("tcp-frame-echo", echoer, app);
    assert_frame_hello("tcp-frame-echo-reply", app, echoer);
    assert_message_hello(frame_body("tcp-frame-three-elements"), echoer, app);
    assert_message_hello(frame_body("tcp-frame-null-tracing"), echoer, app);
}

static void heartbeat_is_a_message_with_an_empty_onward_route(void **state)
{
    ockam_route_t onward = {0}, returning = {0};
    ockam_slice_t payload = {0};

    (void)state;
    assert_ok(ockam_wire_message_decode(frame_body("tcp-heartbeat"), &onward, &returning, &payload, NULL));
    assert_true(ockam_route_is_empty(&onward));
    assert_true(ockam_route_is_empty(&returning));
    assert_int_equal(payload.len, 0);
}

/* ---- identities.md ------------------------------------------------------------------------------------------------ */

static ockam_key_id_t import_ed25519(const char *name)
{
    const ockam_slice_t bytes  = example(name);
    ockam_secret_t      secret = {.len = 32};
    ockam_key_id_t      key    = OCKAM_KEY_ID_NONE;

    assert_int_equal(bytes.len, 32);
    memcpy(secret.bytes, bytes.ptr, 32);
    assert_ok(ockam_vault_import_signing_key(vault, OCKAM_ED25519, &secret, OCKAM_EPHEMERAL, &key, NULL));
    return key;
}

static ockam_key_id_t import_x25519(const char *name)
{
    const ockam_slice_t bytes  = example(name);
    ockam_secret_t      secret = {.len = 32};
    ockam_key_id_t      key    = OCKAM_KEY_ID_NONE;

    assert_int_equal(bytes.len, 32);
    memcpy(secret.bytes, bytes.ptr, 32);
    assert_ok(ockam_vault_import_x25519(vault, &secret, OCKAM_EPHEMERAL, &key, NULL));
    return key;
}

static void identity_example_has_the_public_key_of_its_secret(void **state)
{
    ockam_public_key_t   public_key;
    const ockam_key_id_t key = import_ed25519("identity-secret");

    (void)state;
    assert_ok(ockam_vault_public_key(vault, key, &public_key, NULL));
    assert_slice_equal(ockam_public_key_view(&public_key), example("identity-public"));
    ockam_vault_forget(vault, key);
}

static void identity_example_is_hashed_and_signed_as_documented(void **state)
{
    ockam_signature_t    signature;
    uint8_t              identifier[OCKAM_SHA256_BYTES];
    const ockam_key_id_t key = import_ed25519("identity-secret");

    (void)state;
    ockam_vault_sha256(vault, example("identity-versioned-data"), ockam_slice(NULL, 0), identifier);
    assert_slice_equal(ockam_slice(identifier, sizeof identifier), example("identity-identifier"));
    assert_ok(ockam_vault_sign(vault, key, ockam_slice(identifier, sizeof identifier), &signature, NULL));
    assert_slice_equal(ockam_slice(signature.bytes, sizeof signature.bytes), example("identity-signature"));
    ockam_vault_forget(vault, key);
}

/* An identity with the key of an example, made at the documented time. */
static ockam_identity_t *example_identity(const char *secret)
{
    const ockam_key_id_t key      = import_ed25519(secret);
    ockam_identity_t    *identity = NULL;

    assert_ok(ockam_identity_create(vault, VALID_FROM, &(ockam_identity_options_t){.key = key}, &identity, NULL));
    ockam_vault_forget(vault, key);
    return identity;
}

static void identity_example_is_made_as_documented(void **state)
{
    const ockam_slice_t     change_data = example("identity-change-data");
    ockam_identity_t       *identity    = example_identity("identity-secret");
    ockam_change_history_t *history     = NULL;
    uint8_t                 storage[128];
    ockam_buf_t             out;

    (void)state;
    assert_slice_equal(ockam_change_history_view(ockam_identity_history(identity)), example("identity-change-history"));
    ockam_identity_free(identity);

    ockam_buf_init_fixed(&out, storage, sizeof storage); /* [1, 1, change data] */
    assert_ok(ockam_cbor_write_array(&out, 3, NULL));
    assert_ok(ockam_cbor_write_uint(&out, 1, NULL));
    assert_ok(ockam_cbor_write_uint(&out, 1, NULL));
    assert_ok(ockam_cbor_write_bytes(&out, change_data, NULL));
    assert_slice_equal(ockam_buf_view(&out), example("identity-versioned-data"));

    assert_ok(ockam_change_history_verify(vault, example("identity-change-history"), NULL, &history, NULL));
    assert_slice_equal(ockam_identifier_view(ockam_change_history_identifier(history)), example("identity-identifier"));
    assert_slice_equal(ockam_public_key_view(ockam_change_history_latest_key(history)), example("identity-public"));
    assert_true(ockam_change_history_valid_from_s(history) == VALID_FROM);
    assert_true(ockam_change_history_valid_until_s(history) == VALID_FROM + OCKAM_IDENTITY_TTL_S);
    ockam_change_history_free(history);
}

static void attestation_example_is_made_as_documented(void **state)
{
    ockam_identity_t           *subject = example_identity("attestation-subject-secret");
    const ockam_key_id_t        key     = import_x25519("xx-responder-static-secret");
    ockam_purpose_key_options_t options = {
        .key = key, .created_at_s = VALID_FROM, .expires_at_s = VALID_FROM + OCKAM_PURPOSE_KEY_TTL_S};
    ockam_slice_t       attestation = {0};
    ockam_attestation_t verified;
    ockam_key_id_t      used;

    (void)state;
    assert_ok(ockam_identity_set_purpose_key(subject, OCKAM_PURPOSE_SECURE_CHANNEL, &options, NULL));
    assert_ok(ockam_identity_secure_channel_key(subject, VALID_FROM, &used, &attestation, NULL));
    assert_slice_equal(attestation, example("attestation"));
    assert_ok(ockam_attestation_verify(vault, example("attestation"), ockam_identity_history(subject), VALID_FROM,
                                       &verified, NULL));
    assert_true(verified.created_at_s == options.created_at_s);
    assert_true(verified.expires_at_s == options.expires_at_s);
    ockam_vault_forget(vault, key);
    ockam_identity_free(subject);
}
/* ---- secure-channels.md ------------------------------------------------------------------------------------------- */

static void handshake_starts_from_the_hash_of_the_protocol_name(void **state)
{
    const ockam_slice_t name = example("xx-protocol-name");
    uint8_t             h[OCKAM_SHA256_BYTES];

    (void)state;
    assert_slice_equal(name, ockam_slice_text("OCKAM_XX_25519_AES256_GCM_SHA256"));
    ockam_vault_sha256(vault, name, ockam_slice(NULL, 0), h);
    assert_slice_equal(ockam_slice(h, sizeof h), example("xx-initial-h"));
}

/* The nonce of message `n`, and REKEY as the page defines it. */
static void data_nonce(uint64_t n, uint8_t nonce[OCKAM_AEAD_NONCE_BYTES])
{
    memset(nonce, 0, OCKAM_AEAD_NONCE_BYTES);
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] = (uint8_t)(n >> (56 - 8 * i));
}

static void rekey(const uint8_t key[32], uint8_t next[32])
{
    ockam_aead_t *aead = NULL;
    uint8_t       nonce[OCKAM_AEAD_NONCE_BYTES], tag[OCKAM_AEAD_TAG_BYTES];

    data_nonce(UINT64_MAX, nonce);
    memset(next, 0, 32);
    assert_ok(ockam_aead_new(vault, OCKAM_AES256_GCM, key, &aead, NULL));
    assert_ok(ockam_aead_seal(aead, nonce, ockam_slice(NULL, 0), next, 32, tag, NULL));
    ockam_aead_free(aead);
}

static void channel_keys_follow_each_other_as_documented(void **state)
{
    uint8_t next[32], after[32];

    (void)state;
    rekey(example("xx-k2").ptr, next);
    assert_slice_equal(ockam_slice(next, 32), example("rekey-1"));
    rekey(next, after);
    assert_slice_equal(ockam_slice(after, 32), example("rekey-2"));
}

/* `sealed` is nonce `n`, the ciphertext of `plaintext` under `key`, and the tag. */
static void assert_sealed(const char *sealed, uint64_t n, const char *key, const char *plaintext)
{
    ockam_aead_t       *aead = NULL;
    const ockam_slice_t text = example(plaintext);
    uint8_t             nonce[OCKAM_AEAD_NONCE_BYTES], out[EXAMPLE_BYTES_MAX];

    data_nonce(n, nonce);
    memcpy(out, nonce + 4, 8);
    memcpy(out + 8, text.ptr, text.len);
    assert_ok(ockam_aead_new(vault, OCKAM_AES256_GCM, example(key).ptr, &aead, NULL));
    assert_ok(ockam_aead_seal(aead, nonce, ockam_slice(NULL, 0), out + 8, text.len, out + 8 + text.len, NULL));
    ockam_aead_free(aead);
    assert_slice_equal(ockam_slice(out, 8 + text.len + 16), example(sealed));
}

static void data_messages_are_sealed_as_documented(void **state)
{
    (void)state;
    assert_sealed("sealed-payload-nonce-0", 0, "xx-k2", "padded-payload");
    assert_sealed("sealed-close-nonce-1", 1, "xx-k2", "padded-close");
    assert_sealed("sealed-payload-nonce-32", 32, "rekey-1", "padded-payload");
}

static void payload_plaintext_is_encoded_as_documented(void **state)
{
    static const ockam_route_t empty  = {0};
    static const char          text[] = "Hello Ockam!";
    const ockam_route_t       *echoer = OCKAM_ROUTE("echoer"), *app = OCKAM_ROUTE("app");
    ockam_route_t              onward = {0}, returning = {0};
    ockam_wire_padded_t        decoded = {0};
    uint8_t                    out[128], *end;

    (void)state;
    end = ockam_wire_padded_put_head(out, echoer, app, sizeof text - 1);
    memcpy(end, text, sizeof text - 1);
    end = ockam_wire_padded_put_tail(end + sizeof text - 1);
    assert_slice_equal(ockam_slice(out, (size_t)(end - out)), example("padded-payload"));
    assert_ok(ockam_wire_padded_decode(example("padded-payload"), &decoded, &onward, &returning, NULL));
    assert_int_equal(decoded.kind, OCKAM_PADDED_PAYLOAD);
    assert_slice_equal(decoded.payload, ockam_slice_text(text));
    assert_true(ockam_route_equal(&onward, echoer));
    assert_true(ockam_route_equal(&returning, app));
    end = ockam_wire_padded_put_tail(ockam_wire_padded_put_head(out, &empty, &empty, 0));
    assert_slice_equal(ockam_slice(out, (size_t)(end - out)), example("padded-empty"));
}

static void close_plaintext_is_encoded_as_documented(void **state)
{
    ockam_route_t       onward = {0}, returning = {0};
    ockam_wire_padded_t decoded = {0};

    (void)state;
    assert_slice_equal(ockam_slice(ockam_wire_padded_close, sizeof ockam_wire_padded_close), example("padded-close"));
    assert_ok(ockam_wire_padded_decode(example("padded-close"), &decoded, &onward, &returning, NULL));
    assert_int_equal(decoded.kind, OCKAM_PADDED_CLOSE);
}

/* ---- secure-channels.md: the handshake ----------------------------------------------------------------------------- */

static void mix_dh(ockam_noise_t *noise, const ockam_noise_tools_t *tools, ockam_key_id_t own, ockam_key_id_t peer)
{
    ockam_secret_t shared = {0};
    uint8_t        peer_public[OCKAM_X25519_BYTES];

    assert_ok(ockam_vault_x25519_public(vault, peer, peer_public, NULL));
    assert_ok(ockam_vault_x25519(vault, own, peer_public, &shared, NULL));
    assert_ok(ockam_noise_mix_key(noise, tools, ockam_slice(shared.bytes, shared.len), NULL));
    ockam_secret_deinit(&shared);
}

static void append_public(ockam_buf_t *out, ockam_key_id_t key)
{
    uint8_t bytes[OCKAM_X25519_BYTES];

    assert_ok(ockam_vault_x25519_public(vault, key, bytes, NULL));
    assert_ok(ockam_buf_append(out, ockam_slice(bytes, sizeof bytes), NULL));
}

/* The three tables of "Handshake messages", token by token, on one state: both sides have the same. */
static void handshake_messages_are_made_token_by_token_as_documented(void **state)
{
    const ockam_noise_suite_t suite = {.name = "OCKAM_XX_25519_AES256_GCM_SHA256", .aead = OCKAM_AES256_GCM};
    const ockam_slice_t       empty = {0};
    const ockam_key_id_t      si    = import_x25519("xx-initiator-static-secret");
    const ockam_key_id_t      ei    = import_x25519("xx-initiator-ephemeral-secret");
    const ockam_key_id_t      sr    = import_x25519("xx-responder-static-secret");
    const ockam_key_id_t      er    = import_x25519("xx-responder-ephemeral-secret");
    ockam_noise_tools_t       tools = {.vault = vault};
    ockam_noise_t             noise = {0};
    ockam_secret_t            keys  = {0};
    uint8_t                   storage[128], s[OCKAM_X25519_BYTES], zero[32] = {0};
    ockam_buf_t               out;

    (void)state;
    assert_ok(ockam_aead_new(vault, OCKAM_AES256_GCM, zero, &tools.aead, NULL));
    ockam_noise_start(&noise, &tools, &suite);
    assert_slice_equal(ockam_slice(noise.h, 32), example("xx-initial-h"));

    ockam_buf_init_fixed(&out, storage, sizeof storage); /* message 1 */
    append_public(&out, ei);                             /* e */
    ockam_noise_mix_hash(&noise, &tools, ockam_buf_view(&out));
    ockam_noise_mix_hash(&noise, &tools, empty);
    assert_slice_equal(ockam_buf_view(&out), example("xx-message-1"));

    ockam_buf_init_fixed(&out, storage, sizeof storage); /* message 2 */
    append_public(&out, er);                             /* e */
    ockam_noise_mix_hash(&noise, &tools, ockam_buf_view(&out));
    mix_dh(&noise, &tools, er, ei); /* ee */
    assert_ok(ockam_vault_x25519_public(vault, sr, s, NULL));
    assert_ok(ockam_noise_encrypt(&noise, &tools, ockam_slice(s, 32), &out, NULL)); /* s */
    mix_dh(&noise, &tools, sr, ei);                                                 /* es */
    assert_ok(ockam_noise_encrypt(&noise, &tools, empty, &out, NULL));
    assert_slice_equal(ockam_buf_view(&out), example("xx-message-2"));

    ockam_buf_init_fixed(&out, storage, sizeof storage); /* message 3 */
    assert_ok(ockam_vault_x25519_public(vault, si, s, NULL));
    assert_ok(ockam_noise_encrypt(&noise, &tools, ockam_slice(s, 32), &out, NULL)); /* s, n = 1 */
    mix_dh(&noise, &tools, si, er);                                                 /* se */
    assert_ok(ockam_noise_encrypt(&noise, &tools, empty, &out, NULL));
    assert_slice_equal(ockam_buf_view(&out), example("xx-message-3"));

    assert_slice_equal(ockam_slice(noise.h, 32), example("xx-final-h"));
    assert_ok(ockam_noise_split(&noise, &tools, &keys, NULL));
    assert_slice_equal(ockam_slice(keys.bytes, 32), example("xx-k1"));
    assert_slice_equal(ockam_slice(keys.bytes + 32, 32), example("xx-k2"));

    ockam_secret_deinit(&keys);
    ockam_aead_free(tools.aead);
    ockam_vault_forget(vault, si);
    ockam_vault_forget(vault, ei);
    ockam_vault_forget(vault, sr);
    ockam_vault_forget(vault, er);
}

/* ---- all of them -------------------------------------------------------------------------------------------------- */

static void no_example_is_without_a_check(void **state)
{
    size_t missing = 0;

    (void)state;
    assert_true(examples.count > 0);
    for (size_t i = 0; i < examples.count; i++) {
        if (!examples.list[i].checked) {
            print_error("%s: nothing checks the example \"%s\"\n", examples.list[i].page, examples.list[i].name);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

static int read_pages_and_open_vault(void **state)
{
    static const char *const pages[]     = {"README.md",     "encodings.md", "messages.md",       "transports.md",
                                            "identities.md", "nodes.md",     "secure-channels.md"};
    const ockam_provider_t  *providers[] = {ockam_provider_openssl(), NULL};
    ockam_vault_options_t    options     = {.allocator = ockam_allocator_malloc(), .providers = providers};

    (void)state;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (!examples_read(&examples, OCKAM_SOURCE_DIR "/docs/protocol", pages[i]))
            return -1;
    return ockam_vault_new(&options, &vault, NULL) == OCKAM_OK ? 0 : -1;
}

static int free_vault(void **state)
{
    (void)state;
    ockam_vault_free(vault);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbor_integers_have_the_documented_heads),
        cmocka_unit_test(cbor_variant_without_fields_has_an_empty_array),
        cmocka_unit_test(bare_integers_have_the_documented_bytes),
        cmocka_unit_test(addresses_and_routes_are_encoded_as_documented),
        cmocka_unit_test(message_is_encoded_as_documented),
        cmocka_unit_test(text_body_is_a_bare_string),
        cmocka_unit_test(multiaddrs_are_encoded_as_documented),
        cmocka_unit_test(frames_are_encoded_as_documented),
        cmocka_unit_test(heartbeat_is_a_message_with_an_empty_onward_route),
        cmocka_unit_test(identity_example_has_the_public_key_of_its_secret),
        cmocka_unit_test(identity_example_is_hashed_and_signed_as_documented),
        cmocka_unit_test(identity_example_is_made_as_documented),
        cmocka_unit_test(attestation_example_is_made_as_documented),
        cmocka_unit_test(handshake_starts_from_the_hash_of_the_protocol_name),
        cmocka_unit_test(channel_keys_follow_each_other_as_documented),
        cmocka_unit_test(data_messages_are_sealed_as_documented),
        cmocka_unit_test(payload_plaintext_is_encoded_as_documented),
        cmocka_unit_test(close_plaintext_is_encoded_as_documented),
        cmocka_unit_test(handshake_messages_are_made_token_by_token_as_documented),
        cmocka_unit_test(no_example_is_without_a_check), /* last */
    };
    return cmocka_run_group_tests(tests, read_pages_and_open_vault, free_vault);
}
