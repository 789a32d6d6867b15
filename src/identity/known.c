/* SPDX-License-Identifier: Apache-2.0
 *
 * known.c - the change histories that this node has accepted, so that an older one is never accepted again.
 * Protocol: docs/protocol/identities.md, "Comparing with what is known". No clock; I/O is the store's. */
#include "ockam/identity.h"

static ockam_status_t get(ockam_store_t *store, const ockam_identifier_t *identifier, ockam_buf_t *value,
                          ockam_error_t *err)
{
    ockam_buf_truncate(value, 0);
    return ockam_store_get(store, OCKAM_TABLE_CHANGE_HISTORY, ockam_identifier_view(identifier), value, err);
}

/* What is stored was verified when it was stored. If it does not verify now, the store is at fault and not a peer. */
static ockam_status_t verify_stored(ockam_vault_t *vault, ockam_slice_t encoded, const ockam_identifier_t *identifier,
                                    ockam_change_history_t **out, ockam_error_t *err)
{
    const ockam_status_t s = ockam_change_history_verify(vault, encoded, identifier, out, err);

    if (ockam_status_kind(s) == OCKAM_KIND_PEER || s == OCKAM_LIMIT)
        return ockam_fail(err, OCKAM_CORRUPT, "stored change history: %s", ockam_status_text(s));
    return s;
}

/* Equal and newer (also: unknown) are fine; older and conflicting are not. */
static ockam_status_t compare(ockam_store_t *store, ockam_vault_t *vault, const ockam_change_history_t *received,
                              ockam_buf_t *value, ockam_history_order_t *order, ockam_error_t *err)
{
    const ockam_identifier_t *identifier = ockam_change_history_identifier(received);
    ockam_change_history_t   *known      = NULL;
    ockam_status_t            s          = get(store, identifier, value, err);

    *order = s == OCKAM_OK ? OCKAM_HISTORY_EQUAL : OCKAM_HISTORY_NEWER;
    if (s == OCKAM_NOT_FOUND)
        return OCKAM_OK;
    if (s != OCKAM_OK)
        return s;
    if (ockam_slice_equal(ockam_buf_view(value), ockam_change_history_view(received)))
        return OCKAM_OK; /* the usual case: nothing of the stored one needs to be verified */
    if ((s = verify_stored(vault, ockam_buf_view(value), identifier, &known, err)) != OCKAM_OK)
        return s;
    *order = ockam_change_history_compare(received, known);
    ockam_change_history_free(known);
    switch (*order) {
    case OCKAM_HISTORY_EQUAL:
    case OCKAM_HISTORY_NEWER: return OCKAM_OK;
    case OCKAM_HISTORY_OLDER: return ockam_fail(err, OCKAM_CONFLICT, "change history is older than the known one");
    case OCKAM_HISTORY_CONFLICT: return ockam_fail(err, OCKAM_CONFLICT, "change history contradicts the known one");
    }
    return ockam_fail(err, OCKAM_INTERNAL, "comparison gave %d", (int)*order);
}

/* Inside a transaction. */
static ockam_status_t compare_and_store(ockam_store_t *store, ockam_vault_t *vault,
                                        const ockam_change_history_t *received, ockam_buf_t *value,
                                        ockam_history_order_t *order, ockam_error_t *err)
{
    const ockam_status_t s = compare(store, vault, received, value, order, err);

    if (s != OCKAM_OK || *order == OCKAM_HISTORY_EQUAL)
        return s;
    return ockam_store_put(store, OCKAM_TABLE_CHANGE_HISTORY,
                           ockam_identifier_view(ockam_change_history_identifier(received)),
                           ockam_change_history_view(received), err);
}

ockam_status_t ockam_identities_compare(ockam_store_t *store, ockam_vault_t *vault,
                                        const ockam_change_history_t *received, ockam_history_order_t *order,
                                        ockam_error_t *err)
{
    ockam_history_order_t found = OCKAM_HISTORY_EQUAL;
    ockam_buf_t           value;
    ockam_status_t        s;

    ockam_buf_init(&value, ockam_vault_allocator(vault), OCKAM_STORE_VALUE_BYTES_MAX);
    s = compare(store, vault, received, &value, &found, err);
    ockam_buf_deinit(&value);
    if (order != NULL && (s == OCKAM_OK || s == OCKAM_CONFLICT))
        *order = found;
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "known identities");
}

ockam_status_t ockam_identities_update(ockam_store_t *store, ockam_vault_t *vault,
                                       const ockam_change_history_t *received, ockam_history_order_t *order,
                                       ockam_error_t *err)
{
    const bool            own   = !store->in_transaction;
    ockam_history_order_t found = OCKAM_HISTORY_EQUAL;
    ockam_buf_t           value;
    ockam_status_t        s;

    ockam_buf_init(&value, ockam_vault_allocator(vault), OCKAM_STORE_VALUE_BYTES_MAX);
    /* The usual case, a peer that comes again: nothing is written, so no transaction is needed. */
    s = get(store, ockam_change_history_identifier(received), &value, err);
    if (s == OCKAM_OK && ockam_slice_equal(ockam_buf_view(&value), ockam_change_history_view(received)))
        goto done;
    if (s != OCKAM_OK && s != OCKAM_NOT_FOUND)
        goto done;
    if (own && (s = ockam_store_begin(store, err)) != OCKAM_OK)
        goto done;
    s = compare_and_store(store, vault, received, &value, &found, err);
    if (own && s == OCKAM_OK)
        s = ockam_store_commit(store, err);
    else if (own)
        ockam_store_rollback(store);
done:
    ockam_buf_deinit(&value);
    if (order != NULL && (s == OCKAM_OK || s == OCKAM_CONFLICT))
        *order = found;
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "known identities");
}

ockam_status_t ockam_identities_load(ockam_store_t *store, ockam_vault_t *vault, const ockam_identifier_t *identifier,
                                     ockam_change_history_t **out, ockam_error_t *err)
{
    ockam_buf_t    value;
    ockam_status_t s;

    ockam_buf_init(&value, ockam_vault_allocator(vault), OCKAM_STORE_VALUE_BYTES_MAX);
    if ((s = get(store, identifier, &value, err)) == OCKAM_OK)
        s = verify_stored(vault, ockam_buf_view(&value), identifier, out, err);
    ockam_buf_deinit(&value);
    return s == OCKAM_OK ? s : ockam_error_wrap(err, s, __func__, "known identities");
}
