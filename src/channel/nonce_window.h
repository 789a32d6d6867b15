/* SPDX-License-Identifier: Apache-2.0
 *
 * nonce_window.h - which nonces of one direction are still acceptable: each at most once, within 32 of the highest. */
#ifndef OCKAM_CHANNEL_NONCE_WINDOW_H
#define OCKAM_CHANNEL_NONCE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/** Starts as {0}: nonces 0 to 32 are acceptable. */
typedef struct {
    uint64_t highest; /* highest accepted nonce */
    uint64_t seen;    /* bit i: nonce highest - i was accepted */
} ockam_nonce_window_t;

/** Whether `nonce` is neither seen nor out of reach. Changes nothing: the message may still be a forgery. */
bool ockam_nonce_window_accepts(const ockam_nonce_window_t *window, uint64_t nonce);
/** Remember `nonce`, whose message was authentic and which ockam_nonce_window_accepts() accepted. */
void ockam_nonce_window_mark(ockam_nonce_window_t *window, uint64_t nonce);

#endif
