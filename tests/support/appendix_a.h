/* SPDX-License-Identifier: Apache-2.0
 *
 * appendix_a.h - the items of RFC 8949 appendix A, from tests/vectors/cbor/appendix_a.json. Two of its numbers do not
 * fit the JSON library, so only the hex texts are read. */
#ifndef OCKAM_TEST_APPENDIX_A_H
#define OCKAM_TEST_APPENDIX_A_H

#include <string.h>

#include "vectors.h"

#define APPENDIX_A_ITEMS 82u

/** Fill `items`, lent until `vectors` is closed. @return how many there are. */
static inline size_t appendix_a_load(vectors_t *vectors, ockam_slice_t items[APPENDIX_A_ITEMS])
{
    static const char key[] = "\"hex\": \"";
    size_t            count = 0;

    for (const char *p = strstr(vectors_text(vectors), key); p != NULL; p = strstr(p, key)) {
        p += sizeof(key) - 1;
        if (count < APPENDIX_A_ITEMS)
            items[count] = vectors_unhex(vectors, p, strcspn(p, "\""));
        count++;
    }
    return count;
}

#endif
