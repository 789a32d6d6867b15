/* SPDX-License-Identifier: Apache-2.0
 *
 * vault_test.c - a vault's choice of providers, its handles, its store, and the project's vectors. */
#include "ockam/vault.h"

#include <pthread.h>
#include <stdlib.h>

#include "failing_allocator.h"
#include "fixed_random.h"
#include "ockam/limits.h"
#include "test.h"
#include "vault/vault_internal.h"
#include "vectors.h"

static const ockam_slice_t nothing = {NULL, 0};

/* ---- a store that can refuse ------------------------------------------------------------------------------------ */

typedef struct {
    ockam_store_t  base;
    ockam_store_t *inner;
    ockam_status_t put, get, remove; /* OCKAM_OK: do it */
} fake_store_t;

static ockam_store_t *inner(ockam_store_t *store)
{
    return ((fake_store_t *)store)->inner;
}

static ockam_status_t fake_begin(ockam_store_t *store, ockam_error_t *err)
{
    return ockam_store_begin(inner(store), err);
}

static ockam_status_t fake_commit(ockam_store_t *store, ockam_error_t *err)
{
    return ockam_store_commit(inner(store), err);
}

static void fake_rollback(ockam_store_t *store)
{
    ockam_store_rollback(inner(store));
}

static ockam_status_t fake_get(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_buf_t *value,
                               ockam_error_t *err)
{
    const ockam_status_t s = ((fake_store_t *)store)->get;

    return s == OCKAM_OK ? ockam_store_get(inner(store), table, key, value, err) : ockam_fail(err, s, "get");
}

static ockam_status_t fake_put(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_slice_t value,
                               ockam_error_t *err)
{
    const ockam_status_t s = ((fake_store_t *)store)->put;

    return s == OCKAM_OK ? ockam_store_put(inner(store), table, key, value, err) : ockam_fail(err, s, "put");
}

static ockam_status_t fake_remove(ockam_store_t *store, ockam_table_t table, ockam_slice_t key, ockam_error_t *err)
{
    const ockam_status_t s = ((fake_store_t *)store)->remove;

    return s == OCKAM_OK ? ockam_store_remove(inner(store), table, key, err) : ockam_fail(err, s, "remove");
}

static ockam_status_t fake_each(ockam_store_t *store, ockam_table_t table, ockam_store_visit_fn visit, void *context,
                                ockam_error_t *err)
{
    return ockam_store_each(inner(store), table, visit, context, err);
}

static void fake_free(ockam_store_t *store)
{
    ockam_store_free(inner(store));
}

static const ockam_store_ops_t fake_ops = {"fake",   fake_begin,  fake_commit, fake_rollback, fake_get,
                                           fake_put, fake_remove, fake_each,   fake_free};

/* ---- fixture ---------------------------------------------------------------------------------------------------- */

struct fixture {
    failing_allocator_t allocator;
    fixed_random_t      random;
    fake_store_t        store;
    ockam_vault_t      *vault; /* with all providers, fixed randomness and the store */
};

static ockam_vault_t *vault_with(const ockam_allocator_t *allocator, fixed_random_t *random, ockam_store_t *store)
{
    const ockam_provider_t     *providers[] = {ockam_provider_openssl(), ockam_provider_sodium(),
                                               ockam_provider_ipsec_mb()};
    const ockam_vault_options_t options     = {.allocator      = allocator,
                                               .providers      = providers,
                                               .provider_count = 3,
                                               .random         = fixed_random_fill,
                                               .random_context = random,
                                               .store          = store};
    ockam_vault_t              *vault       = NULL;
    ockam_error_t               err         = {0};

    assert_ok_err(ockam_vault_new(&options, &vault, &err), &err);
    return vault;
}

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    failing_allocator_init(&f->allocator, 0);
    fixed_random_seed(&f->random, 1);
    assert_ok(ockam_store_memory(&f->allocator.allocator, &f->store.inner, NULL));
    f->store.base.ops = &fake_ops;
    f->vault          = vault_with(&f->allocator.allocator, &f->random, &f->store.base);
    *state            = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ockam_vault_free(f->vault);
    ockam_store_free(&f->store.base);
    failing_allocator_assert_empty(&f->allocator);
    assert_int_equal(f->allocator.unwiped, 0);
    free(f);
    return 0;
}

static ockam_secret_t secret_of(ockam_slice_t bytes)
{
    ockam_secret_t secret = {.len = bytes.len};

    memcpy(secret.bytes, bytes.ptr, bytes.len);
    return secret;
}

/* Another vault on the same store, as after a restart. */
static ockam_vault_t *restarted(struct fixture *f)
{
    return vault_with(&f->allocator.allocator, &f->random, &f->store.base);
}

static const json_t *identity_vector(vectors_t *file, const char *id)
{
    const json_t *all = vectors_get(file, vectors_root(file), "vectors");

    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(vectors_string(file, json_array_get(all, i), "id"), id) == 0)
            return json_array_get(all, i);
    fail_msg("no vector %s", id);
    return NULL;
}

/* ---- making a vault --------------------------------------------------------------------------------------------- */

static ockam_status_t try_providers(const ockam_provider_t *const *providers, size_t count, ockam_random_fn random)
{
    static fixed_random_t       fixed;
    const ockam_vault_options_t options = {.allocator      = ockam_allocator_malloc(),
                                           .providers      = providers,
                                           .provider_count = count,
                                           .random         = random,
                                           .random_context = &fixed};
    ockam_vault_t              *vault   = NULL;
    const ockam_status_t        s       = ockam_vault_new(&options, &vault, NULL);

    assert_int_equal(s == OCKAM_OK, vault != NULL);
    ockam_vault_free(vault);
    return s;
}

static void new_refuses_what_is_incomplete(void **state)
{
    const ockam_provider_t     *openssl[]    = {ockam_provider_openssl(), NULL};
    const ockam_provider_t     *none[]       = {NULL};
    const ockam_vault_options_t no_allocator = {.providers = openssl};
    const ockam_vault_options_t no_providers = {.allocator = ockam_allocator_malloc()};
    ockam_vault_t              *vault        = NULL;

    (void)state;
    assert_status(ockam_vault_new(NULL, &vault, NULL), OCKAM_INVALID);
    assert_status(ockam_vault_new(&no_allocator, &vault, NULL), OCKAM_INVALID);
    assert_status(ockam_vault_new(&no_providers, &vault, NULL), OCKAM_INVALID);
    assert_null(vault);
    assert_ok(try_providers(openssl, 0, NULL));
    assert_status(try_providers(none, 0, NULL), OCKAM_UNSUPPORTED);
    ockam_vault_free(NULL);
}

static void new_skips_missing_providers_when_told_how_many(void **state)
{
    const ockam_provider_t *providers[OCKAM_PROVIDERS_MAX + 1] = {NULL, ockam_provider_openssl()};

    (void)state;
    assert_ok(try_providers(providers, 2, NULL));
    assert_ok(try_providers(providers, OCKAM_PROVIDERS_MAX, NULL));
    assert_status(try_providers(providers, OCKAM_PROVIDERS_MAX + 1, NULL), OCKAM_INVALID);
    for (size_t i = 0; i <= OCKAM_PROVIDERS_MAX; i++)
        providers[i] = ockam_provider_openssl();
    assert_ok(try_providers(providers, OCKAM_PROVIDERS_MAX, NULL));
    assert_status(try_providers(providers, 0, NULL), OCKAM_INVALID);
}

static void new_needs_a_generator_from_somewhere(void **state)
{
    const ockam_provider_t *sodium[] = {ockam_provider_sodium(), NULL};

    (void)state;
    if (sodium[0]->aead_cost(OCKAM_AES256_GCM, OCKAM_AEAD_TINY) == 0)
        skip(); /* alone it is not enough without AES in the processor */
    assert_status(try_providers(sodium, 0, NULL), OCKAM_UNSUPPORTED);
    assert_ok(try_providers(sodium, 0, fixed_random_fill));
}

static void a_vault_without_p256_says_so(void **state)
{
    struct fixture             *f           = *state;
    const ockam_provider_t     *providers[] = {ockam_provider_sodium(), NULL};
    const ockam_vault_options_t options     = {.allocator      = &f->allocator.allocator,
                                               .providers      = providers,
                                               .random         = fixed_random_fill,
                                               .random_context = &f->random};
    const ockam_public_key_t    key         = {.type = OCKAM_P256, .bytes = {4}};
    const ockam_signature_t     signature   = {.type = OCKAM_P256};
    const ockam_secret_t        secret      = {.len = 32, .bytes = {1}};
    const uint8_t               aes128[16]  = {0};
    ockam_vault_t              *vault       = NULL;
    ockam_aead_t               *aead        = NULL;
    ockam_key_id_t              id          = OCKAM_KEY_ID_NONE;

    if (ockam_vault_new(&options, &vault, NULL) != OCKAM_OK)
        skip();
    assert_status(ockam_vault_generate_signing_key(vault, OCKAM_P256, OCKAM_EPHEMERAL, &id, NULL), OCKAM_UNSUPPORTED);
    assert_status(ockam_vault_import_signing_key(vault, OCKAM_P256, &secret, OCKAM_EPHEMERAL, &id, NULL),
                  OCKAM_UNSUPPORTED);
    assert_status(ockam_vault_find_signing_key(vault, &key, &id, NULL), OCKAM_UNSUPPORTED);
    assert_status(ockam_vault_verify(vault, &key, nothing, &signature, NULL), OCKAM_UNSUPPORTED);
    assert_status(ockam_aead_new(vault, OCKAM_AES128_GCM, aes128, &aead, NULL), OCKAM_UNSUPPORTED);
    assert_ok(ockam_vault_generate_signing_key(vault, OCKAM_ED25519, OCKAM_EPHEMERAL, &id, NULL));
    ockam_vault_free(vault);
}

