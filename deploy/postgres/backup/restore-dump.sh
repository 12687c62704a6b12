#!/bin/sh
# Restore the newest dump of a database into an empty one: restore-dump.sh NAME INTO [DAY].
# BACKUP_AGE_IDENTITY_FILE is the private key, brought here for this and removed after it.
# roles.sh afterwards gives the rights, which a dump of another cluster cannot know.
set -eu
. "$(dirname "$0")/common.sh"
need_bucket
: "${BACKUP_AGE_IDENTITY_FILE:?the file with the private key of age}"
name="${1:?the database that was dumped}" into="${2:?the empty database to fill}"
storage

tables=$(psql --no-psqlrc --tuples-only --no-align --dbname "$into" \
    --command "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname = 'public'")
if [ "$tables" != 0 ]; then
    say "REFUSED: the database $into is not empty"
    exit 1
fi
day="${3:-$(rclone lsf --dirs-only "$dumps" | sort | tail -n 1)}"
work=$(mktemp -d "${DUMP_DIR:-/tmp}/dump.XXXXXX")
trap 'rm -rf "$work"' EXIT
rclone copyto "$dumps/${day%/}/$name.dump.age" "$work/sealed"
age --decrypt --identity "$BACKUP_AGE_IDENTITY_FILE" --output "$work/dump" "$work/sealed"
pg_restore --exit-on-error --no-owner --no-privileges --dbname "$into" "$work/dump"
say "restored $name of ${day%/} into $into"
