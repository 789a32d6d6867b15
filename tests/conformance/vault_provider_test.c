/* SPDX-License-Identifier: Apache-2.0
 *
 * vault_provider_test.c - what every provider of cryptography must pass, for the primitives that it offers: public
 * vectors first, then the contract of src/vault/provider.h, then agreement of the providers with each other. */
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "fixed_random.h"
#include "test.h"
#include "vault/ed25519_rule.h"
#include "vault/provider.h"
#include "vectors.h"

#define PROVIDERS 3u

struct subject {
    const ockam_provider_t *provider; /* NULL: not in this build or on this processor */
    void                   *context;
};

static const ockam_slice_t nothing = {NULL, 0};

static void subject_start(struct subject *subject, const ockam_provider_t *provider)
{
    *subject = (struct subject){.provider = provider};
    if (provider != NULL && provider->start != NULL)
        assert_ok(provider->start(&subject->context));
}

static void subject_stop(struct subject *subject)
{
    if (subject->provider != NULL && subject->provider->stop != NULL)
        subject->provider->stop(subject->context);
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* Goes over testGroups and their tests of a Wycheproof file. */
struct cases {
    vectors_t    *file;
    const json_t *groups;
    size_t        group, test;
};

static struct cases cases_open(const char *name)
{
    struct cases c = {.file = vectors_open(name)};

    c.groups = vectors_get(c.file, vectors_root(c.file), "testGroups");
    return c;
}

static const json_t *cases_next(struct cases *c, const json_t **group)
{
    while (c->group < json_array_size(c->groups)) {
        *group              = json_array_get(c->groups, c->group);
        const json_t *tests = vectors_get(c->file, *group, "tests");
        if (c->test < json_array_size(tests))
            return json_array_get(tests, c->test++);
        c->group++;
        c->test = 0;
    }
    return NULL;
}

static bool case_is(const struct cases *c, const json_t *test, const char *result)
{
    return strcmp(vectors_string(c->file, test, "result"), result) == 0;
}

#define explain(c, test, what)                                                                                         \
    fail_msg("case %d (%s): %s", (int)vectors_int((c)->file, (test), "tcId"),                                          \
             vectors_string((c)->file, (test), "comment"), (what))

/* ---- hashing ---------------------------------------------------------------------------------------------------- */

static void sha256_gives_the_published_digests(void **state)
{
    struct subject *s    = *state;
    vectors_t      *file = vectors_open("secure_channel.json");
    const json_t   *own  = vectors_get(file, vectors_root(file), "sha256");
    uint8_t         digest[32];

    s->provider->sha256(s->context, vectors_hex(file, own, "data"), nothing, digest);
    assert_slice_equal(ockam_slice(digest, 32), vectors_hex(file, own, "digest"));
    s->provider->sha256(s->context, nothing, nothing, digest);
    assert_slice_equal(ockam_slice(digest, 32),
                       vectors_unhex(file, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 64));
    s->provider->sha256(s->context, ockam_slice_text("a"), ockam_slice_text("bc"), digest);
    assert_slice_equal(ockam_slice(digest, 32),
                       vectors_unhex(file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 64));
    vectors_close(file);
}

static void sha256_of_two_parts_is_that_of_the_whole(void **state)
{
    struct subject *s = *state;
    uint8_t         data[200];
    uint8_t         whole[32];
    uint8_t         parts[32];
    fixed_random_t  random;

    fixed_random_seed(&random, 1);
    assert_ok(fixed_random_fill(&random, data, sizeof(data)));
    for (size_t len = 0; len <= sizeof(data); len++) {
        s->provider->sha256(s->context, ockam_slice(data, len), nothing, whole);
        for (size_t cut = 0; cut <= len; cut++) {
            s->provider->sha256(s->context, ockam_slice(data, cut), ockam_slice(data + cut, len - cut), parts);
            assert_memory_equal(whole, parts, 32);
        }
    }
}

static void hmac_sha256_agrees_with_wycheproof(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/hmac_sha256_test.json");
    const json_t   *group;
    const json_t   *test;
    uint8_t         mac[32];
    size_t          seen = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t tag      = vectors_hex(c.file, test, "tag");
        const ockam_slice_t msg      = vectors_hex(c.file, test, "msg");
        const ockam_slice_t parts[3] = {
            {msg.ptr, msg.len / 2}, {NULL, 0}, {msg.ptr + msg.len / 2, msg.len - msg.len / 2}};
        s->provider->hmac_sha256(s->context, vectors_hex(c.file, test, "key"), parts, 3, mac);
        if ((memcmp(mac, tag.ptr, tag.len) == 0) != case_is(&c, test, "valid"))
            explain(&c, test, "wrong verdict");
        seen++;
    }
    assert_int_equal(seen, 174);
    vectors_close(c.file);
}

/* ---- X25519 ----------------------------------------------------------------------------------------------------- */

static ockam_status_t agree(struct subject *s, const uint8_t *secret, const uint8_t *peer, uint8_t out[32])
{
    uint8_t own[32];

    assert_ok(s->provider->x25519_public(s->context, secret, own));
    return s->provider->x25519(s->context, secret, own, peer, out);
}

