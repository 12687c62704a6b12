#!/bin/sh
# Tell Prometheus that a job on this machine has succeeded:
#
#   note-run.sh restore_drill 412        karima_restore_drill_success_timestamp_seconds and
#                                        karima_restore_drill_duration_seconds
#
# node_exporter shows what lies in METRICS_TEXTFILE_DIR. A job that fails calls nothing;
# the alert is that the last success grows old.
set -eu

usage() { echo "usage: note-run.sh JOB SECONDS   (a-z and _; a number)" >&2; exit 64; }
[ $# -eq 2 ] || usage
case "$1" in *[!a-z_]* | "") usage ;; esac
case "$2" in *[!0-9.]* | "") usage ;; esac

folder=${METRICS_TEXTFILE_DIR:-/var/lib/karima/metrics}
mkdir -p "$folder"
new=$(mktemp "$folder/.$1.XXXXXX")
cat > "$new" <<END
# HELP karima_$1_success_timestamp_seconds When the job last succeeded.
# TYPE karima_$1_success_timestamp_seconds gauge
karima_$1_success_timestamp_seconds $(date +%s)
# HELP karima_$1_duration_seconds Seconds that its last success took.
# TYPE karima_$1_duration_seconds gauge
karima_$1_duration_seconds $2
END
chmod 644 "$new"
# At once, so that nobody reads half a file.
mv "$new" "$folder/$1.prom"
