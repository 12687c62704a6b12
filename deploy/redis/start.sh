#!/bin/sh
# Redis of production: TLS only, a password, no persistence (it is a cache), and with
# REDIS_USER one ACL user that reaches the shop's keys and nothing dangerous, while
# `default` is off. The configuration goes in by standard input: no command line and no
# file holds the password.
set -eu
password="${REDIS_PASSWORD:?REDIS_PASSWORD is missing}"
tls="${REDIS_TLS_DIR:-/run/secrets/tls}"
case "$password" in
    *[[:space:]\"\\]*)
        echo "karima: REDIS_PASSWORD must not hold spaces, quotes and backslashes" >&2
        exit 78 ;;
esac

drop=""
if [ "$(id -u)" = 0 ]; then
    # The mounted key belongs to the machine's user.
    mkdir -p /run/karima-tls
    cp "$tls/redis.pem" "$tls/redis.key" "$tls/ca.pem" /run/karima-tls/
    chown -R redis /run/karima-tls
    chmod 600 /run/karima-tls/redis.key
    tls=/run/karima-tls
    for drop in "gosu redis" "su-exec redis" "setpriv --reuid=redis --regid=redis --clear-groups"; do
        if command -v "${drop%% *}" >/dev/null; then break; fi
    done
fi

if [ -n "${REDIS_USER:-}" ]; then
    # INFO and CONFIG GET, which the shop's own checks read.
    access="user default off
user $REDIS_USER on \">$password\" resetkeys ~karima:* resetchannels +@all -@dangerous +info +config|get"
else
    access="requirepass \"$password\""
fi

# shellcheck disable=SC2086  $drop is a command with its arguments, or nothing
exec $drop redis-server - "$@" <<CONF
port 0
tls-port ${REDIS_PORT:-6379}
tls-cert-file $tls/redis.pem
tls-key-file $tls/redis.key
tls-ca-cert-file $tls/ca.pem
tls-auth-clients no
tls-protocols "TLSv1.2 TLSv1.3"
save ""
appendonly no
maxmemory ${REDIS_MAXMEMORY:-128mb}
# Every key of the shop has an end.
maxmemory-policy volatile-ttl
tcp-keepalive 60
rename-command DEBUG ""
rename-command FLUSHALL ""
$access
CONF
