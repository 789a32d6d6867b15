/* SPDX-License-Identifier: Apache-2.0
 *
 * driver.c - runs one fuzz target over given files, and over the files of given folders, without a fuzzer. Every input
 * of the corpus is a test this way, with any compiler. Always runs the empty input as well. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE    *file = fopen(path, "rb");
    uint8_t *data = NULL; /* sized to the input, so that a sanitizer sees a read past its end */
    long     size = -1;
    int      ok   = 0;

    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
        (data = malloc(size > 0 ? (size_t)size : 1)) != NULL && fread(data, 1, (size_t)size, file) == (size_t)size)
        ok = 1;
    if (ok)
        (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    else
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
    free(data);
    if (file != NULL)
        (void)fclose(file);
    return ok;
}

static int run_path(const char *path, unsigned *count)
{
    struct stat    st;
    DIR           *dir = NULL;
    struct dirent *entry;
    int            ok = 1;

    if (stat(path, &st) != 0) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 0;
    }
    if (!S_ISDIR(st.st_mode)) {
        ++*count;
        return run_file(path);
    }
    if ((dir = opendir(path)) == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 0;
    }
    while ((entry = readdir(dir)) != NULL) {
        char inner[4096];
        if (entry->d_name[0] == '.')
            continue;
        if ((size_t)snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) >= sizeof(inner)) {
            (void)fprintf(stderr, "%s: name too long\n", path);
            ok = 0;
            continue;
        }
        ok = run_path(inner, count) && ok;
    }
    (void)closedir(dir);
    return ok;
}

int main(int argc, char **argv)
{
    const uint8_t nothing = 0;
    unsigned      count   = 0;
    int           ok      = 1;

    (void)LLVMFuzzerTestOneInput(&nothing, 0);
    for (int i = 1; i < argc; i++)
        ok = run_path(argv[i], &count) && ok;
    (void)printf("%u inputs\n", count);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
