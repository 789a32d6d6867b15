#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The commands of docs/storage.md, as printed there, in a home of their own.

setup() {
    DOC=$OCKAM_SOURCE_DIR/docs/storage.md
    MAKE=$OCKAM_TEST_BIN_DIR/cli/make_store
    HOME=$BATS_TEST_TMPDIR
    export HOME
    umask 022
    "$MAKE" ~/.ockam/state.sqlite3 ann bob
}

# The n-th block of commands of the page.
block() {
    awk -v n="$1" '/^```sh$/ { inside = 1; count++; next } /^```$/ { inside = 0 } inside && count == n' "$DOC"
}

@test "the page has four blocks of commands, and each is run below" {
    [ "$(grep -c '^```sh$' "$DOC")" = 4 ]
}

@test "looking at names, secrets and health" {
    run sh -ec "$(block 1)"
    echo "$output"
    [ "$status" = 0 ]
    [ "${lines[0]}" = "ann|6161616161616161616161616161616161616161616161616161616161616161" ]
    [ "${lines[1]}" = "bob|6262626262626262626262626262626262626262626262626262626262626262" ]
    [ "${lines[2]}" = 2 ]
    [ "${lines[3]}" = ok ]
    [ "${#lines[@]}" = 4 ]
}

@test "looking at the application id and the version" {
    run sh -ec "$(block 2)"
    echo "$output"
    [ "$status" = 0 ]
    [ "$output" = "4f434b4d|1" ]
}

@test "looking leaves a store that opens" {
    sh -ec "$(block 1)"
    run "$MAKE" ~/.ockam/state.sqlite3
    echo "$output"
    [ "$output" = "2 names" ]
}

@test "a backup is private and has everything; restoring it goes back to it" {
    sh -ec "$(block 3)"
    [ "$(stat -c %a ~/backup.sqlite3)" = 600 ]
    "$MAKE" ~/.ockam/state.sqlite3 carol
    [ "$("$MAKE" ~/.ockam/state.sqlite3)" = "3 names" ]
    sh -ec "$(block 4)"
    [ "$(stat -c %a ~/.ockam/state.sqlite3)" = 600 ]
    [ "$("$MAKE" ~/.ockam/state.sqlite3)" = "2 names" ]
}

@test "a backup that is made while a program writes has what is committed" {
    # Another program holds the file open, with a change that is only in the log.
    mkfifo ~/wait
    sqlite3 ~/.ockam/state.sqlite3 >~/holder.out <<END &
INSERT INTO named_identity VALUES(CAST('dora' AS BLOB), x'64');
SELECT 'done';
.output /dev/null
.shell cat $HOME/wait
END
    holder=$!
    for _ in $(seq 100); do
        grep -q 'done' ~/holder.out && break
        sleep 0.05
    done
    grep -q 'done' ~/holder.out
    [ -s ~/.ockam/state.sqlite3-wal ]
    sh -ec "$(block 3)"
    echo >~/wait
    wait "$holder"
    [ "$(sqlite3 -readonly ~/backup.sqlite3 "SELECT count(*) FROM named_identity")" = 3 ]
}

@test "the refusal reads as the page shows it" {
    chmod 644 ~/.ockam/state.sqlite3
    run "$MAKE" ~/.ockam/state.sqlite3
    echo "$output"
    [ "$status" = 70 ]
    shown=$(grep '^store /home/ann/' "$DOC")
    [ "$output" = "store $HOME/${shown#store /home/ann/}" ] || {
        # Of a long path only the end is shown.
        [[ $output == "store ..."* ]]
        [ "${output#*state.sqlite3}" = "${shown#*state.sqlite3}" ]
    }
}
