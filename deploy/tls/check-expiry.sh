#!/bin/sh
# Say how many days each certificate has left: check-expiry.sh [FILE | HOST:PORT] ...
# Without arguments those of deploy/tls/private. Status 1 when one has fewer than
# TLS_WARN_DAYS (14), or cannot be read. HOST:PORT is asked over the network by TLS.
# Prometheus is told by a file in METRICS_TEXTFILE_DIR, where that folder exists.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${TLS_FOLDER:-$here/private}
warn=${TLS_WARN_DAYS:-14}
metrics=${METRICS_TEXTFILE_DIR:-/var/lib/karima/metrics}
bad=0
shown=""

# What stands at the place, as PEM. Ten seconds for the network.
read_certificate() {
    if [ -e "$1" ]; then
        cat "$1"
    else
        timeout 10 openssl s_client -connect "$1" -servername "${1%:*}" < /dev/null 2> /dev/null
    fi
}

[ $# -gt 0 ] || {
    for file in "$folder/ca.pem" "$folder/postgres/postgres.pem" "$folder/redis/redis.pem" \
        "$folder/proxy/proxy.crt"; do [ ! -e "$file" ] || set -- "$@" "$file"; done
}
[ $# -gt 0 ] || { echo "no certificate in $folder" >&2; exit 1; }
now=$(date -u +%s)
for place in "$@"; do
    end=$(read_certificate "$place" | openssl x509 -noout -enddate 2> /dev/null) || end=""
    if [ -z "$end" ]; then
        echo "FAIL $place: no certificate can be read"
        bad=1
        continue
    fi
    end=$(date -u -d "${end#notAfter=}" +%s)
    days=$(((end - now) / 86400))
    shown="${shown}karima_certificate_expiry_timestamp_seconds{place=\"${place##*/}\"} $end
"
    if [ "$days" -lt "$warn" ]; then
        echo "FAIL $place: $days days left, fewer than $warn"
        bad=1
    else
        echo "ok   $place: $days days left"
    fi
done
if [ -d "$metrics" ]; then
    new=$(mktemp "$metrics/.certificates.XXXXXX")
    cat > "$new" <<END
# HELP karima_certificate_expiry_timestamp_seconds When the certificate ends.
# TYPE karima_certificate_expiry_timestamp_seconds gauge
$shown# HELP karima_certificates_read_timestamp_seconds When they were last looked at.
# TYPE karima_certificates_read_timestamp_seconds gauge
karima_certificates_read_timestamp_seconds $now
END
    chmod 644 "$new"
    # At once, so that nobody reads half a file.
    mv "$new" "$metrics/certificates.prom"
fi
exit "$bad"
