/* SPDX-License-Identifier: Apache-2.0
 *
 * channel_core.c - what a secure channel costs without a network: a handshake, for each side, beside the primitives in it;
 * sealing and opening a message beside the bare AEAD; memory of an idle channel.
 *
 *     channel_core [--json] [--quick]
 *
 * What is compared takes turns within each run, so that a noisy neighbour hits both; the figures are medians of the runs,
 * and the ratio is the median of the ratios of the runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "channel/data_phase.h"
#include "vault/provider.h"

#define RUNS_MAX  15u
#define PROVIDERS 3u
#define NOW       1700000000u

static const ockam_provider_t *providers[PROVIDERS];
static ockam_vault_t          *vault;
static bool                    json;
static unsigned                runs = RUNS_MAX;

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

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* nothing here waits: the time of others is not ours */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *values, unsigned count)
{
    qsort(values, count, sizeof(values[0]), by_value);
    return values[count / 2];
}

/* ---- results ------------------------------------------------------------------------------------------------------ */

/* One measured thing and what it is compared with, per run. */
typedef struct {
    const char *name, *against;
    size_t      bytes;
    double      target;
    double      ns[RUNS_MAX], base_ns[RUNS_MAX];
} row_t;

static void print_row(row_t *row)
{
    double ratio[RUNS_MAX];

    for (unsigned r = 0; r < runs; r++)
        ratio[r] = row->ns[r] / row->base_ns[r];
    const double ns = median(row->ns, runs), base = median(row->base_ns, runs), times = median(ratio, runs);
    if (json)
        printf(
            "{\"bench\":\"channel_core\",\"measure\":\"%s\",\"bytes\":%zu,\"ns\":%.1f,\"ns_min\":%.1f,\"ns_max\":%.1f,"
            "\"against\":\"%s\",\"against_ns\":%.1f,\"ratio\":%.3f,\"ratio_min\":%.3f,\"ratio_max\":%.3f,"
            "\"target\":%.2f,\"runs\":%u}\n",
            row->name, row->bytes, ns, row->ns[0], row->ns[runs - 1], row->against, base, times, ratio[0],
            ratio[runs - 1], row->target, runs);
    else
        printf("%-30s %6zu %12.0f %12.0f  %-26s %5.3f (%.3f .. %.3f)  %.2f %s\n", row->name, row->bytes, ns, base,
               row->against, times, ratio[0], ratio[runs - 1], row->target, times <= row->target ? "met" : "MISSED");
}

/* ---- handshakes ----------------------------------------------------------------------------------------------------- */

static ockam_identity_t       *identity[2];
static ockam_store_t          *store[2];
static ockam_verified_cache_t *cache[2];

/* One handshake; adds each side's time to `spent`. The copying of messages between the sides is not counted. */
static void handshake(bool cached, double spent[2])
{
    static uint8_t     bytes[2][4096];
    ockam_handshake_t *hs[2] = {NULL, NULL};
    ockam_buf_t        in, out;

    ockam_buf_init_fixed(&in, bytes[0], sizeof(bytes[0]));
    ockam_buf_init_fixed(&out, bytes[1], sizeof(bytes[1]));
    for (unsigned step = 0; step < 5; step++) {
        /* responder starts, initiator starts, responder 1 -> 2, initiator 2 -> 3, responder 3 */
        const unsigned role  = step % 2 == 0 ? OCKAM_RESPONDER : OCKAM_INITIATOR;
        const double   start = now_ns();
        if (step < 2) {
            const ockam_handshake_options_t options = {.role     = (ockam_role_t)role,
                                                       .vault    = vault,
                                                       .identity = identity[role],
                                                       .trust    = OCKAM_TRUST_EVERYONE,
                                                       .store    = store[role],
                                                       .cache    = cached ? cache[role] : NULL};
            must(ockam_handshake_new(&options, &hs[role], NULL), "handshake");
            must(ockam_handshake_start(hs[role], NOW, &out, NULL), "start");
        } else {
            must(ockam_handshake_receive(hs[role], ockam_buf_view(&in), NOW, &out, NULL), "receive");
        }
        if (step >= 3) { /* ready */
            ockam_sealer_t *sealer;
            ockam_opener_t *opener;
            must(ockam_handshake_take_keys(hs[role], &sealer, &opener, NULL), "keys");
            ockam_handshake_free(hs[role]);
            ockam_sealer_free(sealer);
            ockam_opener_free(opener);
        }
        spent[role] += now_ns() - start;
        ockam_buf_truncate(&in, 0);
        must(ockam_buf_append(&in, ockam_buf_view(&out), NULL), "copy");
        ockam_buf_truncate(&out, 0);
    }
}

