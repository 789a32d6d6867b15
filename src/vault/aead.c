/* SPDX-License-Identifier: Apache-2.0
 *
 * aead.c - sealing in place with the fastest provider for the size, in little memory per key.
 *
 * An aead holds its key and nothing else; an idle channel has three of them. What a provider makes of a key (half a
 * kilobyte and more) is kept in a bounded number of slots per provider, which the aeads in use share: a slot belongs to
 * the aead that keyed it until another one needs it. Slots are made with the aeads, so that sealing never allocates.
 * No I/O, no clock. */
#include "vault/vault_internal.h"

#include <assert.h>

struct ockam_aead {
    ockam_vault_t      *vault;
    ockam_aead_suite_t *suite;
    ockam_aead_slot_t  *slot[OCKAM_AEAD_CLASS_COUNT]; /* by engine; ours only while slot->owner says so */
    ockam_aead_type_t   type;
    uint8_t             key[32];
};

static const struct {
    const char *name;
    size_t      key_bytes;
} types[OCKAM_AEAD_TYPES] = {
    [OCKAM_AES256_GCM]        = {"aes256gcm", 32},
    [OCKAM_CHACHA20_POLY1305] = {"chacha20poly1305", 32},
    [OCKAM_AES128_GCM]        = {"aes128gcm", 16},
};

static const size_t class_max[OCKAM_AEAD_CLASS_COUNT] = {
#define ROW(name, max, measured) [OCKAM_AEAD_##name] = (max),
    OCKAM_AEAD_CLASS_LIST(ROW)
#undef ROW
};

static unsigned class_of(size_t len)
{
    unsigned c = 0;

    while (len > class_max[c]) /* the last one takes everything */
        c++;
    return c;
}

/* ---- engines ---------------------------------------------------------------------------------------------------- */

/* The engine of a provider, made if the suite does not have it yet. */
static uint8_t engine_for(ockam_aead_suite_t *suite, const ockam_vault_provider_t *from, ockam_aead_type_t type)
{
    uint8_t i = 0;

    while (i < suite->engines && suite->engine[i].ops != from->provider->aead[type])
        i++;
    if (i == suite->engines) {
        suite->engine[i] = (ockam_aead_engine_t){
            .ops     = from->provider->aead[type],
            .name    = from->provider->name,
            .context = from->context,
            .max     = i == 0 ? OCKAM_AEAD_SLOTS_MAX : OCKAM_AEAD_SLOTS_LARGE_MAX,
        };
        suite->engines++;
    }
    return i;
}

void ockam_vault_aead_init(ockam_vault_t *vault)
{
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        const ockam_aead_type_t type  = (ockam_aead_type_t)t;
        ockam_aead_suite_t     *suite = &vault->suite[t];
        for (unsigned c = 0; c < OCKAM_AEAD_CLASS_COUNT; c++) {
            const ockam_vault_provider_t *best = NULL;
            uint32_t                      cost = UINT32_MAX;
            for (size_t i = 0; i < vault->provider_count; i++) {
                const ockam_provider_t *provider = vault->providers[i].provider;
                const uint32_t its = provider->aead[t] != NULL ? provider->aead_cost(type, (ockam_aead_class_t)c) : 0;
                if (its == 0 || its >= cost)
                    continue;
                cost = its;
                best = &vault->providers[i];
            }
            if (best == NULL)
                break; /* a provider has a type for every size or not at all */
            suite->engine_of[c] = engine_for(suite, best, type);
        }
    }
}

static void slot_free(const ockam_vault_t *vault, const ockam_aead_engine_t *engine, ockam_aead_slot_t *slot)
{
    if (slot->state != NULL && engine->ops->destroy != NULL)
        engine->ops->destroy(slot->state);
    ockam_release(vault->allocator, slot->storage, engine->ops->state_bytes + OCKAM_AEAD_STATE_ALIGNMENT);
    ockam_release(vault->allocator, slot, sizeof(*slot));
}

void ockam_vault_aead_deinit(ockam_vault_t *vault)
{
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        for (unsigned e = 0; e < vault->suite[t].engines; e++) {
            ockam_aead_engine_t *engine = &vault->suite[t].engine[e];
            for (size_t i = 0; i < engine->count; i++)
                slot_free(vault, engine, engine->slots[i]);
            ockam_release(vault->allocator, engine->slots, engine->max * sizeof(*engine->slots));
        }
    }
}