static void x25519_agrees_with_wycheproof(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/x25519_test.json");
    const json_t   *group;
    const json_t   *test;
    size_t          seen = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t  peer     = vectors_hex(c.file, test, "public");
        const ockam_slice_t  secret   = vectors_hex(c.file, test, "private");
        const ockam_slice_t  expected = vectors_hex(c.file, test, "shared");
        uint8_t              shared[32];
        const ockam_status_t status = agree(s, secret.ptr, peer.ptr, shared);
        /* A result of zeros may be refused here; the vault refuses it anyway. */
        if (status != OCKAM_OK && !(status == OCKAM_NOT_AUTHENTIC && all_zero(expected.ptr, 32)))
            explain(&c, test, "refused");
        if (status == OCKAM_OK && memcmp(shared, expected.ptr, 32) != 0)
            explain(&c, test, "another secret");
        seen++;
    }
    assert_int_equal(seen, 518);
    vectors_close(c.file);
}

/* The next line "`name` = hex" after `*at`; moves there. */
static bool next_field(vectors_t *file, const char **at, const char *name, ockam_slice_t *out)
{
    const char *found = strstr(*at, name);
    const char *value;

    if (found == NULL)
        return false;
    value = strchr(found, '=') + 1;
    value += *value == ' ';
    *at  = value + strcspn(value, "\r\n");
    *out = vectors_unhex(file, value, (size_t)(*at - value));
    return true;
}

static void x25519_agrees_with_rfc_7748(void **state)
{
    struct subject *s        = *state;
    vectors_t      *file     = vectors_open_text("rfc/rfc7748_x25519.txt");
    const char     *at       = vectors_text(file);
    ockam_slice_t   scalar   = nothing;
    ockam_slice_t   u        = nothing;
    ockam_slice_t   expected = nothing;
    size_t          seen     = 0;

    while (next_field(file, &at, "INPUT_SCALAR", &scalar)) {
        uint8_t shared[32];
        assert_true(next_field(file, &at, "INPUT_U", &u) && next_field(file, &at, "OUTPUT_U", &expected));
        assert_ok(agree(s, scalar.ptr, u.ptr, shared));
        assert_slice_equal(ockam_slice(shared, 32), expected);
        seen++;
    }
    assert_int_equal(seen, 3);
    vectors_close(file);
}

static void x25519_never_takes_a_low_order_point(void **state)
{
    struct subject *s          = *state;
    vectors_t      *file       = vectors_open("secure_channel.json");
    const json_t   *points     = vectors_get(file, vectors_get(file, vectors_root(file), "x25519_low_order_points"),
                                             "points");
    const uint8_t   secret[32] = {7, 1, 2, 3};

    assert_int_equal(json_array_size(points), 7);
    for (size_t i = 0; i < json_array_size(points); i++) {
        for (unsigned high = 0; high <= 0x80; high += 0x80) {
            uint8_t             shared[32];
            uint8_t             point[32];
            ockam_status_t      status;
            const ockam_slice_t bytes = vectors_unhex(file, json_string_value(json_array_get(points, i)), 64);
            memcpy(point, bytes.ptr, 32);
            point[31] = (uint8_t)(point[31] | high);
            status    = agree(s, secret, point, shared);
            assert_true(status == OCKAM_NOT_AUTHENTIC || (status == OCKAM_OK && all_zero(shared, 32)));
        }
    }
    vectors_close(file);
}

/* ---- Ed25519 ---------------------------------------------------------------------------------------------------- */

/* As the vault does it. */
static bool ed25519_accepts(struct subject *s, const uint8_t *key, ockam_slice_t data, const uint8_t *signature)
{
    return ockam_ed25519_acceptable(key, signature) &&
           s->provider->ed25519_verify(s->context, key, data, signature) == OCKAM_OK;
}

static void ed25519_agrees_with_wycheproof(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/ed25519_test.json");
    const json_t   *group;
    const json_t   *test;
    size_t          seen = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const json_t       *key       = vectors_get(c.file, group, "publicKey");
        const ockam_slice_t signature = vectors_hex(c.file, test, "sig");
        const bool          valid     = case_is(&c, test, "valid");
        if (signature.len != 64) { /* cannot be said to a provider */
            assert_false(valid);
            continue;
        }
        if (ed25519_accepts(s, vectors_hex(c.file, key, "pk").ptr, vectors_hex(c.file, test, "msg"), signature.ptr) !=
            valid)
            explain(&c, test, "wrong verdict");
        seen++;
    }
    assert_true(seen > 130);
    vectors_close(c.file);
}

/* One field of "secret public : public : message : signature message :", each in hex. */
static ockam_slice_t colon_field(vectors_t *file, const char **at)
{
    const size_t        len   = strcspn(*at, ":");
    const ockam_slice_t bytes = vectors_unhex(file, *at, len);

    *at += len + 1;
    return bytes;
}

static void ed25519_agrees_with_the_lines_of_rfc_8032(void **state)
{
    struct subject *s    = *state;
    vectors_t      *file = vectors_open_text("rfc/ed25519_sign_input_dalek.txt");
    const char     *at   = vectors_text(file);
    size_t          seen = 0;

    while (*at != '\0') {
        const ockam_slice_t pair     = colon_field(file, &at);
        const ockam_slice_t key      = colon_field(file, &at);
        const ockam_slice_t message  = colon_field(file, &at);
        const ockam_slice_t expected = colon_field(file, &at);
        uint8_t             made[64];
        assert_ok(s->provider->ed25519_public(s->context, pair.ptr, made));
        assert_slice_equal(ockam_slice(made, 32), key);
        assert_ok(s->provider->ed25519_sign(s->context, pair.ptr, key.ptr, message, made));
        assert_memory_equal(made, expected.ptr, 64);
        assert_true(ed25519_accepts(s, key.ptr, message, made));
        at += strspn(at, "\r\n");
        seen++;
    }
    assert_int_equal(seen, 128);
    vectors_close(file);
}