static void provider_of_answers_for_every_primitive(void **state)
{
    static const char *const names[]   = {"sha256",         "hmac_sha256",       "x25519_public",       "x25519",
                                          "ed25519_public", "ed25519_sign",      "ed25519_verify",      "p256_public",
                                          "p256_sign",      "p256_verify",       "aes256gcm",           "aes256gcm/0",
                                          "aes256gcm/64",   "aes256gcm/1048576", "chacha20poly1305/64", "aes128gcm/64"};
    static const char *const unknown[] = {
        "", "sha", "aes256gcm/", "aes256gcm/x", "aes256gcm/-1", "aes256gcmx", "aes256gcm/99999999999999999999"};
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_non_null(ockam_vault_provider_of(f->vault, names[i]));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_null(ockam_vault_provider_of(f->vault, unknown[i]));
}

static void primitives_go_to_the_cheapest_provider(void **state)
{
    static const char *const names[OCKAM_PRIMITIVE_COUNT] = {
#define ROW(name, text, entry) [OCKAM_PRIMITIVE_##name] = text,
        OCKAM_PRIMITIVE_LIST(ROW)
#undef ROW
    };
    const ockam_provider_t *providers[] = {ockam_provider_openssl(), ockam_provider_sodium()};
    struct fixture         *f           = *state;

    for (unsigned i = 0; i < OCKAM_PRIMITIVE_COUNT; i++) {
        const uint32_t openssl = providers[0]->cost((ockam_primitive_t)i);
        const uint32_t sodium  = providers[1]->cost((ockam_primitive_t)i);
        assert_string_equal(ockam_vault_provider_of(f->vault, names[i]),
                            sodium != 0 && sodium < openssl ? "sodium" : "openssl");
    }
    assert_string_equal(ockam_vault_provider_of(f->vault, "p256_sign"), "openssl");
    assert_string_equal(ockam_vault_provider_of(f->vault, "ed25519_verify"), "sodium");
}

/* The cheapest by its own account, at the ends of every size class. */
static void sealing_goes_to_the_cheapest_provider_of_the_size(void **state)
{
    static const struct {
        const char        *name;
        ockam_aead_class_t size;
    } ends[] = {
        {"aes256gcm/0", OCKAM_AEAD_TINY},      {"aes256gcm/256", OCKAM_AEAD_TINY},
        {"aes256gcm/257", OCKAM_AEAD_SMALL},   {"aes256gcm/1024", OCKAM_AEAD_SMALL},
        {"aes256gcm/1025", OCKAM_AEAD_MEDIUM}, {"aes256gcm/16384", OCKAM_AEAD_MEDIUM},
        {"aes256gcm/16385", OCKAM_AEAD_LARGE},
    };
    const ockam_provider_t *providers[] = {ockam_provider_openssl(), ockam_provider_sodium(),
                                           ockam_provider_ipsec_mb()};
    struct fixture         *f           = *state;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        const char *best = NULL;
        uint32_t    cost = UINT32_MAX;
        for (size_t p = 0; p < 3; p++) {
            const uint32_t its = providers[p] != NULL ? providers[p]->aead_cost(OCKAM_AES256_GCM, ends[i].size) : 0;
            if (its == 0 || its >= cost)
                continue;
            cost = its;
            best = providers[p]->name;
        }
        assert_string_equal(ockam_vault_provider_of(f->vault, ends[i].name), best);
    }
}

/* ---- vectors ---------------------------------------------------------------------------------------------------- */

static void signing_keys_have_the_public_keys_and_names_of_the_vectors(void **state)
{
    static const char *const ids[] = {"key-A", "key-B", "key-C", "key-P"};
    struct fixture          *f     = *state;
    vectors_t               *file  = vectors_open("identity.json");

    for (size_t i = 0; i < 4; i++) {
        const json_t              *vector = identity_vector(file, ids[i]);
        const ockam_signing_type_t type   = i == 3 ? OCKAM_P256 : OCKAM_ED25519;
        const ockam_secret_t       secret = secret_of(vectors_hex(file, vector, "secret"));
        ockam_key_id_t             id     = OCKAM_KEY_ID_NONE;
        ockam_public_key_t         key;
        ockam_buf_t                value;
        uint8_t                    bytes[40];
        assert_ok(ockam_vault_import_signing_key(f->vault, type, &secret, OCKAM_PERSISTENT, &id, NULL));
        assert_ok(ockam_vault_public_key(f->vault, id, &key, NULL));
        assert_int_equal(key.type, type);
        assert_slice_equal(ockam_public_key_view(&key), vectors_hex(file, vector, "public_key"));
        /* The store knows it by the protocol's handle. */
        ockam_buf_init_fixed(&value, bytes, sizeof(bytes));
        assert_ok(
            ockam_store_get(f->store.inner, OCKAM_TABLE_SECRET, vectors_hex(file, vector, "handle"), &value, NULL));
        assert_int_equal(value.len, 33);
        assert_int_equal(bytes[0], type);
        assert_memory_equal(bytes + 1, secret.bytes, 32);
    }
    vectors_close(file);
}

