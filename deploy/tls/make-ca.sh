#!/bin/sh
# The shop's own certificate authority, and the certificates of PostgreSQL and Redis.
#
#   make-ca.sh                 make what is missing; never replaces anything
#   make-ca.sh proxy           the same, and a pair for the proxy, for tests and trials
#   make-ca.sh renew NAME ...  a new key and certificate for postgres, redis or proxy
#
# Into TLS_FOLDER (deploy/tls/private): ca.pem, and for each server a folder with its own
# pair and nobody else's: postgres/postgres.pem and .key, redis/redis.pem and .key,
# proxy/proxy.crt and .key. The authority's key is in TLS_CA_FOLDER (deploy/tls/ca), which no
# server needs: keep it elsewhere and bring it for a renewal. After one, what was before is in
# TLS_FOLDER/former.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${TLS_FOLDER:-$here/private}
authority=${TLS_CA_FOLDER:-$here/ca}

ca_days=3650
# Browsers and tools refuse more than 398 days; a year leaves a month to be late.
days=${TLS_DAYS:-365}

# Names and addresses that a certificate is good for, as OpenSSL writes them.
names_of() {
    case "$1" in
        postgres) echo "DNS:postgres.ks-backend.cloud,DNS:postgres,DNS:db${TLS_POSTGRES_NAMES:+,$TLS_POSTGRES_NAMES}" ;;
        redis) echo "DNS:redis.ks-backend.cloud,DNS:redis${TLS_REDIS_NAMES:+,$TLS_REDIS_NAMES}" ;;
        proxy)
            hosts="${API_HOSTS:-api.ks-backend.cloud},${ADMIN_HOSTS:-admin.ks-backend.cloud}"
            hosts="$hosts,${AUTH_HOSTS:-auth.ks-backend.cloud}"
            echo "DNS:$(printf '%s' "$hosts" | sed 's/,/,DNS:/g')" ;;
        *) echo "make-ca.sh: no certificate is called \"$1\"" >&2; exit 64 ;;
    esac
}

# certificate_of NAME, key_of NAME: where the pair is.
certificate_of() { if [ "$1" = proxy ]; then echo "$folder/proxy/proxy.crt"; else echo "$folder/$1/$1.pem"; fi; }
key_of() { if [ "$1" = proxy ]; then echo "$folder/proxy/proxy.key"; else echo "$folder/$1/$1.key"; fi; }

make_authority() {
    mkdir -p "$authority" "$folder"
    # Others pass through to files of their own; each key is closed by itself.
    chmod 755 "$folder"
    if [ -e "$folder/ca.pem" ]; then
        echo "kept: $folder/ca.pem"
        return
    fi
    [ ! -e "$authority/ca.key" ] || {
        echo "make-ca.sh: $authority/ca.key is there and $folder/ca.pem is not." >&2
        echo "Bring ca.pem back, or take ca.key away to begin anew." >&2
        exit 1
    }
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
        -days "$ca_days" -subj "/O=Karima Store/CN=Karima Store private CA" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout "$authority/ca.key" -out "$folder/ca.pem.new" 2> /dev/null
    chmod 644 "$folder/ca.pem.new"
    mv "$folder/ca.pem.new" "$folder/ca.pem"
    echo "made: $folder/ca.pem, its key in $authority. Keep the key off this machine."
}

# issue NAME: a new key and certificate, whole or not at all.
issue() {
    certificate=$(certificate_of "$1") key=$(key_of "$1")
    names=$(names_of "$1")
    [ -r "$authority/ca.key" ] || {
        echo "make-ca.sh: $authority/ca.key is missing; bring the authority's key" >&2
        exit 1
    }
    mkdir -p "$(dirname "$certificate")"
    chmod 755 "$(dirname "$certificate")"
    work=$(mktemp -d "$folder/.new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    printf '%s\n' "basicConstraints=critical,CA:FALSE" "subjectAltName=$names" \
        "keyUsage=critical,digitalSignature" "extendedKeyUsage=serverAuth" \
        "authorityKeyIdentifier=keyid" > "$work/extensions"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 \
        -subj "/O=Karima Store/CN=$1" -keyout "$work/key" -out "$work/request" 2> /dev/null
    openssl x509 -req -in "$work/request" -CA "$folder/ca.pem" -CAkey "$authority/ca.key" \
        -set_serial "0x00$(openssl rand -hex 15)" -days "$days" -sha256 \
        -extfile "$work/extensions" -out "$work/certificate" 2> /dev/null
    openssl verify -CAfile "$folder/ca.pem" "$work/certificate" > /dev/null
    chmod 644 "$work/certificate"
    mv "$work/key" "$key"
    mv "$work/certificate" "$certificate"
    cp "$folder/ca.pem" "$(dirname "$certificate")/ca.pem"
    rm -rf "$work"
    trap - EXIT
    echo "made: $certificate, good for $days days"
}

# keep NAME: put the pair that is replaced aside.
keep() {
    certificate=$(certificate_of "$1") key=$(key_of "$1")
    [ -e "$certificate" ] || return 0
    aside="$folder/former/$(date -u +%Y%m%dT%H%M%S)"
    mkdir -p "$aside"
    cp -p "$certificate" "$key" "$aside/"
}

case "${1:-}" in
    renew)
        shift
        [ $# -gt 0 ] || { echo "usage: make-ca.sh renew postgres|redis|proxy ..." >&2; exit 64; }
        for name in "$@"; do names_of "$name" > /dev/null; done
        for name in "$@"; do
            keep "$name"
            issue "$name"
        done
        ;;
    "" | proxy)
        make_authority
        for name in postgres redis ${1:-}; do
            if [ -e "$(certificate_of "$name")" ]; then
                echo "kept: $(certificate_of "$name")"
            else
                issue "$name"
            fi
        done
        ;;
    *) echo "usage: make-ca.sh [proxy | renew postgres|redis|proxy ...]" >&2; exit 64 ;;
esac
