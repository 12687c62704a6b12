# shellcheck shell=sh disable=SC2154
# How deploy.sh runs versions as containers of docker-compose.prod.yml, behind its proxy.
# A version is the tag of an image on this machine.

COMPOSE=${COMPOSE:-docker compose}
ENGINE=${ENGINE:-$(case "$COMPOSE" in *podman*) echo podman ;; *) echo docker ;; esac)}
# As compose itself: from the environment, else from the file .env beside the compose file.
if [ -z "${COMPOSE_FILE:-}" ] && [ -e "$root/.env" ]; then
    COMPOSE_FILE=$(sed -n 's/^COMPOSE_FILE=//p' "$root/.env" | tail -n 1)
fi
export COMPOSE_FILE="${COMPOSE_FILE:-docker-compose.prod.yml}"
IMAGE=${BACKEND_IMAGE:-karima_store_backend}

compose() {
    # A command with its options. Relative names in COMPOSE_FILE are those of this folder.
    # shellcheck disable=SC2086
    (cd "$root" && exec $COMPOSE --profile green "$@" 9>&-)
}

where() { echo "there is no image $IMAGE:$1"; }
release_digest() { $ENGINE image inspect --format '{{.Id}}' "$IMAGE:$1" 2> /dev/null; }
# The compose file takes its images' tag from here.
export_version() { export VERSION="$1"; }
[ -n "${VERSION:-}" ] || { VERSION=$(field current 1 2> /dev/null || true); }
export VERSION="${VERSION:-none}"

service() {
    case "$1" in
        blue) echo backend ;;
        green) echo backend-green ;;
        *) echo "$1" ;;
    esac
}
address() { echo "$(service "$1"):8080"; }

manage() { # VERSION COMMAND...
    version=$1
    shift
    VERSION=$version compose run --rm --no-deps -T migrate python manage.py "$@" < /dev/null
}

preflight_of() { # COLOUR VERSION
    compose exec -T "$(service "$1")" python manage.py preflight \
        --app-url http://127.0.0.1:8080 < /dev/null
}

backups_of() { manage "$1" preflight --only backups; } # VERSION

container() { compose ps -q "$(service "$1")" 2> /dev/null | head -n 1; }

is_running() { # NAME
    id=$(container "$1")
    [ -n "$id" ] && [ "$($ENGINE inspect --format '{{.State.Running}}' "$id" 2> /dev/null)" = true ]
}

start() { # COLOUR VERSION
    VERSION=$2 compose up -d --no-deps --no-build --force-recreate "$(service "$1")"
}

stop() { # COLOUR
    # Removed too: an engine that starts again would start what is only stopped.
    [ -n "$(container "$1")" ] || return 0
    compose stop -t "$WEB_GRACE_SECONDS" "$(service "$1")" && compose rm -f "$(service "$1")"
}

# The worker takes no new job after SIGTERM and ends the one it has.
stop_worker() {
    [ -n "$(container worker)" ] || return 0
    compose stop -t "$WORKER_GRACE_SECONDS" worker && compose rm -f worker
}

start_worker() { VERSION=$1 compose up -d --no-deps --no-build --force-recreate worker; }

worker_runs() {
    sleep "$WORKER_PROOF_SECONDS"
    id=$(container worker)
    [ -n "$id" ] &&
        [ "$($ENGINE inspect --format '{{.State.Running}} {{.RestartCount}}' "$id")" = "true 0" ]
}

ask() { # COLOUR WHAT...
    name=$(service "$1")
    shift
    compose exec -T "$name" python - http://127.0.0.1:8080 "$@" < "$here/probe.py"
}

log_of() { compose logs --no-color "$(service "$1")" 2> /dev/null; }
tell_log() { compose logs --no-color --tail 20 "$(service "$1")" >&2 || true; }

live() { compose exec -T proxy cat /etc/nginx/live/backend.conf < /dev/null 2> /dev/null || true; }

# The line is that of nginx/switch-backend.sh, written inside the container.
switch() { # COLOUR
    # The shell of the container reads the variables.
    # shellcheck disable=SC2016
    compose exec -T proxy sh -eu -c '
        cd /etc/nginx/live
        [ ! -e backend.conf ] || cp backend.conf backend.before
        printf "upstream backend { server %s; keepalive 16; keepalive_timeout 4s; }\n" "$1" \
            > backend.new
        mv backend.new backend.conf
        if nginx -q -t && nginx -s reload; then rm -f backend.before; exit 0; fi
        [ ! -e backend.before ] || mv backend.before backend.conf
        exit 1' sh "$(address "$1")" < /dev/null
}
