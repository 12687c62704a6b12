#!/bin/sh
# Change the version that serves without a failed request: deploy.sh deploy VERSION.
#
#   deploy.sh deploy VERSION   start it beside the old one, prove it, switch the proxy
#   deploy.sh rollback         the same way back to the version before
#   deploy.sh status           which version serves, which came before
#   deploy.sh start            RUNTIME=process only: start what is recorded
#
# Two colours, blue and green: one serves, the other is idle. Anything that goes wrong before
# the old one was stopped leaves it serving, and removes the new one. Exit codes: 0 it serves;
# 1 nothing has changed; 2 wrong use; 3 it serves, but its worker does not run; 75 another
# deploy is running.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${DEPLOY_ROOT:-$(dirname "$here")}

# All times are in whole seconds.
RUNTIME=${RUNTIME:-compose}
STATE=${DEPLOY_STATE:-$root/.data/deploy}
READY_SECONDS=${READY_SECONDS:-60}
WATCH_SECONDS=${WATCH_SECONDS:-60}
WATCH_MAX_ERRORS=${WATCH_MAX_ERRORS:-5}
DRAIN_SECONDS=${DRAIN_SECONDS:-40}
# Longer than gunicorn's graceful_timeout.
WEB_GRACE_SECONDS=${WEB_GRACE_SECONDS:-45}
WORKER_GRACE_SECONDS=${WORKER_GRACE_SECONDS:-90}
WORKER_PROOF_SECONDS=${WORKER_PROOF_SECONDS:-8}
MIGRATE_TRIES=${MIGRATE_TRIES:-3}
DISK_MIN_MB=${DISK_MIN_MB:-1024}
# `skip` leaves out `manage.py preflight`, its look at the backups included.
PREFLIGHT=${PREFLIGHT:-required}

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
die() { printf '%s deploy: %s\n' "$(date +%H:%M:%S)" "$*" >&2; exit 1; }
usage() { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }

# shellcheck disable=SC1091
case "$RUNTIME" in
    compose) . "$here/runtime-compose.sh" ;;
    systemd) . "$here/runtime-systemd.sh" ;;
    process) . "$here/runtime-process.sh" ;;
    *) echo "RUNTIME is compose, systemd or process, not '$RUNTIME'." >&2; exit 2 ;;
esac

# --- what is recorded ----------------------------------------------------------

# A record is one line: VERSION COLOUR DIGEST CONTRACTS TIME.
field() { [ ! -e "$STATE/$1" ] || cut -d' ' -f"$2" "$STATE/$1"; }

record() { # NAME LINE
    printf '%s\n' "$2" > "$STATE/$1.new"
    mv "$STATE/$1.new" "$STATE/$1"
}

other() { if [ "$1" = blue ]; then echo green; else echo blue; fi; }

# The proxy's own file says who serves; a record may be older than that.
serving_colour() {
    for one in blue green; do
        if live | grep -qF "server $(address "$one");"; then echo "$one"; return; fi
    done
}

# --- steps ----------------------------------------------------------------------

lock() {
    mkdir -p "$STATE"
    exec 9> "$STATE/lock"
    flock -n 9 || { echo "Another deploy is running: $STATE/lock is held." >&2; exit 75; }
}

check_release() { # VERSION
    case "$1" in
        *[!A-Za-z0-9._-]* | '' | .* | -*) die "'$1' is no version: letters, digits, . _ -" ;;
    esac
    digest=$(release_digest "$1") || die "$1 is not on this machine: $(where "$1")."
    [ -z "${DIGEST:-}" ] || [ "$digest" = "$DIGEST" ] ||
        die "$1 is $digest here, not $DIGEST: it was built anew under the same name."
}

# Before anything is changed: is there room, and a way back?
check_machine() { # VERSION
    free=$(df -Pk "$STATE" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge "$DISK_MIN_MB" ] || die "$free MB of disk are left, fewer than $DISK_MIN_MB."
    [ "$PREFLIGHT" != skip ] || return 0
    say "backups"
    backups_of "$1" || die "the backups are not fresh: see above; PREFLIGHT=skip goes on without."
}

# Asked of the new colour, which has the environment that will serve and a migrated database.
preflight() { # COLOUR VERSION
    if [ "$PREFLIGHT" = skip ]; then say "preflight: skipped, as PREFLIGHT=skip asks"; return; fi
    say "preflight"
    preflight_of "$1" "$2" ||
        die "preflight of $2 failed: see above; PREFLIGHT=skip goes on without."
}

