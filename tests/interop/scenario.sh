#!/bin/sh
# Runs one scenario under one supervisor and prints what an observer can see, one fact a line.
#
#     tests/interop/scenario.sh NAME [SUPERVISOR [ARGUMENT]...]
#
# A scenario is a directory in tests/interop/scenarios: `service`, a service directory, and `steps`,
# a shell script that uses s6's own clients and the functions below. Both work on a copy in a
# temporary directory. Process ids, times and paths are masked: pids to zero or not, times to their
# order, so the transcripts of two supervisors that behave alike are the same text:
#
#     diff -u <(./scenario.sh NAME s6-supervise) <(./scenario.sh NAME sv supervise)
#
# The scenarios in tests/interop/scan are about a whole scan directory: see vocabulary.sh there.
#
#     diff -u <(./scenario.sh scan/NAME s6-svscan) <(./scenario.sh scan/NAME sv scan)

set -u
# No core files: the core flag in a wait status would depend on where the test runs.
ulimit -c 0

here=$(cd "$(dirname "$0")" && pwd)
case ${1:?usage: scenario.sh NAME [SUPERVISOR [ARGUMENT]...]} in
  scan/*) scenario=$here/$1 vocabulary=$here/scan/vocabulary.sh default=s6-svscan ;;
  *) scenario=$here/scenarios/$1 vocabulary= default=s6-supervise ;;
esac
shift
[ $# -gt 0 ] || set -- "$default"

place=$(mktemp -d "${TMPDIR:-/dev/shm}/scenario.XXXXXXXX") || exit 111
cp -R "$scenario/." "$here/puppet.sh" "$place"
cd "$place" || exit 111
[ -n "$vocabulary" ] || mkdir -p service

# The supervisor as one command. Shells start background jobs with INT and QUIT ignored; a
# supervisor must get them, so the defaults are put back.
{
  printf '#!/bin/sh\nexec env --default-signal=INT,QUIT'
  for word in "$@"; do
    printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
  done
  printf ' "$@"\n'
} >supervisor
chmod +x supervisor

# The lines of puppets are read on 8, events on 9. With both ends open, a read never waits for a writer.
mkfifo said run.orders finish.orders unheard
exec 8<>said 9<>unheard
: >stderr
pid=
previous=

clean_up() {
  # Every process of the scenario works in this directory. A process may fork while it is looked for.
  cd /
  while doomed=$(find /proc -maxdepth 2 -path '/proc/[0-9]*' -name cwd \
    \( -lname "$place" -o -lname "$place/*" \) 2>/dev/null)
    [ -n "$doomed" ]; do
    for cwd in $doomed; do
      one=${cwd#/proc/}
      kill -KILL "${one%/cwd}" 2>/dev/null
    done
    sleep 0.01
  done
  rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 99' TERM INT

say() {
  echo "  $*"
}

give_up() {
  say "GIVING UP: $*"
  [ ! -s stderr ] || sed 's/^/  stderr: /' stderr
  exit 1
}

# step TEXT: a heading in the transcript.
step() {
  echo "* $*"
}

# write FILE [TEXT]: writes a file of the service directory.
write() {
  mkdir -p "$(dirname "service/$1")"
  printf %s "${2-}" >"service/$1"
}

# script FILE: writes an executable of the service directory, its text from stdin.
script() {
  rm -f "service/$1"
  cat >"service/$1"
  chmod +x "service/$1"
}

# listen: subscribes to the service's events, before there is a supervisor if need be.
listen() {
  [ -e service/event ] || { mkdir service/event && chmod 3730 service/event; }
  mkfifo -m 622 service/event/.listener
  exec 9<>service/event/.listener
  mv service/event/.listener service/event/ftrig1:@400000006000000000000000:listen 2>/dev/null
}

# supervise [DIRECTORY]: starts the supervisor without waiting for it.
supervise() {
  ./supervisor "${1-service}" 8<&- 9<&- </dev/null 2>>stderr &
  pid=$!
  previous=
}

# start: listens, then starts the supervisor and waits for its first event.
start() {
  listen
  supervise
  until_event s
}

# until_event E: reads events up to the first E.
until_event() {
  events=
  while :; do
    event=$(timeout 120 head -c 1 <&9)
    [ -n "$event" ] || give_up "waited for event $1, got '$events'"
    events=$events$event
    [ "$event" != "$1" ] || break
  done
  say "events: $events"
}

# hear [COUNT]: waits for COUNT lines of puppets.
hear() {
  left=${1-1}
  while [ "$left" -gt 0 ]; do
    read -r line <&8
    say "said: $line"
    left=$((left - 1))
  done
}

# hear_until LINE: waits for lines of puppets, up to this one.
hear_until() {
  line=
  while [ "$line" != "$1" ]; do
    hear
  done
}

# hear_rest: shows the lines of puppets that are there already.
hear_rest() {
  echo 'no more' >&8
  while read -r line <&8 && [ "$line" != 'no more' ]; do
    say "said: $line"
  done
}

# hear_signals: shows the signals that the running puppet got so far. A VTALRM from here marks the end.
# Signals that arrive together have no order and may be merged, so each is shown once, sorted.
hear_signals() {
  kill -VTALRM "$(service_pid)"
  while read -r line <&8 && [ "$line" != "run got VTALRM" ]; do
    echo "  said: $line"
  done | sort -u
}

# tell PUPPET ORDER: sends the puppet a shell command.
tell() {
  printf '%s\n' "$2" >"$1.orders"
}

# The supervisor's context switches so far, and whether any thread of it is running.
activity() {
  cat /proc/"$pid"/task/*/status 2>/dev/null | awk '
    $1 == "State:" && $2 !~ /^[SZ]/ { busy = 1 }
    $1 ~ /voluntary_ctxt_switches:/ { sum += $2 }
    END { print sum + 0, busy + 0 }'
}

