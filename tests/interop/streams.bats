#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# streams.bats - many messages, large messages, many channels, and the end of channels, against the program on the Rust
# library: thousands of messages on one channel cross the rekey interval of 32 messages many times.
# Needs: OCKAM_RUST OCKAM_RUST_BENCH

load common

setup() {
    interop_setup
    peer=${OCKAM_BUILD_DIR:?the build folder}/bench/channel_peer
    export BENCH_SECONDS=120
}
teardown() { interop_teardown; }

# rust_listener [HOST:PORT]: a Rust listener with an echoer and a sink
rust_listener() {
    start rust "$OCKAM_RUST_BENCH" listen "${1:-127.0.0.1:0}"
}

@test "5,000 messages to a Rust echoer and back on one channel, every byte as it was" {
    rust_listener
    run "$client" open "tcp#$address => bench_listener" bytes echoer 64 5000 close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "5000 of 64 bytes" ]
}

@test "payloads of 0 bytes to more than 1 MiB to a Rust echoer and back on one channel" {
    rust_listener
    run "$client" open "tcp#$address => bench_listener" bytes echoer 0 100 bytes echoer 1 100 bytes echoer 127 40 \
        bytes echoer 128 40 bytes echoer 16383 40 bytes echoer 16384 40 bytes echoer 65535 40 bytes echoer 65536 40 \
        bytes echoer 1048576 10 bytes echoer 1300001 10 bytes echoer 0 100 close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 12 ]
}

@test "our stream of 20,000 messages: the Rust sink counts every one" {
    rust_listener
    run timeout 60 "$peer" stream "$address" 20000 64
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *'"measure":"stream"'* ]]
}

@test "a Rust client: 2,000 round trips to our echoer" {
    start ours "$peer" listen 127.0.0.1:0
    run "$OCKAM_RUST_BENCH" rtt "$address" 2000 64
    echo "$output"
    [ "$status" -eq 0 ]
    run "$OCKAM_RUST_BENCH" rtt "$address" 20 1300001
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a Rust client: our sink counts its 20,000 messages" {
    start ours "$peer" listen 127.0.0.1:0
    run timeout 60 "$OCKAM_RUST_BENCH" stream "$address" 20000 64
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "100 channels of ours, open at once, to a Rust listener" {
    rust_listener
    run "$client" many 100 "tcp#$address => bench_listener" echoer
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = "100 channels" ]
}

@test "100 channels of a Rust client at once to our listener" {
    start ours "$peer" listen 127.0.0.1:0
    run timeout 60 "$OCKAM_RUST_BENCH" handshakes "$address" 100 100
    echo "$output"
    [ "$status" -eq 0 ]
}
