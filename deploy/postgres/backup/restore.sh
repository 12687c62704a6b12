#!/bin/sh
# Restore into an empty folder: restore.sh FOLDER [--time '2026-11-25 01:23:45+00']
# [--overwrite] [--keep-archiving]. Without --time: to the end of the log that was saved.
#
# It never touches the folder of a server that runs, and no folder that holds anything
# unless --overwrite says so. The copy does not archive, so that it cannot mix its log into
# the shop's; --keep-archiving is for the copy that becomes the shop.
set -eu
. "$(dirname "$0")/common.sh"
need_bucket

folder="" time="" overwrite="" archive="--archive-mode=off"
while [ $# -gt 0 ]; do
    case "$1" in
        --time) time="${2:?--time needs a moment}"; shift ;;
        --overwrite) overwrite=yes ;;
        --keep-archiving) archive="" ;;
        -*) say "unknown option $1"; exit 64 ;;
        *) folder="$1" ;;
    esac
    shift
done
if [ -z "$folder" ]; then say "name the folder to restore into"; exit 64; fi

if [ -e "$folder/postmaster.pid" ]; then
    say "REFUSED: a server runs in $folder, or was killed there"
    exit 1
fi
if [ -d "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
    if [ "$overwrite" != yes ]; then
        say "REFUSED: $folder is not empty. --overwrite would destroy what is in it"
        exit 1
    fi
    find "$folder" -mindepth 1 -delete
fi
mkdir -p "$folder"
chmod 700 "$folder"

set -- --stanza=karima --pg1-path="$folder" --type=default
if [ -n "$time" ]; then
    set -- --stanza=karima --pg1-path="$folder" --type=time --target="$time" --target-action=promote
fi
# shellcheck disable=SC2086  $archive is one option or none
if ! pgbackrest "$@" $archive restore; then
    say "FAILED. A format that is unknown, or no backup set where there should be one, means" \
        "that PGBACKREST_REPO1_CIPHER_PASS is not the one the backups were made with"
    exit 1
fi
say "restored into $folder; a server that starts there replays the log first"
