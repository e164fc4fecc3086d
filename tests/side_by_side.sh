#!/usr/bin/env bash
# Runs all tests in three lanes side by side: each spends much of its time waiting for something.
# One lane is seen as it runs, the others when they have ended.
set -uo pipefail
pytest=(.venv/bin/pytest -o)
folder=$(mktemp -d)
lanes=()

beside() {
  "${pytest[@]}" cache_dir=".pytest_cache/$1" "${@:2}" >"$folder/$1" 2>&1 &
  lanes+=("$!")
}

# The shell keeps Ctrl-C from what runs in the background: those lanes end with this script.
trap 'kill "${lanes[@]}" 2>/dev/null; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
beside pages tests/e2e
beside connected tests/integration tests/walk

failed=0
find tests/unit -name '*.test.mjs' -exec node --test --test-reporter=dot {} + || failed=1
"${pytest[@]}" cache_dir=.pytest_cache/rest tests/unit tests/contracts tests/faults || failed=1
for one in "${lanes[@]}"; do
  wait "$one" || failed=1
done
cat "$folder"/*
exit "$failed"
