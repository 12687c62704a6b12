#!/bin/sh
# Build the image of a version from what is committed, and name its digest:
#
#   release.sh VERSION          build and tag, on this machine only
#   release.sh VERSION push     push it as well, to the registry in BACKEND_IMAGE
#
# Refuses what nobody could trace or trust: changes that are not committed, a version that
# exists, and an image that was made on a stand-in of its base (label `stand-in.key`).
set -eu
[ $# -ge 1 ] && [ $# -le 2 ] && [ "${2:-push}" = push ] ||
    { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
version=$1
image=${BACKEND_IMAGE:-karima_store_backend}
engine=${ENGINE:-docker}
cd "$(dirname "$0")/.."

refuse() { echo "release.sh: $*" >&2; exit 1; }
label() { $engine image inspect --format "{{index .Config.Labels \"$2\"}}" "$1"; }

printf '%s' "$version" | grep -Eqx 'v[0-9]+\.[0-9]+\.[0-9]+([.-][A-Za-z0-9.-]+)?' ||
    refuse "\"$version\" is no version such as v1.0.0"
[ -z "$(git status --porcelain)" ] ||
    refuse "there are changes that are not committed: git status"
! git rev-parse -q --verify "refs/tags/$version" > /dev/null ||
    [ "$(git rev-parse "$version^{commit}")" = "$(git rev-parse HEAD)" ] ||
    refuse "the tag $version names another commit"
! $engine image inspect "$image:$version" > /dev/null 2>&1 ||
    refuse "$image:$version exists: take the next number"

revision=$(git rev-parse HEAD)
# Without a name until it has passed: nothing deploys what was refused.
id=$($engine build --quiet --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
    ${PYTHON_IMAGE:+--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE"} .)
if [ "${2:-}" = push ]; then
    standin=$(label "$id" stand-in.key)
    [ -z "$standin" ] || [ "$standin" = "<no value>" ] ||
        refuse "it was built on a stand-in of its base image; it is not pushed and has no name"
fi
[ "$(label "$id" org.opencontainers.image.version)" = "$version" ] ||
    refuse "the image says that it is another version"
$engine tag "$id" "$image:$version"
git rev-parse -q --verify "refs/tags/$version" > /dev/null || git tag "$version"
if [ "${2:-}" = push ]; then
    $engine push "$image:$version"
    echo "pushed: $($engine image inspect --format '{{index .RepoDigests 0}}' "$image:$version")"
else
    echo "built: $image:$version $id (not pushed)"
fi
echo "next: make deploy VERSION=$version"
