/* SPDX-License-Identifier: Apache-2.0
 *
 * verify.c - the check of signatures; needs no secret.
 * Protocol: docs/protocol/identities.md, "Vault". */
#include "vault/ed25519_rule.h"
#include "vault/vault_internal.h"

static ockam_status_t verify_p256(ockam_vault_t *vault, const ockam_public_key_t *key, ockam_slice_t data,
                                  const ockam_signature_t *signature, ockam_error_t *err)
{
    uint8_t digest[OCKAM_SHA256_BYTES];

    if (!OCKAM_VAULT_HAS(vault, P256_VERIFY))
        return ockam_fail(err, OCKAM_UNSUPPORTED, "no provider for p256");
    ockam_vault_sha256(vault, data, ockam_slice(NULL, 0), digest);
    if (OCKAM_VAULT_CALL(vault, P256_VERIFY, p256_verify, key->bytes, digest, signature->bytes) != OCKAM_OK)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "P-256 signature over %zu bytes", data.len);
    return OCKAM_OK;
}

ockam_status_t ockam_vault_verify(ockam_vault_t *vault, const ockam_public_key_t *public_key, ockam_slice_t data,
                                  const ockam_signature_t *signature, ockam_error_t *err)
{
    if (public_key->type != signature->type)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "signature of type %d, key of type %d", (int)signature->type,
                          (int)public_key->type);
    if (public_key->type == OCKAM_P256)
        return verify_p256(vault, public_key, data, signature, err);
    if (public_key->type != OCKAM_ED25519)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "key of type %d", (int)public_key->type);
    if (!ockam_ed25519_acceptable(public_key->bytes, signature->bytes))
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "Ed25519 key or signature in a form that no honest signer makes");
    if (OCKAM_VAULT_CALL(vault, ED25519_VERIFY, ed25519_verify, public_key->bytes, data, signature->bytes) != OCKAM_OK)
        return ockam_fail(err, OCKAM_NOT_AUTHENTIC, "Ed25519 signature over %zu bytes", data.len);
    return OCKAM_OK;
}
