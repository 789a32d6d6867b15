/* SPDX-License-Identifier: Apache-2.0
 *
 * test.h - cmocka with what it needs before it, and assertions on statuses. */
#ifndef OCKAM_TEST_H
#define OCKAM_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ockam/bytes.h"
#include "ockam/status.h"

#ifdef __clang_analyzer__ /* which does not know that a failed test does not go on */
#include <stdlib.h>
#undef fail
#define fail() (_fail(__FILE__, __LINE__), abort())
#endif

/** `call` gives OCKAM_OK; otherwise the test fails with the status's name. */
#define assert_ok(call) test_assert_status((call), OCKAM_OK, NULL, #call, __FILE__, __LINE__)
/** As assert_ok(), with the error trail in the output. */
#define assert_ok_err(call, err) test_assert_status((call), OCKAM_OK, (err), #call, __FILE__, __LINE__)
/** `call` gives exactly `expected`. */
#define assert_status(call, expected) test_assert_status((call), (expected), NULL, #call, __FILE__, __LINE__)
/** `call` gives a status of the kind `expected`. */
#define assert_kind(call, expected) test_assert_kind((call), (expected), #call, __FILE__, __LINE__)
/** The bytes of two slices are the same; prints both in hex otherwise. */
#define assert_slice_equal(a, b) test_assert_slice((a), (b), #a, __FILE__, __LINE__)

void test_assert_status(ockam_status_t status, ockam_status_t expected, const ockam_error_t *err, const char *what,
                        const char *file, int line);
void test_assert_kind(ockam_status_t status, ockam_kind_t expected, const char *what, const char *file, int line);
void test_assert_slice(ockam_slice_t got, ockam_slice_t expected, const char *what, const char *file, int line);

#endif
