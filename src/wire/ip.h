/* SPDX-License-Identifier: Apache-2.0
 *
 * ip.h - IP addresses as text, without asking an operating system. */
#ifndef OCKAM_WIRE_IP_H
#define OCKAM_WIRE_IP_H

#include "wire/text.h"

/** Four decimal numbers of at most three digits, without leading zeros. `out` is unspecified on false. */
bool ockam_ip4_parse(ockam_slice_t text, uint8_t out[4]);
/** RFC 4291 section 2.2: groups, one "::", and a dotted quad at the end; no zone. `out` is unspecified on false. */
bool ockam_ip6_parse(ockam_slice_t text, uint8_t out[16]);
void ockam_ip4_put(ockam_text_writer_t *w, const uint8_t ip[4]);
/** RFC 5952: lower case, the longest run of zeros as "::", IPv4-mapped addresses with a dotted quad. */
void ockam_ip6_put(ockam_text_writer_t *w, const uint8_t ip[16]);

#endif
