/* SPDX-License-Identifier: Apache-2.0
 *
 * nonce_window.c - accept each secure channel nonce at most once.
 * Protocol: docs/protocol/secure-channels.md, "Nonces and rekeying". No I/O, no allocation, no clock. */
#include "channel/nonce_window.h"

#include "ockam/limits.h"

_Static_assert(OCKAM_CHANNEL_REKEY_INTERVAL + 1 <= 64, "the replay window is one uint64_t");

bool ockam_nonce_window_accepts(const ockam_nonce_window_t *window, uint64_t nonce)
{
    if (nonce > window->highest)
        return nonce - window->highest <= OCKAM_CHANNEL_REKEY_INTERVAL;

    const uint64_t behind = window->highest - nonce;
    return behind <= OCKAM_CHANNEL_REKEY_INTERVAL && (window->seen >> behind & 1) == 0;
}

void ockam_nonce_window_mark(ockam_nonce_window_t *window, uint64_t nonce)
{
    if (nonce > window->highest) {
        window->seen    = window->seen << (nonce - window->highest) | 1; /* at most 32: accepts() has seen to it */
        window->highest = nonce;
    } else {
        window->seen |= (uint64_t)1 << (window->highest - nonce);
    }
}
