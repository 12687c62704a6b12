#!/bin/sh
# Give the proxy a new certificate: install-certificate.sh CERTIFICATE KEY
# As certbot's deploy hook it needs no arguments: certbot says RENEWED_LINEAGE.
#
# Nothing is touched unless the pair belongs together, has PROXY_MIN_DAYS (7) left and covers
# every host that the old one covers. If nginx refuses it, the old one comes back.
#   PROXY_TLS     folder of the pair (deploy/tls/private/proxy)
#   PROXY_RELOAD  command that tests and reloads nginx (deploy/nginx/reload.sh)
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
folder=${PROXY_TLS:-$here/private/proxy}
reload=${PROXY_RELOAD:-$here/../nginx/reload.sh}
min_days=${PROXY_MIN_DAYS:-7}

refuse() { echo "refused, nothing is changed: $1" >&2; exit 1; }

if [ -n "${RENEWED_LINEAGE:-}" ] && [ $# = 0 ]; then
    set -- "$RENEWED_LINEAGE/fullchain.pem" "$RENEWED_LINEAGE/privkey.pem"
fi
[ $# = 2 ] || { echo "usage: install-certificate.sh CERTIFICATE KEY" >&2; exit 64; }

hosts_of() {
    openssl x509 -in "$1" -noout -ext subjectAltName 2> /dev/null |
        tr ',' '\n' | sed -n 's/^ *DNS://p' | sort -u
}

mine=$(openssl pkey -in "$2" -pubout 2> /dev/null) || refuse "$2 is no private key"
theirs=$(openssl x509 -in "$1" -noout -pubkey 2> /dev/null) || refuse "$1 is no certificate"
[ "$mine" = "$theirs" ] || refuse "the key does not belong to the certificate"
openssl x509 -in "$1" -noout -checkend $((min_days * 86400)) > /dev/null ||
    refuse "the certificate ends within $min_days days"
if [ -e "$folder/proxy.crt" ]; then
    for host in $(hosts_of "$folder/proxy.crt"); do
        openssl x509 -in "$1" -noout -checkhost "$host" | grep -q "does match" ||
            refuse "the certificate is not good for $host"
    done
fi

mkdir -p "$folder"
cp "$1" "$folder/proxy.crt.new"
cp "$2" "$folder/proxy.key.new"
chmod 644 "$folder/proxy.crt.new"
for part in crt key; do
    [ ! -e "$folder/proxy.$part" ] || cp -p "$folder/proxy.$part" "$folder/proxy.$part.before"
done
# nginx reads them at a reload only, so that the pair need not change in one step.
mv "$folder/proxy.key.new" "$folder/proxy.key"
mv "$folder/proxy.crt.new" "$folder/proxy.crt"
if "$reload"; then
    echo "installed: $(openssl x509 -in "$folder/proxy.crt" -noout -enddate)"
else
    for part in crt key; do
        [ ! -e "$folder/proxy.$part.before" ] || mv "$folder/proxy.$part.before" "$folder/proxy.$part"
    done
    refuse "nginx does not take it; the certificate from before serves"
fi
