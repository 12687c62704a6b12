#!/bin/sh
# Install the programs that are missing: programs.sh COMMAND=DEBIAN-PACKAGE ...
# A COMMAND may be an absolute path. Only as root on Debian; elsewhere say what is missing.
set -eu

there() {
    case "$1" in
        # A browser of another name will do.
        chromium) for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome; do
            command -v "$name" >/dev/null && return 0; done; return 1 ;;
        *) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ;;
    esac
}

missing=""
for pair in "$@"; do
    there "${pair%%=*}" || missing="$missing ${pair#*=}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need these Debian packages, or what they hold:$missing" >&2
    exit 1
fi
echo "Installing$missing ..."
# The tests start their own servers; none of the packages may start one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
apt-get update -qq
# shellcheck disable=SC2086  one word a package
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
