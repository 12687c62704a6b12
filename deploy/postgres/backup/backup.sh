#!/bin/sh
# Take a backup: backup.sh [full|diff|incr]. Makes the repository on the first run, checks
# that the log arrives, and forgets what is older than 30 days. As the owner of the data.
set -eu
. "$(dirname "$0")/common.sh"
kind="${1:-diff}"
need_bucket
remember "backup_$kind" backup "$kind"
