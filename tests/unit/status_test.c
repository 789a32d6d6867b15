/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

static void every_status_has_a_name_a_text_and_a_kind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < OCKAM_STATUS_COUNT; i++) {
        const ockam_status_t s = (ockam_status_t)i;
        assert_true(strlen(ockam_status_name(s)) > 0);
        assert_true(strlen(ockam_status_text(s)) > 0);
        assert_int_equal(ockam_status_kind(s) == OCKAM_KIND_NONE, s == OCKAM_OK);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(ockam_status_name(s), ockam_status_name((ockam_status_t)k));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_a_text_and_a_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
