#!/usr/bin/env bash
# MongoDB that asks who is there. Its first start makes root's password, in a volume that only `init`
# reads besides; `init` then makes one user per service (deploy/images/prepare.py).
set -euo pipefail
data=${PRAT_ROOT:-}/data/db password=${PRAT_ROOT:-}/data/configdb/store-prat_root.password
key=${PRAT_ROOT:-}/tmp/prat-member.key

random() { od -vAn -N32 -tx1 /dev/urandom | tr -d ' \n'; }

if [ -z "${PRAT_MONGO_USERS-}" ]; then  # wished so: whoever reaches the store may do everything
  exec docker-entrypoint.sh "$@"
fi
if [ ! -s "$password" ]; then
  if [ -e "$data/WiredTiger" ]; then
    echo "prat: this store's data is from before it had users. Fix: run with PRAT_MONGO_USERS= (nothing)," \
      "or make the user prat_root (role root) by hand and write its password to $password." >&2
    exit 1
  fi
  random > "$password.new"  # whole or not at all
  mv "$password.new" "$password"
  chmod 444 "$password"
fi
# Members of a replica set know each other by this key: there is one, so each start has its own.
rm -f "$key"
(umask 077 && random > "$key")
export MONGO_INITDB_ROOT_USERNAME=prat_root MONGO_INITDB_ROOT_PASSWORD_FILE=$password
exec docker-entrypoint.sh "$@" --auth --keyFile "$key"