static void check_x25519(struct fixture *f, ockam_slice_t private_key, ockam_slice_t public_key, ockam_slice_t handle)
{
    const ockam_secret_t secret = secret_of(private_key);
    ockam_key_id_t       id     = OCKAM_KEY_ID_NONE;
    uint8_t              key[32];
    uint8_t              bytes[40];
    ockam_buf_t          value;
    ockam_secret_t       out;

    assert_ok(ockam_vault_import_x25519(f->vault, &secret, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    assert_slice_equal(ockam_slice(key, 32), public_key);
    assert_ok(ockam_vault_export(f->vault, id, &out, NULL));
    assert_slice_equal(ockam_slice(out.bytes, out.len), private_key); /* not clamped */
    if (handle.len == 0)
        return;
    ockam_buf_init_fixed(&value, bytes, sizeof(bytes));
    assert_ok(ockam_store_get(f->store.inner, OCKAM_TABLE_SECRET, handle, &value, NULL));
    assert_int_equal(value.len, 33);
    assert_int_equal(bytes[0], 2);
}

static void x25519_keys_have_the_public_keys_and_names_of_the_vectors(void **state)
{
    static const char *const noise[][2] = {{"initiator_static_private", "initiator_static_public"},
                                           {"initiator_ephemeral_private", "initiator_ephemeral_public"},
                                           {"responder_static_private", "responder_static_public"},
                                           {"responder_ephemeral_private", "responder_ephemeral_public"}};
    struct fixture          *f          = *state;
    vectors_t               *identity   = vectors_open("identity.json");
    vectors_t               *channel    = vectors_open("secure_channel.json");
    const json_t            *vector     = identity_vector(identity, "key-X");
    const json_t            *named      = vectors_get(channel, vectors_root(channel), "x25519_handle");
    const json_t            *keys       = vectors_get(channel, vectors_root(channel), "noise_xx_keys");

    check_x25519(f, vectors_hex(identity, vector, "secret"), vectors_hex(identity, vector, "public_key"),
                 vectors_hex(identity, vector, "handle"));
    check_x25519(f, vectors_hex(channel, named, "private"), vectors_hex(channel, named, "public_derived"),
                 vectors_hex(channel, named, "handle_sha256_of_public"));
    for (size_t i = 0; i < 4; i++)
        check_x25519(f, vectors_hex(channel, keys, noise[i][0]), vectors_hex(channel, keys, noise[i][1]), nothing);
    vectors_close(identity);
    vectors_close(channel);
}

static void sha256_matches_the_vector(void **state)
{
    struct fixture *f    = *state;
    vectors_t      *file = vectors_open("secure_channel.json");
    const json_t   *own  = vectors_get(file, vectors_root(file), "sha256");
    uint8_t         digest[32];

    ockam_vault_sha256(f->vault, nothing, vectors_hex(file, own, "data"), digest);
    assert_slice_equal(ockam_slice(digest, 32), vectors_hex(file, own, "digest"));
    vectors_close(file);
}

static void check_hkdf(struct fixture *f, ockam_slice_t salt, ockam_slice_t ikm, ockam_slice_t info, ockam_slice_t okm)
{
    ockam_secret_t out = {.len = okm.len};

    assert_ok(ockam_vault_hkdf(f->vault, salt, ikm, info, &out, NULL));
    assert_slice_equal(ockam_slice(out.bytes, out.len), okm);
}

static void hkdf_matches_the_vectors(void **state)
{
    struct fixture *f        = *state;
    vectors_t      *channel  = vectors_open("secure_channel.json");
    vectors_t      *identity = vectors_open("identity.json");
    const json_t   *own      = vectors_get(channel, vectors_root(channel), "hkdf_sha256");
    const json_t   *two      = identity_vector(identity, "hkdf-two");
    const json_t   *outputs  = vectors_get(identity, two, "outputs");
    uint8_t         both[64];

    check_hkdf(f, vectors_hex(channel, own, "salt"), vectors_hex(channel, own, "ikm"), nothing,
               vectors_hex(channel, own, "okm_24"));
    assert_int_equal(json_array_size(outputs), 2);
    for (size_t i = 0; i < 2; i++)
        memcpy(both + 32 * i, vectors_unhex(identity, json_string_value(json_array_get(outputs, i)), 64).ptr, 32);
    check_hkdf(f, vectors_hex(identity, two, "salt"), vectors_hex(identity, two, "ikm"), nothing,
               ockam_slice(both, sizeof(both)));
    vectors_close(channel);
    vectors_close(identity);
}

/* The value of the next line "`name` = hex"; false when there is none. */
static bool rfc_field(vectors_t *file, const char **at, const char *name, ockam_slice_t *out)
{
    const char *found = strstr(*at, name);

    if (found == NULL)
        return false;
    found = strchr(found, '=') + 1;
    found += *found == ' ';
    *at  = found + strcspn(found, "\r\n");
    *out = vectors_unhex(file, found, (size_t)(*at - found));
    return true;
}

static void hkdf_matches_rfc_5869(void **state)
{
    struct fixture *f    = *state;
    vectors_t      *file = vectors_open_text("rfc/rfc5869_hkdf_sha256.txt");
    const char     *at   = vectors_text(file);
    ockam_slice_t   ikm  = nothing;
    ockam_slice_t   salt = nothing;
    ockam_slice_t   info = nothing;
    ockam_slice_t   okm  = nothing;
    size_t          seen = 0;

    while (rfc_field(file, &at, "\nIKM ", &ikm)) {
        assert_true(rfc_field(file, &at, "\nsalt ", &salt) && rfc_field(file, &at, "\ninfo ", &info) &&
                    rfc_field(file, &at, "\nOKM ", &okm));
        check_hkdf(f, salt, ikm, info, okm);
        seen++;
    }
    assert_int_equal(seen, 3);
    vectors_close(file);
}

static void hkdf_matches_wycheproof(void **state)
{
    struct fixture *f      = *state;
    vectors_t      *file   = vectors_open("wycheproof/hkdf_sha256_test.json");
    const json_t   *groups = vectors_get(file, vectors_root(file), "testGroups");
    size_t          seen   = 0;

    for (size_t g = 0; g < json_array_size(groups); g++) {
        const json_t *tests = vectors_get(file, json_array_get(groups, g), "tests");
        for (size_t i = 0; i < json_array_size(tests); i++) {
            const json_t *test = json_array_get(tests, i);
            if (vectors_int(file, test, "size") > (int64_t)OCKAM_SECRET_BYTES_MAX)
                continue; /* longer than a secret of ours; the three invalid ones are far longer */
            assert_string_equal(vectors_string(file, test, "result"), "valid");
            check_hkdf(f, vectors_hex(file, test, "salt"), vectors_hex(file, test, "ikm"),
                       vectors_hex(file, test, "info"), vectors_hex(file, test, "okm"));
            seen++;
        }
    }
    assert_true(seen > 50);
    vectors_close(file);
}

static void hkdf_makes_1_to_96_bytes_and_each_is_a_prefix_of_the_next(void **state)
{
    struct fixture *f    = *state;
    ockam_secret_t  full = {.len = OCKAM_SECRET_BYTES_MAX};
    ockam_secret_t  none = {.len = 0};
    ockam_secret_t  more = {.len = OCKAM_SECRET_BYTES_MAX + 1};

    assert_ok(ockam_vault_hkdf(f->vault, nothing, ockam_slice_text("ikm"), nothing, &full, NULL));
    for (size_t len = 1; len < OCKAM_SECRET_BYTES_MAX; len++) {
        ockam_secret_t out = {.len = len, .bytes = {0}};
        assert_ok(ockam_vault_hkdf(f->vault, nothing, ockam_slice_text("ikm"), nothing, &out, NULL));
        assert_memory_equal(out.bytes, full.bytes, len);
        assert_int_equal(out.bytes[len], 0);
    }
    assert_status(ockam_vault_hkdf(f->vault, nothing, nothing, nothing, &none, NULL), OCKAM_INVALID);
    assert_status(ockam_vault_hkdf(f->vault, nothing, nothing, nothing, &more, NULL), OCKAM_INVALID);
}

static void hkdf_may_write_over_its_salt(void **state)
{
    struct fixture *f        = *state;
    ockam_secret_t  fresh    = {.len = 64};
    ockam_secret_t  chain    = {.len = 64, .bytes = {1, 2, 3}};
    const uint8_t   salt[32] = {1, 2, 3};

    assert_ok(ockam_vault_hkdf(f->vault, ockam_slice(salt, 32), ockam_slice_text("x"), nothing, &fresh, NULL));
    assert_ok(ockam_vault_hkdf(f->vault, ockam_slice(chain.bytes, 32), ockam_slice_text("x"), nothing, &chain, NULL));
    assert_memory_equal(fresh.bytes, chain.bytes, 64);
}

static void sealing_matches_the_vector(void **state)
{
    struct fixture     *f      = *state;
    vectors_t          *file   = vectors_open("identity.json");
    const json_t       *vector = identity_vector(file, "aes256gcm-1");
    const ockam_slice_t plain  = vectors_hex(file, vector, "plaintext");
    const ockam_slice_t sealed = vectors_hex(file, vector, "ciphertext_and_tag");
    const ockam_slice_t aad    = vectors_hex(file, vector, "aad");
    const uint8_t      *nonce  = vectors_hex(file, vector, "nonce").ptr;
    ockam_aead_t       *aead   = NULL;
    uint8_t             text[64];

    assert_ok(ockam_aead_new(f->vault, OCKAM_AES256_GCM, vectors_hex(file, vector, "key").ptr, &aead, NULL));
    memcpy(text, plain.ptr, plain.len);
    assert_ok(ockam_aead_seal(aead, nonce, aad, text, plain.len, text + plain.len, NULL));
    assert_slice_equal(ockam_slice(text, plain.len + 16), sealed);
    assert_ok(ockam_aead_open(aead, nonce, aad, text, plain.len, text + plain.len, NULL));
    assert_slice_equal(ockam_slice(text, plain.len), plain);
    memcpy(text, sealed.ptr, sealed.len);
    assert_status(ockam_aead_open(aead, nonce, nothing, text, plain.len, text + plain.len, NULL), OCKAM_NOT_AUTHENTIC);
    memcpy(text, sealed.ptr, sealed.len);
    text[plain.len]++;
    assert_status(ockam_aead_open(aead, nonce, aad, text, plain.len, text + plain.len, NULL), OCKAM_NOT_AUTHENTIC);
    ockam_aead_free(aead);
    vectors_close(file);
}

/* ---- signing ---------------------------------------------------------------------------------------------------- */

static void what_a_key_signs_verifies_and_nothing_else_does(void **state)
{
    struct fixture *f = *state;

    for (int t = OCKAM_ED25519; t <= OCKAM_P256; t++) {
        ockam_key_id_t     id = OCKAM_KEY_ID_NONE;
        ockam_public_key_t key;
        ockam_signature_t  signature;
        ockam_signature_t  again;
        uint8_t            data[] = "data";
        assert_ok(ockam_vault_generate_signing_key(f->vault, (ockam_signing_type_t)t, OCKAM_EPHEMERAL, &id, NULL));
        assert_ok(ockam_vault_public_key(f->vault, id, &key, NULL));
        assert_ok(ockam_vault_sign(f->vault, id, ockam_slice(data, 4), &signature, NULL));
        assert_ok(ockam_vault_sign(f->vault, id, ockam_slice(data, 4), &again, NULL));
        assert_memory_equal(signature.bytes, again.bytes, 64); /* deterministic */
        assert_int_equal(signature.type, t);
        assert_ok(ockam_vault_verify(f->vault, &key, ockam_slice(data, 4), &signature, NULL));
        assert_status(ockam_vault_verify(f->vault, &key, ockam_slice(data, 3), &signature, NULL), OCKAM_NOT_AUTHENTIC);
        for (size_t bit = 0; bit < 512; bit++) {
            signature.bytes[bit / 8] = (uint8_t)(signature.bytes[bit / 8] ^ 1u << bit % 8);
            assert_status(ockam_vault_verify(f->vault, &key, ockam_slice(data, 4), &signature, NULL),
                          OCKAM_NOT_AUTHENTIC);
            signature.bytes[bit / 8] = (uint8_t)(signature.bytes[bit / 8] ^ 1u << bit % 8);
        }
        assert_ok(ockam_vault_sign(f->vault, id, nothing, &signature, NULL));
        assert_ok(ockam_vault_verify(f->vault, &key, nothing, &signature, NULL));
    }
}

static void a_signature_of_the_other_type_is_refused(void **state)
{
    struct fixture *f = *state;

    for (int t = OCKAM_ED25519; t <= OCKAM_P256; t++) {
        ockam_key_id_t     id = OCKAM_KEY_ID_NONE;
        ockam_public_key_t key;
        ockam_signature_t  signature;
        assert_ok(ockam_vault_generate_signing_key(f->vault, (ockam_signing_type_t)t, OCKAM_EPHEMERAL, &id, NULL));
        assert_ok(ockam_vault_public_key(f->vault, id, &key, NULL));
        assert_ok(ockam_vault_sign(f->vault, id, nothing, &signature, NULL));
        signature.type = t == OCKAM_P256 ? OCKAM_ED25519 : OCKAM_P256;
        assert_status(ockam_vault_verify(f->vault, &key, nothing, &signature, NULL), OCKAM_NOT_AUTHENTIC);
        key.type = (ockam_signing_type_t)7;
        assert_status(ockam_vault_verify(f->vault, &key, nothing, &signature, NULL), OCKAM_NOT_AUTHENTIC);
        signature.type = (ockam_signing_type_t)7;
        assert_status(ockam_vault_verify(f->vault, &key, nothing, &signature, NULL), OCKAM_NOT_AUTHENTIC);
    }
}

static void small_order_ed25519_keys_verify_nothing(void **state)
{
    struct fixture          *f         = *state;
    const ockam_public_key_t key       = {.type = OCKAM_ED25519, .bytes = {1}};
    const ockam_signature_t  signature = {.type = OCKAM_ED25519, .bytes = {1}}; /* R = A = the neutral point, S = 0 */

    assert_status(ockam_vault_verify(f->vault, &key, ockam_slice_text("anything"), &signature, NULL),
                  OCKAM_NOT_AUTHENTIC);
}

/* ---- generating and importing ----------------------------------------------------------------------------------- */

static void generating_keeps_the_bytes_that_were_drawn(void **state)
{
    struct fixture *f            = *state;
    const uint8_t   drawn[3][32] = {{1}, {2}, {3}};
    ockam_key_id_t  id[3];
    ockam_secret_t  out;

    fixed_random_queue(&f->random);
    for (size_t i = 0; i < 3; i++)
        fixed_random_push(&f->random, ockam_slice(drawn[i], 32));
    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_ED25519, OCKAM_EPHEMERAL, &id[0], NULL));
    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_P256, OCKAM_EPHEMERAL, &id[1], NULL));
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id[2], NULL));
    for (size_t i = 0; i < 3; i++) {
        assert_ok(ockam_vault_export(f->vault, id[i], &out, NULL));
        assert_int_equal(out.len, 32);
        assert_memory_equal(out.bytes, drawn[i], 32);
    }
}

