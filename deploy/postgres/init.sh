#!/bin/sh
# Run by the postgres image on an empty volume, as the superuser, before TCP is open.
set -eu
/etc/karima/roles.sh
