#!/usr/bin/env bash
# Installs what only the browser tests need: Chromium with fonts (Debian), axe-core and typescript (npm).
set -euo pipefail
if ! command -v chromium-headless-shell chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "prat: Chromium is missing. Fix: apt-get install chromium-headless-shell, or set CHROMIUM to its path." >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium-headless-shell fonts-dejavu-core fonts-noto-color-emoji >/dev/null
fi
if [ ! -f tests/e2e/node_modules/axe-core/axe.min.js ] || [ ! -f tests/e2e/node_modules/typescript/bin/tsc ]; then
  npm ci --silent --no-audit --no-fund --prefix tests/e2e
fi
