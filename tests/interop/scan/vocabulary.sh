# Functions for the scenarios of a whole scan directory, besides those of ../scenario.sh.
#
# The scan directory is `scan`; the scan and its services write their stdout to `stdout`. Functions on
# "the service" are about the one that `at` has chosen.

mkdir -p scan
: >stdout
export puppets="$place"

# service NAME: makes a service that writes a line when it has started, and then sleeps.
service() {
  mkdir -p "scan/$1"
  printf '#!/bin/sh\necho "$1 started" >"$puppets/said"\nexec sleep 100000\n' >"scan/$1/run"
  chmod +x "scan/$1/run"
}

# puppet NAME: makes a service that carries out orders: see ../puppet.sh.
puppet() {
  mkdir -p "scan/$1" "$(dirname "$1")"
  [ -p "$1.orders" ] || mkfifo "$1.orders"
  printf '#!/bin/sh\npuppet=$1\n. "$puppets/puppet.sh"\n' >"scan/$1/run"
  chmod +x "scan/$1/run"
  echo 3 >"scan/$1/notification-fd"
}

# logger NAME: makes the logger of a service, which writes everything to the file `all`.
logger() {
  mkdir -p "scan/$1/log"
  printf '#!/bin/sh\necho "$1 started" >"$puppets/said"\nexec cat >>all\n' >"scan/$1/log/run"
  chmod +x "scan/$1/log/run"
}

# program NAME TEXT: makes the executable .s6-svscan/NAME, a shell script.
program() {
  mkdir -p scan/.s6-svscan
  printf '#!/bin/sh\n%s\n' "$2" >"scan/.s6-svscan/$1"
  chmod +x "scan/.s6-svscan/$1"
}

# hear_from NAME...: subscribes to the events of services. A process keeps each FIFO open, so that no
# event is lost while `at` has chosen another service.
hear_from() {
  for heard; do
    mkdir -p "scan/$heard/event"
    chmod 3730 "scan/$heard/event"
    mkfifo -m 622 "scan/$heard/event/.listener"
    exec 9<>"scan/$heard/event/.listener"
    sleep 100000 8<&- &
    mv "scan/$heard/event/.listener" "scan/$heard/event/ftrig1:@400000006000000000000000:listen"
  done
}

# at PATH: chooses the service for the functions that follow, `scan/NAME` unless it was moved.
at() {
  rm -f service
  ln -s "$1" service
  previous=
  step "at $1"
  [ ! -p service/event/ftrig1:@400000006000000000000000:listen ] ||
    exec 9<>service/event/ftrig1:@400000006000000000000000:listen
}

# scan [OPTION]...: starts the scan without waiting for it.
scan() {
  ./supervisor "$@" scan 8<&- 9<&- </dev/null >>stdout 2>>stderr &
  pid=$!
}

# until_scanned: waits until the scan takes commands.
until_scanned() {
  tries=0
  until s6-svscanctl -z scan 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 5000 ] || give_up "no scan takes commands"
    sleep 0.02
  done
}

# hear_all COUNT: waits for COUNT lines of services and shows them sorted.
hear_all() {
  left=$1
  while [ "$left" -gt 0 ]; do
    read -r line <&8
    echo "  said: $line"
    left=$((left - 1))
  done | sort
}

# tell_scan OPTIONS: sends the scan a command and waits until it has carried it out.
tell_scan() {
  before=$(activity)
  try s6-svscanctl "-$1" scan
  settle "$before"
}

# events: shows the events that are there already.
events() {
  echo >&9
  read -r events <&9
  say "events: $events"
}

# end_of_scan: waits for the end of the scan and shows its exit code.
end_of_scan() {
  wait "$pid"
  say "scan: exit $?"
  pid=
}

# alive PID: shows whether a process lives.
alive() {
  if kill -0 "$1" 2>/dev/null; then say "process: alive"; else say "process: none"; fi
}

# shown FILE: shows a file.
shown() {
  sed 's/^/  | /' "$1"
}
