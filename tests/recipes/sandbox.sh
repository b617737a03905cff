#!/bin/sh
# Runs a command where recipes may use the paths and ports that they name: with a network of its own, an
# empty /run, /tmp and /usr/local/share, a /var/log without files, and the programs in PLACE/bin in
# /usr/local/bin. What is in PLACE/etc is in /etc; PLACE/opt, where it is there, is /opt. The repository
# and HOME stay, also where they are in /tmp.
#
#     unshare --mount --net sandbox.sh PLACE COMMAND...
set -eu
place=$1
shift
# ip(8) is not everywhere: SIOCSIFFLAGS with IFF_UP.
perl -MSocket -e 'socket(my $s, PF_INET, SOCK_DGRAM, 0) or die; my $up = pack "a16sx14", "lo", 1;
  ioctl($s, 0x8914, $up) or die "cannot set up the loopback: $!"'
mount --bind "$place/bin" /usr/local/bin
mount -t tmpfs none /usr/local/share
# Some daemons need the directory that their package has made.
logs=$(find /var/log -mindepth 1 -maxdepth 1 -type d -printf '%m %u:%g %f\n')
mount -t tmpfs none /var/log
printf '%s\n' "$logs" | while read -r mode owner name; do
  [ -z "$name" ] || { mkdir -m "$mode" "/var/log/$name" && chown "$owner" "/var/log/$name"; }
done
# The place may itself be in /run or /tmp.
mkdir -p "$place/repository" "$place/home"
mount --bind "$place" /mnt
repository=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
mount --bind "$repository" /mnt/repository
home=${HOME-}
[ -d "$home" ] || home=
[ -z "$home" ] || mount --bind "$home" /mnt/home
mount -t tmpfs none /run
mount -t tmpfs -o mode=1777 none /tmp
mkdir -p "$place"
mount --move /mnt "$place"
mkdir -p "$repository"
mount --move "$place/repository" "$repository"
if [ "$home" ]; then
  mkdir -p "$home"
  mount --move "$place/home" "$home"
fi
if [ -d "$place/etc" ]; then
  if [ ! -d "$place/etc-copy" ]; then
    mkdir "$place/etc-copy"
    cp -a /etc/. "$place/etc-copy"
    cp -a "$place/etc/." "$place/etc-copy"
  fi
  mount --bind "$place/etc-copy" /etc
fi
[ ! -d "$place/opt" ] || mount --bind "$place/opt" /opt
cd "$place"
PATH=/usr/local/bin:$PATH:/usr/sbin
exec "$@"
