/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_payload.c - IdentityAndCredentials = [ history, attestation, [ credential, ... ] ].
 * Protocol: docs/protocol/secure-channels.md, "Identity payload". No I/O, no allocation when reading. */
#include "channel/identity_payload.h"

#include "wire/cbor.h"

/* Lend the next element of `items`, whatever it is. */
static ockam_status_t take_item(ockam_reader_t *r, ockam_cbor_items_t *items, ockam_slice_t *out, ockam_error_t *err)
{
    const ockam_slice_t before = r->rest;

    if (!ockam_cbor_next(r, items))
        return ockam_fail(err, OCKAM_MALFORMED, "missing");
    const ockam_status_t s = ockam_cbor_skip(r, err);
    if (s == OCKAM_OK)
        *out = ockam_slice(before.ptr, before.len - r->rest.len);
    return s;
}

ockam_status_t ockam_identity_payload_decode(ockam_slice_t bytes, ockam_identity_payload_t *out, ockam_error_t *err)
{
    ockam_reader_t           r      = ockam_reader(bytes);
    ockam_identity_payload_t result = {.credential_count = 0};
    ockam_cbor_items_t       fields, credentials;

    OCKAM_TRY(err, ockam_cbor_enter_array(&r, &fields, err), "identity payload");
    OCKAM_TRY(err, take_item(&r, &fields, &result.history, err), "change history");
    OCKAM_TRY(err, take_item(&r, &fields, &result.attestation, err), "attestation");
    if (!ockam_cbor_next(&r, &fields))
        return ockam_fail(err, OCKAM_MALFORMED, "credentials: missing");
    OCKAM_TRY(err, ockam_cbor_enter_array(&r, &credentials, err), "credentials");
    for (;;) {
        const ockam_slice_t before = r.rest;
        if (!ockam_cbor_next(&r, &credentials))
            break;
        OCKAM_TRY(err, ockam_cbor_skip(&r, err), "credential");
        if (result.credential_count < OCKAM_CREDENTIALS_MAX)
            result.credentials[result.credential_count] = ockam_slice(before.ptr, before.len - r.rest.len);
        result.credential_count++;
    }
    OCKAM_TRY(err, ockam_cbor_leave(&r, &fields, false, err), "further elements");
    *out = result;
    return OCKAM_OK;
}

ockam_status_t ockam_identity_payload_encode(ockam_slice_t history, ockam_slice_t attestation, ockam_slice_t credential,
                                             ockam_buf_t *out, ockam_error_t *err)
{
    const size_t   mark = out->len;
    ockam_status_t s;

    if ((s = ockam_cbor_write_array(out, 3, err)) == OCKAM_OK &&
        (s = ockam_buf_append(out, history, err)) == OCKAM_OK &&
        (s = ockam_buf_append(out, attestation, err)) == OCKAM_OK &&
        (s = ockam_cbor_write_array(out, credential.len > 0 ? 1 : 0, err)) == OCKAM_OK)
        s = ockam_buf_append(out, credential, err);
    if (s != OCKAM_OK)
        ockam_buf_truncate(out, mark);
    return s;
}
