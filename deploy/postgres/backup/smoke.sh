#!/bin/sh
# The gate before going live: does the real bucket do what the backups need? Writes, reads,
# lists and deletes through rclone, then has pgBackRest do the same with the headers that
# some storages refuse, and push one file of the log. Changes no backup that is there.
set -eu
. "$(dirname "$0")/common.sh"
need_bucket
storage
probe="smoke/$(date -u +%Y%m%dT%H%M%SZ).$$"
word="karima $probe"

check() {
    label="$1"
    shift
    if "$@"; then echo "ok    $label"; else echo "FAIL  $label"; return 1; fi
}
remote="backup:$PGBACKREST_REPO1_S3_BUCKET/$probe"
write() { echo "$word" | timeout 60 rclone rcat "$remote"; }
read_back() { [ "$(timeout 60 rclone cat "$remote")" = "$word" ]; }
remove() { timeout 60 rclone deletefile "$remote"; }
stanza() { timeout 120 pgbackrest --stanza=karima --log-level-console=warn stanza-create; }
# Forces a new file of the log and waits until the storage has it.
push() { timeout 180 pgbackrest --stanza=karima --log-level-console=warn check; }

result=PASS
check "an object is written" write || result=FAIL
check "and read back" read_back || result=FAIL
check "and deleted" remove || result=FAIL
check "pgBackRest keeps its repository there" stanza || result=FAIL
check "the log of PostgreSQL arrives (120 s)" push || result=FAIL
echo "BACKUP SMOKE: $result"
[ "$result" = PASS ]