static bool has_flag(const json_t *test, const char *wanted)
{
    const json_t *flags = json_object_get(test, "flags");

    for (size_t i = 0; i < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), wanted) == 0)
            return true;
    return false;
}

/* The rule that ockam_vault_verify() documents, said in the words of these vectors. */
static void ed25519_follows_one_rule_at_the_edges(void **state)
{
    static const char *const refused[] = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R",
                                          "low_order_residue"};
    struct subject          *s         = *state;
    vectors_t               *file      = vectors_open("rfc/ed25519_validation_vectors_dalek.json");
    const json_t            *tests     = vectors_root(file);
    size_t                   accepted  = 0;

    assert_int_equal(json_array_size(tests), 914);
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test     = json_array_get(tests, i);
        bool          expected = true;
        for (size_t f = 0; f < sizeof(refused) / sizeof(refused[0]); f++)
            expected = expected && !has_flag(test, refused[f]);
        if (ed25519_accepts(s, vectors_hex(file, test, "key").ptr, ockam_slice_text(vectors_string(file, test, "msg")),
                            vectors_hex(file, test, "sig").ptr) != expected)
            fail_msg("vector %zu: wrong verdict", i);
        accepted += expected;
    }
    assert_true(accepted > 1);
    vectors_close(file);
}

static void ed25519_refuses_every_flipped_bit(void **state)
{
    struct subject *s          = *state;
    const uint8_t   secret[32] = {42};
    uint8_t         data[]     = "message";
    uint8_t         key[32];
    uint8_t         signature[64];

    assert_ok(s->provider->ed25519_public(s->context, secret, key));
    assert_ok(s->provider->ed25519_sign(s->context, secret, key, ockam_slice(data, 7), signature));
    for (size_t bit = 0; bit < (size_t)8 * (64 + 7 + 32); bit++) {
        uint8_t *byte = bit < 512 ? &signature[bit / 8] : bit < 568 ? &data[(bit - 512) / 8] : &key[(bit - 568) / 8];
        *byte         = (uint8_t)(*byte ^ 1u << bit % 8);
        assert_false(ed25519_accepts(s, key, ockam_slice(data, 7), signature));
        *byte = (uint8_t)(*byte ^ 1u << bit % 8);
    }
    assert_true(ed25519_accepts(s, key, ockam_slice(data, 7), signature));
}

/* ---- P-256 ------------------------------------------------------------------------------------------------------ */

static void digest_of(ockam_slice_t data, uint8_t out[32])
{
    ockam_provider_openssl()->sha256(NULL, data, nothing, out);
}

static void p256_agrees_with_wycheproof(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
    const json_t   *group;
    const json_t   *test;
    uint8_t         digest[32];
    size_t          seen = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t key       = vectors_hex(c.file, vectors_get(c.file, group, "publicKey"), "uncompressed");
        const ockam_slice_t signature = vectors_hex(c.file, test, "sig");
        const bool          valid     = case_is(&c, test, "valid");
        if (signature.len != 64) {
            assert_false(valid);
            continue;
        }
        digest_of(vectors_hex(c.file, test, "msg"), digest);
        if ((s->provider->p256_verify(s->context, key.ptr, digest, signature.ptr) == OCKAM_OK) != valid)
            explain(&c, test, "wrong verdict");
        seen++;
    }
    assert_true(seen > 230);
    vectors_close(c.file);
}

/* One INTEGER of strict DER, not negative, into 32 bytes. */
static bool der_integer(ockam_slice_t *rest, uint8_t out[32])
{
    size_t         len;
    const uint8_t *value;

    if (rest->len < 3 || rest->ptr[0] != 2 || (len = rest->ptr[1]) == 0 || len > 127 || len > rest->len - 2)
        return false;
    value = rest->ptr + 2;
    rest->ptr += 2 + len;
    rest->len -= 2 + len;
    if ((value[0] & 0x80) != 0 || (len > 1 && value[0] == 0 && (value[1] & 0x80) == 0))
        return false;
    if (value[0] == 0) {
        value++;
        len--;
    }
    if (len > 32)
        return false;
    memset(out, 0, 32);
    memcpy(out + 32 - len, value, len);
    return true;
}

static bool der_signature(ockam_slice_t der, uint8_t out[64])
{
    ockam_slice_t rest;

    if (der.len < 2 || der.ptr[0] != 0x30 || der.ptr[1] > 127 || der.ptr[1] != der.len - 2)
        return false;
    rest = ockam_slice(der.ptr + 2, der.len - 2);
    return der_integer(&rest, out) && der_integer(&rest, out + 32) && rest.len == 0;
}

/* The encoding is not ours; what can be said as r || s must get the same verdict. */
static void p256_agrees_with_wycheproof_in_der(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/ecdsa_secp256r1_sha256_test.json");
    const json_t   *group;
    const json_t   *test;
    uint8_t         digest[32];
    uint8_t         signature[64];
    size_t          valid   = 0;
    size_t          invalid = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t key = vectors_hex(c.file, vectors_get(c.file, group, "publicKey"), "uncompressed");
        const bool          ok  = der_signature(vectors_hex(c.file, test, "sig"), signature);
        if (!ok) {
            assert_false(case_is(&c, test, "valid"));
            continue;
        }
        digest_of(vectors_hex(c.file, test, "msg"), digest);
        if ((s->provider->p256_verify(s->context, key.ptr, digest, signature) == OCKAM_OK) !=
            case_is(&c, test, "valid"))
            explain(&c, test, "wrong verdict");
        valid += case_is(&c, test, "valid");
        invalid += !case_is(&c, test, "valid");
    }
    assert_int_equal(valid, 174);
    assert_true(invalid > 10);
    vectors_close(c.file);
}

