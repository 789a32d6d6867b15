/* SPDX-License-Identifier: Apache-2.0
 *
 * key_tracker.h - which of the keys of one receiving direction a nonce was sealed with. */
#ifndef OCKAM_CHANNEL_KEY_TRACKER_H
#define OCKAM_CHANNEL_KEY_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    OCKAM_KEY_REFUSED, /* older than the previous key or newer than the next one */
    OCKAM_KEY_PREVIOUS,
    OCKAM_KEY_CURRENT,
    OCKAM_KEY_NEXT /* to be derived, tried, and kept only if the message is authentic */
} ockam_key_choice_t;

/** Starts as {.interval = OCKAM_CHANNEL_REKEY_INTERVAL}. */
typedef struct {
    uint64_t interval; /* nonces per key */
    uint64_t rekeys;   /* how often the current key was replaced; its first nonce is interval * rekeys */
    bool     has_previous;
    bool     exhausted; /* the last key there can be is used up: everything is refused */
} ockam_key_tracker_t;

ockam_key_choice_t ockam_key_tracker_choose(const ockam_key_tracker_t *tracker, uint64_t nonce);
/** The next key has become the current one, and the current one the previous. */
void ockam_key_tracker_advance(ockam_key_tracker_t *tracker);

#endif
