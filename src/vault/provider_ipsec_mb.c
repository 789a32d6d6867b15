/* SPDX-License-Identifier: Apache-2.0
 *
 * provider_ipsec_mb.c - Intel's ipsec-mb, for x86: AES-GCM with next to no overhead, and with vector AES where the
 * processor has it. Compiled in any case; without the library it answers that there is none. */
#include "vault/provider.h"

#if defined(OCKAM_HAVE_IPSEC_MB) && OCKAM_HAVE_IPSEC_MB

#include <pthread.h>

#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>

/* The library's table of functions for this processor: made once, only read afterwards. NULL: unusable here. */
static const IMB_MGR *manager;
static pthread_once_t manager_once = PTHREAD_ONCE_INIT;

static void manager_make(void)
{
    const uint64_t required = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
    IMB_MGR       *made     = alloc_mb_mgr(0);
    IMB_ARCH       arch     = IMB_ARCH_NONE;

    if (made == NULL)
        return;
    init_mb_mgr_auto(made, &arch);
    if (imb_get_errno(made) == 0 && (made->features & required) == required &&
        (made->features & (IMB_FEATURE_SELF_TEST | IMB_FEATURE_SELF_TEST_PASS)) != IMB_FEATURE_SELF_TEST)
        manager = made;
    else
        free_mb_mgr(made);
}

/* The library's state of one message holds what could be of use to others after it, so it is part of what is wiped. */
typedef struct {
    struct gcm_key_data     key;
    struct gcm_context_data message;
} aes_state_t;

static ockam_status_t aes256_set_key(void *state, const uint8_t *key)
{
    IMB_AES256_GCM_PRE(manager, key, &((aes_state_t *)state)->key);
    return OCKAM_OK;
}

static ockam_status_t aes128_set_key(void *state, const uint8_t *key)
{
    IMB_AES128_GCM_PRE(manager, key, &((aes_state_t *)state)->key);
    return OCKAM_OK;
}

static ockam_status_t aes256_seal(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    aes_state_t *s = (aes_state_t *)state;

    IMB_AES256_GCM_ENC(manager, &s->key, &s->message, text, text, len, nonce, aad.ptr, aad.len, tag,
                       OCKAM_AEAD_TAG_BYTES);
    return OCKAM_OK;
}

static ockam_status_t aes128_seal(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    aes_state_t *s = (aes_state_t *)state;

    IMB_AES128_GCM_ENC(manager, &s->key, &s->message, text, text, len, nonce, aad.ptr, aad.len, tag,
                       OCKAM_AEAD_TAG_BYTES);
    return OCKAM_OK;
}

/* The library decrypts before the tag is known, so a refused text is wiped. */
static ockam_status_t judge(uint8_t *text, size_t len, const uint8_t *expected, const uint8_t *tag)
{
    if (OCKAM_LIKELY(ockam_tag_equal(expected, tag)))
        return OCKAM_OK;
    ockam_wipe(text, len);
    return OCKAM_NOT_AUTHENTIC;
}

static ockam_status_t aes256_open(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    aes_state_t *s = (aes_state_t *)state;
    uint8_t      expected[OCKAM_AEAD_TAG_BYTES];

    IMB_AES256_GCM_DEC(manager, &s->key, &s->message, text, text, len, nonce, aad.ptr, aad.len, expected,
                       OCKAM_AEAD_TAG_BYTES);
    return judge(text, len, expected, tag);
}

static ockam_status_t aes128_open(void *state, const uint8_t nonce[OCKAM_AEAD_NONCE_BYTES], ockam_slice_t aad,
                                  uint8_t *text, size_t len, const uint8_t tag[OCKAM_AEAD_TAG_BYTES])
{
    aes_state_t *s = (aes_state_t *)state;
    uint8_t      expected[OCKAM_AEAD_TAG_BYTES];

    IMB_AES128_GCM_DEC(manager, &s->key, &s->message, text, text, len, nonce, aad.ptr, aad.len, expected,
                       OCKAM_AEAD_TAG_BYTES);
    return judge(text, len, expected, tag);
}

static const ockam_provider_aead_t aes256gcm = {
    .state_bytes = sizeof(aes_state_t),
    .set_key     = aes256_set_key,
    .seal        = aes256_seal,
    .open        = aes256_open,
};
static const ockam_provider_aead_t aes128gcm = {
    .state_bytes = sizeof(aes_state_t),
    .set_key     = aes128_set_key,
    .seal        = aes128_seal,
    .open        = aes128_open,
};

static uint32_t cost(ockam_primitive_t primitive)
{
    (void)primitive;
    return 0;
}

/* Without vector AES it is the fastest up to some kilobytes, and loses to OpenSSL's interleaved code beyond: measured
 * on such a processor, scaled to the other tables by what OpenSSL needs there. */
static uint32_t aead_cost(ockam_aead_type_t type, ockam_aead_class_t size)
{
    static const uint32_t vector[OCKAM_AEAD_CLASS_COUNT] = {22, 62, 350, 2700};
    static const uint32_t plain[OCKAM_AEAD_CLASS_COUNT]  = {20, 220, 1080, 14000};
    const uint64_t        needed                         = IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;

    if (type == OCKAM_CHACHA20_POLY1305)
        return 0;
    return (manager->features & needed) == needed ? vector[size] : plain[size];
}

const ockam_provider_t *ockam_provider_ipsec_mb(void)
{
    static const ockam_provider_t provider = {
        .name      = "ipsec_mb",
        .cost      = cost,
        .aead_cost = aead_cost,
        .aead      = {[OCKAM_AES256_GCM] = &aes256gcm, [OCKAM_AES128_GCM] = &aes128gcm},
    };

    (void)pthread_once(&manager_once, manager_make);
    return manager != NULL ? &provider : NULL;
}

#else

const ockam_provider_t *ockam_provider_ipsec_mb(void)
{
    return NULL;
}

#endif