/* For any point Q, R = aG + bQ gives r = x(R), s = r / b, and a digest r * a / b that they sign. So a provider shows
 * whether it takes a point although nobody knows its secret. False: not a point. */
static bool forge(ockam_slice_t encoded, uint8_t digest[32], uint8_t signature[64])
{
    EC_GROUP     *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BN_CTX       *bn    = BN_CTX_new();
    EC_POINT     *q     = EC_POINT_new(group);
    EC_POINT     *point = EC_POINT_new(group);
    BIGNUM       *a     = BN_new();
    BIGNUM       *b     = BN_new();
    BIGNUM       *r     = BN_new();
    BIGNUM       *t     = BN_new();
    const BIGNUM *n     = EC_GROUP_get0_order(group);
    bool          ok;

    BN_set_word(a, 12345);
    BN_set_word(b, 6789);
    ok = EC_POINT_oct2point(group, q, encoded.ptr, encoded.len, bn) == 1 &&
         EC_POINT_mul(group, point, a, q, b, bn) == 1 &&
         EC_POINT_get_affine_coordinates(group, point, r, NULL, bn) == 1 && BN_nnmod(r, r, n, bn) == 1 &&
         BN_mod_inverse(b, b, n, bn) != NULL && BN_mod_mul(t, r, b, n, bn) == 1 &&
         BN_bn2binpad(r, signature, 32) == 32 && BN_bn2binpad(t, signature + 32, 32) == 32 &&
         BN_mod_mul(t, t, a, n, bn) == 1 && BN_bn2binpad(t, digest, 32) == 32;
    BN_free(a);
    BN_free(b);
    BN_free(r);
    BN_free(t);
    EC_POINT_free(q);
    EC_POINT_free(point);
    BN_CTX_free(bn);
    EC_GROUP_free(group);
    return ok;
}

static void p256_takes_exactly_the_points_of_the_curve(void **state)
{
    struct subject *s = *state;
    struct cases    c = cases_open("wycheproof/ecdh_secp256r1_ecpoint_test.json");
    const json_t   *group;
    const json_t   *test;
    uint8_t         digest[32]    = {0};
    uint8_t         signature[64] = {[31] = 1, [63] = 1};
    size_t          valid         = 0;
    size_t          invalid       = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t point = vectors_hex(c.file, test, "public");
        if (point.len != 65) {
            continue; /* compressed or cut: cannot be said to a provider */
        }
        if (case_is(&c, test, "invalid")) {
            assert_int_equal(s->provider->p256_verify(s->context, point.ptr, digest, signature), OCKAM_NOT_AUTHENTIC);
            invalid++;
            continue;
        }
        assert_true(forge(point, digest, signature));
        if (s->provider->p256_verify(s->context, point.ptr, digest, signature) != OCKAM_OK)
            explain(&c, test, "point refused");
        valid++;
    }
    assert_true(valid > 300 && invalid > 5);
    vectors_close(c.file);
}

static void p256_refuses_hybrid_and_other_first_bytes(void **state)
{
    struct subject *s          = *state;
    const uint8_t   secret[32] = {[31] = 9};
    const uint8_t   digest[32] = {3};
    uint8_t         key[65];
    uint8_t         signature[64];

    assert_ok(s->provider->p256_public(s->context, secret, key));
    assert_ok(s->provider->p256_sign(s->context, secret, digest, signature));
    for (unsigned first = 0; first < 256; first++) {
        key[0] = (uint8_t)first;
        assert_int_equal(s->provider->p256_verify(s->context, key, digest, signature),
                         first == 4 ? OCKAM_OK : OCKAM_NOT_AUTHENTIC);
    }
}

