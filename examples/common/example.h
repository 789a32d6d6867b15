/* SPDX-License-Identifier: Apache-2.0
 *
 * example.h - what the example programs share and what is not about Ockam: options, signals, printing. */
#ifndef OCKAM_EXAMPLE_H
#define OCKAM_EXAMPLE_H

#include <ockam/ockam.h>

#include <stdio.h>

/** One option of a program: `value` starts as its default; NULL marks a flag. */
typedef struct {
    const char  *name;
    const char  *argument; /* what to call the value in the help; NULL: a flag */
    const char  *help;
    const char **value; /* of an option with a value */
    bool        *flag;  /* of a flag */
} example_option_t;

/** Read the options. Prints the help and ends with 0 for --help; one line and 64 for anything it does not know, or gets
 *  twice. At most 12. Every program also has --trace FILE: one line for each message that its node sees. */
void example_options(int argc, char **argv, const char *purpose, const example_option_t *options, size_t count);

/** The value of an option as a number without a sign; anything else is one line and 64. */
uint64_t example_number(const char *option, const char *text);

/** A node that tells warnings on standard error, writes the trace that was asked for, and stops on SIGINT and SIGTERM. */
ockam_status_t example_node(ockam_node_t **out, ockam_error_t *err);

/** Free the node, say what failed, if anything did. @return the exit code: 0 or 70. */
int example_end(ockam_node_t *node, ockam_status_t status, const ockam_error_t *err);

/** Print one line at once, also into a pipe. */
#define example_print(...) ((void)printf(__VA_ARGS__), (void)fflush(stdout))

#endif
