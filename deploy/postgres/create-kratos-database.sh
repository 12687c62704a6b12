#!/bin/sh
# Run by the postgres image on an empty volume: Kratos keeps its data in a database of
# its own, which nothing else creates.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -c "CREATE DATABASE kratos OWNER \"$POSTGRES_USER\""