static void p256_signs_as_rfc_6979(void **state)
{
    static const struct {
        const char *message;
        const char *signature;
    } known[] = {
        {"sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                   "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
        {"test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                 "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
    };
    struct subject *s    = *state;
    vectors_t      *file = vectors_open("secure_channel.json"); /* for its storage */
    const uint8_t  *secret =
        vectors_unhex(file, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", 64).ptr;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint8_t digest[32];
        uint8_t signature[64];
        digest_of(ockam_slice_text(known[i].message), digest);
        assert_ok(s->provider->p256_sign(s->context, secret, digest, signature));
        assert_slice_equal(ockam_slice(signature, 64), vectors_unhex(file, known[i].signature, 128));
    }
    vectors_close(file);
}

static void p256_takes_scalars_from_1_to_below_the_order(void **state)
{
    struct subject *s    = *state;
    vectors_t      *file = vectors_open("secure_channel.json");
    uint8_t         scalar[32];
    uint8_t         key[65];

    memset(scalar, 0, 32);
    assert_status(s->provider->p256_public(s->context, scalar, key), OCKAM_INVALID);
    scalar[31] = 1;
    assert_ok(s->provider->p256_public(s->context, scalar, key));
    memcpy(scalar, vectors_unhex(file, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", 64).ptr, 32);
    assert_ok(s->provider->p256_public(s->context, scalar, key)); /* n - 1 */
    scalar[31]++;
    assert_status(s->provider->p256_public(s->context, scalar, key), OCKAM_INVALID); /* n */
    memset(scalar, 0xff, 32);
    assert_status(s->provider->p256_public(s->context, scalar, key), OCKAM_INVALID);
    vectors_close(file);
}

static void p256_takes_both_halves_of_s_and_signs_in_both(void **state)
{
    struct subject *s          = *state;
    BIGNUM         *n          = NULL;
    size_t          high       = 0;
    const uint8_t   secret[32] = {[0] = 1, [31] = 77};
    uint8_t         key[65];

    BN_hex2bn(&n, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    assert_ok(s->provider->p256_public(s->context, secret, key));
    for (uint8_t i = 0; i < 32; i++) {
        const uint8_t digest[32] = {i};
        uint8_t       signature[64];
        BIGNUM       *other;
        assert_ok(s->provider->p256_sign(s->context, secret, digest, signature));
        assert_ok(s->provider->p256_verify(s->context, key, digest, signature));
        high += (signature[32] & 0x80) != 0;
        other = BN_bin2bn(signature + 32, 32, NULL);
        BN_sub(other, n, other);
        BN_bn2binpad(other, signature + 32, 32);
        BN_free(other);
        assert_ok(s->provider->p256_verify(s->context, key, digest, signature));
    }
    BN_free(n);
    assert_true(high > 4 && high < 28);
}

static void p256_refuses_every_flipped_bit(void **state)
{
    struct subject *s          = *state;
    const uint8_t   secret[32] = {[31] = 5};
    uint8_t         digest[32] = {8};
    uint8_t         key[65];
    uint8_t         signature[64];

    assert_ok(s->provider->p256_public(s->context, secret, key));
    assert_ok(s->provider->p256_sign(s->context, secret, digest, signature));
    for (size_t bit = 0; bit < (size_t)8 * (64 + 32 + 65); bit++) {
        uint8_t *byte = bit < 512 ? &signature[bit / 8] : bit < 768 ? &digest[(bit - 512) / 8] : &key[(bit - 768) / 8];
        *byte         = (uint8_t)(*byte ^ 1u << bit % 8);
        assert_int_equal(s->provider->p256_verify(s->context, key, digest, signature), OCKAM_NOT_AUTHENTIC);
        *byte = (uint8_t)(*byte ^ 1u << bit % 8);
    }
}

/* ---- sealing ---------------------------------------------------------------------------------------------------- */

struct sealer {
    const ockam_provider_aead_t *ops;
    void                        *storage;
    void                        *state;
};

static bool sealer_make(struct sealer *sealer, const struct subject *s, ockam_aead_type_t type, const uint8_t *key)
{
    sealer->ops     = s->provider->aead[type];
    sealer->storage = NULL;
    if (sealer->ops == NULL || s->provider->aead_cost(type, OCKAM_AEAD_TINY) == 0)
        return false;
    sealer->storage = calloc(1, sealer->ops->state_bytes + OCKAM_AEAD_STATE_ALIGNMENT);
    assert_non_null(sealer->storage);
    sealer->state = (uint8_t *)sealer->storage + OCKAM_AEAD_STATE_ALIGNMENT -
                    (uintptr_t)sealer->storage % OCKAM_AEAD_STATE_ALIGNMENT;
    if (sealer->ops->create != NULL)
        assert_ok(sealer->ops->create(s->context, sealer->state));
    assert_ok(sealer->ops->set_key(sealer->state, key));
    return true;
}

static void sealer_free(struct sealer *sealer)
{
    if (sealer->storage != NULL && sealer->ops->destroy != NULL)
        sealer->ops->destroy(sealer->state);
    free(sealer->storage);
    sealer->storage = NULL;
}

static void wycheproof_aead(struct subject *s, const char *name, ockam_aead_type_t type, int64_t key_bits,
                            size_t expected)
{
    struct cases  c = cases_open(name);
    const json_t *group;
    const json_t *test;
    size_t        seen = 0;

    while ((test = cases_next(&c, &group)) != NULL) {
        const ockam_slice_t nonce = vectors_hex(c.file, test, "iv");
        const ockam_slice_t aad   = vectors_hex(c.file, test, "aad");
        const ockam_slice_t msg   = vectors_hex(c.file, test, "msg");
        const ockam_slice_t ct    = vectors_hex(c.file, test, "ct");
        const ockam_slice_t tag   = vectors_hex(c.file, test, "tag");
        struct sealer       sealer;
        uint8_t             text[4096];
        uint8_t             made[16];
        if (vectors_int(c.file, group, "ivSize") != 96 || vectors_int(c.file, group, "keySize") != key_bits)
            continue;
        assert_true(ct.len <= sizeof(text) && tag.len == 16 && ct.len == msg.len);
        if (!sealer_make(&sealer, s, type, vectors_hex(c.file, test, "key").ptr))
            break;
        if (ct.len > 0)
            memcpy(text, ct.ptr, ct.len);
        if ((sealer.ops->open(sealer.state, nonce.ptr, aad, text, ct.len, tag.ptr) == OCKAM_OK) !=
            case_is(&c, test, "valid"))
            explain(&c, test, "wrong verdict");
        if (case_is(&c, test, "valid")) {
            assert_slice_equal(ockam_slice(text, msg.len), msg);
            assert_ok(sealer.ops->seal(sealer.state, nonce.ptr, aad, text, msg.len, made));
            assert_slice_equal(ockam_slice(text, ct.len), ct);
            assert_slice_equal(ockam_slice(made, 16), tag);
        }
        sealer_free(&sealer);
        seen++;
    }
    vectors_close(c.file);
    if (s->provider->aead_cost(type, OCKAM_AEAD_TINY) != 0)
        assert_int_equal(seen, expected);
}

static void aes256gcm_agrees_with_wycheproof(void **state)
{
    wycheproof_aead(*state, "wycheproof/aes_gcm_test.json", OCKAM_AES256_GCM, 256, 66);
}

static void aes128gcm_agrees_with_wycheproof(void **state)
{
    wycheproof_aead(*state, "wycheproof/aes_gcm_test.json", OCKAM_AES128_GCM, 128, 67);
}

static void chacha20poly1305_agrees_with_wycheproof(void **state)
{
    wycheproof_aead(*state, "wycheproof/chacha20_poly1305_test.json", OCKAM_CHACHA20_POLY1305, 256, 316);
}

static const uint8_t key_1[32] = {1, 2, 3}, key_2[32] = {4, 5, 6}, nonce_1[12] = {7}, nonce_2[12] = {8};

/* Seal, open and tamper at one size and one alignment; `guard` bytes around must stay. */
static void exercise(const struct sealer *x, uint8_t *area, size_t offset, size_t len, ockam_slice_t aad)
{
    const size_t   guard  = 32;
    uint8_t       *text   = area + guard + offset;
    uint8_t       *plain  = malloc(len + 1);
    uint8_t       *sealed = malloc(len + 1);
    uint8_t        tag[16];
    fixed_random_t random;

    if (plain == NULL || sealed == NULL)
        abort();
    fixed_random_seed(&random, len * 64 + offset);
    assert_ok(fixed_random_fill(&random, plain, len));
    memset(area, 0xa5, guard + offset + len + guard);
    memcpy(text, plain, len);
    assert_ok(x->ops->seal(x->state, nonce_1, aad, text, len, tag));
    memcpy(sealed, text, len);
    assert_true(len < 16 || memcmp(text, plain, len) != 0);
    assert_ok(x->ops->open(x->state, nonce_1, aad, text, len, tag));
    assert_memory_equal(text, plain, len);

    for (unsigned what = 0; what < 4; what++) {
        const ockam_slice_t longer = ockam_slice_text("other data");
        uint8_t             wrong[16];
        memcpy(text, sealed, len);
        memcpy(wrong, tag, 16);
        if (what == 0)
            wrong[len % 16] ^= (uint8_t)(1u << len % 8);
        else if (what == 1 && len > 0)
            text[len / 2] ^= 0x40;
        else if (what == 1)
            continue;
        assert_int_equal(
            x->ops->open(x->state, what == 2 ? nonce_2 : nonce_1, what == 3 ? longer : aad, text, len, wrong),
            OCKAM_NOT_AUTHENTIC);
        if (what == 1)
            sealed[len / 2] ^= 0x40;
        assert_true(all_zero(text, len) || memcmp(text, sealed, len) == 0);
        if (what == 1)
            sealed[len / 2] ^= 0x40;
    }
    for (size_t i = 0; i < guard; i++)
        assert_true(area[offset + i] == 0xa5 && text[len + i] == 0xa5);
    free(plain);
    free(sealed);
}

static void sealing_works_in_place_at_every_size_and_alignment(void **state)
{
    struct subject *s       = *state;
    uint8_t        *area    = aligned_alloc(64, 1048576 + 256);
    const uint8_t   aad[50] = {9};

    assert_non_null(area);
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        struct sealer x;
        if (!sealer_make(&x, s, (ockam_aead_type_t)t, key_1))
            continue;
        for (size_t len = 0; len <= 300; len++)
            for (size_t offset = 0; offset < 16; offset += 1 + (len & 3))
                exercise(&x, area, offset, len, ockam_slice(aad, (len + offset) % 51));
        for (size_t offset = 0; offset < 16; offset += 5) {
            exercise(&x, area, offset, 49152, nothing);
            exercise(&x, area, offset, 65519, ockam_slice(aad, 32));
            exercise(&x, area, offset, 1048576, nothing);
        }
        sealer_free(&x);
    }
    free(area);
}

static void sealing_refuses_every_flipped_bit_of_a_short_message(void **state)
{
    struct subject *s = *state;

    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        struct sealer x;
        uint8_t       bytes[12 + 5 + 20 + 16] = "nonce......|aad..|text"; /* nonce, aad, text, tag */
        uint8_t       copy[sizeof(bytes)];
        if (!sealer_make(&x, s, (ockam_aead_type_t)t, key_1))
            continue;
        assert_ok(x.ops->seal(x.state, bytes, ockam_slice(bytes + 12, 5), bytes + 17, 20, bytes + 37));
        for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
            memcpy(copy, bytes, sizeof(bytes));
            copy[bit / 8] = (uint8_t)(copy[bit / 8] ^ 1u << bit % 8);
            assert_int_equal(x.ops->open(x.state, copy, ockam_slice(copy + 12, 5), copy + 17, 20, copy + 37),
                             OCKAM_NOT_AUTHENTIC);
        }
        assert_ok(x.ops->open(x.state, bytes, ockam_slice(bytes + 12, 5), bytes + 17, 20, bytes + 37));
        sealer_free(&x);
    }
}

static void sealing_after_another_key_is_as_if_new(void **state)
{
    struct subject *s = *state;

    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++) {
        struct sealer reused = {0};
        struct sealer fresh  = {0};
        uint8_t       a[100] = {1};
        uint8_t       b[100] = {1};
        uint8_t       tag_a[16];
        uint8_t       tag_b[16];
        if (!sealer_make(&reused, s, (ockam_aead_type_t)t, key_1))
            continue;
        assert_ok(reused.ops->seal(reused.state, nonce_2, nothing, b, sizeof(b), tag_b));
        assert_ok(reused.ops->open(reused.state, nonce_2, nothing, b, sizeof(b), tag_b));
        assert_ok(reused.ops->set_key(reused.state, key_2));
        assert_true(sealer_make(&fresh, s, (ockam_aead_type_t)t, key_2));
        assert_ok(reused.ops->seal(reused.state, nonce_1, nothing, a, sizeof(a), tag_a));
        assert_ok(fresh.ops->seal(fresh.state, nonce_1, nothing, b, sizeof(b), tag_b));
        assert_memory_equal(a, b, sizeof(a));
        assert_memory_equal(tag_a, tag_b, 16);
        assert_ok(reused.ops->set_key(reused.state, key_1));
        assert_int_equal(reused.ops->open(reused.state, nonce_1, nothing, a, sizeof(a), tag_a), OCKAM_NOT_AUTHENTIC);
        sealer_free(&reused);
        sealer_free(&fresh);
    }
}

static void a_cost_is_given_exactly_for_what_is_offered(void **state)
{
    struct subject         *s = *state;
    const ockam_provider_t *p = s->provider;

#define CHECK(name, text, entry) assert_int_equal(p->entry != NULL, p->cost(OCKAM_PRIMITIVE_##name) != 0);
    OCKAM_PRIMITIVE_LIST(CHECK)
#undef CHECK
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++)
        for (unsigned c = 0; c < OCKAM_AEAD_CLASS_COUNT; c++) {
            const bool offered = p->aead_cost((ockam_aead_type_t)t, (ockam_aead_class_t)c) != 0;
            assert_true(p->aead[t] != NULL || !offered); /* the processor may lack what a table has */
            assert_int_equal(offered, p->aead_cost((ockam_aead_type_t)t, OCKAM_AEAD_TINY) != 0);
        }
}

