/* SPDX-License-Identifier: Apache-2.0
 *
 * limits.h - every number that bounds memory, time or counts, with its unit, its reason and whether it is ours to
 * change. Each has a test at the limit and one past it. */
#ifndef OCKAM_LIMITS_H
#define OCKAM_LIMITS_H

/* ---- routing ------------------------------------------------------------------------------------------------- */

/** Bytes of one address value. Ours; a host name and port need at most 259. */
#define OCKAM_ADDRESS_BYTES_MAX 320u
/** Bytes of one route in its encoded form, without the array header. Ours: a route is stored in place, without an
 *  allocation. About 26 addresses of 32 characters. Longer routes from a peer are dropped with an event. */
#define OCKAM_ROUTE_BYTES_MAX 1016u
/** Bytes of one multiaddr in its binary form. Ours: stored in place; a request carries one. */
#define OCKAM_MULTIADDR_BYTES_MAX 1022u
/** Bytes of one encoded message on a TCP connection, without the length. Fixed by the protocol: 16 MiB.
 *  Source: docs/protocol/transports.md, "TCP". */
#define OCKAM_TCP_MESSAGE_BYTES_MAX 16777216u
/** Nesting of CBOR items that a decoder follows. Ours; the deepest structure of the protocol has 9 levels. */
#define OCKAM_CBOR_DEPTH_MAX 16u

/* ---- vault --------------------------------------------------------------------------------------------------- */

/** Secrets in the memory of one vault. Ours: a handshake in progress holds two, an identity a few. */
#define OCKAM_VAULT_SECRETS_MAX 16384u
/** Providers that one vault is given. Ours. */
#define OCKAM_PROVIDERS_MAX 8u
/** Expanded AEAD keys that one vault keeps for each provider: for the provider of the shortest messages, and for the
 *  others. Ours: a key that is not among them is expanded again when it is used, which costs less than sealing. */
#define OCKAM_AEAD_SLOTS_MAX       64u
#define OCKAM_AEAD_SLOTS_LARGE_MAX 8u

/* ---- identities ---------------------------------------------------------------------------------------------- */

/** Bytes of one change history. Bounded by the handshake message that carries it. */
#define OCKAM_CHANGE_HISTORY_BYTES_MAX 65535u
/** Changes in one change history. Ours: bounds the signature checks that one handshake message can cost (2 each). */
#define OCKAM_CHANGES_MAX 64u
/** Attributes in one credential. Ours. */
#define OCKAM_ATTRIBUTES_MAX 64u
/** Credentials that are looked at in one identity payload. Ours: bounds signature checks (2 each). */
#define OCKAM_CREDENTIALS_MAX 8u
/** Bytes of one encoded credential with the attestation of its key. Bounded by the handshake message that carries it. */
#define OCKAM_CREDENTIAL_BYTES_MAX 65535u
/** Bytes of one encoded attestation; the longest one that anybody makes has 245. Ours: an identity keeps its own. */
#define OCKAM_ATTESTATION_BYTES_MAX 1024u
/** Pairs of history and attestation that a node remembers as verified (40 bytes each); the most a cache can be made for.
 *  Ours. */
#define OCKAM_VERIFIED_CACHE_ENTRIES 1024u
#define OCKAM_VERIFIED_CACHE_MAX     65536u
/** Seconds that an attestation or credential may lie in the future. Fixed by the protocol. */
#define OCKAM_CLOCK_SKEW_S 60u
/** Seconds of life: identity key, purpose key. Defaults, the same as the protocol's other implementations. */
#define OCKAM_IDENTITY_TTL_S    315360000u
#define OCKAM_PURPOSE_KEY_TTL_S 157680000u

/* ---- secure channels ----------------------------------------------------------------------------------------- */

/** Bytes of one handshake message. Fixed by the protocol (the Noise limit). */
#define OCKAM_HANDSHAKE_MESSAGE_BYTES_MAX 65535u
/** Messages sealed under one channel key before both sides derive the next; also the width of the replay window on
 *  each side. Changing it breaks compatibility. Source: docs/protocol/secure-channels.md, "Nonces and rekeying". */
#define OCKAM_CHANNEL_REKEY_INTERVAL 32u
/** What sealing adds in front of and behind a plaintext: nonce and tag. Fixed by the protocol. */
#define OCKAM_CHANNEL_NONCE_BYTES 8u
#define OCKAM_CHANNEL_TAG_BYTES   16u
/** Milliseconds a handshake may take before its end is stopped and wiped. Ours; the initiator's is an option. */
#define OCKAM_HANDSHAKE_TIMEOUT_MS 120000u
/** Handshakes in progress per listener; further first messages are dropped and counted. Ours. */
#define OCKAM_HANDSHAKES_PENDING_MAX 1024u
/** Messages of one peer that are kept while its trust is decided; further ones are dropped and counted. Ours: a peer may
 *  send as soon as it has keys, and after this many lost ones the others could not be opened in any order. */
#define OCKAM_CHANNEL_EARLY_MAX 32u
/** Secure channels per node. Ours; an option of the node. */
#define OCKAM_CHANNELS_MAX 65536u

/* ---- node and transports ------------------------------------------------------------------------------------- */

/** Bytes that one source (a connection, a worker, the application) may have on their way through a node before it is
 *  made to wait: a connection is not read, a processor not called, a blocking send waits. It goes on below the low
 *  mark. Ours. */
#define OCKAM_ACCOUNT_HIGH_BYTES 1048576u
#define OCKAM_ACCOUNT_LOW_BYTES  524288u
/** Past this a handler, which cannot wait, may send nothing more on the account: two messages of the greatest size on
 *  top of 16 times the high mark. Ours. */
#define OCKAM_ACCOUNT_HARD_BYTES 50331648u
/** TCP connections per node, both directions together. Ours; an option of the TCP transport. */
#define OCKAM_TCP_CONNECTIONS_MAX 10000u
/** Milliseconds for name resolution and connecting; for a peer to send its version byte; for the rest of a frame that
 *  has begun. Ours. */
#define OCKAM_TCP_CONNECT_TIMEOUT_MS 10000u
#define OCKAM_TCP_HELLO_TIMEOUT_MS   10000u
#define OCKAM_TCP_FRAME_TIMEOUT_MS   60000u
/** Milliseconds that ockam_receive() and requests wait unless told otherwise. */
#define OCKAM_TIMEOUT_DEFAULT_MS 30000u
/** Milliseconds an orderly stop lets queued output leave. */
#define OCKAM_STOP_TIMEOUT_MS 1000u

#endif
