#!/usr/bin/env bash
# Runs all tests in two halves side by side: each spends much of its time waiting for something.
# The one half is seen as it runs, the other when it has ended.
set -uo pipefail
pytest=(.venv/bin/pytest -o)
said=$(mktemp)

"${pytest[@]}" cache_dir=.pytest_cache/house tests/integration tests/walk tests/faults >"$said" 2>&1 &
house=$!
# The shell keeps Ctrl-C from what runs in the background: that half ends with this script.
trap 'kill "$house" 2>/dev/null; rm -f "$said"' EXIT
trap 'exit 130' INT TERM

failed=0
find tests/unit -name '*.test.mjs' -exec node --test --test-reporter=dot {} + || failed=1
"${pytest[@]}" cache_dir=.pytest_cache/rest tests/unit tests/contracts tests/e2e || failed=1
wait "$house" || failed=1
cat "$said"
exit "$failed"
