# What the scripts share; read by `.`, never run.

# Where the outcome is written down: the shop's database, if it can be reached.
say() { echo "karima $(date -u +%FT%TZ): $*" >&2; }

need_bucket() {
    if [ -z "${PGBACKREST_REPO1_S3_BUCKET:-}" ] || [ -z "${PGBACKREST_REPO1_CIPHER_PASS:-}" ]; then
        say "PGBACKREST_REPO1_S3_BUCKET or PGBACKREST_REPO1_CIPHER_PASS is not set:" \
            "there is no backup"
        exit 78
    fi
    mkdir -p /tmp/pgbackrest
}

backup() {
    pgbackrest --stanza=karima stanza-create
    pgbackrest --stanza=karima check
    pgbackrest --stanza=karima --type="$1" backup
}

# remember KIND COMMAND ...: run it and write down for the metrics how it ended.
remember() {
    kind="$1"
    shift
    began=$(date +%s)
    if "$@"; then ok=true; else ok=false; fi
    seconds=$(($(date +%s) - began))
    record "$kind" "$ok" "$seconds" || say "the outcome could not be written down"
    say "$kind: $([ "$ok" = true ] && echo done || echo FAILED) after $seconds s"
    [ "$ok" = true ]
}

record() {
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --dbname "${DB_NAME:-karima_prod}" \
        --set kind="$1" --set ok="$2" --set seconds="$3" <<'SQL'
INSERT INTO karima_backuprun (kind, ok, duration_seconds, finished_at)
VALUES (:'kind', :'ok', :'seconds', now());
SQL
}

# Settings of rclone, from the ones that pgBackRest reads.
storage() {
    export RCLONE_CONFIG_BACKUP_TYPE=s3 RCLONE_CONFIG_BACKUP_PROVIDER=Other
    export RCLONE_CONFIG_BACKUP_ENDPOINT="https://${PGBACKREST_REPO1_STORAGE_HOST:-$PGBACKREST_REPO1_S3_ENDPOINT}${PGBACKREST_REPO1_STORAGE_PORT:+:$PGBACKREST_REPO1_STORAGE_PORT}"
    export RCLONE_CONFIG_BACKUP_REGION="${PGBACKREST_REPO1_S3_REGION:-auto}"
    export RCLONE_CONFIG_BACKUP_ACCESS_KEY_ID="$PGBACKREST_REPO1_S3_KEY"
    export RCLONE_CONFIG_BACKUP_SECRET_ACCESS_KEY="$PGBACKREST_REPO1_S3_KEY_SECRET"
    export RCLONE_CONFIG_BACKUP_NO_CHECK_BUCKET=true
    # rclone cannot use it, and fails when it is set.
    unset AWS_CA_BUNDLE
    if [ -n "${PGBACKREST_REPO1_STORAGE_CA_FILE:-}" ]; then
        export RCLONE_CA_CERT="$PGBACKREST_REPO1_STORAGE_CA_FILE"
    fi
    export RCLONE_CONFIG="${TMPDIR:-/tmp}/no-rclone.conf" RCLONE_RETRIES=3 RCLONE_TIMEOUT=60s RCLONE_LOG_LEVEL=ERROR
    export RCLONE_S3_NO_CHECK_BUCKET=true
    dumps="backup:$PGBACKREST_REPO1_S3_BUCKET/dumps"
}
