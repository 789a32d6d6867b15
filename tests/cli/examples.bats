#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# examples.bats - every example program, run as its README shows, on ports of its own.

setup() {
    bin=${OCKAM_BIN_DIR:?the folder of the programs}
    dir=$BATS_TEST_TMPDIR
    pids=()
}

teardown() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}

# start NAME OPTIONS...: in the background; sets `address` to where it listens
start() {
    local name=$1 i
    shift
    "$bin/$name" "$@" >"$dir/$name.out" 2>"$dir/$name.err" 3>&- &
    pids+=($!)
    for ((i = 0; i < 200; i++)); do
        address=$(sed -n 's/^listening on //p' "$dir/$name.out" 2>/dev/null) || true
        [ -n "$address" ] && return
        sleep 0.05
    done
    cat "$dir/$name.err"
    return 1
}

@test "echoer in one node" {
    run "$bin/echoer"
    [ "$status" -eq 0 ]
    [ "$output" = "Hello, world!" ]
}

@test "echoer over TCP, as two programs" {
    start echoer --listen 127.0.0.1:0
    run "$bin/echoer" --connect "$address"
    [ "$status" -eq 0 ]
    [ "$output" = "Hello, world!" ]
}

@test "alice and bob, everyone trusted" {
    start bob --address 127.0.0.1:0
    run "$bin/alice" --address "$address"
    [ "$status" -eq 0 ]
    [ "$output" = "App Received: Hello Ockam!" ]
}

secret=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

@test "alice and bob, alice is permitted" {
    id=$("$bin/alice" --secret-for-tests $secret --show-identifier)
    start bob --address 127.0.0.1:0 --permit "$id"
    run "$bin/alice" --address "$address" --secret-for-tests $secret
    [ "$status" -eq 0 ]
    [ "$output" = "App Received: Hello Ockam!" ]
}

@test "alice and bob, alice is not permitted: both sides say so, nothing reaches the echoer" {
    id=$("$bin/alice" --secret-for-tests $secret --show-identifier)
    start bob --address 127.0.0.1:0 --permit "$id" --trace "$dir/trace"
    run "$bin/alice" --address "$address" --timeout 500
    [ "$status" -eq 70 ]
    [[ "$output" == *"Bob may have refused us"* ]]
    grep -q "channel.handshake.failed.*refused by policy" "$dir/bob.err"
    ! grep -q "Hello Ockam" "$dir/trace"
    ! grep -qP "delivered\t0#echoer" "$dir/trace"
}

@test "a secure channel over two hops; the middle sees ciphertext only" {
    start responder --address 127.0.0.1:0
    responder=$address
    start middle --address 127.0.0.1:0 --trace "$dir/trace"
    run "$bin/initiator" --middle "$address" --responder "$responder"
    [ "$status" -eq 0 ]
    [ "$output" = "App Received: Hello Ockam!" ]
    [ "$(wc -l <"$dir/trace")" -gt 10 ]
    ! grep -q "Hello Ockam" "$dir/trace"
}

@test "the demo shows a table and no plaintext in the middle" {
    run "$BATS_TEST_DIRNAME/../../tools/demo" "$bin"
    [ "$status" -eq 0 ]
    [[ "$output" == *"App Received: Hello Ockam!"* ]]
    [[ "$output" == *"middle 0, responder 2"* ]]
}

send_file() { # SIZE SLOW_MS
    mkdir -p "$dir/in"
    head -c "$1" /dev/urandom >"$dir/file"
    start file-receive --address 127.0.0.1:0 --folder "$dir/in" --slow "$2"
    receiver=$address
    start middle --address 127.0.0.1:0
    run "$bin/file-send" --file "$dir/file" --middle "$address" --receiver "$receiver"
    echo "$output"
    [ "$status" -eq 0 ]
    cmp "$dir/file" "$dir/in/file"
}

@test "a file of 0 bytes" {
    send_file 0 0
}

@test "a file of 20 MB" {
    send_file 20000000 0
}

@test "a slow receiver does not make the nodes before it grow" {
    send_file 20000000 2 # 0.8 s at least
    for pid in "${pids[@]}"; do
        peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status")
        [ "$peak" -lt 60000 ] # KiB; the file has 20,000
    done
}

@test "two senders at once, with the same file name, do not disturb each other" {
    mkdir -p "$dir/in" "$dir/a" "$dir/b"
    head -c 20000000 /dev/urandom >"$dir/a/file"
    head -c 3000 /dev/urandom >"$dir/b/file"
    start file-receive --address 127.0.0.1:0 --folder "$dir/in" --slow 2
    receiver=$address
    start middle --address 127.0.0.1:0
    "$bin/file-send" --file "$dir/a/file" --middle "$address" --receiver "$receiver" >"$dir/a/out" 2>&1 3>&- &
    long=$!
    for ((i = 0; i < 200; i++)); do
        [ -z "$(find "$dir/in" -name '*.part')" ] || break
        sleep 0.05
    done
    run "$bin/file-send" --file "$dir/b/file" --middle "$address" --receiver "$receiver"
    [ "$status" -eq 0 ]
    cmp "$dir/b/file" "$dir/in/file"
    kill -0 "$long" # the long one is still at it
    wait "$long"
    cmp "$dir/a/file" "$dir/in/file"
    [ -z "$(find "$dir/in" -name '*.part')" ]
}

@test "what is wrong is told before anything is connected" {
    run "$bin/file-send" --file "$dir/none" --middle 127.0.0.1:1
    [ "$status" -eq 70 ]
    [[ "$output" == *"$dir/none: No such file"* ]]
    run "$bin/file-receive" --folder "$dir/none" --address 127.0.0.1:0
    [ "$status" -eq 70 ]
    [[ "$output" == *"--folder $dir/none: No such file"* ]]
    run "$bin/echoer" --listen 127.0.0.1:0 --connect 127.0.0.1:1
    [ "$status" -eq 64 ]
    for value in x 5x -5 "" 99999999999999999999; do
        run "$bin/alice" --address 127.0.0.1:1 --timeout "$value"
        [ "$status" -eq 64 ]
        [[ "$output" == *"--timeout takes a number"* ]]
        run "$bin/file-receive" --address 127.0.0.1:0 --slow "$value"
        [ "$status" -eq 64 ]
    done
}

@test "nobody there: a clear error" {
    run "$bin/alice" --address 127.0.0.1:1
    [ "$status" -eq 70 ]
    [[ "$output" == *"127.0.0.1:1"*"onnection refused"* ]]
}

@test "every program has a help and refuses what it does not know" {
    for program in echoer bob alice responder middle initiator file-send file-receive; do
        run "$bin/$program" --help
        [ "$status" -eq 0 ]
        [[ "$output" == *"Usage: $program"* ]]
        run "$bin/$program" --no-such-option
        [ "$status" -eq 64 ]
        run "$bin/$program" surplus
        [ "$status" -eq 64 ]
        run "$bin/$program" --trace "$dir/t" --trace "$dir/t"
        [ "$status" -eq 64 ]
        [[ "$output" == *"repeated option"* ]]
    done
}
