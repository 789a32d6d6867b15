/* SPDX-License-Identifier: Apache-2.0
 *
 * primitives.c - nanoseconds per call of each primitive of each provider, and of the same through a vault. The costs in
 * src/vault/provider_*.c, by which a vault chooses, come from here.
 *
 *     primitives [--json] [--quick]
 *
 * One row per provider, primitive and size; "seal+open" is a pair of calls. Providers take turns in each run, so that a
 * noisy neighbour hits all of them; the figure is the median of the runs. '*' marks the provider that a vault takes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "vault/provider.h"

#define RUNS_MAX     9u
#define ROWS_MAX     4u /* providers, and the vault */
#define TEXT_BYTES   65536u
#define PROVIDER_MAX 3u

typedef enum {
    SHA256,
    HMAC_SHA256,
    HKDF_2,
    X25519_PUBLIC,
    X25519,
    ED25519_SIGN,
    ED25519_VERIFY,
    P256_SIGN,
    P256_VERIFY,
    SET_KEY,
    SEAL_OPEN
} what_t;

/* One thing to measure: a primitive of a provider, or (provider NULL) of the vault. */
typedef struct {
    const ockam_provider_t *provider;
    void                   *context;
    size_t                  size;
    void                   *storage;
    void                   *state; /* an expanded key */
    what_t                  what;
    ockam_aead_type_t       type;
    double                  ns[RUNS_MAX];
} row_t;

static ockam_vault_t *vault;
static ockam_aead_t  *sealer[OCKAM_AEAD_TYPES], *opener[OCKAM_AEAD_TYPES]; /* of the vault */
static ockam_key_id_t keys[3];                                             /* Ed25519, P-256, X25519 */
static uint8_t        text[TEXT_BYTES], secret[32] = {1}, x25519_key[32], ed25519_key[32], p256_key[65];
static uint8_t        ed25519_signature[64], p256_signature[64], digest[32], scratch[32];

static _Noreturn void die(ockam_status_t status, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, ockam_status_text(status));
    exit(70);
}

static void must(ockam_status_t status, const char *what)
{
    if (status != OCKAM_OK)
        die(status, what);
}

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static ockam_status_t of_vault(const row_t *row)
{
    static const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES];
    static uint8_t       tag[OCKAM_AEAD_TAG_BYTES];
    const ockam_slice_t  none       = {NULL, 0};
    ockam_secret_t       out        = {.len = 64};
    ockam_signature_t    signature  = {.type = OCKAM_ED25519};
    ockam_public_key_t   public_key = {.type = OCKAM_ED25519};
    ockam_key_id_t       id;
    ockam_status_t       s;

    switch (row->what) {
    case SHA256: ockam_vault_sha256(vault, ockam_slice(text, row->size), none, scratch); return OCKAM_OK;
    case HKDF_2: return ockam_vault_hkdf(vault, ockam_slice(secret, 32), ockam_slice(text, 32), none, &out, NULL);
    case X25519_PUBLIC:
        if ((s = ockam_vault_generate_x25519(vault, OCKAM_EPHEMERAL, &id, NULL)) == OCKAM_OK)
            ockam_vault_forget(vault, id);
        return s;
    case X25519: return ockam_vault_x25519(vault, keys[2], x25519_key, &out, NULL);
    case ED25519_SIGN: return ockam_vault_sign(vault, keys[0], ockam_slice(digest, 32), &signature, NULL);
    case P256_SIGN: return ockam_vault_sign(vault, keys[1], ockam_slice(digest, 32), &signature, NULL);
    case ED25519_VERIFY:
        memcpy(public_key.bytes, ed25519_key, 32);
        memcpy(signature.bytes, ed25519_signature, 64);
        return ockam_vault_verify(vault, &public_key, ockam_slice(digest, 32), &signature, NULL);
    case SET_KEY: ockam_aead_set_key(sealer[row->type], secret); return OCKAM_OK;
    case SEAL_OPEN:
        if ((s = ockam_aead_seal(sealer[row->type], nonce, none, text, row->size, tag, NULL)) != OCKAM_OK)
            return s;
        return ockam_aead_open(opener[row->type], nonce, none, text, row->size, tag, NULL);
    default: return OCKAM_UNSUPPORTED;
    }
}