static void a_p256_scalar_out_of_range_is_drawn_again(void **state)
{
    struct fixture *f = *state;
    uint8_t         high[32];
    const uint8_t   zero[32] = {0};
    const uint8_t   good[32] = {9};
    ockam_key_id_t  id       = OCKAM_KEY_ID_NONE;
    ockam_secret_t  out;

    memset(high, 0xff, sizeof(high));
    fixed_random_queue(&f->random);
    fixed_random_push(&f->random, ockam_slice(high, 32));
    fixed_random_push(&f->random, ockam_slice(zero, 32));
    fixed_random_push(&f->random, ockam_slice(good, 32));
    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_P256, OCKAM_EPHEMERAL, &id, NULL));
    assert_ok(ockam_vault_export(f->vault, id, &out, NULL));
    assert_memory_equal(out.bytes, good, 32);
}

static void generating_without_usable_randomness_fails(void **state)
{
    struct fixture *f = *state;
    uint8_t         high[32];
    ockam_key_id_t  id     = 77;
    uint8_t         out[8] = {1, 1, 1, 1, 1, 1, 1, 1};

    memset(high, 0xff, sizeof(high));
    fixed_random_queue(&f->random);
    for (size_t i = 0; i < FIXED_RANDOM_QUEUE_MAX; i++)
        fixed_random_push(&f->random, ockam_slice(high, 32));
    assert_status(ockam_vault_generate_signing_key(f->vault, OCKAM_P256, OCKAM_EPHEMERAL, &id, NULL), OCKAM_IO);
    fixed_random_queue(&f->random);
    assert_status(ockam_vault_generate_signing_key(f->vault, OCKAM_ED25519, OCKAM_EPHEMERAL, &id, NULL), OCKAM_IO);
    assert_status(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL), OCKAM_IO);
    assert_int_equal(id, 77);
    assert_status(ockam_vault_random(f->vault, out, sizeof(out), NULL), OCKAM_IO);
    assert_memory_equal(out, "\0\0\0\0\0\0\0\0", 8);
}

static void importing_refuses_what_is_no_secret(void **state)
{
    struct fixture *f  = *state;
    ockam_key_id_t  id = OCKAM_KEY_ID_NONE;
    ockam_secret_t  s  = {.len = 31, .bytes = {1}};

    for (; s.len <= 33; s.len += 2) {
        assert_status(ockam_vault_import_signing_key(f->vault, OCKAM_ED25519, &s, OCKAM_EPHEMERAL, &id, NULL),
                      OCKAM_INVALID);
        assert_status(ockam_vault_import_signing_key(f->vault, OCKAM_P256, &s, OCKAM_EPHEMERAL, &id, NULL),
                      OCKAM_INVALID);
        assert_status(ockam_vault_import_x25519(f->vault, &s, OCKAM_EPHEMERAL, &id, NULL), OCKAM_INVALID);
    }
    s.len = 32;
    assert_status(ockam_vault_import_signing_key(f->vault, (ockam_signing_type_t)2, &s, OCKAM_EPHEMERAL, &id, NULL),
                  OCKAM_INVALID);
    assert_status(ockam_vault_generate_signing_key(f->vault, (ockam_signing_type_t)2, OCKAM_EPHEMERAL, &id, NULL),
                  OCKAM_INVALID);
    s.bytes[0] = 0; /* the scalar 0 */
    assert_status(ockam_vault_import_signing_key(f->vault, OCKAM_P256, &s, OCKAM_EPHEMERAL, &id, NULL), OCKAM_INVALID);
    assert_int_equal(id, OCKAM_KEY_ID_NONE);
}

/* ---- handles ---------------------------------------------------------------------------------------------------- */

static void a_handle_of_the_other_use_is_not_found(void **state)
{
    struct fixture    *f       = *state;
    ockam_key_id_t     signing = OCKAM_KEY_ID_NONE;
    ockam_key_id_t     x25519  = OCKAM_KEY_ID_NONE;
    ockam_public_key_t key;
    ockam_signature_t  signature;
    ockam_secret_t     shared;
    uint8_t            bytes[32] = {9};

    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_ED25519, OCKAM_EPHEMERAL, &signing, NULL));
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &x25519, NULL));
    assert_status(ockam_vault_sign(f->vault, x25519, nothing, &signature, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_public_key(f->vault, x25519, &key, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_x25519(f->vault, signing, bytes, &shared, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_x25519_public(f->vault, signing, bytes, NULL), OCKAM_NOT_FOUND);
}

static void handles_that_were_never_given_are_not_found(void **state)
{
    struct fixture      *f  = *state;
    ockam_key_id_t       id = OCKAM_KEY_ID_NONE;
    ockam_secret_t       out;
    const ockam_key_id_t wrong[] = {OCKAM_KEY_ID_NONE, 1, 2, 17, UINT64_MAX, (ockam_key_id_t)1 << 32};

    for (int round = 0; round < 2; round++) { /* with an empty table, and with one key that is none of these */
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
            if (round == 1 && wrong[i] == id)
                continue;
            assert_status(ockam_vault_export(f->vault, wrong[i], &out, NULL), OCKAM_NOT_FOUND);
            assert_status(ockam_vault_delete(f->vault, wrong[i], NULL), OCKAM_NOT_FOUND);
            ockam_vault_forget(f->vault, wrong[i]);
        }
        if (round == 0)
            assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    }
    assert_ok(ockam_vault_export(f->vault, id, &out, NULL));
}

static void a_forgotten_handle_never_names_a_later_secret(void **state)
{
    struct fixture *f = *state;
    ockam_key_id_t  old[40];
    ockam_key_id_t  id = OCKAM_KEY_ID_NONE;
    ockam_secret_t  out;

    for (size_t i = 0; i < 40; i++) {
        assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &old[i], NULL));
        ockam_vault_forget(f->vault, old[i]);
        ockam_vault_forget(f->vault, old[i]); /* twice is harmless */
    }
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    for (size_t i = 0; i < 40; i++) {
        assert_true(old[i] != id);
        ockam_vault_forget(f->vault, old[i]);
        assert_status(ockam_vault_export(f->vault, old[i], &out, NULL), OCKAM_NOT_FOUND);
    }
    assert_ok(ockam_vault_export(f->vault, id, &out, NULL));
}