/* The primitives of one side of a handshake, through the vault, as often as they occur. */
typedef struct {
    ockam_key_id_t     x25519, ed25519;
    uint8_t            x25519_public[OCKAM_X25519_BYTES];
    ockam_public_key_t ed25519_public;
    ockam_signature_t  signature;
    uint8_t            digest[OCKAM_SHA256_BYTES];
    ockam_aead_t      *aead;
} primitives_t;

static void prepare_primitives(primitives_t *p)
{
    memset(p, 0, sizeof(*p));
    must(ockam_vault_generate_x25519(vault, OCKAM_EPHEMERAL, &p->x25519, NULL), "key");
    must(ockam_vault_x25519_public(vault, p->x25519, p->x25519_public, NULL), "key");
    must(ockam_vault_generate_signing_key(vault, OCKAM_ED25519, OCKAM_EPHEMERAL, &p->ed25519, NULL), "key");
    must(ockam_vault_public_key(vault, p->ed25519, &p->ed25519_public, NULL), "key");
    must(ockam_vault_sign(vault, p->ed25519, ockam_slice(p->digest, sizeof(p->digest)), &p->signature, NULL), "sign");
    must(ockam_aead_new(vault, OCKAM_AES256_GCM, p->digest, &p->aead, NULL), "aead");
}

static void finish_primitives(primitives_t *p)
{
    ockam_aead_free(p->aead);
    ockam_vault_forget(vault, p->x25519);
    ockam_vault_forget(vault, p->ed25519);
}

/* e; then ee, es, se */
static void four_x25519(const primitives_t *p)
{
    ockam_secret_t shared = {.len = 0};
    ockam_key_id_t e;

    must(ockam_vault_generate_x25519(vault, OCKAM_EPHEMERAL, &e, NULL), "e");
    for (unsigned i = 0; i < 3; i++)
        must(ockam_vault_x25519(vault, p->x25519, p->x25519_public, &shared, NULL), "dh");
    ockam_vault_forget(vault, e);
    ockam_secret_deinit(&shared);
}

static void all_primitives(const primitives_t *p)
{
    static const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES];
    static uint8_t       text[512];
    const ockam_slice_t  none = {NULL, 0}, digest = {p->digest, sizeof(p->digest)};
    ockam_secret_t       okm = {.len = 64};
    uint8_t              tag[OCKAM_AEAD_TAG_BYTES], hash[OCKAM_SHA256_BYTES];

    four_x25519(p);
    for (unsigned i = 0; i < 2; i++) /* history, attestation */
        must(ockam_vault_verify(vault, &p->ed25519_public, digest, &p->signature, NULL), "verify");
    for (unsigned i = 0; i < 4; i++) /* ee, es, se, split */
        must(ockam_vault_hkdf(vault, digest, digest, none, &okm, NULL), "hkdf");
    for (unsigned i = 0; i < 6; i++) /* empty prologue, e, payload 1, e, s, s */
        ockam_vault_sha256(vault, digest, digest, hash);
    for (unsigned i = 0; i < 2; i++) /* payloads 2 and 3 */
        ockam_vault_sha256(vault, digest, ockam_slice(text, 339), hash);
    for (unsigned i = 0; i < 2; i++) /* what is signed */
        ockam_vault_sha256(vault, ockam_slice(text, 96), none, hash);
    for (unsigned i = 0; i < 4; i++) { /* static keys and payloads, two of each, half of them opened */
        const size_t len = i % 2 == 0 ? 32 : 323;
        ockam_aead_set_key(p->aead, p->digest);
        must(ockam_aead_seal(p->aead, nonce, digest, text, len, tag, NULL), "seal");
    }
    ockam_secret_deinit(&okm);
}

