#!/bin/sh
# The second form of backup: each database by pg_dump, encrypted for people who are not on
# this machine (age), into the storage; older than 30 days is deleted. BACKUP_AGE_RECIPIENT
# is the public key (`age1...`); its private half never lies here.
set -eu
. "$(dirname "$0")/common.sh"
need_bucket
: "${BACKUP_AGE_RECIPIENT:?the public key of age that dumps are encrypted for}"
storage

dump_all() {
    day=$(date -u +%Y-%m-%dT%H%M%SZ)
    work=$(mktemp -d "${DUMP_DIR:-/tmp}/dump.XXXXXX") || return 1
    failed=0
    for database in "${DB_NAME:?}" kratos; do
        dump_one "$database" "$work/$database.age" &&
            rclone copyto "$work/$database.age" "$dumps/$day/$database.dump.age" || failed=1
        rm -f "$work/$database.age"
    done
    rmdir "$work"
    rclone delete --min-age 30d "$dumps" || failed=1
    return $failed
}

# A pipe hides the failure of its first half, so pg_dump says by a file that it is done.
dump_one() {
    { pg_dump --format=custom --compress=6 --dbname "$1" && touch "$2.done"; } |
        age --recipient "$BACKUP_AGE_RECIPIENT" --output "$2" && [ -e "$2.done" ]
    result=$?
    rm -f "$2.done"
    return $result
}

remember dump dump_all
