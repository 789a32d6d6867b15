#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Install into a fresh folder, move that folder, and build a program against it outside the source tree: with
# pkg-config (shared, static, core only), with CMake (the same three), and as C++17. Each must run.
set -euo pipefail
source=${OCKAM_SOURCE_DIR:?}
build=${OCKAM_BUILD_DIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
expected="Hello Ockam!"

cmake --install "$build" --prefix "$work/first" > "$work/install.log" || { cat "$work/install.log"; exit 1; }
mv "$work/first" "$work/moved"
mkdir "$work/program"
cp "$source"/tests/install/*.c "$source"/tests/install/*.cpp "$source/tests/install/CMakeLists.txt" "$work/program/"
libdir=$(dirname "$(find "$work/moved" -name libockam.a)")
export PKG_CONFIG_PATH=$libdir/pkgconfig
unset PKG_CONFIG_LIBDIR

check() { # check WHAT PROGRAM: it must run and print what it should
    local printed
    printed=$("$2") || { echo "$1: exit status $?"; exit 1; }
    [ "$printed" = "$expected" ] || { echo "$1 printed: $printed"; exit 1; }
    echo "ok: $1"
}
cd "$work/program"
cc=${CC:-cc}
# shellcheck disable=SC2046
$cc program.c -o shared $(pkg-config --cflags --libs ockam) "-Wl,-rpath,$libdir"
check "pkg-config, shared" ./shared
# The archive is named, since -lockam prefers the shared library that lies beside it.
# shellcheck disable=SC2046
$cc program.c -o static $(pkg-config --cflags ockam) "$libdir/libockam.a" $(pkg-config --libs --static ockam | sed 's/-lockam\b//')
check "pkg-config, static" ./static
# shellcheck disable=SC2046
$cc core.c -o core $(pkg-config --cflags --libs ockam-core)
check "pkg-config, core" ./core
! ldd ./static ./core | grep -q libockam || { echo "the static programs need libockam.so"; exit 1; }

cmake -G Ninja -S . -B out -DCMAKE_PREFIX_PATH="$work/moved" > cmake.log 2>&1 && cmake --build out >> cmake.log 2>&1 ||
    { cat cmake.log; exit 1; }
check "CMake, shared" out/program
check "CMake, static" out/program-static
check "CMake, core" out/program-core

if command -v "${CXX:-c++}" > /dev/null; then
    # shellcheck disable=SC2046
    "${CXX:-c++}" -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror program.cpp -o cxx \
        $(pkg-config --cflags --libs ockam) "-Wl,-rpath,$libdir"
    check "pkg-config, C++" ./cxx
else
    echo "no C++ compiler: not tried as C++"
fi
