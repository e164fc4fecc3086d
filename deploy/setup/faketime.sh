#!/usr/bin/env bash
# Installs libfaketime (Debian), with which `make prove-erasure` travels in time; it does without, and says so.
set -euo pipefail
[ -z "$(find /usr/lib /usr/local/lib -name libfaketimeMT.so.1 -print -quit)" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq &&
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libfaketime >/dev/null
then
  exit 0
fi
echo "prat: libfaketime is missing: the journey in time is left out. Fix: apt-get install libfaketime" >&2
