#!/bin/sh
# Prove that the backups can be restored: restore-drill.sh [--time MOMENT]. Restores into a
# folder of its own, starts a server there that nobody else can reach, looks at what came
# back, and removes all of it. The shop's server is only read from. The last line is the
# verdict; the outcome goes to the metrics.
#
# DRILL_DIR: where there is room for a whole copy. RPO_SECONDS, RTO_SECONDS: the limits.
set -eu
. "$(dirname "$0")/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
need_bucket
rpo_limit="${RPO_SECONDS:-900}" rto_limit="${RTO_SECONDS:-3600}"
base="${DRILL_DIR:-/var/lib/postgresql/drill}"
database="${DB_NAME:?}"

live() { psql --no-psqlrc --tuples-only --no-align --dbname "$database" --command "$1"; }
copy() {
    PGHOST="$work" PGPORT=5432 psql --no-psqlrc --tuples-only --no-align \
        --username postgres --dbname "$database" "$@"
}

cleanup() {
    if [ -n "${server:-}" ]; then
        kill -INT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}

drill() {
    mkdir -p "$base"
    work=$(mktemp -d "$base/restore.XXXXXX")
    server=""
    trap cleanup EXIT
    trap 'exit 1' INT TERM
    # Not the shop's very last moment: what is on its way may still be on its way.
    now=$(live "SELECT extract(epoch FROM now())::bigint")
    orders=$(live "SELECT count(*) FROM orders_order WHERE placed_at < now() - interval '20 minutes'")
    began=$(date +%s)
    "$here/restore.sh" "$work/data" "$@" || return 1
    printf 'local all all trust\n' > "$work/hba.conf"
    postgres -D "$work/data" -c listen_addresses= -c port=5432 \
        -c unix_socket_directories="$work" -c hba_file="$work/hba.conf" \
        -c config_file="$(drill_config)" -c ssl=off -c shared_buffers=128MB \
        -c archive_mode=off -c hot_standby=off \
        > "$work/server.log" 2>&1 &
    server=$!
    wait_for_copy || { tail -20 "$work/server.log" >&2; return 1; }
    rto=$(($(date +%s) - began))
    judge
}

# The copy has no configuration of its own where the image keeps it outside of the data.
drill_config() {
    if [ -e "$work/data/postgresql.conf" ]; then echo "$work/data/postgresql.conf"
    else touch "$work/empty.conf"; echo "$work/empty.conf"; fi
}

wait_for_copy() {
    until [ "$(copy --command 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do
        kill -0 "$server" 2>/dev/null || return 1
        [ $(($(date +%s) - began)) -lt "$rto_limit" ] || return 1
        sleep 1
    done
}

judge() {
    faults=$(copy --file "$here/verify.sql") || return 1
    restored=$(copy --command "SELECT count(*) FROM orders_order WHERE placed_at < to_timestamp($now) - interval '20 minutes'")
    rpo=$(copy --command "SELECT greatest(0, $now - extract(epoch FROM beat_at)::bigint) FROM karima_heartbeat")
    PGHOST="$work" PGPORT=5432 pg_amcheck --username postgres --database "$database" \
        --install-missing --heapallindexed >&2 || faults="$faults (pg_amcheck)"
    bad=""
    [ -z "$faults" ] || bad="$bad; faults: $faults"
    [ "$restored" = "$orders" ] || bad="$bad; $restored orders restored of $orders"
    [ -n "$rpo" ] || bad="$bad; no heartbeat"
    [ "${rpo:-0}" -le "$rpo_limit" ] || bad="$bad; RPO $rpo s is over $rpo_limit s"
    [ "$rto" -le "$rto_limit" ] || bad="$bad; RTO $rto s is over $rto_limit s"
    [ -z "$bad" ] || { say "$bad"; return 1; }
    say "orders $restored, RPO ${rpo} s, RTO ${rto} s"
}

# In a subshell: its EXIT trap removes the copy before the outcome is written down.
run() { (drill "$@"); }
if remember restore_drill run "$@"; then
    echo "RESTORE DRILL: PASS"
else
    echo "RESTORE DRILL: FAIL"
    exit 1
fi
