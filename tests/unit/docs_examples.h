/* SPDX-License-Identifier: Apache-2.0
 *
 * docs_examples.h - the checked examples of docs/protocol: blocks that begin with ```hex NAME. Blanks and comments
 * (from '#' to the end of a line) do not count. Only for docs_examples_test.c. */
#ifndef OCKAM_TESTS_DOCS_EXAMPLES_H
#define OCKAM_TESTS_DOCS_EXAMPLES_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ockam/bytes.h"

#define EXAMPLES_MAX      128u
#define EXAMPLE_BYTES_MAX 512u

struct example {
    char    name[64];
    char    page[32];
    uint8_t bytes[EXAMPLE_BYTES_MAX];
    size_t  len;
    bool    checked;
};

struct examples {
    struct example list[EXAMPLES_MAX];
    size_t         count;
};

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Adds the digits of one line; false if it holds anything else, or too much. `high` carries a digit between lines. */
static bool example_line(struct example *e, const char *line, int *high)
{
    for (; *line != '\0' && *line != '#'; line++) {
        const int digit = hex_digit((unsigned char)*line);
        if (isspace((unsigned char)*line))
            continue;
        if (digit < 0 || e->len == sizeof e->bytes)
            return false;
        if (*high < 0) {
            *high = digit;
        } else {
            e->bytes[e->len++] = (uint8_t)(*high << 4 | digit);
            *high              = -1;
        }
    }
    return true;
}

/* Reads one page. Prints what is wrong and returns false: no such file, a name twice, bad or odd digits, no end. */
static bool examples_read(struct examples *all, const char *folder, const char *page)
{
    static const char opening[] = "```hex ";
    char              path[512], line[512];
    struct example   *open = NULL;
    int               high = -1;
    bool              good = true;
    FILE             *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, page);
    file = fopen(path, "r");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    while (good && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        if (open == NULL && strncmp(line, opening, sizeof opening - 1) == 0) {
            const char *name = line + sizeof opening - 1;
            good             = all->count < EXAMPLES_MAX && strlen(name) > 0 && strlen(name) < sizeof open->name;
            for (size_t i = 0; good && i < all->count; i++)
                good = strcmp(all->list[i].name, name) != 0;
            if (good) {
                open = &all->list[all->count++];
                (void)snprintf(open->name, sizeof open->name, "%s", name);
                (void)snprintf(open->page, sizeof open->page, "%s", page);
            }
        } else if (open != NULL && strncmp(line, "```", 3) == 0) {
            good = high < 0;
            open = NULL;
        } else if (open != NULL) {
            good = example_line(open, line, &high);
        }
        if (!good)
            (void)fprintf(stderr, "%s: bad example near: %s\n", page, line);
    }
    (void)fclose(file);
    return good && open == NULL;
}

#endif
