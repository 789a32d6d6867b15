/* SPDX-License-Identifier: Apache-2.0
 *
 * trust_policy.c - whom to have a channel with.
 * Protocol: docs/protocol/identities.md, "Trust". No I/O. */
#include "ockam/handshake.h"

ockam_trust_policy_t ockam_trust_everyone(void)
{
    const ockam_trust_policy_t policy = {.kind = OCKAM_TRUST_KIND_EVERYONE};
    return policy;
}

ockam_trust_policy_t ockam_trust_identifiers(const ockam_identifier_t *identifiers, size_t count)
{
    const ockam_trust_policy_t policy = {
        .kind = OCKAM_TRUST_KIND_IDENTIFIERS, .count = count, .identifiers = identifiers};
    return policy;
}

ockam_trust_policy_t ockam_trust_callback(ockam_trust_fn ask, void *context)
{
    const ockam_trust_policy_t policy = {.kind = OCKAM_TRUST_KIND_CALLBACK, .ask = ask, .context = context};
    return policy;
}

ockam_trust_policy_t ockam_trust_all_of(const ockam_trust_policy_t *policies, size_t count)
{
    const ockam_trust_policy_t policy = {.kind = OCKAM_TRUST_KIND_ALL_OF, .count = count, .policies = policies};
    return policy;
}

ockam_trust_policy_t ockam_trust_any_of(const ockam_trust_policy_t *policies, size_t count)
{
    const ockam_trust_policy_t policy = {.kind = OCKAM_TRUST_KIND_ANY_OF, .count = count, .policies = policies};
    return policy;
}

static ockam_status_t check(const ockam_trust_policy_t *policy, unsigned depth, ockam_error_t *err)
{
    if (depth > OCKAM_TRUST_DEPTH_MAX)
        return ockam_fail(err, OCKAM_INVALID, "trust policies nested more than %u deep", OCKAM_TRUST_DEPTH_MAX);
    switch (policy->kind) {
    case OCKAM_TRUST_KIND_EVERYONE:
    case OCKAM_TRUST_KIND_IDENTIFIERS: return OCKAM_OK;
    case OCKAM_TRUST_KIND_CALLBACK:
        return policy->ask != NULL ? OCKAM_OK : ockam_fail(err, OCKAM_INVALID, "a trust policy without its callback");
    case OCKAM_TRUST_KIND_ALL_OF:
    case OCKAM_TRUST_KIND_ANY_OF:
        if (policy->count == 0)
            return ockam_fail(err, OCKAM_INVALID, "a combination of no trust policies");
        for (size_t i = 0; i < policy->count; i++) {
            const ockam_status_t s = check(&policy->policies[i], depth + 1, err);
            if (s != OCKAM_OK)
                return s;
        }
        return OCKAM_OK;
    case OCKAM_TRUST_UNSET: break;
    }
    return ockam_fail(err, OCKAM_INVALID, "the trust policy does not say whom to trust");
}

ockam_status_t ockam_trust_check(const ockam_trust_policy_t *policy, ockam_error_t *err)
{
    return check(policy, 1, err);
}

static ockam_status_t decide(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer, ockam_error_t *err);

static ockam_status_t decide_set(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer, ockam_error_t *err)
{
    char text[OCKAM_IDENTIFIER_TEXT_BYTES];

    for (size_t i = 0; i < policy->count; i++)
        if (ockam_identifier_equal(&policy->identifiers[i], peer))
            return OCKAM_OK;
    ockam_identifier_text(peer, text);
    return ockam_fail(err, OCKAM_DENIED, "%s is not one of the %zu trusted", text, policy->count);
}

static ockam_status_t decide_callback(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer,
                                      ockam_error_t *err)
{
    const ockam_status_t s = policy->ask(policy->context, peer, err);

    return s == OCKAM_OK || s == OCKAM_PENDING ? s : ockam_error_wrap(err, s, __func__, "asked whether to trust");
}

/* Three-valued: yes, no, later. One `decisive` answer settles it. "Later" is kept while others can still settle it, and is
 * the answer if they do not: all that is open then depends on it alone, so the late answer is the answer to the whole. */
static ockam_status_t decide_combined(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer,
                                      ockam_error_t *err)
{
    const ockam_status_t decisive = policy->kind == OCKAM_TRUST_KIND_ALL_OF ? OCKAM_DENIED : OCKAM_OK;
    ockam_status_t       result   = decisive == OCKAM_OK ? OCKAM_DENIED : OCKAM_OK;

    for (size_t i = 0; i < policy->count; i++) {
        const ockam_status_t s = decide(&policy->policies[i], peer, err);
        if (s == OCKAM_PENDING)
            result = s;
        else if (s == decisive || (s != OCKAM_OK && s != OCKAM_DENIED))
            return s;
    }
    return result;
}

static ockam_status_t decide(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer, ockam_error_t *err)
{
    switch (policy->kind) {
    case OCKAM_TRUST_KIND_EVERYONE: return OCKAM_OK;
    case OCKAM_TRUST_KIND_IDENTIFIERS: return decide_set(policy, peer, err);
    case OCKAM_TRUST_KIND_CALLBACK: return decide_callback(policy, peer, err);
    case OCKAM_TRUST_KIND_ALL_OF:
    case OCKAM_TRUST_KIND_ANY_OF: return decide_combined(policy, peer, err); /* not deeper than check() found */
    case OCKAM_TRUST_UNSET: break;
    }
    return ockam_fail(err, OCKAM_INTERNAL, "a trust policy of kind %d", (int)policy->kind);
}

ockam_status_t ockam_trust_decide(const ockam_trust_policy_t *policy, const ockam_identifier_t *peer,
                                  ockam_error_t *err)
{
    const ockam_status_t s = check(policy, 1, err);

    return s == OCKAM_OK ? decide(policy, peer, err) : s;
}
