/* SPDX-License-Identifier: Apache-2.0
 *
 * program.c - what a user's program sees of the installed library: public headers and exported functions. */
#include <ockam/bytes.h>
#include <stdio.h>

int main(void)
{
    uint8_t bytes[5];
    char    text[sizeof(bytes) + 1] = "";

    if (ockam_hex_decode(ockam_slice_text("6f636b616d"), bytes, sizeof(bytes), NULL) != OCKAM_OK)
        return 1;
    memcpy(text, bytes, sizeof(bytes));
    return printf("%s: %s\n", text, ockam_status_text(OCKAM_OK)) < 0;
}
