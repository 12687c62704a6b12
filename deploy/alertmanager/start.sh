#!/bin/sh
# Put the values of the environment into alertmanager.yml, and become Alertmanager with it.
# `start.sh render` only prints the result.
set -eu

here=$(dirname "$0")
names="ALERT_SMTP_HOST ALERT_SMTP_USER ALERT_SMTP_PASSWORD ALERT_MAIL_FROM ALERT_MAIL_TO
ALERT_TELEGRAM_TOKEN ALERT_TELEGRAM_CHAT ALERT_HEARTBEAT_URL"

missing=""
for name in $names; do
    eval "value=\${$name:-}"
    [ -n "$value" ] || missing="$missing $name"
done
if [ -n "$missing" ]; then
    echo "alertmanager: set in .env.monitoring:$missing" >&2
    exit 78
fi

# awk, not sed: a password may hold any character but a line end. Inside the quotes of
# YAML a backslash and a quote are written with a backslash.
render() {
    awk -v names="$names" '
        BEGIN { count = split(names, name, /[ \n]+/) }
        {
            for (i = 1; i <= count; i++) {
                while (at = index($0, name[i])) {
                    value = ENVIRON[name[i]]
                    gsub(/\\/, "&&", value)
                    gsub(/"/, "\\\"", value)
                    done = done substr($0, 1, at - 1) value
                    $0 = substr($0, at + length(name[i]))
                }
                $0 = done $0; done = ""
            }
            print
        }' "${ALERTMANAGER_TEMPLATE:-$here/alertmanager.yml}"
}

if [ "${1:-}" = render ]; then
    render
    exit
fi
umask 077
render > /tmp/alertmanager.yml
exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager "$@"
