/* SPDX-License-Identifier: Apache-2.0
 *
 * vectors.c - read test vectors, and keep the bytes made from their hex digits until the file is closed. */
#include "vectors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

struct bytes {
    struct bytes *next;
    uint8_t       data[];
};

struct vectors {
    char         *name;
    char         *text;
    json_t       *root;
    struct bytes *bytes;
};

static void *must_alloc(size_t size)
{
    void *ptr = malloc(size);

    if (ptr == NULL)
        abort();
    return ptr;
}

static char *read_file(const char *path)
{
    FILE  *file = fopen(path, "rb");
    char  *text;
    long   size = -1;
    size_t got;

    if (file == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0) {
        (void)fclose(file);
        fail_msg("%s: cannot be read", path);
    }
    text = must_alloc((size_t)size + 1);
    got  = fread(text, 1, (size_t)size, file);
    (void)fclose(file);
    text[got] = '\0';
    if (got != (size_t)size) {
        free(text);
        fail_msg("%s: cannot be read", path);
    }
    return text;
}

vectors_t *vectors_open_text(const char *name)
{
    vectors_t *vectors = must_alloc(sizeof(*vectors));
    char       path[1024];

    (void)snprintf(path, sizeof(path), "%s/%s", OCKAM_TEST_VECTORS, name);
    *vectors      = (vectors_t){.text = read_file(path)};
    vectors->name = must_alloc(strlen(name) + 1);
    memcpy(vectors->name, name, strlen(name) + 1);
    return vectors;
}

/* One JSON value per line, empty lines apart. NULL at the first line that is none. */
static json_t *load_lines(const char *text, json_error_t *error)
{
    json_t *all = json_array();

    while (*text != '\0') {
        const size_t len  = strcspn(text, "\n");
        json_t      *line = len > 0 ? json_loadb(text, len, JSON_DECODE_ANY, error) : NULL;
        if (len > 0 && (line == NULL || json_array_append_new(all, line) != 0)) {
            json_decref(all);
            return NULL;
        }
        text += len + (text[len] == '\n');
    }
    return all;
}

vectors_t *vectors_open(const char *name)
{
    vectors_t   *vectors = vectors_open_text(name);
    json_error_t whole, line;

    if ((vectors->root = json_loads(vectors->text, JSON_DECODE_ANY, &whole)) == NULL)
        vectors->root = load_lines(vectors->text, &line);
    if (vectors->root == NULL) {
        vectors_close(vectors);
        fail_msg("%s: line %d: %s", name, whole.line, whole.text);
    }
    free(vectors->text);
    vectors->text = NULL;
    return vectors;
}

void vectors_close(vectors_t *vectors)
{
    if (vectors == NULL)
        return;
    while (vectors->bytes != NULL) {
        struct bytes *next = vectors->bytes->next;
        free(vectors->bytes);
        vectors->bytes = next;
    }
    json_decref(vectors->root);
    free(vectors->text);
    free(vectors->name);
    free(vectors);
}

const json_t *vectors_root(const vectors_t *vectors)
{
    return vectors->root;
}

const char *vectors_text(const vectors_t *vectors)
{
    return vectors->text;
}

const json_t *vectors_get(const vectors_t *vectors, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL)
        fail_msg("%s: no \"%s\"", vectors->name, key);
    return value;
}

const char *vectors_string(const vectors_t *vectors, const json_t *object, const char *key)
{
    const json_t *value = vectors_get(vectors, object, key);

    if (!json_is_string(value))
        fail_msg("%s: \"%s\" is no text", vectors->name, key);
    return json_string_value(value);
}

int64_t vectors_int(const vectors_t *vectors, const json_t *object, const char *key)
{
    const json_t *value = vectors_get(vectors, object, key);

    if (!json_is_integer(value))
        fail_msg("%s: \"%s\" is no integer", vectors->name, key);
    return (int64_t)json_integer_value(value);
}

ockam_slice_t vectors_unhex(vectors_t *vectors, const char *text, size_t len)
{
    /* Exactly as many bytes as there are, so that a sanitizer sees a read past their end. */
    struct bytes *bytes = must_alloc(sizeof(*bytes) + len / 2);

    bytes->next    = vectors->bytes;
    vectors->bytes = bytes;
    if (ockam_hex_decode(ockam_slice(text, len), bytes->data, len / 2, NULL) != OCKAM_OK)
        fail_msg("%s: not hex: %.*s", vectors->name, (int)(len < 64 ? len : 64), text);
    return ockam_slice(bytes->data, len / 2);
}

ockam_slice_t vectors_hex(vectors_t *vectors, const json_t *object, const char *key)
{
    const char *text = vectors_string(vectors, object, key);

    return vectors_unhex(vectors, text, strlen(text));
}
