#!/bin/sh
# Give the server a private copy of its key: PostgreSQL refuses one that others can read,
# and the mounted one belongs to the machine's user. `karima-postgres renew-tls` copies a
# renewed certificate and has the running server take it.
set -eu
from="${TLS_FROM:-/run/secrets/tls}"
to=/run/karima-tls

copy_tls() {
    if [ ! -r "$from/postgres.pem" ] || [ ! -r "$from/postgres.key" ]; then
        echo "karima: no $from/postgres.pem and .key: run deploy/tls/make-ca.sh" >&2
        exit 78
    fi
    mkdir -p "$to"
    install -o postgres -g postgres -m 644 "$from/postgres.pem" "$to/server.pem.new"
    install -o postgres -g postgres -m 600 "$from/postgres.key" "$to/server.key.new"
    mv "$to/server.pem.new" "$to/server.pem"
    mv "$to/server.key.new" "$to/server.key"
}

case "${1:-}" in
    renew-tls)
        copy_tls
        exec gosu postgres psql --no-psqlrc --quiet --tuples-only \
            --command 'SELECT pg_reload_conf()' postgres
        ;;
    postgres)
        copy_tls
        mkdir -p /run/postgresql
        chown postgres:postgres /run/postgresql
        ;;
esac
exec docker-entrypoint.sh "$@"
