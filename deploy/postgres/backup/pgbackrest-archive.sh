#!/bin/sh
# PostgreSQL's archive_command: send one finished file of the log to the storage. While
# the storage is away it fails, PostgreSQL keeps the file and tries again.
set -eu
if [ -z "${PGBACKREST_REPO1_S3_BUCKET:-}" ]; then
    echo "karima: PGBACKREST_REPO1_S3_BUCKET is not set: THERE IS NO BACKUP" >&2
    exit 0
fi
exec pgbackrest --stanza=karima archive-push "$1"
