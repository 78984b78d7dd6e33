#!/usr/bin/env bash
# Runs the packages' tests with every requirement at its floor, in an environment of its own.
#
# Floors are no part of the lock: they are resolved anew each time, with whatever index uv uses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
environment=.venv-lowest

editable=()
for package in packages/*/; do
  editable+=(--editable "$package")
done
uv venv --quiet --clear "$environment"
uv pip install --quiet --python "$environment" --resolution lowest-direct \
  "${editable[@]}" --group test
"$environment/bin/python" -m pytest packages "$@"
