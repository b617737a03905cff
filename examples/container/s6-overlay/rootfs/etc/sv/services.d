#!/bin/sh
# usage: services.d up | down: the services of /etc/services.d, copied to where they can be written to.
cd /etc/services.d 2>/dev/null || exit 0
for name in *; do
  [ -d "$name" ] || continue
  case $1 in
  up)
    mkdir -p /run/services.d
    cp -R "$name" "/run/services.d/$name"
    sv link /run/service "/run/services.d/$name"
    ;;
  down) sv unlink /run/service "$name" ;;
  esac
done
