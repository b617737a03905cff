#!/bin/sh
# sv, with its runtime packed behind this script. The first start unpacks it into a private directory;
# every start then becomes the runtime by exec: same process id, descriptors and arguments.
# Every variable here begins with _sv_, so that none of the caller's environment changes.
_sv_runtime=@RUNTIME@ _sv_program=@PROGRAM@

# The kernel drops a signal that process 1 has no handler for, and until the supervisor has one, the
# runtime has to be unpacked and started. So process 1 notes what arrives, a letter for each signal, and
# has it sent again when it can wait for the supervisor (see _sv_become). In an upgrade it waits already.
_sv_signals=
case $$:${2-} in
1:--resume) ;;
1:*)
  trap '_sv_signals=${_sv_signals}O' TERM
  trap '_sv_signals=${_sv_signals}A' HUP
  trap '_sv_signals=${_sv_signals}B' INT
  trap '_sv_signals=${_sv_signals}C' QUIT
  trap '_sv_signals=${_sv_signals}J' USR1
  trap '_sv_signals=${_sv_signals}L' USR2
  trap '_sv_signals="${_sv_signals}|"' WINCH
  trap '_sv_signals=${_sv_signals}~' PWR
  ;;
esac

# Chooses the bundle: one that has only the command asked for loads faster.
case ${0##*/} in
s6-*) _sv_bundle=${0##*/} ;;
*) _sv_bundle=${1-} ;;
esac
case $_sv_bundle in
@CASES@*) _sv_bundle=sv ;;
esac

# From here on a directory is known by a descriptor: other users may be able to rename those on the way
# to it, and would choose what is started. One that the caller doesn't use is taken.
_sv_free() {
  for _sv_fd in 9 8 7 6 5 4 3; do
    [ -L "/proc/self/fd/$_sv_fd" ] || return 0
  done
  return 1
}

# Whether other users can't rename what is in directory $1: it is the caller's, or root's with the
# sticky bit, as /tmp. For root, all directories above have to be root's, too.
_sv_safe() {
  if [ -O / ]; then
    _sv_above=$1
    while [ -O "$_sv_above" ]; do
      [ ! "$_sv_above" -ef / ] || return 0
      _sv_above=$_sv_above/..
    done
    return 1
  fi
  [ ! -O "$1" ] || return 0
  [ -k "$1" ] || return
  # shellcheck disable=SC2046 # into fields: mode, links, owner
  set -- $(command -p ls -ldn "$1")
  [ "${3-}" = 0 ]
}

# Whether directory $1 has all that is needed, and as it was unpacked: the mark was made after it was
# checked and written to the disk (see unpack.sh).
_sv_whole() {
  [ -f "$1/$_sv_program/$_sv_runtime" ] && [ -x "$1/$_sv_runtime/sv" ] && [ -O "$1/$_sv_runtime/sv" ] &&
    [ -s "$1/$_sv_program/$_sv_bundle.mjs" ] && [ -O "$1/$_sv_program/$_sv_bundle.mjs" ] &&
    [ -s "$1/$_sv_program/$_sv_bundle.code" ] && [ -O "$1/$_sv_program/$_sv_bundle.code" ] &&
    [ ! "$1/$_sv_runtime/sv" -nt "$1/$_sv_program/$_sv_runtime" ] &&
    [ ! "$1/$_sv_program/$_sv_bundle.mjs" -nt "$1/$_sv_program/$_sv_runtime" ] &&
    [ ! "$1/$_sv_program/$_sv_bundle.code" -nt "$1/$_sv_program/$_sv_runtime" ]
}

# Opens directory $1, and leaves its path by the descriptor in _sv_at, where it can be used as it is.
# unpack.sh made it with mode 0700, and only its owner, the caller, can have changed that.
_sv_enter() {
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return
  _sv_at=$1
  # Without /proc no other process runs yet, or the descriptor would be of no use.
  if [ "$_sv_directory_fd" ]; then
    eval "command exec $_sv_directory_fd<\"\$1/.\"" 2>/dev/null || return
    _sv_at=/proc/self/fd/$_sv_directory_fd
  fi
  [ -O "$_sv_at/." ] && _sv_safe "$_sv_at/.." && _sv_whole "$_sv_at"
}

