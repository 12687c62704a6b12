#!/bin/sh
# Wait for PostgreSQL, then become the command. podman-compose ignores health
# conditions, so that the wait cannot be left to the compose file.
set -eu

case "$*" in
    *" migrate"*) python manage.py wait_for_database --timeout 60 ;;
    *) python manage.py wait_for_database --timeout 120 --migrated ;;
esac
exec "$@"
