/* SPDX-License-Identifier: Apache-2.0
 *
 * ed25519_rule_test.c - the encodings at the edges of what is acceptable. */
#include "vault/ed25519_rule.h"

#include "test.h"

static const uint8_t field_prime[32] = {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
static const uint8_t group_order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

/* A number near `base`, in the place of y, with either sign of x, as key and as R. */
static void assert_point(const uint8_t base[32], int difference, bool acceptable)
{
    uint8_t good[64]  = {2};
    uint8_t point[64] = {0};

    for (unsigned sign = 0; sign <= 0x80; sign += 0x80) {
        memcpy(point, base, 32);
        point[0]  = (uint8_t)(point[0] + difference);
        point[31] = (uint8_t)(point[31] | sign);
        assert_int_equal(ockam_ed25519_acceptable(point, good), acceptable);
        assert_int_equal(ockam_ed25519_acceptable(good, point), acceptable);
    }
}

static void y_must_be_below_the_field_prime_and_not_of_small_order(void **state)
{
    const uint8_t zero[32] = {0};

    (void)state;
    assert_point(zero, 0, false);
    assert_point(zero, 1, false);
    assert_point(zero, 2, true);
    assert_point(field_prime, -2, true);
    assert_point(field_prime, -1, false); /* the point of order 2 */
    assert_point(field_prime, 0, false);
    assert_point(field_prime, 1, false);
    assert_point(field_prime, 2, false);
    assert_point(field_prime, 18, false);
}

static void s_must_be_below_the_group_order(void **state)
{
    const uint8_t key[32]       = {2};
    uint8_t       signature[64] = {2};

    (void)state;
    assert_true(ockam_ed25519_acceptable(key, signature)); /* S = 0 is for the equation to refuse */
    memcpy(signature + 32, group_order, 32);
    assert_false(ockam_ed25519_acceptable(key, signature));
    signature[32]--;
    assert_true(ockam_ed25519_acceptable(key, signature));
    signature[32] += 2;
    assert_false(ockam_ed25519_acceptable(key, signature));
    memcpy(signature + 32, group_order, 32);
    signature[63] = 0x0f;
    assert_true(ockam_ed25519_acceptable(key, signature));
    for (unsigned high = 0x11; high <= 0xff; high++) {
        memset(signature + 32, 0, 32);
        signature[63] = (uint8_t)high;
        assert_false(ockam_ed25519_acceptable(key, signature));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(y_must_be_below_the_field_prime_and_not_of_small_order),
        cmocka_unit_test(s_must_be_below_the_group_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