static void randomness_does_not_repeat(void **state)
{
    struct subject *s = *state;
    uint8_t         a[64];
    uint8_t         b[64];

    if (s->provider->random != NULL) {
        assert_ok(s->provider->random(s->context, a, sizeof(a)));
        assert_ok(s->provider->random(s->context, b, sizeof(b)));
        assert_memory_not_equal(a, b, sizeof(a));
        assert_memory_not_equal(a, a + 32, 32);
        assert_ok(s->provider->random(s->context, NULL, 0));
    }
}

/* ---- all against all -------------------------------------------------------------------------------------------- */

struct all {
    struct subject subject[PROVIDERS];
};

static int all_setup(void **state)
{
    static struct all all;

    subject_start(&all.subject[0], ockam_provider_openssl());
    subject_start(&all.subject[1], ockam_provider_sodium());
    subject_start(&all.subject[2], ockam_provider_ipsec_mb());
    *state = &all;
    return 0;
}

static int all_teardown(void **state)
{
    struct all *all = *state;

    for (size_t i = 0; i < PROVIDERS; i++)
        subject_stop(&all->subject[i]);
    return 0;
}

/* Every primitive of every provider but OpenSSL against OpenSSL's, which has all. */
static void providers_agree_on_keys_and_digests(void **state)
{
    struct all     *all   = *state;
    struct subject *first = &all->subject[0];
    fixed_random_t  random;
    uint8_t         in[3][96];
    uint8_t         a[64];
    uint8_t         b[64];
    uint8_t         key[32];

    fixed_random_seed(&random, 7);
    for (unsigned round = 0; round < 200; round++) {
        const size_t        len   = round % 97;
        const ockam_slice_t parts = {in[2], len};
        assert_ok(fixed_random_fill(&random, in[0], sizeof(in)));
        for (size_t i = 1; i < PROVIDERS; i++) {
            struct subject         *s = &all->subject[i];
            const ockam_provider_t *p = s->provider;
            if (p == NULL || p->x25519 == NULL)
                continue;
            p->sha256(s->context, ockam_slice(in[0], len), ockam_slice(in[1], 96 - len), a);
            first->provider->sha256(first->context, ockam_slice(in[0], len), ockam_slice(in[1], 96 - len), b);
            assert_memory_equal(a, b, 32);
            p->hmac_sha256(s->context, ockam_slice(in[0], len), &parts, 1, a);
            first->provider->hmac_sha256(first->context, ockam_slice(in[0], len), &parts, 1, b);
            assert_memory_equal(a, b, 32);
            assert_ok(agree(s, in[0], in[1], a));
            assert_ok(agree(first, in[0], in[1], b));
            assert_memory_equal(a, b, 32);
            assert_ok(p->ed25519_public(s->context, in[0], key));
            assert_ok(first->provider->ed25519_public(first->context, in[0], b));
            assert_memory_equal(key, b, 32);
            assert_ok(p->ed25519_sign(s->context, in[0], key, parts, a));
            assert_ok(first->provider->ed25519_sign(first->context, in[0], key, parts, b));
            assert_memory_equal(a, b, 64);
            assert_ok(p->ed25519_verify(s->context, key, parts, b));
            assert_ok(first->provider->ed25519_verify(first->context, key, parts, a));
        }
    }
}

