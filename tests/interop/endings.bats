#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# endings.bats - a channel closed by either side; either process killed and started again on the same port.
# Needs: OCKAM_RUST OCKAM_RUST_BENCH

load common

setup() {
    interop_setup
    export BENCH_SECONDS=120
}
teardown() {
    exec 7>&-
    interop_teardown
}

# steps ARGUMENTS...: our client in the background, told to go on by `go`; sets `pid`
steps() {
    mkfifo "$dir/go"
    "$client" "$@" <"$dir/go" >"$dir/client.out" 2>"$dir/client.err" 3>&- &
    pid=$!
    client_pid=$pid
    pids+=("$pid")
    exec 7>"$dir/go"
}
go() { echo go >&7; }
# the client ends well
ends() {
    wait "$client_pid" || { cat "$dir/client.out" "$dir/client.err"; return 1; }
}

@test "we close, and a Rust listener goes on with the next channel" {
    start rust "$OCKAM_RUST_BENCH" listen 127.0.0.1:0
    to="tcp#$address => bench_listener"
    run "$client" open "$to" text echoer one close open "$to" text echoer two close open "$to" text echoer three close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]} ${lines[3]} ${lines[5]}" = "one two three" ]
}

# rust_workers: how many workers the Rust node n1 has
rust_workers() {
    timeout 20 "$OCKAM_RUST" worker list --at n1 </dev/null 2>&1 3>&- | grep -c ' Worker '
}

@test "we close, and the Rust node's workers of the channel are gone" {
    rust_node n1
    before=$(rust_workers)
    steps open "tcp#$address => api" text echo one wait close wait
    until_line "$dir/client.out" '^one$'
    during=$(rust_workers)
    go
    for ((i = 0; i < 100; i++)); do
        after=$(rust_workers)
        [ "$after" -lt "$during" ] && break
        sleep 0.05
    done
    echo "$before before, $during during, $after after"
    [ "$during" -gt "$before" ]
    [ "$after" -lt "$during" ]
    go
    ends
}

@test "a Rust node closes its channel to us: we know, and serve the next one" {
    start ours "$client" serve 127.0.0.1:0 bob_listener
    to=$(multiaddr "$address")/service/bob_listener
    rust_node n1
    for text in one two; do
        channel=$(rust secure-channel create --from n1 --to "$to" --output json | json_value address)
        [ "$(rust message send "$text" --from n1 --to "$channel/service/echoer")" = "$text" ]
        refute grep -q "^channel.closed" "$dir/ours.err"
        rust secure-channel delete --at n1 "${channel##*/}" --yes
        until_line "$dir/ours.err" '^channel.closed'
        [ "$(grep -c '^channel.closed' "$dir/ours.err")" -eq 1 ]
        : >"$dir/ours.err"
    done
    refute rust message send three --from n1 --to "$channel/service/echoer" --timeout 1s
}

@test "the Rust listener is killed and started again: our node opens another channel" {
    start rust "$OCKAM_RUST_BENCH" listen 127.0.0.1:0
    to="tcp#$address => bench_listener"
    steps open "$to" text echoer before wait open "$to" text echoer after close
    until_line "$dir/client.out" '^before$'
    kill -9 "${started[rust]}"
    gone "${started[rust]}"
    start rust "$OCKAM_RUST_BENCH" listen "$address"
    go
    ends
    grep -qx after "$dir/client.out"
}

@test "our client is killed: the Rust listener serves the next one" {
    start rust "$OCKAM_RUST_BENCH" listen 127.0.0.1:0
    to="tcp#$address => bench_listener"
    steps open "$to" text echoer before wait
    until_line "$dir/client.out" '^before$'
    kill -9 "$client_pid"
    gone "$client_pid"
    run "$client" open "$to" text echoer after close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = after ]
}

@test "our bob is killed and started again: the Rust node opens another channel" {
    start bob "$bin/bob" --address 127.0.0.1:0
    bob=$address
    rust_node n1
    to=$(multiaddr "$bob")/service/secure_channel_listener
    channel=$(rust secure-channel create --from n1 --to "$to" --output json | json_value address)
    [ "$(rust message send before --from n1 --to "$channel/service/echoer")" = before ]
    kill -9 "${started[bob]}"
    gone "${started[bob]}"
    start bob "$bin/bob" --address "$bob"
    channel=$(rust secure-channel create --from n1 --to "$to" --output json | json_value address)
    [ "$(rust message send after --from n1 --to "$channel/service/echoer")" = after ]
}

@test "the Rust node is killed and started again: our bob serves it again" {
    start bob "$bin/bob" --address 127.0.0.1:0
    to=$(multiaddr "$address")/service/secure_channel_listener
    rust_node n1
    channel=$(rust secure-channel create --from n1 --to "$to" --output json | json_value address)
    [ "$(rust message send before --from n1 --to "$channel/service/echoer")" = before ]
    rust_pid=$(cat "$dir/n1.rust-pid")
    kill -9 "$rust_pid"
    gone "$rust_pid"
    timeout 20 "$OCKAM_RUST" node start n1 </dev/null >"$dir/start.out" 2>&1 3>&-
    rust node show n1 --output json | sed -n 's/^ *"pid": *\([0-9]*\).*/\1/p' | head -n 1 >"$dir/n1.rust-pid"
    channel=$(rust secure-channel create --from n1 --to "$to" --output json | json_value address)
    [ "$(rust message send after --from n1 --to "$channel/service/echoer")" = after ]
}