static void keys_keep_their_handles_while_the_table_grows(void **state)
{
    struct fixture *f = *state;
    ockam_key_id_t  id[100];
    ockam_secret_t  secret[100];
    ockam_secret_t  out;

    for (size_t i = 0; i < 100; i++) {
        assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id[i], NULL));
        assert_ok(ockam_vault_export(f->vault, id[i], &secret[i], NULL));
    }
    for (size_t i = 0; i < 100; i++) {
        assert_ok(ockam_vault_export(f->vault, id[i], &out, NULL));
        assert_memory_equal(out.bytes, secret[i].bytes, 32);
    }
}

static void there_is_a_limit_of_secrets_and_forgetting_makes_room(void **state)
{
    struct fixture *f     = *state;
    ockam_key_id_t  first = OCKAM_KEY_ID_NONE;
    ockam_key_id_t  id    = OCKAM_KEY_ID_NONE;

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &first, NULL));
    for (size_t i = 1; i < OCKAM_VAULT_SECRETS_MAX; i++)
        assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_status(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL), OCKAM_LIMIT);
    assert_status(ockam_vault_generate_signing_key(f->vault, OCKAM_ED25519, OCKAM_PERSISTENT, &id, NULL), OCKAM_LIMIT);
    ockam_vault_forget(f->vault, first);
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_status(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL), OCKAM_LIMIT);
}

static void finding_and_importing_what_is_there_gives_the_same_handle_until_each_is_forgotten(void **state)
{
    struct fixture    *f        = *state;
    ockam_key_id_t     id       = OCKAM_KEY_ID_NONE;
    ockam_key_id_t     found    = OCKAM_KEY_ID_NONE;
    ockam_key_id_t     imported = OCKAM_KEY_ID_NONE;
    ockam_public_key_t key;
    ockam_secret_t     secret;

    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_P256, OCKAM_EPHEMERAL, &id, NULL));
    assert_ok(ockam_vault_public_key(f->vault, id, &key, NULL));
    assert_ok(ockam_vault_export(f->vault, id, &secret, NULL));
    assert_ok(ockam_vault_find_signing_key(f->vault, &key, &found, NULL));
    assert_ok(ockam_vault_import_signing_key(f->vault, OCKAM_P256, &secret, OCKAM_EPHEMERAL, &imported, NULL));
    assert_true(found == id && imported == id);
    ockam_vault_forget(f->vault, id);
    ockam_vault_forget(f->vault, found);
    assert_ok(ockam_vault_export(f->vault, imported, &secret, NULL));
    ockam_vault_forget(f->vault, imported);
    assert_status(ockam_vault_export(f->vault, imported, &secret, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_find_signing_key(f->vault, &key, &found, NULL), OCKAM_NOT_FOUND);
}

/* ---- the store -------------------------------------------------------------------------------------------------- */

static void persistent_secrets_outlive_the_vault_and_ephemeral_ones_do_not(void **state)
{
    struct fixture *f = *state;

    for (int lifetime = OCKAM_EPHEMERAL; lifetime <= OCKAM_PERSISTENT; lifetime++) {
        const ockam_status_t expected = lifetime == OCKAM_PERSISTENT ? OCKAM_OK : OCKAM_NOT_FOUND;
        ockam_public_key_t   key[2];
        uint8_t              x25519[32];
        ockam_vault_t       *later;
        ockam_key_id_t       id = OCKAM_KEY_ID_NONE;
        ockam_signature_t    signature;
        for (int t = 0; t < 2; t++) {
            assert_ok(ockam_vault_generate_signing_key(f->vault, (ockam_signing_type_t)t, (ockam_lifetime_t)lifetime,
                                                       &id, NULL));
            assert_ok(ockam_vault_public_key(f->vault, id, &key[t], NULL));
        }
        assert_ok(ockam_vault_generate_x25519(f->vault, (ockam_lifetime_t)lifetime, &id, NULL));
        assert_ok(ockam_vault_x25519_public(f->vault, id, x25519, NULL));
        later = restarted(f);
        for (int t = 0; t < 2; t++) {
            assert_status(ockam_vault_find_signing_key(later, &key[t], &id, NULL), expected);
            if (expected != OCKAM_OK)
                continue;
            assert_ok(ockam_vault_sign(later, id, nothing, &signature, NULL));
            assert_ok(ockam_vault_verify(f->vault, &key[t], nothing, &signature, NULL));
        }
        assert_status(ockam_vault_find_x25519(later, x25519, &id, NULL), expected);
        ockam_vault_free(later);
    }
}

static void a_forgotten_persistent_secret_is_found_again(void **state)
{
    struct fixture *f     = *state;
    ockam_key_id_t  id    = OCKAM_KEY_ID_NONE;
    ockam_key_id_t  again = OCKAM_KEY_ID_NONE;
    uint8_t         key[32];

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    ockam_vault_forget(f->vault, id);
    assert_ok(ockam_vault_find_x25519(f->vault, key, &again, NULL));
    assert_true(again != id);
    assert_ok(ockam_vault_delete(f->vault, again, NULL)); /* also what was found can be deleted */
    assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_NOT_FOUND);
}

static void a_deleted_secret_is_nowhere(void **state)
{
    struct fixture *f      = *state;
    ockam_key_id_t  id     = OCKAM_KEY_ID_NONE;
    ockam_key_id_t  second = OCKAM_KEY_ID_NONE;
    ockam_vault_t  *later;
    uint8_t         key[32];

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    assert_ok(ockam_vault_find_x25519(f->vault, key, &second, NULL));
    assert_ok(ockam_vault_delete(f->vault, id, NULL));
    assert_status(ockam_vault_x25519_public(f->vault, second, key, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_delete(f->vault, id, NULL), OCKAM_NOT_FOUND);
    assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_NOT_FOUND);
    later = restarted(f);
    assert_status(ockam_vault_find_x25519(later, key, &id, NULL), OCKAM_NOT_FOUND);
    ockam_vault_free(later);
}

static void without_a_store_persistent_means_as_long_as_the_vault(void **state)
{
    struct fixture *f     = *state;
    ockam_vault_t  *vault = vault_with(&f->allocator.allocator, &f->random, NULL);
    ockam_key_id_t  id    = OCKAM_KEY_ID_NONE;
    ockam_key_id_t  found = OCKAM_KEY_ID_NONE;
    uint8_t         key[32];

    assert_ok(ockam_vault_generate_x25519(vault, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_x25519_public(vault, id, key, NULL));
    assert_ok(ockam_vault_find_x25519(vault, key, &found, NULL));
    assert_ok(ockam_vault_delete(vault, id, NULL));
    assert_status(ockam_vault_find_x25519(vault, key, &found, NULL), OCKAM_NOT_FOUND);
    ockam_vault_free(vault);
}

static void the_store_is_asked_for_the_type_too(void **state)
{
    struct fixture    *f  = *state;
    ockam_key_id_t     id = OCKAM_KEY_ID_NONE;
    ockam_public_key_t key;
    ockam_vault_t     *later;

    assert_ok(ockam_vault_generate_signing_key(f->vault, OCKAM_ED25519, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_public_key(f->vault, id, &key, NULL));
    assert_status(ockam_vault_find_x25519(f->vault, key.bytes, &id, NULL), OCKAM_NOT_FOUND);
    later = restarted(f);
    assert_status(ockam_vault_find_x25519(later, key.bytes, &id, NULL), OCKAM_NOT_FOUND);
    key.type = (ockam_signing_type_t)2;
    assert_status(ockam_vault_find_signing_key(later, &key, &id, NULL), OCKAM_INVALID);
    ockam_vault_free(later);
}

static void damaged_stored_secrets_are_refused(void **state)
{
    struct fixture *f          = *state;
    uint8_t         value[200] = {2};
    const size_t    lengths[]  = {0, 1, 32, 34, 35, 200};
    ockam_key_id_t  id         = OCKAM_KEY_ID_NONE;
    ockam_secret_t  secret;
    uint8_t         key[32];
    uint8_t         name[32];
    ockam_slice_t   at;

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    assert_ok(ockam_vault_export(f->vault, id, &secret, NULL));
    ockam_vault_forget(f->vault, id);
    ockam_vault_sha256(f->vault, ockam_slice(key, 32), nothing, name);
    at = ockam_slice(name, 32);
    memcpy(value + 1, secret.bytes, 32);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        assert_ok(ockam_store_put(f->store.inner, OCKAM_TABLE_SECRET, at, ockam_slice(value, lengths[i]), NULL));
        assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_CORRUPT);
    }
    value[0] = 3;
    assert_ok(ockam_store_put(f->store.inner, OCKAM_TABLE_SECRET, at, ockam_slice(value, 33), NULL));
    assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_CORRUPT);
    value[0]  = 2;
    value[17] = (uint8_t)(value[17] ^ 1); /* another secret than that of the public key */
    assert_ok(ockam_store_put(f->store.inner, OCKAM_TABLE_SECRET, at, ockam_slice(value, 33), NULL));
    assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_CORRUPT);
    value[17] = (uint8_t)(value[17] ^ 1);
    assert_ok(ockam_store_put(f->store.inner, OCKAM_TABLE_SECRET, at, ockam_slice(value, 33), NULL));
    assert_ok(ockam_vault_find_x25519(f->vault, key, &id, NULL));
}