static ockam_status_t of_provider(const row_t *row)
{
    static const uint8_t         nonce[OCKAM_AEAD_NONCE_BYTES];
    static uint8_t               out[65];
    const ockam_slice_t          none = {NULL, 0};
    const ockam_slice_t          data = {text, row->size};
    const ockam_provider_t      *p    = row->provider;
    const ockam_provider_aead_t *aead = p->aead[row->type];
    ockam_status_t               s;

    switch (row->what) {
    case SHA256: p->sha256(row->context, data, none, scratch); return OCKAM_OK;
    case HMAC_SHA256: p->hmac_sha256(row->context, ockam_slice(secret, 32), &data, 1, scratch); return OCKAM_OK;
    case X25519_PUBLIC: return p->x25519_public(row->context, secret, out);
    case X25519: return p->x25519(row->context, secret, x25519_key, x25519_key, out);
    case ED25519_SIGN: return p->ed25519_sign(row->context, secret, ed25519_key, ockam_slice(digest, 32), out);
    case ED25519_VERIFY:
        return p->ed25519_verify(row->context, ed25519_key, ockam_slice(digest, 32), ed25519_signature);
    case P256_SIGN: return p->p256_sign(row->context, secret, digest, out);
    case P256_VERIFY: return p->p256_verify(row->context, p256_key, digest, p256_signature);
    case SET_KEY: return aead->set_key(row->state, secret);
    case SEAL_OPEN:
        if ((s = aead->seal(row->state, nonce, none, text, row->size, out)) != OCKAM_OK)
            return s;
        return aead->open(row->state, nonce, none, text, row->size, out);
    default: return OCKAM_UNSUPPORTED;
    }
}

