#!/usr/bin/env bash
# Finds or installs a Chromium for the browser tests, and links it at .tools/bin/chromium.
#
# What is there already comes first (CHROMIUM may name it), then the system's package where this is
# root on Debian or a relative, then playwright's own download. Where none works it says so and
# ends well all the same: everything but the browser tests runs without.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
link=.tools/bin/chromium

found() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [[ -n $candidate ]] && PATH=${PATH//"$PWD/.tools/bin:"/} command -v "$candidate" && return
  done
  return 1
}

from_apt() {
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
  echo "chromium: installing Debian's" >&2
  {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium
  } >.tools/chromium.log 2>&1 </dev/null
}

from_playwright() {
  echo "chromium: downloading playwright's" >&2
  .tools/bin/uv run --no-sync playwright install chromium >.tools/chromium.log 2>&1 </dev/null &&
    .tools/bin/uv run --no-sync python -c \
      'from playwright.sync_api import sync_playwright as p
with p() as playwright: print(playwright.chromium.executable_path)'
}

if executable=$(found || { from_apt && found; } || from_playwright); then
  ln -sfn "$executable" "$link"
  echo "chromium: $executable"
else
  rm -f "$link"
  echo "chromium: none found, and none could be installed (see .tools/chromium.log)."
  echo "chromium: install the package 'chromium', or set CHROMIUM to a browser, for the browser tests."
fi
