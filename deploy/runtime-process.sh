# shellcheck shell=sh disable=SC2154
# How deploy.sh runs versions as processes of this machine, beside Debian's nginx.
# A version is a folder of RELEASES, as deploy/build-release.sh makes it.

RELEASES=${RELEASES:-$root/releases}
BLUE_PORT=${BLUE_PORT:-8081}
GREEN_PORT=${GREEN_PORT:-8082}
# The folder of deploy/nginx/render.sh. Whoever deploys is the user who runs nginx.
export PROXY_FOLDER="${PROXY_FOLDER:-$root/proxy}"
export ENV_FILE="${ENV_FILE:-$root/.env.production}"
# The role that owns the tables, as in .env.migrate.example; without the file the shop's.
MIGRATE_ENV_FILE=${MIGRATE_ENV_FILE:-$root/.env.migrate}

where() { echo "there is no $RELEASES/$1/manage.py"; }

# Both name the state of a version; here it is the time at which its folder was made.
release_digest() {
    [ -e "$RELEASES/$1/manage.py" ] && [ -e "$RELEASES/$1/.venv/bin/python" ] &&
        stat -c %Y "$RELEASES/$1/manage.py"
}

export_version() { export VERSION="$1"; }

port() { if [ "$1" = blue ]; then echo "$BLUE_PORT"; else echo "$GREEN_PORT"; fi; }
address() { echo "127.0.0.1:$(port "$1")"; }

# Export what the file names, word for word: a password may hold anything.
take_role() { # FILE
    [ -e "$1" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case "$line" in '#'* | '') ;; *=*) export "${line?}" ;; esac
    done < "$1"
}

as_shop() { # VERSION COMMAND...
    release=$RELEASES/$1
    shift
    (cd "$release" && .venv/bin/python manage.py "$@" 9>&-)
}

manage() { # VERSION COMMAND...
    # Readers must not queue behind a migration that waits for a lock.
    (take_role "$MIGRATE_ENV_FILE" && export DB_LOCK_TIMEOUT=3s DB_STATEMENT_TIMEOUT=0 &&
        as_shop "$@")
}

preflight_of() { # COLOUR VERSION
    as_shop "$2" preflight --app-url "http://$(address "$1")"
}

backups_of() { as_shop "$1" preflight --only backups; } # VERSION

# A process is known by its number and the moment it started: numbers are used again.
moment() { sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d' ' -f1,20; }

is_running() { # NAME
    [ -e "$STATE/$1.pid" ] || return 1
    read -r pid began < "$STATE/$1.pid"
    case "$(moment "$pid")" in
        '' | Z*) return 1 ;;
        *" $began") return 0 ;;
        *) return 1 ;;
    esac
}

launch() { # NAME VERSION COMMAND...
    name=$1
    release=$RELEASES/$2
    shift 2
    [ ! -e "$STATE/$name.log" ] || mv "$STATE/$name.log" "$STATE/$name.log.1"
    # A session of its own, so that the end of this one does not reach it; without the lock.
    (cd "$release" && exec setsid "$@") \
        >> "$STATE/$name.log" 2>&1 9>&- < /dev/null &
    echo "$! $(moment $! | cut -d' ' -f2)" > "$STATE/$name.pid"
}

end() { # NAME SECONDS
    if is_running "$1"; then
        read -r pid began < "$STATE/$1.pid"
        kill -TERM "$pid" 2> /dev/null || true
        left=$(($2 * 5))
        while is_running "$1" && [ "$left" -gt 0 ]; do
            sleep 0.2
            left=$((left - 1))
        done
        if is_running "$1"; then
            say "$1 did not end within $2 s: killed"
            kill -KILL -- "-$pid" 2> /dev/null || true
        fi
    fi
    rm -f "$STATE/$1.pid"
}

start() { # COLOUR VERSION
    APP_PORT=$(port "$1")
    export APP_PORT
    launch "$1" "$2" .venv/bin/python -m gunicorn --config deploy/gunicorn.conf.py \
        --bind "$(address "$1")"
}

stop() { end "$1" "$WEB_GRACE_SECONDS"; }

start_worker() { # VERSION
    export DB_STATEMENT_TIMEOUT="${WORKER_STATEMENT_TIMEOUT:-60s}"
    launch worker "$1" .venv/bin/python manage.py procrastinate worker
}

# The worker takes no new job after SIGTERM and ends the one it has.
stop_worker() { end worker "$WORKER_GRACE_SECONDS"; }

worker_runs() {
    left=$WORKER_PROOF_SECONDS
    while is_running worker; do
        [ "$left" -gt 0 ] || return 0
        left=$((left - 1))
        sleep 1
    done
    return 1
}

ask() { # COLOUR WHAT...
    colour=$1
    shift
    python3 "$here/probe.py" "http://$(address "$colour")" "$@"
}

log_of() { cat "$STATE/$1.log"; }
tell_log() { tail -n 20 "$STATE/$1.log" | sed "s/^/  [$1] /" >&2; }

live() { cat "$PROXY_FOLDER/live/backend.conf" 2> /dev/null || true; }

switch() { "$here/nginx/switch-backend.sh" "$(address "$1")"; } # COLOUR
