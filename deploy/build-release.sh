#!/bin/sh
# Lay down a version for RUNTIME=process: build-release.sh VERSION [GIT-REVISION]
#
# From the git repository it stands in, into RELEASES/VERSION, with a virtual environment of
# its own from requirements.txt. A folder that is there is never changed: build a new version.
set -eu
[ $# -ge 1 ] || { echo "usage: build-release.sh VERSION [GIT-REVISION]" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
releases=${RELEASES:-$root/releases}
shared=${DEPLOY_SHARED:-$root/.data}
release=$releases/$1
[ ! -e "$release" ] || { echo "$release is there already." >&2; exit 1; }

mkdir -p "$releases" "$shared/media" "$shared/private" "$shared/reports"
made=$(mktemp -d "$releases/.new-XXXXXX")
trap 'rm -rf "$made"' EXIT
git -C "$root" archive "${2:-$1}" | tar -x -C "$made" \
    requirements.txt manage.py karima accounts catalog orders payments templates deploy
"${PYTHON:-python3}" -m venv "$made/.venv"
"$made/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --requirement "$made/requirements.txt"
(cd "$made" && DJANGO_SETTINGS_MODULE=karima.settings.base APP_ENV=development \
    ENV_FILE=/dev/null .venv/bin/python manage.py collectstatic --noinput --verbosity 0)
# What outlives a version.
ln -s "$shared/media" "$made/media"
mkdir -p "$made/.data"
ln -s "$shared/private" "$made/.data/private"
ln -s "$shared/reports" "$made/.data/reports"
touch "$made/manage.py"
chmod 755 "$made"
mv "$made" "$release"
trap - EXIT
echo "$release is ready: RUNTIME=process make deploy VERSION=$1"
