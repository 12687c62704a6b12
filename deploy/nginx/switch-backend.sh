#!/bin/sh
# Have another backend serve: switch-backend.sh HOST:PORT
# For nginx as a process, in PROXY_FOLDER. If nginx refuses, the one before goes on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ $# != 1 ] || [ -z "${PROXY_FOLDER:-}" ]; then
    echo "usage: PROXY_FOLDER=... switch-backend.sh HOST:PORT" >&2
    exit 64
fi
printf '%s' "$1" | grep -Eqx '[A-Za-z0-9._-]+:[0-9]+' ||
    { echo "\"$1\" is not HOST:PORT" >&2; exit 64; }
live=$PROXY_FOLDER/live/backend.conf

cp "$live" "$live.before"
printf 'upstream backend { server %s; keepalive 16; keepalive_timeout 4s; }\n' "$1" > "$live.new"
mv "$live.new" "$live"
"$here/reload.sh" || { mv "$live.before" "$live"; exit 1; }