static void a_store_that_fails_leaves_things_as_they_were(void **state)
{
    const ockam_secret_t five  = {.len = 32, .bytes = {5}};
    struct fixture      *f     = *state;
    ockam_key_id_t       id    = OCKAM_KEY_ID_NONE;
    ockam_key_id_t       other = OCKAM_KEY_ID_NONE;
    ockam_secret_t       secret;
    uint8_t              key[32];

    f->store.put = OCKAM_IO;
    assert_status(ockam_vault_generate_x25519(f->vault, OCKAM_PERSISTENT, &id, NULL), OCKAM_IO);
    assert_status(ockam_vault_import_x25519(f->vault, &five, OCKAM_PERSISTENT, &id, NULL), OCKAM_IO);
    assert_int_equal(id, OCKAM_KEY_ID_NONE);
    assert_int_equal(f->vault->secrets[0].refs, 0); /* not in memory either */
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    assert_ok(ockam_vault_export(f->vault, id, &secret, NULL));
    assert_status(ockam_vault_import_x25519(f->vault, &secret, OCKAM_PERSISTENT, &other, NULL), OCKAM_IO);
    f->store.put = OCKAM_OK;
    assert_ok(
        ockam_vault_import_x25519(f->vault, &secret, OCKAM_PERSISTENT, &other, NULL)); /* persistent from now on */

    f->store.remove = OCKAM_TIMEOUT;
    assert_status(ockam_vault_delete(f->vault, id, NULL), OCKAM_TIMEOUT);
    assert_ok(ockam_vault_export(f->vault, id, &secret, NULL));
    ockam_vault_forget(f->vault, id);
    ockam_vault_forget(f->vault, other);
    f->store.get = OCKAM_IO;
    assert_status(ockam_vault_find_x25519(f->vault, key, &id, NULL), OCKAM_IO);
    f->store.get    = OCKAM_OK;
    f->store.remove = OCKAM_NOT_FOUND; /* somebody else was faster */
    assert_ok(ockam_vault_find_x25519(f->vault, key, &id, NULL));
    assert_ok(ockam_vault_delete(f->vault, id, NULL));
}

static void importing_again_after_a_rollback_writes_again(void **state)
{
    struct fixture      *f      = *state;
    const ockam_secret_t secret = {.len = 32, .bytes = {5}};
    ockam_key_id_t       id     = OCKAM_KEY_ID_NONE;
    ockam_vault_t       *later;
    uint8_t              key[32];

    assert_ok(ockam_store_begin(&f->store.base, NULL));
    assert_ok(ockam_vault_import_x25519(f->vault, &secret, OCKAM_PERSISTENT, &id, NULL));
    ockam_store_rollback(&f->store.base);
    assert_ok(ockam_vault_import_x25519(f->vault, &secret, OCKAM_PERSISTENT, &id, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, id, key, NULL));
    later = restarted(f);
    assert_ok(ockam_vault_find_x25519(later, key, &id, NULL));
    ockam_vault_free(later);
}

/* ---- key agreement ---------------------------------------------------------------------------------------------- */

static void both_ends_agree_on_a_secret(void **state)
{
    struct fixture *f = *state;
    ockam_key_id_t  a = OCKAM_KEY_ID_NONE;
    ockam_key_id_t  b = OCKAM_KEY_ID_NONE;
    uint8_t         key_a[32];
    uint8_t         key_b[32];
    ockam_secret_t  from_a;
    ockam_secret_t  from_b;

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &a, NULL));
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &b, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, a, key_a, NULL));
    assert_ok(ockam_vault_x25519_public(f->vault, b, key_b, NULL));
    assert_ok(ockam_vault_x25519(f->vault, a, key_b, &from_a, NULL));
    assert_ok(ockam_vault_x25519(f->vault, b, key_a, &from_b, NULL));
    assert_int_equal(from_a.len, 32);
    assert_memory_equal(from_a.bytes, from_b.bytes, 32);
}

static void low_order_peer_keys_are_refused(void **state)
{
    struct fixture *f      = *state;
    vectors_t      *file   = vectors_open("secure_channel.json");
    const json_t   *points = vectors_get(file, vectors_get(file, vectors_root(file), "x25519_low_order_points"),
                                         "points");
    ockam_key_id_t  id     = OCKAM_KEY_ID_NONE;
    ockam_secret_t  out    = {.len = 5, .bytes = {9}};

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    for (size_t i = 0; i < json_array_size(points); i++)
        for (unsigned high = 0; high <= 0x80; high += 0x80) {
            uint8_t point[32];
            memcpy(point, vectors_unhex(file, json_string_value(json_array_get(points, i)), 64).ptr, 32);
            point[31] = (uint8_t)(point[31] | high);
            assert_status(ockam_vault_x25519(f->vault, id, point, &out, NULL), OCKAM_NOT_AUTHENTIC);
            assert_true(out.len == 5 && out.bytes[0] == 9);
        }
    vectors_close(file);
}

/* ---- sealing ---------------------------------------------------------------------------------------------------- */

static const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES] = {0};

static ockam_aead_t *aead_of(ockam_vault_t *vault, size_t number)
{
    uint8_t       key[32] = {(uint8_t)number, (uint8_t)(number >> 8), 1};
    ockam_aead_t *aead    = NULL;

    assert_ok(ockam_aead_new(vault, OCKAM_AES256_GCM, key, &aead, NULL));
    return aead;
}

/* What `number` seals under vault `a` opens under vault `b`. */
static void assert_same_key(ockam_aead_t *sealer, ockam_aead_t *opener, size_t len)
{
    static uint8_t text[70000];
    uint8_t        tag[16];

    memset(text, 0x5a, len);
    assert_ok(ockam_aead_seal(sealer, nonce, nothing, text, len, tag, NULL));
    assert_true(len < 16 || text[0] != 0x5a || text[1] != 0x5a);
    assert_ok(ockam_aead_open(opener, nonce, nothing, text, len, tag, NULL));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(text[i], 0x5a);
}

/* A second vault with OpenSSL alone, whose keys are never where the first one's are. */
static ockam_vault_t *reference_vault(void)
{
    const ockam_provider_t     *providers[] = {ockam_provider_openssl(), NULL};
    const ockam_vault_options_t options     = {.allocator = ockam_allocator_malloc(), .providers = providers};
    ockam_vault_t              *vault       = NULL;

    assert_ok(ockam_vault_new(&options, &vault, NULL));
    return vault;
}

static void sizes_at_the_ends_of_each_class_seal_alike(void **state)
{
    static const size_t sizes[] = {0, 1, 255, 256, 257, 1023, 1024, 1025, 16383, 16384, 16385, 49152, 65536};
    struct fixture     *f       = *state;
    ockam_vault_t      *other   = reference_vault();
    ockam_aead_t       *ours    = aead_of(f->vault, 1);
    ockam_aead_t       *theirs  = aead_of(other, 1);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_same_key(ours, theirs, sizes[i]);
        assert_same_key(theirs, ours, sizes[i]);
    }
    ockam_aead_free(ours);
    ockam_aead_free(theirs);
    ockam_vault_free(other);
}

#define MANY (3 * (size_t)OCKAM_AEAD_SLOTS_MAX)

