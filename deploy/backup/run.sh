#!/bin/sh
# Run a script of deploy/postgres/backup where the data is: run.sh SCRIPT [ARGUMENTS].
#
# With PGDATA in the environment: here, as the user who owns that folder (the machine runs
# PostgreSQL itself). Without it: in the container `db` of docker-compose.prod.yml. How it
# ended is also written to REPORTS_DIR (.data/reports), for `manage.py preflight`.
set -eu
cd "$(dirname "$0")/../.."
script="${1:?name a script}"
shift
compose="${COMPOSE:-docker compose} -f docker-compose.prod.yml"
# The compose file wants a VERSION, which nothing here depends on.
export VERSION="${VERSION:-none}"

here() {
    owner=$(stat -c %U "$PGDATA" 2>/dev/null || id -un)
    if [ "$(id -un)" = "$owner" ] || [ "$(id -u)" != 0 ]; then
        "deploy/postgres/backup/$script" "$@"
    else
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups \
            "deploy/postgres/backup/$script" "$@"
    fi
}

# A restore has a volume of its own, so that the container never sees the live one.
restore_in_container() {
    volume="${VOLUME:?name a NEW volume, for example VOLUME=karima_restored}"
    live="${POSTGRES_VOLUME:-karima_postgres}"
    if [ "$volume" = "$live" ]; then
        echo "REFUSED: $volume is the volume of the shop" >&2
        exit 1
    fi
    # shellcheck disable=SC2086  $compose is a command with its arguments
    POSTGRES_VOLUME="$volume" $compose run --rm --no-deps --entrypoint sh db -c \
        'chown postgres: "$PGDATA" && exec gosu postgres /opt/karima/backup/restore.sh "$PGDATA" "$@"' \
        restore "$@"
    echo "Now: POSTGRES_VOLUME=$volume, see docs/runbooks/backup.md"
}

in_container() {
    if [ "$script" = restore.sh ]; then
        restore_in_container "$@"
    else
        # shellcheck disable=SC2086
        $compose exec -T --user postgres db "/opt/karima/backup/$script" "$@"
    fi
}

report() {
    folder="${REPORTS_DIR:-.data/reports}"
    mkdir -p "$folder"
    printf '{"at": "%s", "ok": %s, "summary": "%s"}\n' "$(date -u +%FT%TZ)" "$1" "$2" \
        > "$folder/backup.json.new"
    mv "$folder/backup.json.new" "$folder/backup.json"
}

if [ -n "${PGDATA:-}" ]; then run=here; else run=in_container; fi
if $run "$@"; then ok=true; else ok=false; fi
[ "$script" != backup.sh ] || report "$ok" "$script ${*:-diff}"
[ "$ok" = true ]
