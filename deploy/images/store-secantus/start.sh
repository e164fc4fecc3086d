#!/usr/bin/env bash
# Mongod's arguments, which docker-compose.yml gives, mean nothing to this store: they are left out.
set -euo pipefail
touch /tmp/store.toml
exec /opt/store/bin/secantusd-py --host 0.0.0.0 --port 27017 \
  --storage-path /data/db/store --cache-size 256M --config /tmp/store.toml --log-level WARNING
