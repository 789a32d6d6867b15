/* SPDX-License-Identifier: Apache-2.0
 *
 * fault_store.h - a store that writes down what is asked of it and fails when told to, in front of another one. */
#ifndef OCKAM_TEST_FAULT_STORE_H
#define OCKAM_TEST_FAULT_STORE_H

#include "ockam/store.h"

typedef struct {
    ockam_store_t  base; /* give &f.base to the code under test */
    ockam_store_t *inner;
    size_t         calls;    /* so far, rollbacks not counted */
    size_t         fail_at;  /* this call fails with OCKAM_IO, counted from 1; 0: none does */
    char           log[512]; /* "begin put:secret put:change_history commit "; gets are left out */
} fault_store_t;

/** `inner` stays the caller's. */
void fault_store_init(fault_store_t *f, ockam_store_t *inner, size_t fail_at);
/** Rows of all tables of a store. */
size_t store_rows(ockam_store_t *store);

#endif
