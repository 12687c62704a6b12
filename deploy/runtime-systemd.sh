# shellcheck shell=sh disable=SC2154
# How deploy.sh runs versions as units of systemd: karima-web@blue, karima-web@green and
# karima-worker of deploy/systemd, which come back after a crash and after a reboot.
# Everything but who keeps the processes is as in runtime-process.sh.

RELEASES=${RELEASES:-/opt/karima/releases}
PROXY_FOLDER=${PROXY_FOLDER:-/var/lib/karima-proxy}
ENV_FILE=${ENV_FILE:-/etc/karima/.env.production}
MIGRATE_ENV_FILE=${MIGRATE_ENV_FILE:-/etc/karima/.env.migrate}
# Links to the versions, as the units name them; and the files web-COLOUR.env.
UNIT_LINKS=${UNIT_LINKS:-/opt/karima}
UNIT_SETTINGS=${UNIT_SETTINGS:-/etc/karima}
. "$here/runtime-process.sh"

unit() { if [ "$1" = worker ]; then echo karima-worker; else echo "karima-web@$1"; fi; }
is_running() { systemctl is-active --quiet "$(unit "$1")"; } # NAME

launch() { # NAME VERSION
    ln -sfn "$RELEASES/$2" "$UNIT_LINKS/$1"
    date -u '+%Y-%m-%d %H:%M:%S UTC' > "$STATE/$1.began"
    systemctl reset-failed --quiet "$(unit "$1")" 2> /dev/null || true
    # After a reboot it is what was started last that comes back.
    systemctl enable --quiet "$(unit "$1")"
    systemctl restart "$(unit "$1")"
}

start() { # COLOUR VERSION
    printf 'APP_PORT=%s\nVERSION=%s\n' "$(port "$1")" "$2" > "$UNIT_SETTINGS/web-$1.env"
    launch "$1" "$2"
}

# The unit's own TimeoutStopSec is the grace.
stop() { # COLOUR
    systemctl disable --quiet "$(unit "$1")"
    systemctl stop "$(unit "$1")"
}

start_worker() { # VERSION
    printf 'VERSION=%s\n' "$1" > "$UNIT_SETTINGS/worker.env"
    launch worker "$1"
    # The exporter is of the worker's version, where there is one.
    systemctl try-restart --quiet karima-exporter || true
}
stop_worker() { systemctl stop karima-worker; }

log_of() { # NAME
    [ -e "$STATE/$1.began" ] || return 0
    journalctl --quiet --no-pager --output cat --unit "$(unit "$1")" --since "$(cat "$STATE/$1.began")"
}

tell_log() { log_of "$1" | tail -n 20 | sed "s/^/  [$1] /" >&2; }