static void more_keys_than_slots_take_turns(void **state)
{
    struct fixture *f     = *state;
    ockam_vault_t  *other = reference_vault();
    ockam_aead_t   *ours[MANY];
    ockam_aead_t   *theirs[MANY];

    for (size_t i = 0; i < MANY; i++) {
        ours[i]   = aead_of(f->vault, i);
        theirs[i] = aead_of(other, i);
    }
    for (size_t round = 0; round < 4; round++)
        for (size_t i = 0; i < MANY; i++) {
            const size_t at = round % 2 == 0 ? i : (i * 101) % MANY;
            assert_same_key(ours[at], theirs[at], round == 3 ? 20000 : 40);
        }
    for (size_t i = 0; i < MANY; i += 2) { /* every second one makes place for another key */
        ockam_aead_free(ours[i]);
        ours[i] = aead_of(f->vault, i);
    }
    for (size_t i = 0; i < MANY; i++)
        assert_same_key(ours[i], theirs[i], 40);
    for (size_t i = 0; i < MANY; i++) {
        ockam_aead_free(ours[i]);
        ockam_aead_free(theirs[i]);
    }
    ockam_vault_free(other);
}

static void set_key_replaces_the_key_for_every_size(void **state)
{
    struct fixture *f       = *state;
    ockam_aead_t   *changed = aead_of(f->vault, 1);
    ockam_aead_t   *old     = aead_of(f->vault, 1);
    ockam_aead_t *new       = aead_of(f->vault, 2);
    const uint8_t key[32]   = {2, 0, 1};
    uint8_t       text[64]  = {0};
    uint8_t       tag[16];

    assert_same_key(changed, old, 64);
    assert_same_key(changed, old, 65536);
    ockam_aead_set_key(changed, key);
    assert_same_key(changed, new, 64);
    assert_same_key(new, changed, 65536);
    assert_ok(ockam_aead_seal(old, nonce, nothing, text, sizeof(text), tag, NULL));
    assert_status(ockam_aead_open(changed, nonce, nothing, text, sizeof(text), tag, NULL), OCKAM_NOT_AUTHENTIC);
    ockam_aead_free(changed);
    ockam_aead_free(old);
    ockam_aead_free(new);
}

static void sealing_and_new_keys_allocate_nothing(void **state)
{
    struct fixture *f       = *state;
    ockam_aead_t   *a       = aead_of(f->vault, 1);
    ockam_aead_t   *b       = aead_of(f->vault, 1);
    const size_t    before  = f->allocator.calls;
    uint8_t         key[32] = {1, 0, 1};

    for (size_t i = 0; i < 100; i++) {
        assert_same_key(a, b, i * 700);
        key[3] = (uint8_t)i;
        ockam_aead_set_key(a, key);
        ockam_aead_set_key(b, key);
    }
    assert_int_equal(f->allocator.calls, before);
    ockam_aead_free(a);
    ockam_aead_free(b);
    assert_int_equal(f->allocator.calls, before);
}

static void an_idle_aead_is_small(void **state)
{
    struct fixture *f = *state;
    ockam_aead_t   *all[1000];
    size_t          after_100 = 0;

    for (size_t i = 0; i < 1000; i++) {
        if (i == 100)
            after_100 = f->allocator.live_bytes;
        all[i] = aead_of(f->vault, i);
    }
    assert_true((f->allocator.live_bytes - after_100) / 900 <= 128);
    for (size_t i = 0; i < 1000; i++)
        ockam_aead_free(all[i]);
}

static void sizes_past_the_limit_are_refused_untouched(void **state)
{
    struct fixture     *f       = *state;
    ockam_aead_t       *aead    = aead_of(f->vault, 1);
    const ockam_slice_t huge    = {NULL, (size_t)OCKAM_AEAD_BYTES_MAX + 1};
    uint8_t             tag[16] = {0};

    assert_status(ockam_aead_seal(aead, nonce, nothing, NULL, huge.len, tag, NULL), OCKAM_INVALID);
    assert_status(ockam_aead_seal(aead, nonce, huge, NULL, 0, tag, NULL), OCKAM_INVALID);
    assert_status(ockam_aead_open(aead, nonce, nothing, NULL, huge.len, tag, NULL), OCKAM_NOT_AUTHENTIC);
    assert_status(ockam_aead_open(aead, nonce, huge, NULL, 0, tag, NULL), OCKAM_NOT_AUTHENTIC);
    assert_status(ockam_aead_new(f->vault, (ockam_aead_type_t)3, tag, &aead, NULL), OCKAM_UNSUPPORTED);
    ockam_aead_free(aead);
    ockam_aead_free(NULL);
}

/* ---- what no provider can change -------------------------------------------------------------------------------- */

static ockam_status_t verify_anything(void *context, const uint8_t public_key[32], ockam_slice_t data,
                                      const uint8_t signature[64])
{
    (void)context;
    (void)public_key;
    (void)data;
    (void)signature;
    return OCKAM_OK;
}

static ockam_status_t agree_on_zeros(void *context, const uint8_t secret[32], const uint8_t public_key[32],
                                     const uint8_t peer[32], uint8_t out[32])
{
    (void)context;
    (void)secret;
    (void)public_key;
    memcpy(out, peer, 32);
    return OCKAM_OK;
}

/* What an imaginary provider of sealing has seen, by the first byte of the key. */
static struct {
    unsigned keyed[256];
    uint8_t *states[2 * OCKAM_AEAD_SLOTS_MAX];
    size_t   made;
} seen;

static ockam_status_t seen_create(void *context, void *state)
{
    (void)context;
    seen.states[seen.made++] = state;
    return OCKAM_OK;
}

static ockam_status_t seen_set_key(void *state, const uint8_t *key)
{
    memcpy(state, key, 32);
    seen.keyed[key[0]]++;
    return OCKAM_OK;
}

static ockam_status_t seen_seal(void *state, const uint8_t n[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad, uint8_t *text,
                                size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    (void)n;
    (void)aad;
    (void)text;
    (void)len;
    memcpy(tag, state, OCKAM_AEAD_TAG_BYTES);
    return OCKAM_OK;
}

static uint32_t seen_cost(ockam_aead_type_t type, ockam_aead_class_t size)
{
    (void)size;
    return type == OCKAM_AES256_GCM;
}

static const ockam_provider_aead_t seen_aead = {
    .state_bytes = 32, .create = seen_create, .set_key = seen_set_key, .seal = seen_seal};

/* A vault whose only provider verifies anything, agrees on the peer's key, and seals as above. */
static ockam_vault_t *lenient_vault(struct fixture *f)
{
    static ockam_provider_t     lenient;
    const ockam_provider_t     *providers[] = {&lenient, NULL};
    const ockam_vault_options_t options     = {.allocator = &f->allocator.allocator, .providers = providers};
    ockam_vault_t              *vault       = NULL;

    lenient                        = *ockam_provider_openssl();
    lenient.ed25519_verify         = verify_anything;
    lenient.x25519                 = agree_on_zeros;
    lenient.aead[OCKAM_AES256_GCM] = &seen_aead;
    lenient.aead_cost              = seen_cost;
    memset(&seen, 0, sizeof(seen));
    assert_ok(ockam_vault_new(&options, &vault, NULL));
    return vault;
}

static void the_rule_for_ed25519_comes_before_the_provider(void **state)
{
    struct fixture          *f     = *state;
    ockam_vault_t           *vault = lenient_vault(f);
    const ockam_public_key_t good  = {.type = OCKAM_ED25519, .bytes = {2}};
    const ockam_public_key_t small = {.type = OCKAM_ED25519, .bytes = {1}};
    const ockam_signature_t  fine  = {.type = OCKAM_ED25519, .bytes = {2}};
    ockam_signature_t        large = fine;

    memset(large.bytes + 32, 0xff, 32);
    assert_ok(ockam_vault_verify(vault, &good, nothing, &fine, NULL));
    assert_status(ockam_vault_verify(vault, &small, nothing, &fine, NULL), OCKAM_NOT_AUTHENTIC);
    assert_status(ockam_vault_verify(vault, &good, nothing, &large, NULL), OCKAM_NOT_AUTHENTIC);
    ockam_vault_free(vault);
}

static void an_agreement_on_zeros_is_refused_whatever_the_provider_says(void **state)
{
    struct fixture *f        = *state;
    ockam_vault_t  *vault    = lenient_vault(f);
    ockam_key_id_t  id       = OCKAM_KEY_ID_NONE;
    uint8_t         peer[32] = {0};
    ockam_secret_t  out;

    assert_ok(ockam_vault_generate_x25519(vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_status(ockam_vault_x25519(vault, id, peer, &out, NULL), OCKAM_NOT_AUTHENTIC);
    for (size_t i = 0; i < 32; i++) { /* one bit anywhere is enough */
        peer[i] = 0x10;
        assert_ok(ockam_vault_x25519(vault, id, peer, &out, NULL));
        peer[i] = 0;
    }
    ockam_vault_free(vault);
}

static void forgetting_wipes_the_secret(void **state)
{
    struct fixture *f         = *state;
    const uint8_t   zeros[32] = {0};
    ockam_key_id_t  id        = OCKAM_KEY_ID_NONE;

    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_EPHEMERAL, &id, NULL));
    assert_memory_not_equal(f->vault->secrets[0].secret, zeros, 32);
    ockam_vault_forget(f->vault, id);
    assert_memory_equal(f->vault->secrets[0].secret, zeros, 32);
    assert_ok(ockam_vault_generate_x25519(f->vault, OCKAM_PERSISTENT, &id, NULL));
    assert_memory_not_equal(f->vault->secrets[0].secret, zeros, 32);
    assert_ok(ockam_vault_delete(f->vault, id, NULL));
    assert_memory_equal(f->vault->secrets[0].secret, zeros, 32);
}

static void a_freed_or_replaced_key_leaves_its_slots(void **state)
{
    struct fixture *f         = *state;
    ockam_vault_t  *vault     = lenient_vault(f);
    const uint8_t   zeros[32] = {0};
    const uint8_t   other[32] = {9};
    ockam_aead_t   *aead      = aead_of(vault, 7);
    uint8_t         tag[16];

    assert_ok(ockam_aead_seal(aead, nonce, nothing, NULL, 0, tag, NULL));
    assert_int_equal(seen.made, 1);
    assert_int_equal(seen.states[0][0], 7);
    ockam_aead_set_key(aead, other);
    assert_memory_equal(seen.states[0], other, 32);
    ockam_aead_free(aead);
    assert_memory_equal(seen.states[0], zeros, 32);
    ockam_vault_free(vault);
}

static void a_freed_key_makes_room_for_the_next(void **state)
{
    struct fixture *f     = *state;
    ockam_vault_t  *vault = lenient_vault(f);
    ockam_aead_t   *aead[OCKAM_AEAD_SLOTS_MAX + 1];
    uint8_t         tag[16];

    for (size_t i = 0; i <= OCKAM_AEAD_SLOTS_MAX; i++)
        aead[i] = aead_of(vault, i + 1);
    assert_int_equal(seen.made, OCKAM_AEAD_SLOTS_MAX);
    for (size_t i = 0; i < OCKAM_AEAD_SLOTS_MAX; i++)
        assert_ok(ockam_aead_seal(aead[i], nonce, nothing, NULL, 0, tag, NULL));
    ockam_aead_free(aead[30]);
    assert_ok(ockam_aead_seal(aead[OCKAM_AEAD_SLOTS_MAX], nonce, nothing, NULL, 0, tag, NULL));
    for (size_t i = 0; i <= OCKAM_AEAD_SLOTS_MAX; i++) {
        if (i == 30)
            continue;
        assert_ok(ockam_aead_seal(aead[i], nonce, nothing, NULL, 0, tag, NULL));
        assert_int_equal(tag[0], i + 1);
        assert_int_equal(seen.keyed[i + 1], 1); /* nobody lost a slot */
        ockam_aead_free(aead[i]);
    }
    ockam_vault_free(vault);
}

static void a_key_in_use_keeps_its_slot_while_others_take_turns(void **state)
{
    struct fixture *f     = *state;
    ockam_vault_t  *vault = lenient_vault(f);
    ockam_aead_t   *aead[200];
    uint8_t         tag[16];

    for (size_t i = 0; i < 200; i++)
        aead[i] = aead_of(vault, i + 1);
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 1; i < 200; i++) {
            assert_ok(ockam_aead_seal(aead[i], nonce, nothing, NULL, 0, tag, NULL));
            assert_int_equal(tag[0], i + 1);
            assert_ok(ockam_aead_seal(aead[0], nonce, nothing, NULL, 0, tag, NULL));
            assert_int_equal(tag[0], 1);
        }
    assert_int_equal(seen.keyed[1], 1);
    assert_true(seen.keyed[2] > 1);
    for (size_t i = 0; i < 200; i++)
        ockam_aead_free(aead[i]);
    ockam_vault_free(vault);
}