static double run(const row_t *row, size_t times)
{
    const double start = now_ns();

    for (size_t i = 0; i < times; i++)
        must(row->provider != NULL ? of_provider(row) : of_vault(row), "measured call");
    return (now_ns() - start) / (double)times;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Measure rows that compete, and print them. */
static void compete(const char *name, const char *chosen, row_t *rows, size_t count, unsigned runs, double run_ns,
                    bool json)
{
    size_t times[ROWS_MAX];

    for (size_t i = 0; i < count; i++) {
        (void)run(&rows[i], 3);
        times[i] = (size_t)(run_ns / run(&rows[i], 10)) + 10;
    }
    for (unsigned r = 0; r < runs; r++)
        for (size_t i = 0; i < count; i++)
            rows[i].ns[r] = run(&rows[i], times[i]);
    for (size_t i = 0; i < count; i++) {
        const char *by = rows[i].provider != NULL ? rows[i].provider->name : "vault";
        const bool  is = chosen != NULL && strcmp(by, chosen) == 0;
        qsort(rows[i].ns, runs, sizeof(rows[i].ns[0]), by_value);
        if (json)
            printf("{\"bench\":\"primitives\",\"primitive\":\"%s\",\"bytes\":%zu,\"provider\":\"%s\",\"chosen\":%s,"
                   "\"ns\":%.1f,\"ns_min\":%.1f,\"ns_max\":%.1f,\"runs\":%u}\n",
                   name, rows[i].size, by, is ? "true" : "false", rows[i].ns[runs / 2], rows[i].ns[0],
                   rows[i].ns[runs - 1], runs);
        else
            printf("%-28s %6zu  %-9s%c %10.1f   %10.1f .. %.1f\n", name, rows[i].size, by, is ? '*' : ' ',
                   rows[i].ns[runs / 2], rows[i].ns[0], rows[i].ns[runs - 1]);
    }
}

static void make_state(row_t *row)
{
    const ockam_provider_aead_t *aead = row->provider->aead[row->type];

    if ((row->storage = calloc(1, aead->state_bytes + OCKAM_AEAD_STATE_ALIGNMENT)) == NULL)
        die(OCKAM_NO_MEMORY, "expanded key");
    row->state = (uint8_t *)row->storage + OCKAM_AEAD_STATE_ALIGNMENT -
                 (uintptr_t)row->storage % OCKAM_AEAD_STATE_ALIGNMENT;
    if (aead->create != NULL)
        must(aead->create(row->context, row->state), "expanded key");
    must(aead->set_key(row->state, secret), "expanded key");
}

static void free_state(row_t *row)
{
    if (row->storage != NULL && row->provider->aead[row->type]->destroy != NULL)
        row->provider->aead[row->type]->destroy(row->state);
    free(row->storage);
}

static const struct {
    const char       *name;
    what_t            what;
    ockam_primitive_t primitive; /* COUNT: only the vault has it, or it is sealing */
    size_t            sizes[8];
    bool              vault;
} table[] = {
    {"sha256", SHA256, OCKAM_PRIMITIVE_SHA256, {16, 64, 256, 1024, 4096, 16384, 65536}, true},
    {"hmac_sha256", HMAC_SHA256, OCKAM_PRIMITIVE_HMAC_SHA256, {32, 64, 256, 1024}, false},
    {"hkdf (2 outputs)", HKDF_2, OCKAM_PRIMITIVE_COUNT, {32}, true},
    {"x25519_public", X25519_PUBLIC, OCKAM_PRIMITIVE_X25519_PUBLIC, {32}, true},
    {"x25519", X25519, OCKAM_PRIMITIVE_X25519, {32}, true},
    {"ed25519_sign", ED25519_SIGN, OCKAM_PRIMITIVE_ED25519_SIGN, {32}, true},
    {"ed25519_verify", ED25519_VERIFY, OCKAM_PRIMITIVE_ED25519_VERIFY, {32}, true},
    {"p256_sign", P256_SIGN, OCKAM_PRIMITIVE_P256_SIGN, {32}, true},
    {"p256_verify", P256_VERIFY, OCKAM_PRIMITIVE_P256_VERIFY, {32}, false},
};

static const char *const aead_names[OCKAM_AEAD_TYPES] = {"aes256gcm", "chacha20poly1305", "aes128gcm"};
static const size_t      aead_sizes[]                 = {16, 64, 256, 1024, 4096, 16384, 49152, 65536};

static const ockam_provider_t *providers[PROVIDER_MAX];
static void                   *contexts[PROVIDER_MAX];

static void measure_primitives(unsigned runs, double run_ns, bool json)
{
    for (size_t t = 0; t < sizeof(table) / sizeof(table[0]); t++)
        for (size_t z = 0; z < 8 && table[t].sizes[z] != 0; z++) {
            row_t       rows[ROWS_MAX];
            size_t      count  = 0;
            const char *chosen = ockam_vault_provider_of(vault, table[t].name);
            for (size_t p = 0; p < PROVIDER_MAX && table[t].primitive != OCKAM_PRIMITIVE_COUNT; p++)
                if (providers[p] != NULL && providers[p]->cost(table[t].primitive) != 0)
                    rows[count++] = (row_t){.provider = providers[p],
                                            .context  = contexts[p],
                                            .what     = table[t].what,
                                            .size     = table[t].sizes[z]};
            if (table[t].vault)
                rows[count++] = (row_t){.what = table[t].what, .size = table[t].sizes[z]};
            compete(table[t].name, chosen, rows, count, runs, run_ns, json);
        }
}

static void measure_sealing(unsigned runs, double run_ns, bool json)
{
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++)
        for (size_t z = 0; z <= sizeof(aead_sizes) / sizeof(aead_sizes[0]); z++) {
            const bool   keying = z == sizeof(aead_sizes) / sizeof(aead_sizes[0]);
            const size_t size   = keying ? 0 : aead_sizes[z];
            const what_t what   = keying ? SET_KEY : SEAL_OPEN;
            row_t        rows[ROWS_MAX];
            size_t       count = 0;
            char         name[64];
            const char  *chosen;
            (void)snprintf(name, sizeof(name), "%s/%zu", aead_names[t], size);
            chosen = ockam_vault_provider_of(vault, name);
            for (size_t p = 0; p < PROVIDER_MAX; p++) {
                if (providers[p] == NULL || providers[p]->aead[t] == NULL ||
                    providers[p]->aead_cost((ockam_aead_type_t)t, OCKAM_AEAD_TINY) == 0)
                    continue;
                rows[count] = (row_t){.provider = providers[p],
                                      .context  = contexts[p],
                                      .what     = what,
                                      .type     = (ockam_aead_type_t)t,
                                      .size     = size};
                make_state(&rows[count++]);
            }
            rows[count++] = (row_t){.what = what, .type = (ockam_aead_type_t)t, .size = size};
            (void)snprintf(name, sizeof(name), "%s %s", aead_names[t], keying ? "set_key" : "seal+open");
            compete(name, chosen, rows, count, runs, run_ns, json);
            for (size_t i = 0; i + 1 < count; i++)
                free_state(&rows[i]);
        }
}

