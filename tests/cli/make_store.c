/* SPDX-License-Identifier: Apache-2.0
 *
 * make_store.c - make_store FILE NAME...: open or make a SQLite store, add a named identity and a secret for each NAME, and
 * say how many names there are. Without NAME only that. For scripts of tests/cli. */
#include <stdio.h>
#include <stdlib.h>

#include "ockam/store.h"

static bool count_row(void *context, ockam_slice_t key, ockam_slice_t value)
{
    (void)key;
    (void)value;
    ++*(unsigned *)context;
    return true;
}

static ockam_status_t add(ockam_store_t *store, const char *name, ockam_error_t *err)
{
    uint8_t       identifier[32];
    ockam_slice_t value;

    memset(identifier, name[0], sizeof(identifier));
    value = ockam_slice(identifier, sizeof(identifier));
    OCKAM_TRY(err, ockam_store_put(store, OCKAM_TABLE_NAMED_IDENTITY, ockam_slice_text(name), value, err), "name");
    OCKAM_TRY(err, ockam_store_put(store, OCKAM_TABLE_SECRET, value, value, err), "secret");
    return OCKAM_OK;
}

int main(int argc, char **argv)
{
    ockam_error_t  err   = {0};
    ockam_store_t *store = NULL;
    unsigned       names = 0;
    char           text[512];
    ockam_status_t s;

    if (argc < 2)
        return 64;
    s = ockam_store_sqlite(ockam_allocator_malloc(), argv[1], &store, &err);
    for (int i = 2; s == OCKAM_OK && i < argc; i++)
        s = add(store, argv[i], &err);
    if (s == OCKAM_OK)
        s = ockam_store_each(store, OCKAM_TABLE_NAMED_IDENTITY, count_row, &names, &err);
    ockam_store_free(store);
    if (s == OCKAM_OK) {
        (void)printf("%u names\n", names);
        return EXIT_SUCCESS;
    }
    (void)ockam_error_text(&err, text, sizeof(text));
    (void)fprintf(stderr, "%s\n", text);
    return 70;
}