/* ---- memory and threads ----------------------------------------------------------------------------------------- */

/* Everything that allocates, once. */
static ockam_status_t whole_life(const ockam_allocator_t *allocator, void *context)
{
    const ockam_provider_t     *providers[] = {ockam_provider_openssl(), ockam_provider_sodium(),
                                               ockam_provider_ipsec_mb()};
    fixed_random_t              random;
    const ockam_vault_options_t options = {.allocator      = allocator,
                                           .providers      = providers,
                                           .provider_count = 3,
                                           .random         = fixed_random_fill,
                                           .random_context = &random};
    const uint8_t               key[32] = {1};
    ockam_vault_t              *vault   = NULL;
    ockam_aead_t               *aead[3] = {NULL};
    ockam_key_id_t              id      = OCKAM_KEY_ID_NONE;
    ockam_status_t              s;

    (void)context;
    fixed_random_seed(&random, 3);
    if ((s = ockam_vault_new(&options, &vault, NULL)) != OCKAM_OK)
        return s;
    for (size_t i = 0; s == OCKAM_OK && i < 40; i++) /* the table grows twice */
        s = ockam_vault_generate_x25519(vault, OCKAM_PERSISTENT, &id, NULL);
    for (size_t i = 0; s == OCKAM_OK && i < 3; i++)
        s = ockam_aead_new(vault, (ockam_aead_type_t)i, key, &aead[i], NULL);
    for (size_t i = 0; i < 3; i++)
        ockam_aead_free(aead[i]);
    ockam_vault_free(vault);
    return s;
}

static void every_failed_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    assert_true(failing_allocator_sweep(whole_life, NULL) > 10);
}

struct thread {
    pthread_t      id;
    ockam_status_t status;
};

static void *use_a_vault(void *context)
{
    struct thread *thread = context;

    for (size_t i = 0; i < 10; i++)
        if ((thread->status = whole_life(ockam_allocator_malloc(), NULL)) != OCKAM_OK)
            return NULL;
    return NULL;
}

static void vaults_of_different_threads_do_not_meet(void **state)
{
    struct thread threads[4];

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i].id, NULL, use_a_vault, &threads[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i].id, NULL), 0);
        assert_ok(threads[i].status);
    }
}

#define T(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(new_refuses_what_is_incomplete),
        T(new_skips_missing_providers_when_told_how_many),
        T(new_needs_a_generator_from_somewhere),
        T(a_vault_without_p256_says_so),
        T(provider_of_answers_for_every_primitive),
        T(primitives_go_to_the_cheapest_provider),
        T(sealing_goes_to_the_cheapest_provider_of_the_size),
        T(signing_keys_have_the_public_keys_and_names_of_the_vectors),
        T(x25519_keys_have_the_public_keys_and_names_of_the_vectors),
        T(sha256_matches_the_vector),
        T(hkdf_matches_the_vectors),
        T(hkdf_matches_rfc_5869),
        T(hkdf_matches_wycheproof),
        T(hkdf_makes_1_to_96_bytes_and_each_is_a_prefix_of_the_next),
        T(hkdf_may_write_over_its_salt),
        T(sealing_matches_the_vector),
        T(what_a_key_signs_verifies_and_nothing_else_does),
        T(a_signature_of_the_other_type_is_refused),
        T(small_order_ed25519_keys_verify_nothing),
        T(generating_keeps_the_bytes_that_were_drawn),
        T(a_p256_scalar_out_of_range_is_drawn_again),
        T(generating_without_usable_randomness_fails),
        T(importing_refuses_what_is_no_secret),
        T(a_handle_of_the_other_use_is_not_found),
        T(handles_that_were_never_given_are_not_found),
        T(a_forgotten_handle_never_names_a_later_secret),
        T(keys_keep_their_handles_while_the_table_grows),
        T(there_is_a_limit_of_secrets_and_forgetting_makes_room),
        T(finding_and_importing_what_is_there_gives_the_same_handle_until_each_is_forgotten),
        T(persistent_secrets_outlive_the_vault_and_ephemeral_ones_do_not),
        T(a_forgotten_persistent_secret_is_found_again),
        T(a_deleted_secret_is_nowhere),
        T(without_a_store_persistent_means_as_long_as_the_vault),
        T(the_store_is_asked_for_the_type_too),
        T(damaged_stored_secrets_are_refused),
        T(a_store_that_fails_leaves_things_as_they_were),
        T(importing_again_after_a_rollback_writes_again),
        T(both_ends_agree_on_a_secret),
        T(low_order_peer_keys_are_refused),
        T(sizes_at_the_ends_of_each_class_seal_alike),
        T(more_keys_than_slots_take_turns),
        T(set_key_replaces_the_key_for_every_size),
        T(sealing_and_new_keys_allocate_nothing),
        T(an_idle_aead_is_small),
        T(sizes_past_the_limit_are_refused_untouched),
        T(the_rule_for_ed25519_comes_before_the_provider),
        T(an_agreement_on_zeros_is_refused_whatever_the_provider_says),
        T(forgetting_wipes_the_secret),
        T(a_freed_or_replaced_key_leaves_its_slots),
        T(a_freed_key_makes_room_for_the_next),
        T(a_key_in_use_keeps_its_slot_while_others_take_turns),
        T(every_failed_allocation_is_reported_and_leaks_nothing),
        T(vaults_of_different_threads_do_not_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
