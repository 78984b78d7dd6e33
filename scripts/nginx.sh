#!/usr/bin/env bash
# Finds or fetches an nginx for the tests of proxies, with the settings that it comes with.
#
# What is there already comes first (NGINX may name it), then Debian's package, which is unpacked
# into .tools/nginx and not installed: nothing is started. Where neither works it says so and ends
# well all the same: everything but those tests runs without.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=.tools/nginx

from_system() {
  local executable
  executable=$(command -v "${NGINX:-nginx}") && [[ -e /etc/nginx/nginx.conf ]] || return 1
  mkdir -p "$folder/usr/sbin"
  ln -sfn "$executable" "$folder/usr/sbin/nginx"
  ln -sfn /etc "$folder/etc"
}

from_apt() {
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  local packages
  packages=$(mktemp -d)
  trap 'rm -rf "$packages"' RETURN
  {
    [[ $(id -u) != 0 ]] || apt-get update -qq
    (cd "$packages" && apt-get download -qq nginx nginx-common)
  } >.tools/nginx.log 2>&1 </dev/null || return 1
  local package
  for package in "$packages"/*.deb; do dpkg -x "$package" "$folder"; done
  "$folder/usr/sbin/nginx" -v >>.tools/nginx.log 2>&1
}

rm -rf "$folder"
if from_system || from_apt; then
  echo "nginx: $("$folder/usr/sbin/nginx" -v 2>&1 | sed 's/.*: //')"
else
  rm -rf "$folder"
  echo "nginx: none found, and Debian's could not be fetched (see .tools/nginx.log)."
  echo "nginx: install the package 'nginx' for the tests of proxies."
fi
