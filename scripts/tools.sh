#!/usr/bin/env bash
# Puts one tool of one version into .tools: `tools.sh uv 1.2.3` or `tools.sh pnpm 1.2.3`.
#
# A tool of that very version on the PATH is linked; otherwise its own registry's client installs
# it, so that nothing outside the checkout changes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tool=$1 version=$2
mkdir -p .tools/bin

outside=$(PATH=${PATH//"$PWD/.tools/bin:"/} command -v "$tool" || true)
if [[ -n $outside && $("$outside" --version 2>/dev/null) =~ (^|[[:space:]])"$version"([[:space:]]|$) ]]; then
  ln -sfn "$outside" ".tools/bin/$tool"
  exit
fi

case $tool in
  uv)
    ${PYTHON:-python3} -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
      { echo "setup: Python 3.11 or later is needed; set PYTHON to one" >&2 && exit 1; }
    ${PYTHON:-python3} -m venv .tools/python ||
      { echo "setup: Python's venv module is needed (Debian: python3-venv)" >&2 && exit 1; }
    .tools/python/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version"
    ln -sfn ../python/bin/uv .tools/bin/uv
    ;;
  pnpm)
    command -v npm >/dev/null ||
      { echo "setup: Node 20 or later, with npm, is needed" >&2 && exit 1; }
    npm install --silent --no-fund --no-audit --prefix .tools/npm "pnpm@$version"
    ln -sfn ../npm/node_modules/.bin/pnpm .tools/bin/pnpm
    ;;
  *)
    echo "tools.sh: unknown tool $tool" >&2
    exit 2
    ;;
esac
