#!/bin/sh
# Make or mend the roles, databases and rights: safe to repeat, needed after a restore of
# a dump and after a new password. As the superuser (in the container: `-u postgres`).
# DB_NAME, DB_USER, DB_PASSWORD, KRATOS_DB_PASSWORD and DB_MIGRATE_PASSWORD are needed.
set -eu
export DB_NAME="${DB_NAME:?}" DB_USER="${DB_USER:?}" DB_PASSWORD="${DB_PASSWORD:?}"
export DB_MIGRATE_USER="${DB_MIGRATE_USER:-karima_migrate}"
export DB_MIGRATE_PASSWORD="${DB_MIGRATE_PASSWORD:?}"
export DB_READ_USER="${DB_READ_USER:-karima_ro}"
export KRATOS_DB_PASSWORD="${KRATOS_DB_PASSWORD:?}"
# Empty: nobody can sign in as that role.
export DB_READ_PASSWORD="${DB_READ_PASSWORD:-}" DB_REPLICA_PASSWORD="${DB_REPLICA_PASSWORD:-}"
if [ "$DB_MIGRATE_USER" = "$DB_USER" ]; then
    echo "DB_MIGRATE_USER must not be DB_USER: the shop may not change its own tables." >&2
    exit 1
fi
exec psql --no-psqlrc --quiet --dbname postgres --file "$(dirname "$0")/roles.sql"