static void providers_agree_on_sealing(void **state)
{
    static uint8_t ours[70000];
    static uint8_t theirs[70000];
    struct all    *all = *state;
    fixed_random_t random;
    uint8_t        key[32];
    uint8_t        tag_a[16];
    uint8_t        tag_b[16];

    fixed_random_seed(&random, 8);
    for (unsigned t = 0; t < OCKAM_AEAD_TYPES; t++)
        for (size_t i = 1; i < PROVIDERS; i++)
            for (size_t len = 0; len <= sizeof(ours); len = len < 300 ? len + 7 : len * 2) {
                struct sealer       a   = {0};
                struct sealer       b   = {0};
                const ockam_slice_t aad = {key, len % 33};
                assert_ok(fixed_random_fill(&random, key, sizeof(key)));
                if (all->subject[i].provider == NULL || !sealer_make(&a, &all->subject[i], (ockam_aead_type_t)t, key))
                    break;
                assert_true(sealer_make(&b, &all->subject[0], (ockam_aead_type_t)t, key));
                assert_ok(fixed_random_fill(&random, ours, len));
                memcpy(theirs, ours, len);
                assert_ok(a.ops->seal(a.state, nonce_1, aad, ours, len, tag_a));
                assert_ok(b.ops->seal(b.state, nonce_1, aad, theirs, len, tag_b));
                assert_memory_equal(ours, theirs, len);
                assert_memory_equal(tag_a, tag_b, 16);
                assert_ok(a.ops->open(a.state, nonce_1, aad, theirs, len, tag_b));
                assert_ok(b.ops->open(b.state, nonce_1, aad, ours, len, tag_a));
                assert_memory_equal(ours, theirs, len);
                sealer_free(&a);
                sealer_free(&b);
            }
}