# Whether directory $1 has what is needed, as `sv unpack` lays it out, and no other user but root can
# change or rename anything there.
_sv_share() {
  [ -x "$1/$_sv_runtime/sv" ] && [ -s "$1/$_sv_program/$_sv_bundle.mjs" ] &&
    [ -s "$1/$_sv_program/$_sv_bundle.code" ] || return
  _sv_at=$1
  # shellcheck disable=SC2046 # into fields, nine for each: mode, links, owner
  set -- $(LC_ALL=C command -p ls -ldn "$1/.." "$1" "$1/$_sv_runtime" "$1/$_sv_program")
  [ $# -eq 36 ] || return
  [ "$3" = 0 ] || [ -O "$_sv_at/.." ] || return
  [ "${12}" = 0 ] || [ -O "$_sv_at" ] || return
  [ "${21} ${30}" = "${12} ${12}" ] || return
  case $1 in ?????[!w]??[!w]?* | ?????????[tT]*) ;; *) return 1 ;; esac
  case ${10} in ?????[!w]??[!w]?*) ;; *) return 1 ;; esac
  case ${19} in ?????[!w]??[!w]?*) ;; *) return 1 ;; esac
  case ${28} in ?????[!w]??[!w]?*) ;; *) return 1 ;; esac
}

_sv_directory_fd=
[ ! -d /proc/self/fd ] || ! _sv_free || _sv_directory_fd=$_sv_fd