/* A vault with everything, and keys and signatures for all to check. */
static void prepare(void)
{
    const ockam_vault_options_t options = {
        .allocator = ockam_allocator_malloc(), .providers = providers, .provider_count = PROVIDER_MAX};
    const ockam_secret_t s = {.len = 32, .bytes = {1}};
    ockam_public_key_t   public_key;
    ockam_signature_t    signature;

    must(ockam_vault_new(&options, &vault, NULL), "vault");
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        must(ockam_aead_new(vault, (ockam_aead_type_t)t, secret, &sealer[t], NULL), "aead");
        must(ockam_aead_new(vault, (ockam_aead_type_t)t, secret, &opener[t], NULL), "aead");
    }
    must(ockam_vault_import_signing_key(vault, OCKAM_ED25519, &s, OCKAM_EPHEMERAL, &keys[0], NULL), "key");
    must(ockam_vault_import_signing_key(vault, OCKAM_P256, &s, OCKAM_EPHEMERAL, &keys[1], NULL), "key");
    must(ockam_vault_import_x25519(vault, &s, OCKAM_EPHEMERAL, &keys[2], NULL), "key");
    must(ockam_vault_x25519_public(vault, keys[2], x25519_key, NULL), "key");
    must(ockam_vault_public_key(vault, keys[0], &public_key, NULL), "key");
    memcpy(ed25519_key, public_key.bytes, 32);
    must(ockam_vault_sign(vault, keys[0], ockam_slice(digest, 32), &signature, NULL), "signature");
    memcpy(ed25519_signature, signature.bytes, 64);
    must(ockam_vault_public_key(vault, keys[1], &public_key, NULL), "key");
    memcpy(p256_key, public_key.bytes, 65);
    for (size_t p = 0; p < PROVIDER_MAX; p++) {
        if (providers[p] != NULL && providers[p]->start != NULL)
            must(providers[p]->start(&contexts[p]), providers[p]->name);
        if (providers[p] != NULL && providers[p]->p256_sign != NULL)
            must(providers[p]->p256_sign(contexts[p], secret, digest, p256_signature), "signature");
    }
}

static void finish(void)
{
    for (size_t p = 0; p < PROVIDER_MAX; p++)
        if (providers[p] != NULL && providers[p]->stop != NULL)
            providers[p]->stop(contexts[p]);
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        ockam_aead_free(sealer[t]);
        ockam_aead_free(opener[t]);
    }
    ockam_vault_free(vault);
}

int main(int argc, char **argv)
{
    bool json  = false;
    bool quick = false;

    for (int i = 1; i < argc; i++) {
        json  = json || strcmp(argv[i], "--json") == 0;
        quick = quick || strcmp(argv[i], "--quick") == 0;
        if (strcmp(argv[i], "--json") != 0 && strcmp(argv[i], "--quick") != 0) {
            fprintf(stderr, "usage: primitives [--json] [--quick]\n");
            return 64;
        }
    }
    providers[0] = ockam_provider_openssl();
    providers[1] = ockam_provider_sodium();
    providers[2] = ockam_provider_ipsec_mb();
    prepare();
    if (!json)
        printf("%-28s %6s  %-10s %10s   %s\n", "primitive", "bytes", "provider", "ns, median", "least .. most");
    measure_primitives(quick ? 3 : RUNS_MAX, quick ? 2e5 : 4e6, json);
    measure_sealing(quick ? 3 : RUNS_MAX, quick ? 2e5 : 4e6, json);
    finish();
    return 0;
}
