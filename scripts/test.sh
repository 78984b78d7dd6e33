#!/usr/bin/env bash
# Runs every test, on two cores: those of the packages, which need nothing that is built, beside those
# of the whole. What the first print is shown once the others have ended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
make test-packages >"$log" 2>&1 &
packages=$!
trap 'kill "$packages" 2>/dev/null || true; rm -f "$log"' EXIT

status=0
make test-integration test-starlette0 test-js || status=$?
wait "$packages" || status=$?
cat "$log"
exit "$status"
