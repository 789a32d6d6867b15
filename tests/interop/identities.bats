#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# identities.bats - change histories made by either side are verified by the other, and both compute the same identifier.
# The Rust command cannot rotate an identity and has no P-256 identities, so those are ours.
# Needs: OCKAM_RUST

load common

setup() { interop_setup; }
teardown() { interop_teardown; }

@test "a change history that the Rust command exports verifies with us" {
    rust identity create anna
    rust identity create bert
    for name in anna bert; do
        id=$(rust identity show "$name" | tr -d '[:space:]')
        history=$(rust identity show "$name" --full --encoding hex | tr -d '[:space:]')
        history=${history#"$id"}
        run "$client" verify "$history"
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$output" = "$id 1" ]
        # One bit less and it does not.
        run "$client" verify "${history%?}$(printf '%x' $((0x${history: -1} ^ 1)))"
        [ "$status" -ne 0 ]
        [[ "$output" == *NOT_AUTHENTIC* ]]
    done
}

# ours KEY ROTATIONS: the Rust node n1 opens a channel to a listener of ours with such an identity; it must have seen the
# identifier and the change history that we have
ours() {
    local seen channel
    rust_node n1
    start ours "$client" key "$1" rotate "$2" identifier history serve 127.0.0.1:0 bob_listener
    channel=$(rust secure-channel create --from n1 --to "$(multiaddr "$address")/service/bob_listener" --output json |
        json_value address)
    seen=$(rust secure-channel list --at n1 --output json)
    echo "$seen"
    [ "$(json_value their_identifier <<<"$seen")" = "$(sed -n 1p "$dir/ours.out")" ]
    [ "$(json_value their_change_history <<<"$seen")" = "$(sed -n 2p "$dir/ours.out")" ]
    run "$client" verify "$(json_value their_change_history <<<"$seen")"
    [ "$output" = "$(sed -n 1p "$dir/ours.out") $(($2 + 1))" ]
    [ "$(rust message send hello --from n1 --to "$channel/service/echoer")" = hello ]
}

@test "an Ed25519 identity of ours with one change, as responder to a Rust node" {
    ours ed25519 0
}

@test "an Ed25519 identity of ours with three changes, as responder to a Rust node" {
    ours ed25519 2
}

@test "a P-256 identity of ours with one change, as responder to a Rust node" {
    ours p256 0
}

@test "a P-256 identity of ours with three changes, as responder to a Rust node" {
    ours p256 2
}

@test "each of them as initiator; a Rust listener lets in exactly that identifier" {
    rust_node n1
    for key in ed25519 p256; do
        for rotations in 0 2; do
            mkfifo "$dir/go"
            "$client" key $key rotate $rotations identifier wait open "tcp#$address => only_$key$rotations" \
                text echo "it is us" <"$dir/go" >"$dir/client.out" 2>"$dir/client.err" 3>&- &
            pid=$!
            pids+=("$pid")
            exec 7>"$dir/go"
            until_line "$dir/client.out" '^I'
            rust secure-channel-listener create only_$key$rotations --at n1 --authorized "$(sed -n 1p "$dir/client.out")"
            echo go >&7
            wait "$pid" || { cat "$dir/client.err"; false; }
            exec 7>&-
            rm "$dir/go"
            [ "$(sed -n 2p "$dir/client.out")" = "$(rust_identifier)" ]
            [ "$(sed -n 3p "$dir/client.out")" = "it is us" ]
        done
    done
}
