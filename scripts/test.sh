#!/usr/bin/env bash
# Runs every test, on two cores: those of the packages, of what is published, and what must hold on an older
# Starlette, beside those of the whole and of TypeScript. What the first print is shown once the others
# have ended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

log=$(mktemp)
make --keep-going test-packages test-starlette0 test-published >"$log" 2>&1 &
beside=$!
trap 'kill "$beside" 2>/dev/null || true; rm -f "$log"' EXIT

status=0
make test-integration PYTEST_ARGS="--ignore=tests-integration/published ${PYTEST_ARGS:-}" || status=$?
make test-js || status=$?
wait "$beside" || status=$?
cat "$log"
exit "$status"
