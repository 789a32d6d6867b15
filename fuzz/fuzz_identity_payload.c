/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_identity_payload.c - the shell around history, attestation and credentials.
 *
 * Input: a payload. Must reach: ockam_identity_payload_decode, take_item, ockam_identity_payload_encode. */
#include <assert.h>
#include <stdlib.h>

#include "channel/identity_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(ockam_slice_t part, const uint8_t *data, size_t size)
{
    assert(part.len > 0 && part.ptr > data && part.len < size);
    assert((size_t)(part.ptr - data) <= size - part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ockam_identity_payload_t payload, again;
    ockam_buf_t              out;
    ockam_status_t           s;

    if (ockam_identity_payload_decode(ockam_slice(data, size), &payload, NULL) != OCKAM_OK)
        return 0;
    check_inside(payload.history, data, size);
    check_inside(payload.attestation, data, size);
    for (size_t i = 0; i < payload.credential_count && i < OCKAM_CREDENTIALS_MAX; i++)
        check_inside(payload.credentials[i], data, size);
    const ockam_slice_t credential = payload.credential_count > 0 ? payload.credentials[0] : ockam_slice(NULL, 0);
    ockam_buf_init(&out, ockam_allocator_malloc(), size + 8);
    s = ockam_identity_payload_encode(payload.history, payload.attestation, credential, &out, NULL);
    assert(s == OCKAM_OK);
    s = ockam_identity_payload_decode(ockam_buf_view(&out), &again, NULL);
    assert(s == OCKAM_OK);
    assert(ockam_slice_equal(again.history, payload.history));
    assert(ockam_slice_equal(again.attestation, payload.attestation));
    assert(again.credential_count == (payload.credential_count > 0 ? 1 : 0));
    ockam_buf_deinit(&out);
    return 0;
}