# settle BEFORE: waits until the supervisor has woken up since BEFORE and sleeps again: then it has
# carried out the last command, even one that has no effect.
settle() {
  seen=
  same=0
  tries=0
  while :; do
    now=$(activity)
    [ "$now" != "0 0" ] || break
    if [ "$now" = "$seen" ] && [ "$now" != "$1" ] && [ "${now#* }" = 0 ]; then
      same=$((same + 1))
      [ "$same" -lt 2 ] || break
    else
      same=0
    fi
    seen=$now
    tries=$((tries + 1))
    [ "$tries" -lt 5000 ] || give_up "the supervisor never settled"
    sleep 0.02
  done
}

# send BYTES: writes control bytes, all at once, and waits until the supervisor has carried them out.
send() {
  before=$(activity)
  printf %s "$1" >service/supervise/control
  settle "$before"
}

# signal NAME: sends a signal to the supervisor and waits until the supervisor has dealt with it.
signal() {
  before=$(activity)
  kill -"$1" "$pid"
  settle "$before"
}

service_pid() {
  od -An -v -j24 -N8 -tu8 --endian=big service/supervise/status | tr -d ' '
}

# until_gone PID: waits until a process has died, which need not be a child of this shell.
until_gone() {
  while readlink "/proc/$1/cwd" >/dev/null; do sleep 0.01; done
}

# process: shows the state of the process in the status file.
process() {
  one=$(service_pid)
  tries=0
  while state=$(awk '{ sub(/.*\) /, ""); print $1 }' "/proc/$one/stat" 2>/dev/null); do
    # A stop takes effect a moment after the signal was sent.
    [ "${1-}" = stopped ] && [ "$state" != T ] && [ "$tries" -lt 100 ] || break
    tries=$((tries + 1))
    sleep 0.02
  done
  case $state in
    T) say "process: stopped" ;;
    [RSD]) say "process: alive" ;;
    *) say "process: none" ;;
  esac
}

