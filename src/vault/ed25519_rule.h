/* SPDX-License-Identifier: Apache-2.0
 *
 * ed25519_rule.h - which Ed25519 keys and signatures are looked at at all.
 * Source: docs/protocol/identities.md, "Vault". */
#ifndef OCKAM_VAULT_ED25519_RULE_H
#define OCKAM_VAULT_ED25519_RULE_H

#include "ockam/bytes.h"

/**
 * Whether the encodings are those that an honest signer makes: A and R canonical and not of small order, S below the
 * order of the group. Libraries differ on exactly these; refusing them first makes every provider answer the same. Not
 * constant time: all of it is public.
 */
bool ockam_ed25519_acceptable(const uint8_t public_key[32], const uint8_t signature[64]);

#endif
