#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# doc_references_test.sh - tools/check-doc-references finds each kind of mistake, and this tree has none.
set -eu

source_dir=${OCKAM_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
tool=$source_dir/tools/check-doc-references
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

fresh_tree() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/include/ockam" "$tree/src/wire" "$tree/docs/protocol" "$tree/tests/vectors"
    cat >"$tree/include/ockam/limits.h" <<'END'
/** Bytes of a thing. Source: docs/protocol/things.md,
 *  "Large things" and "Small things". */
#define OCKAM_THING_BYTES_MAX 320u
void ockam_thing_new(void); /* not ockam_thing_gone() */
END
    cat >"$tree/docs/protocol/things.md" <<'END'
# Things
## Large things
A thing has `OCKAM_THING_BYTES_MAX` (320) bytes, see [security](../security.md); `ockam_thing_new()` makes one.
```hex example
82 00 # not a heading
```
### Small things
END
    cat >"$tree/docs/security.md" <<'END'
| `OCKAM_THING_BYTES_MAX` | 320 | one thing |
Vectors are in `tests/vectors`.
END
    echo '/* Source: docs/protocol/things.md. */' >"$tree/src/wire/thing.c"
}

# expect STATUS TEXT: the tool ends with STATUS and its output holds TEXT.
expect() {
    status=0
    output=$("$tool" "$tree" 2>&1) || status=$?
    case $output in *"$2"*) found=yes ;; *) found=no ;; esac
    if [ "$status" != "$1" ] || [ $found = no ]; then
        echo "expected status $1 and \"$2\"; got status $status: $output" >&2
        failed=1
    fi
}

fresh_tree
expect 0 ''
[ -z "$output" ] || { echo "says something about a good tree: $output" >&2; failed=1; }

fresh_tree
echo '/* docs/protocol/nothing.md, "Things" */' >"$tree/src/wire/thing.c"
expect 1 'src/wire/thing.c: cites docs/protocol/nothing.md, which does not exist'

fresh_tree
printf '/* Source: docs/protocol/things.md, "Large things" and\n *  "Blue things". */\n' >"$tree/src/wire/thing.c"
expect 1 'src/wire/thing.c: cites docs/protocol/things.md, "Blue things": no such heading'

fresh_tree
echo '/* docs/protocol/things.md, "not a heading" */' >"$tree/src/wire/thing.c"
expect 1 '"not a heading": no such heading'

fresh_tree
sed 's/320 |/321 |/' "$tree/docs/security.md" >"$tree/changed" && mv "$tree/changed" "$tree/docs/security.md"
expect 1 'docs/security.md: OCKAM_THING_BYTES_MAX is 320 in limits.h, not 321'

fresh_tree
echo 'At most `OCKAM_THING_BYTES_MAX` (32) bytes.' >>"$tree/docs/protocol/things.md"
expect 1 'docs/protocol/things.md: OCKAM_THING_BYTES_MAX is 320 in limits.h, not 32'

fresh_tree
echo '#define OCKAM_OTHER_MAX 7u' >>"$tree/include/ockam/limits.h"
expect 1 'docs/security.md: does not mention the limit OCKAM_OTHER_MAX'

fresh_tree
echo '`ockam_thing_gone()` ends one.' >>"$tree/docs/protocol/things.md"
expect 1 'docs/protocol/things.md: mentions ockam_thing_gone(), which include/ does not have'

fresh_tree
echo 'See `tests/vectors/none.json`.' >>"$tree/docs/protocol/things.md"
expect 1 'docs/protocol/things.md: mentions tests/vectors/none.json, which does not exist'

fresh_tree
echo 'See [there](there.md).' >>"$tree/docs/protocol/things.md"
expect 1 'docs/protocol/things.md: links to there.md, which does not exist'

rm -r "$tree/docs"
expect 64 'usage:'

"$tool" "$source_dir" || failed=1

exit $failed
