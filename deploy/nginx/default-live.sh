#!/bin/sh
# Choose the backend of a first start, and say early what would stop nginx: run by the
# image of nginx before it starts, and by render.sh. A release chooses anew later.
set -eu
folder=${PROXY_FOLDER:-/etc/nginx}
first=${PROXY_BACKEND:-backend:8080}

mkdir -p "$folder/live"
if [ ! -s "$folder/live/backend.conf" ]; then
    # Shorter than gunicorn's keepalive of 5 s, so that no request meets a connection
    # that is being closed.
    printf 'upstream backend { server %s; keepalive 16; keepalive_timeout 4s; }\n' "$first" \
        > "$folder/live/backend.conf.new"
    mv "$folder/live/backend.conf.new" "$folder/live/backend.conf"
fi
for file in tls/proxy.crt tls/proxy.key; do
    [ -r "$folder/$file" ] || {
        echo "proxy: $folder/$file is missing; see \"Certificates\" in docs/operations.md" >&2
        exit 78
    }
done
