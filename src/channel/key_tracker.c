/* SPDX-License-Identifier: Apache-2.0
 *
 * key_tracker.c - from nonce to key: previous, current or next.
 * Protocol: docs/protocol/secure-channels.md, "Receiving". No I/O, no allocation, no clock, no key bytes either. */
#include "channel/key_tracker.h"

ockam_key_choice_t ockam_key_tracker_choose(const ockam_key_tracker_t *tracker, uint64_t nonce)
{
    const uint64_t start = tracker->interval * tracker->rekeys; /* cannot overflow: advance() stops before */

    if (tracker->exhausted)
        return OCKAM_KEY_REFUSED;
    if (nonce >= start) {
        const uint64_t ahead = nonce - start; /* compared, not divided: a division is a tenth of a small message */
        if (ahead < tracker->interval)
            return OCKAM_KEY_CURRENT;
        return ahead - tracker->interval < tracker->interval ? OCKAM_KEY_NEXT : OCKAM_KEY_REFUSED;
    }
    return tracker->has_previous && start - nonce <= tracker->interval ? OCKAM_KEY_PREVIOUS : OCKAM_KEY_REFUSED;
}

void ockam_key_tracker_advance(ockam_key_tracker_t *tracker)
{
    tracker->has_previous = true;
    if (UINT64_MAX - tracker->interval * tracker->rekeys < tracker->interval)
        tracker->exhausted = true;
    else
        tracker->rekeys++;
}
