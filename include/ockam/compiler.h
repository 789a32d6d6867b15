/* SPDX-License-Identifier: Apache-2.0
 *
 * compiler.h - the only place that names compiler extensions. Everything else is plain C11. */
#ifndef OCKAM_COMPILER_H
#define OCKAM_COMPILER_H

#if defined(__GNUC__) || defined(__clang__)
#define OCKAM_NODISCARD         __attribute__((warn_unused_result))
#define OCKAM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define OCKAM_LIKELY(x)         __builtin_expect(!!(x), 1)
#define OCKAM_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#define OCKAM_COLD              __attribute__((cold))
#else
#define OCKAM_NODISCARD
#define OCKAM_PRINTF(fmt, args)
#define OCKAM_LIKELY(x)   (x)
#define OCKAM_UNLIKELY(x) (x)
#define OCKAM_COLD
#endif

/* Marks what the shared library exports. */
#if defined(__GNUC__) || defined(__clang__)
#define OCKAM_API __attribute__((visibility("default")))
#else
#define OCKAM_API
#endif

#ifdef __cplusplus
#define OCKAM_BEGIN_DECLS extern "C" {
#define OCKAM_END_DECLS   }
#else
#define OCKAM_BEGIN_DECLS
#define OCKAM_END_DECLS
#endif

#endif
