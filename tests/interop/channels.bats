#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# channels.bats - secure channels between our nodes and nodes of the Rust command, directly and with either kind of node
# in the middle; who was let in and who was refused.
# Needs: OCKAM_RUST

load common

setup() { interop_setup; }
teardown() { interop_teardown; }

secret=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

@test "our initiator, a Rust node's api listener, its uppercase and echo" {
    rust_node n1
    run "$client" open "tcp#$address => api" text uppercase "hello Ockam" text echo "Hello Ockam!" \
        bytes echo 0 3 bytes echo 1000 20 close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "$(rust_identifier)" ]
    [ "${lines[1]}" = "HELLO OCKAM" ]
    [ "${lines[2]}" = "Hello Ockam!" ]
}

@test "our initiator trusts exactly the Rust node's identifier, or refuses it" {
    rust_node n1
    run "$client" trust "$(rust_identifier)" open "tcp#$address => api" text echo yes
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = yes ]
    run "$client" trust "$("$client" identifier)" refused "tcp#$address => api"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = refused ]
}

@test "a Rust listener lets in exactly our identifier" {
    rust_node n1
    ours=$("$client" secret $secret identifier)
    rust secure-channel-listener create only_us --at n1 --authorized "$ours"
    run "$client" secret $secret open "tcp#$address => only_us" text echo "it is us"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "it is us" ]
}

@test "a Rust listener refuses somebody else of ours: nothing is answered" {
    rust_node n1
    ours=$("$client" secret $secret identifier)
    rust secure-channel-listener create only_us --at n1 --authorized "$ours"
    run "$client" open "tcp#$address => only_us" silent echo "not us"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "no answer" ]
}

# rust_to ADDRESS: a channel from the Rust node n1 to our listener; sets `channel`
rust_to() {
    channel=$(rust secure-channel create --from n1 --to "$(multiaddr "$1")/service/secure_channel_listener" --output json |
        json_value address)
    [ -n "$channel" ]
}

@test "a Rust node as initiator, our bob, its echoer" {
    start bob "$bin/bob" --address 127.0.0.1:0
    bob=$address
    rust_node n1
    rust_to "$bob"
    [ "$(rust message send "Hello Ockam" --from n1 --to "$channel/service/echoer")" = "Hello Ockam" ]
    [ "$(rust message send --hex 00ff7f80 --from n1 --to "$channel/service/echoer")" = 00ff7f80 ]
    theirs=$(rust secure-channel list --at n1 --output json | json_value their_identifier)
    grep -qx "I am $theirs" "$dir/bob.out"
}

@test "our bob permits exactly the Rust node" {
    rust_node n1
    start bob "$bin/bob" --address 127.0.0.1:0 --permit "$(rust_identifier)"
    rust_to "$address"
    [ "$(rust message send permitted --from n1 --to "$channel/service/echoer")" = permitted ]
}

@test "our bob refuses the Rust node: it says so, and nothing reaches the echoer" {
    rust_node n1
    start bob "$bin/bob" --address 127.0.0.1:0 --permit "$("$client" identifier)" --trace "$dir/trace"
    if rust_to "$address"; then
        run rust message send secret --from n1 --to "$channel/service/echoer" --timeout 1s
        [ "$status" -ne 0 ]
    fi
    until_line "$dir/bob.err" "channel.handshake.failed.*refused by policy"
    grep -q "$(rust_identifier)" "$dir/bob.err"
    refute grep -qP "delivered\t0#echoer" "$dir/trace"
}

@test "a Rust initiator accepts exactly our bob's identifier" {
    start bob "$bin/bob" --address 127.0.0.1:0
    to=$(multiaddr "$address")/service/secure_channel_listener
    rust_node n1
    rust secure-channel create --from n1 --to "$to" --authorized "$(sed -n 's/^I am //p' "$dir/bob.out")"
    # Somebody else is expected: the command then waits for a channel that never comes.
    run timeout 3 "$OCKAM_RUST" secure-channel create --from n1 --to "$to" --authorized "$(rust_identifier)"
    [ "$status" -eq 124 ]
    [[ "$output" != */service/* ]]
}

@test "our initiator, a Rust hop in the middle, our responder" {
    start responder "$bin/responder" --address 127.0.0.1:0 --trace "$dir/trace"
    responder=$address
    rust_node n1
    middle=$address
    rust service start hop --at n1
    onward=$(rust tcp-connection create --from n1 --to "$responder" --output json | json_value address)
    run "$client" open "tcp#$middle => hop => ${onward##*/} => bob_listener" text echoer "Hello Ockam!" \
        bytes echoer 70000 40 close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = "Hello Ockam!" ]
    grep -qP "delivered\t0#echoer" "$dir/trace"
}

@test "our initiator, our middle, a Rust responder" {
    start middle "$bin/middle" --address 127.0.0.1:0 --trace "$dir/trace"
    middle=$address
    rust_node n1
    run "$client" open "tcp#$middle => hop => tcp#$address => api" text uppercase "hello Ockam" \
        bytes echo 70000 40 close
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "$(rust_identifier)" ]
    [ "${lines[1]}" = "HELLO OCKAM" ]
    [ "$(wc -l <"$dir/trace")" -gt 10 ]
    refute grep -qi "hello Ockam" "$dir/trace"
}