const char *ockam_vault_aead_provider_of(const ockam_vault_t *vault, const char *text)
{
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        const size_t              len   = strlen(types[t].name);
        const ockam_aead_suite_t *suite = &vault->suite[t];
        size_t                    size  = 0;
        if (strncmp(text, types[t].name, len) != 0 || (text[len] != '\0' && text[len] != '/'))
            continue;
        if (text[len] == '/' && text[len + 1] == '\0')
            return NULL;
        for (const char *digit = text + len + (text[len] == '/'); *digit != '\0'; digit++) {
            if (*digit < '0' || *digit > '9' || size > OCKAM_AEAD_BYTES_MAX)
                return NULL;
            size = size * 10 + (size_t)(*digit - '0');
        }
        return suite->engines > 0 ? suite->engine[suite->engine_of[class_of(size)]].name : NULL;
    }
    return NULL;
}

/* ---- slots ------------------------------------------------------------------------------------------------------ */

/* One more slot, as long as the engine may have more. */
static ockam_status_t add_slot(const ockam_vault_t *vault, ockam_aead_engine_t *engine, ockam_error_t *err)
{
    ockam_status_t     s = OCKAM_NO_MEMORY;
    ockam_aead_slot_t *slot;
    const size_t       storage_bytes = engine->ops->state_bytes + OCKAM_AEAD_STATE_ALIGNMENT;
    void              *state;

    if (engine->count == engine->max)
        return OCKAM_OK;
    if (engine->slots == NULL) {
        engine->slots = (ockam_aead_slot_t **)ockam_alloc(vault->allocator, engine->max * sizeof(*engine->slots));
        if (engine->slots == NULL)
            return ockam_fail(err, OCKAM_NO_MEMORY, "%zu slots", engine->max);
    }
    if ((slot = (ockam_aead_slot_t *)ockam_alloc(vault->allocator, sizeof(*slot))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%zu bytes", sizeof(*slot));
    if ((slot->storage = ockam_alloc(vault->allocator, storage_bytes)) == NULL)
        goto failed;
    state = (uint8_t *)slot->storage + OCKAM_AEAD_STATE_ALIGNMENT -
            (uintptr_t)slot->storage % OCKAM_AEAD_STATE_ALIGNMENT;
    if (engine->ops->create != NULL && (s = engine->ops->create(engine->context, state)) != OCKAM_OK)
        goto failed;
    slot->state                    = state;
    engine->slots[engine->count++] = slot;
    engine->vacant++;
    return OCKAM_OK;
failed:
    slot_free(vault, engine, slot);
    return ockam_fail(err, s, "%zu bytes for an expanded key", storage_bytes);
}

/* A slot to take: one that is nobody's, else the first that was not used since the hand last came by. */
static ockam_aead_slot_t *find_slot(ockam_aead_engine_t *engine)
{
    ockam_aead_slot_t *slot;

    assert(engine->count > 0); /* the first aead brought one */
    for (size_t i = 0; engine->vacant > 0 && i < engine->count; i++)
        if (engine->slots[i]->owner == NULL)
            return engine->slots[i];
    for (;;) { /* ends in the second round at the latest */
        slot         = engine->slots[engine->hand];
        engine->hand = engine->hand + 1 < engine->count ? engine->hand + 1 : 0;
        if (!slot->used)
            return slot;
        slot->used = false;
    }
}

static void set_owner(ockam_aead_engine_t *engine, ockam_aead_slot_t *slot, const ockam_aead_t *owner)
{
    engine->vacant += slot->owner == NULL ? 0 : 1;
    engine->vacant -= owner == NULL ? 0 : 1;
    slot->owner = owner;
}

static ockam_status_t key_slot(ockam_aead_slot_t *slot, ockam_aead_engine_t *engine, const ockam_aead_t *aead)
{
    const bool keyed = engine->ops->set_key(slot->state, aead->key) == OCKAM_OK;

    set_owner(engine, slot, keyed ? aead : NULL);
    return keyed ? OCKAM_OK : OCKAM_INTERNAL;
}

static OCKAM_COLD ockam_aead_slot_t *take_slot(ockam_aead_t *aead, unsigned engine_index)
{
    ockam_aead_engine_t *engine = &aead->suite->engine[engine_index];
    ockam_aead_slot_t   *slot   = find_slot(engine);

    if (key_slot(slot, engine, aead) != OCKAM_OK)
        return NULL;
    aead->slot[engine_index] = slot;
    return slot;
}

static inline bool owns(const ockam_aead_t *aead, unsigned engine_index)
{
    return aead->slot[engine_index] != NULL && aead->slot[engine_index]->owner == aead;
}

/* The expanded key for messages of `len` bytes; NULL: the provider failed. */
static inline ockam_aead_slot_t *slot_for(ockam_aead_t *aead, size_t len, const ockam_provider_aead_t **ops)
{
    const unsigned     index = aead->suite->engine_of[class_of(len)];
    ockam_aead_slot_t *slot  = aead->slot[index];

    if (OCKAM_UNLIKELY(!owns(aead, index)) && (slot = take_slot(aead, index)) == NULL)
        return NULL;
    slot->used = true;
    *ops       = aead->suite->engine[index].ops;
    return slot;
}

/* ---- the public face -------------------------------------------------------------------------------------------- */

ockam_status_t ockam_aead_new(ockam_vault_t *vault, ockam_aead_type_t type, const uint8_t *key, ockam_aead_t **out,
                              ockam_error_t *err)
{
    ockam_aead_suite_t *suite;
    ockam_aead_t       *aead;

    if ((unsigned)type >= OCKAM_AEAD_TYPES)
        return ockam_fail(err, OCKAM_UNSUPPORTED, "sealing of type %d", (int)type);
    suite = &vault->suite[type];
    if (suite->engines == 0)
        return ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for %s", types[type].name);
    for (unsigned e = 0; e < suite->engines; e++)
        OCKAM_TRY(err, add_slot(vault, &suite->engine[e], err), suite->engine[e].name);
    if ((aead = (ockam_aead_t *)ockam_alloc(vault->allocator, sizeof(*aead))) == NULL)
        return ockam_fail(err, OCKAM_NO_MEMORY, "%zu bytes", sizeof(*aead));
    aead->vault = vault;
    aead->suite = suite;
    aead->type  = type;
    memcpy(aead->key, key, types[type].key_bytes);
    *out = aead;
    return OCKAM_OK;
}

/* Overwrites the old key in every slot that has it; a slot that cannot be keyed is given up and tried again later. */
void ockam_aead_set_key(ockam_aead_t *aead, const uint8_t *key)
{
    memmove(aead->key, key, types[aead->type].key_bytes);
    for (unsigned e = 0; e < aead->suite->engines; e++)
        if (owns(aead, e))
            (void)key_slot(aead->slot[e], &aead->suite->engine[e], aead);
}

void ockam_aead_free(ockam_aead_t *aead)
{
    static const uint8_t zeros[sizeof(aead->key)] = {0};

    if (aead == NULL)
        return;
    ockam_aead_set_key(aead, zeros); /* no trace of the key in slots that live on */
    for (unsigned e = 0; e < aead->suite->engines; e++)
        if (owns(aead, e))
            set_owner(&aead->suite->engine[e], aead->slot[e], NULL);
    ockam_release(aead->vault->allocator, aead, sizeof(*aead));
}

ockam_status_t ockam_aead_seal(ockam_aead_t *aead, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                               uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES], ockam_error_t *err)
{
    const ockam_provider_aead_t *ops;
    const ockam_aead_slot_t     *slot;

    if (OCKAM_UNLIKELY(len > OCKAM_AEAD_BYTES_MAX || aad.len > OCKAM_AEAD_BYTES_MAX))
        return ockam_fail(err, OCKAM_INVALID, "%zu bytes and %zu of additional data", len, aad.len);
    if (OCKAM_UNLIKELY((slot = slot_for(aead, len, &ops)) == NULL ||
                       ops->seal(slot->state, nonce, aad, text, len, tag) != OCKAM_OK))
        return ockam_fail(err, OCKAM_INTERNAL, "%s does not seal", types[aead->type].name);
    return OCKAM_OK;
}

ockam_status_t ockam_aead_open(ockam_aead_t *aead, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                               uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES], ockam_error_t *err)
{
    const ockam_provider_aead_t *ops;
    const ockam_aead_slot_t     *slot;

    if (OCKAM_UNLIKELY(len > OCKAM_AEAD_BYTES_MAX || aad.len > OCKAM_AEAD_BYTES_MAX))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "%zu bytes and %zu of additional data", len, aad.len);
    if (OCKAM_UNLIKELY((slot = slot_for(aead, len, &ops)) == NULL))
        return ockam_fail(err, OCKAM_INTERNAL, "%s does not take a key", types[aead->type].name);
    if (OCKAM_UNLIKELY(ops->open(slot->state, nonce, aad, text, len, tag) != OCKAM_OK))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "%zu bytes", len);
    return OCKAM_OK;
}
