#!/usr/bin/env bash
# Makes .venv from the locked wheels; quick when it is there already.
set -euo pipefail
uv_version=0.13.9
if [ ! -x .venv/bin/uv ]; then
  python=$(command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3 || true)
  if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
    echo "prat: Python 3.11 to 3.13 is needed. Fix: apt-get install python3 python3-venv" >&2
    exit 1
  fi
  "$python" -m venv .venv
  .venv/bin/pip install --quiet "uv==$uv_version"
fi
# The environment's own uv stays: `--inexact` removes nothing that the lock does not name.
VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv sync --frozen --quiet --inexact "$@"