# Looks for the unpacked program, in the best directory first.
if [ "${XDG_CACHE_HOME:-}" ]; then _sv_cache=$XDG_CACHE_HOME; else _sv_cache=${HOME:+$HOME/.cache}; fi
_sv_find() {
  for _sv_dir in "$0.d" /opt/sv /usr/lib/sv; do
    [ ! -d "$_sv_dir/$_sv_program" ] || ! _sv_share "$_sv_dir" || return 0
  done
  for _sv_base in "$_sv_cache" /var/cache /run "${TMPDIR:-/tmp}"; do
    case $_sv_base in /*) ;; *) continue ;; esac
    for _sv_dir in "$_sv_base"/sv-runtime-*; do
      ! _sv_enter "$_sv_dir" || return 0
    done
  done
  return 1
}

# Passes on the limit and the environment that sv was started with, for the commands that start other
# programs (lib/os/runtime/launch.ts), in a file: no string can hold it without ambiguity. Not to a new
# program in an upgrade: the old one has passed them on, and a shell that waits for `cat` here could
# reap a service that dies meanwhile.
#
# The redirection is the shell's own: what starts as `cat` has another environment. Without /proc, `env`
# prints what the shell passes on. Each has a subshell: dash lets blocked signals in when it starts a
# command itself.
_sv_note() {
  _sv_start=$1/start.$$.$2
  if [ -r /proc/self/environ ]; then
    { ulimit -Sn && (command -p cat) && printf .; } </proc/self/environ >"$_sv_start"
  else
    { ulimit -Sn && (command -p env -0) && printf .; } >"$_sv_start"
  fi
}

# Does so beside the program, or else where there is room.
_sv_note_somewhere() {
  set -C
  # Two processes have the same id where they are in different namespaces.
  _sv_note "$_sv_at" 0 || _sv_note "$_sv_at" 1 || _sv_note "$_sv_at" 2 || {
    for _sv_base in /dev/shm /run "${TMPDIR:-/tmp}"; do
      _sv_work=$(umask 077 && mktemp -d "$_sv_base/sv-start.XXXXXX") || continue
      ! _sv_note "$_sv_work" 0 || break
      rm -rf "$_sv_work"
      _sv_start=
    done
    [ "$_sv_start" ]
  }
} 2>/dev/null

# Whether the kernel lets no process make code while it runs (MemoryDenyWriteExecute of systemd). Only
# the compiler of the runtime needs that. A subshell, for the reason above.
_sv_no_code() {
  [ -x "$_sv_at/$_sv_program/makes-code" ] || return
  ("$_sv_at/$_sv_program/makes-code") 2>/dev/null
  [ $? -eq 1 ]
}

# Becomes the runtime.
_sv_become() {
  _sv_start= _sv_clear=-i _sv_jitless=
  case $_sv_bundle:${2-}:${_SV_START-} in
  @STARTING_NOTHING@) ;;
  scan:--resume:/proc/self/fd/*) _sv_start=$_SV_START ;;
  scan:--resume:*) _sv_clear= ;;
  *)
    _sv_note_somewhere || {
      printf '%s: fatal: cannot start: no room for the environment in %s, /dev/shm, /run, and %s\n' \
        "${0##*/}" "$_sv_dir" "${TMPDIR:-/tmp}" >&2
      exit 111
    }
    set +C
    ;;
  esac

  # Most commands end before compiled code could pay for itself; only long-lived ones get the compilers, and
  # only some of those threads for it. Those that do the same many times get the one that doesn't optimize.
  case $_sv_bundle in
  @LONG@)
    case $_sv_bundle:${2-} in
    scan:--resume) _sv_jitless=${_SV_JITLESS-} ;;
    *) ! _sv_no_code || _sv_jitless=yes ;;
    esac
    case $_sv_bundle:$_sv_jitless in
    *:yes) _sv_flags=--v8-flags=--jitless ;;
    @LEAN@) _sv_flags=@LEAN_FLAGS@ ;;
    @MANY@) _sv_flags=@MANY_FLAGS@ ;;
    *) _sv_flags= ;;
    esac
    ;;
  *) _sv_flags=@SHORT_FLAGS@ ;;
  esac

  # At SIGUSR1 the runtime would open a debugger's port (lib/os/runtime/debugger.ts), and the scan needs
  # all signals blocked from its first thread on. unpack.sh has copied an env(1) that can do that; without
  # it, long-lived commands start themselves again, which takes longer.
  _sv_env=$_sv_at/$_sv_program/env _sv_block=--block-signal=USR1
  [ "$_sv_bundle" != scan ] || _sv_block=--block-signal
  case ${_SV_RESTARTED:+again}:$_sv_bundle:${2-} in
  again:* | :scan:--resume) _sv_block= ;;
  esac
  [ -x "$_sv_env" ] && [ -O "$_sv_env" ] || _sv_env=/usr/bin/env _sv_block=

  # As process 1 a supervisor gets all signals blocked by a program that starts faster than env(1), since
  # what arrives between that start and its first instructions is lost. It sends again what was noted.
  _sv_hold=
  case $$:$_sv_bundle:${2-} in
  1:*:--resume) ;;
  1:scan:* | 1:supervise:*) _sv_hold=$_sv_at/$_sv_program/hold-signals ;;
  esac
  [ "$_sv_hold" ] && [ -x "$_sv_hold" ] && [ -O "$_sv_hold" ] || _sv_hold=

  # The runtime can't start in a directory that was removed. It starts elsewhere, and goes back.
  _sv_cwd=
  if [ "$_sv_directory_fd" ] && [ ! . -ef "${PWD:-/dev/null}" ] && _sv_free && _sv_cwd=$_sv_fd; then
    eval "command exec $_sv_cwd<." 2>/dev/null || _sv_cwd=
    cd /
  fi

  # The runtime gets an environment of its own: many variables of the caller's would rule it, as
  # NODE_OPTIONS and $HOME/.npmrc do. Its HOME is a directory that doesn't exist. It keeps no cache, which
  # takes less time, and would say so on a terminal.
  set -- "$_sv_at/$_sv_runtime/sv" run @FLAGS@ $_sv_flags "$_sv_at/$_sv_program/$_sv_bundle.mjs" "$@"
  # env(1) would take the path for an assignment.
  case $_sv_at in *=*) set -- /bin/sh -c 'exec "$@"' sh "$@" ;; esac
  # Otherwise env(1) loads the messages of the caller's language first.
  [ ! "$_sv_clear" ] || export LC_ALL=C
  # shellcheck disable=SC2086 # no field without it
  exec ${_sv_hold:+"$_sv_hold" "$_sv_signals"} "$_sv_env" $_sv_clear $_sv_block _SV_PID=$$ _SV_ARGV0="$0" \
    ${_sv_start:+"_SV_START=$_sv_start"} ${_sv_directory_fd:+"_SV_DIRECTORY=$_sv_directory_fd"} \
    ${_sv_cwd:+"_SV_CWD=$_sv_cwd"} ${_SV_RESTARTED:+"_SV_RESTARTED=$_SV_RESTARTED"} \
    ${_sv_jitless:+"_SV_JITLESS=$_sv_jitless"} ${PATH+"PATH=$PATH"} ${TZ+"TZ=$TZ"} \
    ${SV_DEBUG+"SV_DEBUG=$SV_DEBUG"} ${_sv_clear:+"HOME=$_sv_at/none"} \
    DENO_DIR=/dev/null/none DENO_LOG=error,deno::cache::cache_db=off DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1 DENO_DISABLE_NODE_SHIM=1 "$@"
}

# What follows is read only where nothing has been unpacked yet.
! _sv_find || _sv_become "$@"

_sv_unpack() {
@UNPACK@
}
_sv_dir=$(_sv_unpack "$0" "$_sv_cache" "$_sv_runtime" "$_sv_program") ||
  case $? in
  100) exit 100 ;;
  *) exit 111 ;;
  esac
_sv_enter "$_sv_dir" || {
  printf '%s: fatal: cannot start: %s has changed; try again\n' "${0##*/}" "$_sv_dir" >&2
  exit 111
}
_sv_become "$@"
exit
