#!/bin/sh
# Write the proxy's whole configuration into a folder, for nginx as a plain process:
#
#   PROXY_HTTPS_LISTEN=127.0.0.1:8443 PROXY_PORT_SUFFIX=:8443 PROXY_BACKEND=127.0.0.1:8080 \
#       PROXY_TLS=/path/of/proxy.crt-and-key deploy/nginx/render.sh FOLDER
#   TZ=WIB-7 nginx -p FOLDER -c FOLDER/nginx.conf
#
# Needs no root. The variables are those of defaults.envsh, and:
#   PROXY_TLS      folder with proxy.crt and proxy.key (and origin-pull-ca.pem)
#   PROXY_BACKEND  HOST:PORT that serves as long as FOLDER/live/backend.conf says nothing else
#   PROXY_KRATOS   HOST:PORT of Kratos's public side
#   PROXY_USER     whom nginx's workers become when root starts it; else who runs this
set -eu
[ $# = 1 ] || { echo "usage: render.sh FOLDER" >&2; exit 64; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)

: "${PROXY_ACCESS_LOG:=$folder/log/access.log}"
: "${PROXY_CACHE_FOLDER:=$folder/cache}"
# shellcheck source=deploy/nginx/defaults.envsh
. "$here/defaults.envsh"

mkdir -p "$folder/conf.d" "$folder/log" "$folder/run" "$folder/tmp" "$folder/cache"
rm -rf "$folder/snippets" "$folder/conf.d/"*.conf
cp -R "$here/snippets" "$folder/snippets"
[ -z "${PROXY_TLS:-}" ] || [ "$PROXY_TLS" = "$folder/tls" ] || ln -sfn "$PROXY_TLS" "$folder/tls"

# Only the variables that are set; nginx's own, such as $host, stay.
names=$(env | sed -n 's/^\([A-Z_][A-Z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
for template in "$here/templates/"*.template; do
    # Two files of one name in two folders.
    # shellcheck disable=SC2094
    envsubst "$names" < "$template" > "$folder/conf.d/$(basename "$template" .template)"
done
cat > "$folder/conf.d/folders.conf" <<END
client_body_temp_path $folder/tmp/body;
proxy_temp_path $folder/tmp/proxy;
fastcgi_temp_path $folder/tmp/fastcgi;
scgi_temp_path $folder/tmp/scgi;
uwsgi_temp_path $folder/tmp/uwsgi;
END
# Another user than the one who starts it only exists for root.
user=${PROXY_USER:-$(id -un)}
[ "$(id -u)" = 0 ] && user="user $user;" || user=""
sed -e "s|^user .*|$user|" -e "s|^error_log .*|error_log $folder/log/error.log crit;|" \
    -e "s|^pid .*|pid $folder/run/nginx.pid;|" "$here/nginx.conf" > "$folder/nginx.conf"

PROXY_FOLDER=$folder "$here/default-live.sh"