static double time_primitives(void (*what)(const primitives_t *), const primitives_t *p, unsigned times)
{
    const double start = now_ns();

    for (unsigned i = 0; i < times; i++)
        what(p);
    return (now_ns() - start) / times;
}

static void measure_handshakes(unsigned times)
{
    row_t        rows[4] = {{.name = "handshake, initiator", .against = "its primitives", .target = 1.25},
                            {.name = "handshake, responder", .against = "its primitives", .target = 1.25},
                            {.name = "known peer, initiator", .against = "four X25519", .target = 1.25},
                            {.name = "known peer, responder", .against = "four X25519", .target = 1.25}};
    primitives_t p;
    double       warm[2] = {0, 0};

    prepare_primitives(&p);
    for (unsigned i = 0; i < times / 4 + 2; i++) {
        handshake(false, warm);
        handshake(true, warm);
        all_primitives(&p);
    }
    for (unsigned r = 0; r < runs; r++) {
        double spent[2] = {0, 0}, known[2] = {0, 0}, all = 0, four = 0;
        for (unsigned i = 0; i < times; i++) { /* in turns, finely */
            all += time_primitives(all_primitives, &p, 1);
            handshake(false, spent);
            four += time_primitives(four_x25519, &p, 1);
            handshake(true, known);
        }
        for (unsigned side = 0; side < 2; side++) {
            rows[side].ns[r]          = spent[side] / times;
            rows[side].base_ns[r]     = all / times;
            rows[2 + side].ns[r]      = known[side] / times;
            rows[2 + side].base_ns[r] = four / times;
        }
    }
    for (unsigned i = 0; i < 4; i++)
        print_row(&rows[i]);
    finish_primitives(&p);
}

/* ---- data ------------------------------------------------------------------------------------------------------------- */

/* A ready channel: the initiator's sealer and the responder's opener. */
static void make_channel(ockam_sealer_t **sealer, ockam_opener_t **opener)
{
    static uint8_t     bytes[2][4096];
    ockam_handshake_t *hs[2];
    ockam_sealer_t    *other_sealer;
    ockam_opener_t    *other_opener;
    ockam_buf_t        in, out;

    ockam_buf_init_fixed(&in, bytes[0], sizeof(bytes[0]));
    ockam_buf_init_fixed(&out, bytes[1], sizeof(bytes[1]));
    for (unsigned r = 2; r-- > 0;) {
        const ockam_handshake_options_t options = {
            .role = (ockam_role_t)r, .vault = vault, .identity = identity[r], .trust = OCKAM_TRUST_EVERYONE};
        must(ockam_handshake_new(&options, &hs[r], NULL), "handshake");
        must(ockam_handshake_start(hs[r], NOW, &in, NULL), "start");
    }
    for (unsigned m = 1; m <= 3; m++) {
        must(ockam_handshake_receive(hs[m % 2], ockam_buf_view(&in), NOW, &out, NULL), "receive");
        ockam_buf_truncate(&in, 0);
        must(ockam_buf_append(&in, ockam_buf_view(&out), NULL), "copy");
        ockam_buf_truncate(&out, 0);
    }
    must(ockam_handshake_take_keys(hs[OCKAM_INITIATOR], sealer, &other_opener, NULL), "keys");
    must(ockam_handshake_take_keys(hs[OCKAM_RESPONDER], &other_sealer, opener, NULL), "keys");
    ockam_sealer_free(other_sealer);
    ockam_opener_free(other_opener);
    ockam_handshake_free(hs[0]);
    ockam_handshake_free(hs[1]);
}

/* The provider that a vault takes for this size, with a key of its own: nothing of ours in between. */
typedef struct {
    const ockam_provider_aead_t *ops;
    void                        *context;
    const ockam_provider_t      *provider;
    void                        *storage[2], *state[2]; /* to seal with, to open with */
} bare_t;

