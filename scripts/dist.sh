#!/usr/bin/env bash
# Builds and checks what is published: `dist.sh [FOLDER]`, by default dist/.
#
# Wheels and sdists of every Python package, a tarball of every npm package, all of one version. What is
# packed of `js-packages` is what `make build-js` has built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.tools/bin:$PATH" # publint calls pnpm
out=${1:-dist}
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out"/*.whl "$out"/*.tar.gz "$out"/*.tgz

uv run --no-sync python scripts/version.py check
uv build --quiet --all-packages --out-dir "$out"
rm -f "$out/.gitignore"
for package in js-packages/*/; do
  grep -q '"private": true' "$package/package.json" ||
    pnpm --dir "$package" pack --pack-destination "$out"
done

uv run --no-sync twine check --strict "$out"/*.whl "$out"/*.tar.gz
for tarball in "$out"/*.tgz; do
  pnpm exec publint run "$tarball" --strict
  pnpm exec attw "$tarball" --profile esm-only
done