migrate() { # VERSION
    contracts=$(manage "$1" lint_migrations --pending-contracts) ||
        die "the migrations of $1 cannot be read: see above."
    contracts=$(echo "$contracts" | tr '\n' ',' | sed 's/,$//')
    tries=1
    until manage "$1" migrate --noinput; do
        [ "$tries" -lt "$MIGRATE_TRIES" ] || die "the migrations of $1 failed: see above."
        tries=$((tries + 1))
        say "migrate: once more ($tries of $MIGRATE_TRIES), a lock may have been held"
        sleep 3
    done
    manage "$1" sync_roles || die "the roles of $1 could not be written."
}

# A product without a document of this version's shape is not shown.
write_documents() { # VERSION
    say "documents of the catalogue"
    manage "$1" rebuild_documents
}

# Started by hand or by compose: what serves is not recorded, and no rollback would find it.
record_first() { # COLOUR
    [ ! -e "$STATE/current" ] || return 0
    found=$(ask "$1" version) || return 0
    its_digest=$(release_digest "$found") || return 0
    record current "$found $1 $its_digest - -"
}

wait_ready() { # COLOUR
    in_a_row=0
    waited=0
    while [ "$in_a_row" -lt 3 ]; do
        if ask "$1" ready > /dev/null 2>&1; then in_a_row=$((in_a_row + 1)); else in_a_row=0; fi
        [ "$in_a_row" -lt 3 ] || break
        is_running "$1" || { tell_log "$1"; die "the new $1 ended by itself."; }
        waited=$((waited + 1))
        [ "$waited" -lt "$READY_SECONDS" ] ||
            { tell_log "$1"; die "the new $1 was not ready within $READY_SECONDS s."; }
        sleep 1
    done
}

# Lines that the colour has logged for its requests, its health's left out.
requests_of() { log_of "$1" | grep -E '"status": [0-9]|status=[0-9]' | grep -v 'health'; }
answers_of() { requests_of "$1" | wc -l; }
errors_of() { requests_of "$1" | grep -cE '"status": 5[0-9]{2}|status=5[0-9]{2}' || true; }

watch() { # COLOUR ERRORS-BEFORE
    say "watch: $WATCH_SECONDS s for answers of 500 and more"
    watched=0
    silent=0
    while [ "$watched" -lt "$WATCH_SECONDS" ]; do
        sleep 1
        watched=$((watched + 1))
        errors=$(($(errors_of "$1") - $2))
        [ "$errors" -le "$WATCH_MAX_ERRORS" ] ||
            { tell_log "$1"; die "$errors answers of 500 and more in $watched s."; }
        if ask "$1" ready > /dev/null 2>&1; then silent=0; else silent=$((silent + 1)); fi
        [ "$silent" -lt 3 ] || { tell_log "$1"; die "the new $1 is no longer ready."; }
    done
}

# Ended when the old colour has answered nothing for two seconds: the proxy has let go of it.
drain() { # COLOUR
    say "drain: until $1 has nothing left to answer"
    quiet=0
    drained=0
    before=$(answers_of "$1")
    while [ "$quiet" -lt 2 ]; do
        [ "$drained" -lt "$DRAIN_SECONDS" ] ||
            die "$1 was still asked after $DRAIN_SECONDS s: the proxy has not switched."
        sleep 1
        drained=$((drained + 1))
        now=$(answers_of "$1")
        if [ "$now" = "$before" ]; then quiet=$((quiet + 1)); else quiet=0; fi
        before=$now
    done
}

restart_worker() { # VERSION OLD-VERSION
    say "worker: $1"
    stop_worker
    start_worker "$1"
    if worker_runs; then return; fi
    tell_log worker
    say "worker: $1 does not stay up"
    stop_worker
    [ -z "$2" ] || { say "worker: $2 works on"; start_worker "$2"; worker_runs || true; }
    echo "$1 serves, but its worker does not run. Mend it, or: make rollback" >&2
    trap - EXIT
    exit 3
}

# --- undoing ---------------------------------------------------------------------

new='' old='' written=''

