#!/usr/bin/env bash
# Local images in place of python:3.11-slim, apache/kafka and mongo, for a machine that reaches the
# packages of Debian, Python and Maven but no registry of images. Prints what to export:
#   eval "$(deploy/images/stand-ins.sh)" && make test-compose
set -euo pipefail
cd "$(dirname "$0")/../.."
base=prat-base:local kafka=prat-kafka:local store=prat-store:local

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
  echo "prat: debootstrap makes the base image, as root. Fix: apt-get install debootstrap" >&2
  exit 2
fi

make_base() {  # Debian 12: its Python is 3.11
  local root
  root=$(mktemp -d)
  trap 'rm -rf "$root"' RETURN
  debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv bookworm "$root"
  # Authorities that this machine trusts beside the usual ones; they stay on this machine.
  find /usr/local/share/ca-certificates -name '*.crt' \
    -exec cp -t "$root/usr/local/share/ca-certificates" {} +
  chroot "$root" update-ca-certificates
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/etc/resolv.conf
  tar -C "$root" -c . | docker import \
    -c 'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' \
    -c 'ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt' - "$base"
}

build() {  # image, folder
  docker build --quiet --network host --build-arg "BASE_IMAGE=$base" \
    -t "$1" -f "deploy/images/$2/Dockerfile" .
}

{
  docker image inspect "$base" >/dev/null 2>&1 || make_base
  build "$kafka" kafka-jars
  build "$store" store-secantus
} >&2

# This store announces the address that it is bound to, so a client must keep to the one it was
# given; retryWrites stays off, as it scans its registry of retryable writes at every write. It asks
# nobody who is there: no users.
cat <<EXPORTS
export PRAT_BASE_IMAGE=$base PRAT_KAFKA_IMAGE=$kafka PRAT_MONGO_IMAGE=$store
export PRAT_BUILD_NETWORK=host PRAT_MONGO_USERS=
export PRAT_MONGO_URL='mongodb://mongo:27017/?directConnection=true&retryWrites=false&w=majority&journal=true&readConcernLevel=majority'
EXPORTS
