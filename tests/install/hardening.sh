#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The shared library and the programs are built as OCKAM_HARDENING promises: nothing writable is executable, everything is
# bound at the start and read-only from then on, programs load anywhere, and functions with arrays watch their stack.
set -eu
build=${OCKAM_BUILD_DIR:?}
grep -q '^OCKAM_HARDENING:BOOL=ON$' "$build/CMakeCache.txt" || { echo "built without OCKAM_HARDENING"; exit 77; }
failed=0
need() { # need FILE WHAT COMMAND...
    file=$1 what=$2
    shift 2
    "$@" >/dev/null || { echo "$file: $what"; failed=1; }
}
has() { # has TEXT PATTERN
    printf '%s\n' "$1" | grep -qE "$2"
}
has_no() {
    ! has "$1" "$2"
}
count=0
for file in "$build"/lib/libockam.so "$build"/bin/*; do
    [ -f "$file" ] || continue
    all=$(LC_ALL=C readelf -WhldS --dyn-syms "$file")
    need "$file" "no RELRO" has "$all" '^ *GNU_RELRO'
    need "$file" "not bound at the start" has "$all" 'BIND_NOW|Flags:.* NOW'
    need "$file" "not position-independent" has "$all" 'Type: *DYN'
    need "$file" "text is relocated" has_no "$all" '\(TEXTREL\)'
    need "$file" "the stack is executable" has "$all" '^ *GNU_STACK .* RW +0x'
    need "$file" "memory that is writable and executable" has_no "$all" '^ *LOAD .* RWE '
    case $file in
        */libockam.so) need "$file" "no stack protector" has "$all" '__stack_chk_fail' ;;
        *) need "$file" "not a position-independent program" has "$all" 'Flags:.* PIE' ;;
    esac
    count=$((count + 1))
done
[ "$count" -gt 1 ] || { echo "no programs in $build/bin"; failed=1; }
[ "$failed" = 0 ] && echo "hardening: ok ($count)"
exit "$failed"
