/* SPDX-License-Identifier: Apache-2.0
 *
 * transfer.h - what file-send and file-receive say to each other: the first byte of each message tells its kind.
 *
 *     'B' size as 8 bytes, big-endian; then the name     begin
 *     'D' bytes of the file                              in order: one sender, one channel
 *     'E' SHA-256 of the whole file, 32 bytes            end
 *
 * The receiver answers the end with a text: "ok" or what went wrong. */
#ifndef OCKAM_EXAMPLE_TRANSFER_H
#define OCKAM_EXAMPLE_TRANSFER_H

#define TRANSFER_CHUNK      49152
#define TRANSFER_NAME_BYTES 255

#endif
