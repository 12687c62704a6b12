#!/bin/sh
# A second PostgreSQL that follows the first, and takes its place when that one is lost.
#
#   replica.sh copy HOST FOLDER   copy the server HOST into the empty FOLDER, over TLS, as
#                                 karima_replica; a server that starts there follows it
#   replica.sh promote FOLDER     let the copy take writes. ONLY when the first one is off
#                                 and stays off: two that take writes cannot be merged
#
# DB_REPLICA_PASSWORD and DB_SSL_ROOT_CERT are needed by `copy`; PGPORT is HOST's port.
set -eu
umask 077
case "${1:-}" in
    copy)
        host="${2:?}" folder="${3:?}"
        mkdir -p "$folder"
        if [ -n "$(ls -A "$folder")" ]; then
            echo "REFUSED: $folder is not empty" >&2
            exit 1
        fi
        # Beside the data, since the follower reads it at each connection.
        passfile="$folder.pgpass"
        escaped=$(printf '%s' "${DB_REPLICA_PASSWORD:?}" | sed 's/[\\:]/\\&/g')
        printf '*:*:*:karima_replica:%s\n' "$escaped" > "$passfile"
        PGPASSFILE="$passfile" exec pg_basebackup --pgdata "$folder" --wal-method=stream \
            --checkpoint=fast --write-recovery-conf --no-password --dbname \
            "host=$host port=${PGPORT:-5432} user=karima_replica sslmode=verify-full sslrootcert=${DB_SSL_ROOT_CERT:?} passfile=$passfile application_name=karima_replica"
        ;;
    promote)
        exec pg_ctl promote --wait --pgdata "${2:?}"
        ;;
    *)
        sed -n '2,11p' "$0" >&2
        exit 64
        ;;
esac