abort() {
    code=$?
    trap '' INT TERM HUP
    trap - EXIT
    set +e
    [ -n "$new" ] || exit "$code"
    [ "$code" != 0 ] || code=1
    if [ -n "$old" ] && [ "$(serving_colour)" = "$new" ]; then
        say "abort: the proxy back to $old"
        if ! switch "$old"; then
            echo "THE PROXY COULD NOT BE SWITCHED BACK: $new serves on, $old runs too." >&2
            exit "$code"
        fi
        sleep 2
    fi
    stop "$new"
    if [ -n "$old" ]; then
        # What serves on must find documents of its own shape.
        [ -z "$written" ] || manage "$(field current 1)" rebuild_documents
        echo "ABORTED: $old goes on serving, $new is removed." >&2
    else
        echo "ABORTED: $new is removed; nothing served before." >&2
    fi
    exit "$code"
}

# --- commands ---------------------------------------------------------------------

bring_up() { # VERSION
    old=$(serving_colour)
    if [ -n "$old" ] && ! is_running "$old"; then
        say "the proxy names $old, which does not run: it is an outage already"
        old=
    fi
    [ -z "$old" ] || record_first "$old"
    new=$(other "${old:-green}")
    trap abort EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    say "start: $1 as $new"
    stop "$new"
    start "$new" "$1" || die "$new did not start."
    wait_ready "$new"
    say "smoke"
    ask "$new" smoke "$1" || { tell_log "$new"; die "$1 does not answer as it should."; }

    preflight "$new" "$1"
    say "switch: the proxy to $new"
    errors_before=$(errors_of "$new")
    switch "$new" || die "the proxy refused the switch."
    [ -z "$old" ] || { watch "$new" "$errors_before"; drain "$old"; }
}

finish() { # VERSION
    old_version=$(field current 1)
    [ ! -e "$STATE/current" ] || record previous "$(cat "$STATE/current")"
    line="$1 $new $digest ${contracts:--} $(date -u +%Y-%m-%dT%H:%M:%SZ)"
    record current "$line"
    echo "$line" >> "$STATE/history"
    trap - EXIT
    [ -z "$old" ] || { say "stop: $old, which may end what it began"; stop "$old"; }
    # Once more: the version before wrote its own to the last moment.
    write_documents "$1" || echo "Run rebuild_documents by hand: see above." >&2
    restart_worker "$1" "$old_version"
    say "DONE: $1 serves as $new"
}

deploy() { # VERSION
    lock
    check_release "$1"
    export_version "$1"
    check_machine "$1"
    say "migrate"
    migrate "$1"
    written=yes
    write_documents "$1" || die "the documents of $1 could not be written: see above."
    bring_up "$1"
    finish "$1"
}

rollback() {
    lock
    version=$(field previous 1)
    [ -n "$version" ] || die "there is no version before the one that serves."
    contracted=$(field current 4)
    [ "$contracted" = - ] || [ "${FORCE:-}" = contracted ] || die "$(field current 1) took away what \
$version needs ($contracted). Do not go back: mend and deploy a newer version. \
FORCE=contracted goes back all the same."
    contracts=-
    check_release "$version"
    [ "$digest" = "$(field previous 3)" ] ||
        die "$version is not what ran before: it was built anew under the same name."
    export_version "$version"
    bring_up "$version"
    finish "$version"
}

start_recorded() {
    lock
    version=$(field current 1)
    [ -n "$version" ] || die "nothing is recorded: deploy a version first."
    check_release "$version"
    export_version "$version"
    colour=$(field current 2)
    is_running "$colour" || start "$colour" "$version"
    wait_ready "$colour"
    switch "$colour" || die "the proxy refused the switch."
    worker_runs 2> /dev/null || start_worker "$version"
    say "DONE: $version serves as $colour"
}

status() {
    serving=$(serving_colour)
    echo "serving:  ${serving:-nothing} ($(field current 1))"
    echo "previous: $(field previous 1)"
    for one in blue green; do
        if is_running "$one"; then echo "$one: runs"; else echo "$one: idle"; fi
    done
}

case "${1:-}" in
    deploy) [ $# = 2 ] || usage; deploy "$2" ;;
    rollback) [ $# = 1 ] || usage; rollback ;;
    start) [ "$#$RUNTIME" = 1process ] || usage; start_recorded ;;
    status) [ $# = 1 ] || usage; status ;;
    *) usage ;;
esac
