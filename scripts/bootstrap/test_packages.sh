# Installs the programs that the tests compare with or supervise, where that is possible: real s6, and
# daemons from Debian. Says what it will install before it does.

test_packages() {
  missing=
  optional=
  need s6-svscan s6
  need execlineb execline
  need dbus-daemon dbus
  need redis-server redis-server
  need nginx nginx-light
  need memcached memcached
  need svlogd runit
  need strace strace
  need runc runc
  need busybox busybox-static
  need tmux tmux
  need systemd-notify systemd
  need haproxy haproxy
  need unbound unbound
  need Xvfb xvfb
  need perl perl
  need curl curl
  need psql postgresql
  need python3 python3-minimal
  need mandoc mandoc
  need groff groff
  need zsh zsh
  need fish fish
  need qemu-aarch64-static qemu-user-static
  [ -d /usr/share/doc/s6-doc ] || [ -d /usr/share/doc/s6 ] || missing="$missing s6-doc"
  has chromium-headless-shell || has chromium || optional=chromium-headless-shell
  wanted=$missing${optional:+ $optional}
  [ "$wanted" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    say "not root, so these packages stay missing, and tests that need them are ignored:$wanted"
  elif ! command -v apt-get >/dev/null; then
    say "no apt-get here, so these packages stay missing, and tests that need them are ignored:$wanted"
  else
    say "the tests use these packages of Debian, which are installed now (not with --no-install):$wanted"
    install_packages
  fi
}

has() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]
}

need() {
  has "$1" || missing="$missing $2"
}

# A daemon that its package starts would occupy the daemon's port; with this file Debian forbids that.
install_packages() {
  policy=/usr/sbin/policy-rc.d
  made_policy=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made_policy=1
  fi
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  with_progress "updating the package lists" "$log" apt-get -q update || tail -n 3 "$log" >&2
  # shellcheck disable=SC2086 # a list of words
  [ -z "$missing" ] ||
    with_progress "installing$missing" "$log" apt-get -q install -y --no-install-recommends $missing ||
    tail -n 5 "$log" >&2
  # Apart from the others: not every Debian has it, apt-get installs all of a list or nothing, and it is large.
  [ -z "$optional" ] || with_progress "installing $optional" "$log" \
    timeout 600 apt-get -q install -y --no-install-recommends "$optional" || {
    tail -n 3 "$log" >&2
    say "without $optional: the test of the page of sv serve is ignored"
  }
  rm -f "$log"
  [ -z "$made_policy" ] || rm -f "$policy"
}
