# SPDX-License-Identifier: Apache-2.0
#
# common.bash - what the interop scripts share: programs in the background on free ports, Rust nodes in a home of their
# own, and the end of all of them.
# shellcheck shell=bash disable=SC2034 # `address` is for the scripts

interop_setup() {
    bin=${OCKAM_BIN_DIR:?the folder of the programs}
    client=${OCKAM_TEST_BIN_DIR:?the folder of the test programs}/interop/interop_client
    dir=$BATS_TEST_TMPDIR
    pids=()
    declare -gA started=()
    export OCKAM_HOME=$dir/home OCKAM_OPENTELEMETRY_EXPORT=false OCKAM_DISABLE_UPGRADE_CHECK=true NO_INPUT=true
    export RUST_LOG=off
}

interop_teardown() {
    local pid file
    tail -n 20 "$dir"/*.err # shown when the test failed
    for file in "$dir"/*.rust-pid; do
        [ -f "$file" ] && pids+=("$(cat "$file")")
    done
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do
        wait "$pid" 2>/dev/null || true
        gone "$pid" || kill -9 "$pid" 2>/dev/null || true
    done
}

# gone PID: wait until a process that need not be our child has ended, five seconds at most
gone() {
    local i
    for ((i = 0; i < 100; i++)); do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    return 1
}

# until_line FILE EXPRESSION: wait until a line matches
until_line() {
    local i
    for ((i = 0; i < 400; i++)); do
        grep -q -e "$2" "$1" 2>/dev/null && return
        sleep 0.05
    done
    echo "no line '$2' in $1:"
    cat "$1"
    return 1
}

# start NAME PROGRAM ARGUMENTS...: in the background; sets `address` to where it listens, `started[NAME]` to
# its process
start() {
    local name=$1
    shift
    rm -f "$dir/$name.out" # of one that was started before
    "$@" >"$dir/$name.out" 2>"$dir/$name.err" </dev/null 3>&- &
    pid=$!
    started[$name]=$pid
    pids+=("$pid")
    until_line "$dir/$name.out" '^listening ' || { cat "$dir/$name.err"; return 1; }
    address=$(sed -n 's/^listening \(on \)\{0,1\}//p' "$dir/$name.out")
}

# rust ARGUMENTS...: the Rust command, for 20 seconds at most; what it says to people goes to rust.err
rust() {
    timeout 20 "$OCKAM_RUST" "$@" </dev/null 2>>"$dir/rust.err" 3>&-
}

# rust_node NAME [HOST:PORT]: a Rust node in the background; sets `address` to where it listens
rust_node() {
    "$OCKAM_RUST" node create "$1" --tcp-listener-address "${2:-127.0.0.1:0}" </dev/null >"$dir/$1.create" 2>&1 3>&- ||
        { cat "$dir/$1.create"; return 1; }
    rust node show "$1" --output json >"$dir/$1.json"
    sed -n 's/^ *"pid": *\([0-9]*\).*/\1/p' "$dir/$1.json" | head -n 1 >"$dir/$1.rust-pid"
    address=$(sed -n 's/^ *"socket_addr": *"\(.*\)".*/\1/p' "$dir/$1.json" | head -n 1)
    [ -n "$address" ] && [ -s "$dir/$1.rust-pid" ]
}

# rust_identifier: of the Rust side's default identity
rust_identifier() {
    rust identity show | tr -d '[:space:]'
}

# refute COMMAND...: it fails. ("! COMMAND" ends a test only as its last line.)
refute() {
    if "$@"; then return 1; fi
}

# multiaddr HOST:PORT: /ip4/HOST/tcp/PORT
multiaddr() {
    echo "/ip4/${1%:*}/tcp/${1##*:}"
}

# json_value NAME: the first text of that name in the JSON on standard input
json_value() {
    sed -n 's/^ *"'"$1"'": *"\(.*\)".*/\1/p' | head -n 1
}