/* ---- which tests for which provider ----------------------------------------------------------------------------- */

static const ockam_provider_t *under_test;

static int subject_setup(void **state)
{
    static struct subject subject;

    subject_start(&subject, under_test);
    *state = &subject;
    return 0;
}

static int subject_teardown(void **state)
{
    subject_stop(*state);
    return 0;
}

#define ALWAYS OCKAM_PRIMITIVE_COUNT

static const struct {
    struct CMUnitTest test;
    ockam_primitive_t needs;
} rows[] = {
    {cmocka_unit_test(a_cost_is_given_exactly_for_what_is_offered), ALWAYS},
    {cmocka_unit_test(randomness_does_not_repeat), ALWAYS},
    {cmocka_unit_test(sha256_gives_the_published_digests), OCKAM_PRIMITIVE_SHA256},
    {cmocka_unit_test(sha256_of_two_parts_is_that_of_the_whole), OCKAM_PRIMITIVE_SHA256},
    {cmocka_unit_test(hmac_sha256_agrees_with_wycheproof), OCKAM_PRIMITIVE_HMAC_SHA256},
    {cmocka_unit_test(x25519_agrees_with_wycheproof), OCKAM_PRIMITIVE_X25519},
    {cmocka_unit_test(x25519_agrees_with_rfc_7748), OCKAM_PRIMITIVE_X25519},
    {cmocka_unit_test(x25519_never_takes_a_low_order_point), OCKAM_PRIMITIVE_X25519},
    {cmocka_unit_test(ed25519_agrees_with_wycheproof), OCKAM_PRIMITIVE_ED25519_VERIFY},
    {cmocka_unit_test(ed25519_agrees_with_the_lines_of_rfc_8032), OCKAM_PRIMITIVE_ED25519_SIGN},
    {cmocka_unit_test(ed25519_follows_one_rule_at_the_edges), OCKAM_PRIMITIVE_ED25519_VERIFY},
    {cmocka_unit_test(ed25519_refuses_every_flipped_bit), OCKAM_PRIMITIVE_ED25519_SIGN},
    {cmocka_unit_test(p256_agrees_with_wycheproof), OCKAM_PRIMITIVE_P256_VERIFY},
    {cmocka_unit_test(p256_agrees_with_wycheproof_in_der), OCKAM_PRIMITIVE_P256_VERIFY},
    {cmocka_unit_test(p256_takes_exactly_the_points_of_the_curve), OCKAM_PRIMITIVE_P256_VERIFY},
    {cmocka_unit_test(p256_refuses_hybrid_and_other_first_bytes), OCKAM_PRIMITIVE_P256_SIGN},
    {cmocka_unit_test(p256_signs_as_rfc_6979), OCKAM_PRIMITIVE_P256_SIGN},
    {cmocka_unit_test(p256_takes_scalars_from_1_to_below_the_order), OCKAM_PRIMITIVE_P256_PUBLIC},
    {cmocka_unit_test(p256_takes_both_halves_of_s_and_signs_in_both), OCKAM_PRIMITIVE_P256_SIGN},
    {cmocka_unit_test(p256_refuses_every_flipped_bit), OCKAM_PRIMITIVE_P256_SIGN},
    {cmocka_unit_test(aes256gcm_agrees_with_wycheproof), ALWAYS},
    {cmocka_unit_test(aes128gcm_agrees_with_wycheproof), ALWAYS},
    {cmocka_unit_test(chacha20poly1305_agrees_with_wycheproof), ALWAYS},
    {cmocka_unit_test(sealing_works_in_place_at_every_size_and_alignment), ALWAYS},
    {cmocka_unit_test(sealing_refuses_every_flipped_bit_of_a_short_message), ALWAYS},
    {cmocka_unit_test(sealing_after_another_key_is_as_if_new), ALWAYS},
};

static int run_for(const ockam_provider_t *provider)
{
    struct CMUnitTest tests[sizeof(rows) / sizeof(rows[0])];
    size_t            count = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].needs == ALWAYS || provider->cost(rows[i].needs) != 0)
            tests[count++] = rows[i].test;
    under_test = provider;
    return _cmocka_run_group_tests(provider->name, tests, count, subject_setup, subject_teardown);
}

int main(void)
{
    static const struct CMUnitTest together[] = {
        cmocka_unit_test(providers_agree_on_keys_and_digests),
        cmocka_unit_test(providers_agree_on_sealing),
    };
    int failed = run_for(ockam_provider_openssl()) + run_for(ockam_provider_sodium());

    if (ockam_provider_ipsec_mb() != NULL)
        failed += run_for(ockam_provider_ipsec_mb());
    else
        print_message("ipsec_mb: not in this build or not for this processor\n");
    return failed + cmocka_run_group_tests(together, all_setup, all_teardown);
}
