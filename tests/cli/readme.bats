#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# readme.bats - run the README: each block ```sh in order, in one folder, and compare what it prints with the block ```text
# that follows. "..." stands for anything. A block ```c NAME is written to that file first.

setup() {
    cd "$BATS_TEST_TMPDIR"
    ln -s "${OCKAM_SOURCE_DIR:?}/include" include
    ln -s "${OCKAM_BUILD_DIR:?}" build
}

# The README uses ports 3000 and 4000: wait while somebody else on this machine has one of them.
wait_for_port() {
    local i
    for ((i = 0; i < 600; i++)); do
        (exec 6<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
        sleep 0.2
    done
    echo "port $1 of this machine is taken"
    return 1
}

@test "every command of the README prints what the README says" {
    # Blocks as files: 01.sh, 01.text, 02.sh, ... and the C files.
    awk '/^```/ {
             if (file != "") { close(file); file = ""; next }
             if ($0 == "```sh") { n++; file = sprintf("%02d.sh", n); printf "" > file }
             else if ($0 == "```text") { file = sprintf("%02d.text", n); printf "" > file }
             else if ($1 == "```c") { file = $2; printf "" > file }
             next
         }
         file != "" { print > file }' "$OCKAM_SOURCE_DIR/README.md"
    count=0
    for block in [0-9][0-9].sh; do
        wait_for_port 3000
        wait_for_port 4000
        bash "$block" >out 2>&1 </dev/null 3>&-
        sort out >out.sorted # programs side by side print in any order
        sort "${block%.sh}.text" >expected.sorted
        while IFS= read -r line <&4 && IFS= read -r pattern <&5; do
            [[ "$line" == ${pattern//.../*} ]] || { echo "$block: got: $line"; echo "expected: $pattern"; cat out; return 1; }
        done 4<out.sorted 5<expected.sorted
        [ "$(wc -l <out)" -eq "$(wc -l <"${block%.sh}.text")" ] || { echo "$block:"; cat out; return 1; }
        count=$((count + 1))
    done
    [ "$count" -ge 6 ]
}