static void bare_start(bare_t *bare, size_t size)
{
    static const uint8_t key[32] = {1};
    char                 name[64];
    const char          *chosen;

    (void)snprintf(name, sizeof(name), "aes256gcm/%zu", size);
    chosen = ockam_vault_provider_of(vault, name);
    memset(bare, 0, sizeof(*bare));
    for (unsigned i = 0; i < PROVIDERS; i++)
        if (providers[i] != NULL && chosen != NULL && strcmp(providers[i]->name, chosen) == 0)
            bare->provider = providers[i];
    if (bare->provider == NULL)
        die(OCKAM_NOT_FOUND, name);
    bare->ops = bare->provider->aead[OCKAM_AES256_GCM];
    if (bare->provider->start != NULL)
        must(bare->provider->start(&bare->context), "provider");
    for (unsigned i = 0; i < 2; i++) {
        if ((bare->storage[i] = calloc(1, bare->ops->state_bytes + OCKAM_AEAD_STATE_ALIGNMENT)) == NULL)
            die(OCKAM_NO_MEMORY, "expanded key");
        bare->state[i] = (uint8_t *)bare->storage[i] + OCKAM_AEAD_STATE_ALIGNMENT -
                         (uintptr_t)bare->storage[i] % OCKAM_AEAD_STATE_ALIGNMENT;
        if (bare->ops->create != NULL)
            must(bare->ops->create(bare->context, bare->state[i]), "expanded key");
        must(bare->ops->set_key(bare->state[i], key), "expanded key");
    }
}

static void bare_end(bare_t *bare)
{
    for (unsigned i = 0; i < 2; i++) {
        if (bare->ops->destroy != NULL)
            bare->ops->destroy(bare->state[i]);
        free(bare->storage[i]);
    }
    if (bare->provider->stop != NULL)
        bare->provider->stop(bare->context);
}

static double time_bare(const bare_t *bare, uint8_t *text, size_t size, size_t times)
{
    static uint8_t      nonce[OCKAM_AEAD_NONCE_BYTES];
    const ockam_slice_t none  = {NULL, 0};
    const double        start = now_ns();

    for (size_t i = 0; i < times; i++) {
        ockam_nonce_expand(nonce, i); /* whoever seals needs another one each time */
        must(bare->ops->seal(bare->state[0], nonce, none, text, size, text + size), "seal");
        must(bare->ops->open(bare->state[1], nonce, none, text, size, text + size), "open");
    }
    return (now_ns() - start) / (double)times;
}

static double time_channel(ockam_sealer_t *sealer, ockam_opener_t *opener, uint8_t *message, size_t size, size_t times)
{
    const double start = now_ns();

    for (size_t i = 0; i < times; i++) {
        uint8_t *text;
        size_t   len;
        must(ockam_sealer_seal(sealer, message + OCKAM_SEAL_HEAD_BYTES, size, NULL), "seal");
        must(
            ockam_opener_open(opener, message, OCKAM_SEAL_HEAD_BYTES + size + OCKAM_SEAL_TAIL_BYTES, &text, &len, NULL),
            "open");
    }
    return (now_ns() - start) / (double)times;
}

