/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_fuzz.h - what the fuzz targets of identities share: a vault, keys of known secrets, and changes that an
 * input makes to bytes before they are signed. */
#ifndef OCKAM_FUZZ_IDENTITY_FUZZ_H
#define OCKAM_FUZZ_IDENTITY_FUZZ_H

#include "ockam/credential.h"

#define IDENTITY_FUZZ_NOW 1700000100u

/** Made once, never ended. */
ockam_vault_t *identity_fuzz_vault(void);
/** A key whose secret is `first`, `first` + 1, ... : 0 is key A of the test vectors. Never forgotten. */
ockam_key_id_t identity_fuzz_key(ockam_signing_type_t type, uint8_t first);
/** The identity of key A, d-ed-1 of the test vectors. */
ockam_identity_t *identity_fuzz_authority(void);

/** What is left of an input. */
typedef struct {
    const uint8_t *ptr;
    size_t         len;
} identity_fuzz_input_t;

/** The next byte; 0 when there is none. */
uint8_t identity_fuzz_byte(identity_fuzz_input_t *in);
/** Up to three bytes of `data` replaced, and possibly its end cut off or added to, as the input says. */
void identity_fuzz_mutate(identity_fuzz_input_t *in, ockam_buf_t *data);

#endif