# status: shows the status file; its times as compared to the last look and to each other.
status() {
  current=$(od -An -v -w64 -tx1 service/supervise/status 2>/dev/null | tr -d ' ')
  echo "$current $previous" | awk '
    length($1) != 70 { print "  status: " length($1) / 2 " bytes"; exit }
    {
      stamp = "T" substr($1, 1, 24)
      ready = "T" substr($1, 25, 24)
      pid = substr($1, 49, 16) ~ /^0*$/ ? "none" : "some"
      flags = index("0123456789abcdef", substr($1, 70, 1)) - 1
      text = ""
      if (substr($1, 69, 1) != "0") text = text " UNKNOWN"
      if (flags % 2) text = text " paused"
      if (int(flags / 2) % 2) text = text " finishing"
      if (int(flags / 4) % 2) text = text " want-up"
      if (int(flags / 8) % 2) text = text " ready"
      changed = ""
      if (NF > 1) {
        changed = ("T" substr($2, 1, 24)) == stamp ? ", same stamp" : ", new stamp"
        changed = changed (("T" substr($2, 25, 24)) == ready ? ", same readystamp" : ", new readystamp")
      }
      order = stamp < ready ? "before" : stamp > ready ? "after" : "at"
      print "  status: pid " pid ", wait status " substr($1, 65, 4) ", flags:" (text ? text : " none") \
        "; stamp " order " readystamp" changed
    }'
  previous=$current
}

# tally: shows the exit code and signal of each death in the death tally.
tally() {
  od -An -v -w14 -tx1 service/supervise/death_tally | awk '
    NF != 14 { print "  tally: a record of " NF " bytes"; next }
    {
      stamp = "T"
      for (i = 1; i <= 12; i++) stamp = stamp $i
      printf "  tally: exit code %s, signal %s%s\n", $13, $14, stamp < last ? ", OUT OF ORDER" : ""
      last = stamp
    }
    END { if (!NR) print "  tally: empty" }'
}

# try COMMAND...: runs a client, and shows its output and its exit code.
try() {
  output=$("$@" 2>&1 8<&- 9<&-)
  code=$?
  [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/  > /'
  say "$*: exit $code"
}

# files PATH...: shows which of these exist in the service directory, with type and mode.
files() {
  for file in "$@"; do
    if [ -e "service/$file" ] || [ -L "service/$file" ]; then
      say "file: $file, $(stat -c '%F, mode %a' "service/$file")"
    else
      say "file: $file is not there"
    fi
  done
}

# until_warned: waits until the supervisor has written to stderr.
until_warned() {
  tries=0
  while [ ! -s stderr ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 5000 ] || give_up "the supervisor never warned"
    sleep 0.02
  done
}

# warned: shows whether the supervisor has written to stderr since the last look.
warned() {
  if [ -s stderr ]; then say "stderr: a warning"; else say "stderr: empty"; fi
  : >stderr
}

# stamps: prints both times of the status, in hundredths of a second.
stamps() {
  od -An -v -w32 -N32 -tu1 service/supervise/status | awk '
    function number(at) { return $at * 16777216 + $(at + 1) * 65536 + $(at + 2) * 256 + $(at + 3) }
    function stamp(at) { return (number(at + 4) % 10000000) * 100 + int(number(at + 8) / 10000000) }
    { printf "%d %d %d", stamp(1), stamp(13), number(29) }'
}

# restart_delay EVENT: reads the events up to EVENT and shows whether the service was down for a second or
# for no time. By the times in the status, as this shell may see events late: it was down for good at the
# second one, and is up since the first, unless it has died again.
restart_delay() {
  was=$(stamps)
  until_event "$1"
  is=$(stamps)
  # shellcheck disable=SC2086 # into fields
  set -- $is $was
  up=$1 down=$2
  # It has died again.
  [ "$3" -ne 0 ] || down=$5
  took=$((up - down))
  if [ "$took" -lt 50 ]; then say "delay: none"; else
    if [ "$took" -lt 85 ]; then say "delay: LESS THAN A SECOND ($took/100 s)"; else say "delay: a second"; fi
  fi
}

# await_exit: waits for the end of the supervisor, then shows the events that are left.
await_exit() {
  wait "$pid"
  say "supervisor: exit $?"
  pid=
  # A newline from here marks the end.
  echo >&9
  read -r events <&9
  say "events: $events"
}

# shellcheck disable=SC1090
[ -z "$vocabulary" ] || . "$vocabulary"
. ./steps