static void measure_data(double run_ns)
{
    static const size_t sizes[]   = {64, 1024, 49152};
    static const double targets[] = {1.5, 1.15, 1.15};
    static uint8_t      message[OCKAM_SEAL_HEAD_BYTES + 49152 + OCKAM_SEAL_TAIL_BYTES];
    ockam_sealer_t     *sealer;
    ockam_opener_t     *opener;

    make_channel(&sealer, &opener);
    for (unsigned z = 0; z < 3; z++) {
        char         against[64];
        row_t        row = {.name = "seal + open", .against = against, .bytes = sizes[z], .target = targets[z]};
        bare_t       bare;
        uint8_t     *text = message + OCKAM_SEAL_HEAD_BYTES;
        const size_t part = 256; /* rekeying is part of it */
        bare_start(&bare, sizes[z]);
        (void)snprintf(against, sizeof(against), "bare AEAD of %s", bare.provider->name);
        (void)time_bare(&bare, text, sizes[z], part);
        const double once  = time_channel(sealer, opener, message, sizes[z], part);
        const size_t turns = (size_t)(run_ns / (once * (double)part)) + 2;
        for (unsigned r = 0; r < runs; r++) {
            double ours = 0, base = 0;
            for (size_t i = 0; i < turns; i++) {
                base += time_bare(&bare, text, sizes[z], part);
                ours += time_channel(sealer, opener, message, sizes[z], part);
            }
            row.ns[r]      = ours / (double)turns;
            row.base_ns[r] = base / (double)turns;
        }
        print_row(&row);
        bare_end(&bare);
    }
    ockam_sealer_free(sealer);
    ockam_opener_free(opener);
}

/* ---- memory -------------------------------------------------------------------------------------------------------------- */

static size_t live_bytes;

static void *counting_alloc(void *context, size_t size)
{
    (void)context;
    live_bytes += size;
    return malloc(size);
}

static void counting_release(void *context, void *ptr, size_t size)
{
    (void)context;
    live_bytes -= size;
    free(ptr);
}

static const ockam_allocator_t counting = {counting_alloc, counting_release, NULL};

static void measure_memory(void)
{
    enum { CHANNELS = 1000 };
    static ockam_sealer_t *sealers[CHANNELS];
    static ockam_opener_t *openers[CHANNELS];
    const size_t           before = live_bytes;

    for (unsigned i = 0; i < CHANNELS; i++)
        make_channel(&sealers[i], &openers[i]); /* one direction of each side: together one end of a channel */
    const double bytes = (double)(live_bytes - before) / CHANNELS;
    if (json)
        printf(
            "{\"bench\":\"channel_core\",\"measure\":\"idle channel, one end\",\"memory_bytes\":%.0f,\"target\":2560}\n",
            bytes);
    else
        printf("%-30s %6.0f bytes of memory, at most 2560: %s\n", "idle channel, one end", bytes,
               bytes <= 2560 ? "met" : "MISSED");
    for (unsigned i = 0; i < CHANNELS; i++) {
        ockam_sealer_free(sealers[i]);
        ockam_opener_free(openers[i]);
    }
}

int main(int argc, char **argv)
{
    bool quick = false;

    for (int i = 1; i < argc; i++) {
        json  = json || strcmp(argv[i], "--json") == 0;
        quick = quick || strcmp(argv[i], "--quick") == 0;
        if (strcmp(argv[i], "--json") != 0 && strcmp(argv[i], "--quick") != 0) {
            fprintf(stderr, "usage: channel_core [--json] [--quick]\n");
            return 64;
        }
    }
    providers[0] = ockam_provider_openssl();
    providers[1] = ockam_provider_sodium();
    providers[2] = ockam_provider_ipsec_mb();
    runs         = quick ? 5 : RUNS_MAX;
    must(ockam_vault_new(
             &(ockam_vault_options_t){.allocator = &counting, .providers = providers, .provider_count = PROVIDERS},
             &vault, NULL),
         "vault");
    for (unsigned r = 0; r < 2; r++) {
        must(ockam_identity_create(vault, NOW, NULL, &identity[r], NULL), "identity");
        must(ockam_store_memory(&counting, &store[r], NULL), "store");
        must(ockam_verified_cache_new(&counting, 16, &cache[r], NULL), "cache");
    }
    if (!json)
        printf("%-30s %6s %12s %12s  %-26s %s\n", "measure", "bytes", "ns, median", "against, ns", "against",
               "ratio (least .. most)  at most");
    measure_handshakes(quick ? 10 : 100);
    measure_data(quick ? 2e6 : 2e7);
    measure_memory();
    for (unsigned r = 0; r < 2; r++) {
        ockam_identity_free(identity[r]);
        ockam_store_free(store[r]);
        ockam_verified_cache_free(cache[r]);
    }
    ockam_vault_free(vault);
    return 0;
}
