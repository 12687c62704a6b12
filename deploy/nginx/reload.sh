#!/bin/sh
# Have nginx read its files again, if it accepts them. Requests in flight are finished.
#   PROXY_FOLDER  folder of render.sh, for nginx as a process; without it: the container
#   COMPOSE       docker compose (or podman-compose)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PATH=$PATH:/usr/sbin

if [ -n "${PROXY_FOLDER:-}" ]; then
    nginx() { command nginx -p "$PROXY_FOLDER/" -c "$PROXY_FOLDER/nginx.conf" "$@"; }
else
    # Only the running container is looked for; VERSION is wanted by the file.
    VERSION=${VERSION:-none}
    export VERSION
    nginx() {
        # shellcheck disable=SC2086  # COMPOSE is two words
        ${COMPOSE:-docker compose} -f "$here/../../docker-compose.prod.yml" \
            exec -T proxy nginx "$@" < /dev/null
    }
fi

nginx -t -q
nginx -s reload
