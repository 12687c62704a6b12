#!/bin/sh
# Wait for PostgreSQL where the command needs it, then become the command, so that
# signals reach it. Not every engine waits for the health of another container.
set -eu

wait_for_database() {
    python manage.py wait_for_database "$@" &
    waiting=$!
    # As process 1 a shell ignores a SIGTERM that it has no trap for.
    trap 'kill "$waiting" 2>/dev/null; exit 143' TERM INT
    wait "$waiting"
    trap - TERM INT
}

case "$*" in
    gunicorn* | *" procrastinate worker"*) wait_for_database --timeout 120 --migrated ;;
    *"manage.py migrate"*) wait_for_database --timeout 60 ;;
esac
exec "$@"
