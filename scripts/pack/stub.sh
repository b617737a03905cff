#!/bin/sh
# sv, with its runtime packed behind this script. The first start unpacks it into a private directory;
# every start then becomes the runtime by exec: same process id, descriptors and arguments.
# Every variable here begins with _sv_, so that none of the caller's environment changes.
_sv_runtime=@RUNTIME@ _sv_program=@PROGRAM@

# Looks for the unpacked program, in the best directory first. It has to be one in which no other user
# can rename files: a directory of the caller's own, or one with the sticky bit, as /tmp.
if [ "${XDG_CACHE_HOME:-}" ]; then _sv_cache=$XDG_CACHE_HOME; else _sv_cache=${HOME:+$HOME/.cache}; fi
for _sv_base in "$_sv_cache" /var/cache /run "${TMPDIR:-/tmp}"; do
  case $_sv_base in /*) ;; *) continue ;; esac
  [ -O "$_sv_base" ] || [ -k "$_sv_base" ] || continue
  for _sv_dir in "$_sv_base"/sv-runtime-*; do
    # unpack.sh made it with mode 0700, and only its owner, the caller, can have changed that.
    if [ -x "$_sv_dir/$_sv_runtime/sv" ] && [ -O "$_sv_dir" ] && [ ! -L "$_sv_dir" ] &&
      [ -f "$_sv_dir/$_sv_program/sv.mjs" ]; then
      break 2
    fi
  done
  _sv_dir=
done

if [ ! "$_sv_dir" ]; then
  _sv_unpack() {
@UNPACK@
  }
  _sv_dir=$(_sv_unpack "$0" "$_sv_cache" "$_sv_runtime" "$_sv_program") || exit 111
fi

# Passes on the limit and the environment that sv was started with, for the commands that start other
# programs (lib/os/runtime/launch.ts). Not to a new program in an upgrade: the old one has passed them
# on, and a shell that waits for `tr` here could reap a service that dies meanwhile.
if [ "${1-} ${2-}" != "scan --resume" ]; then
  unset _SV_START
  case ${0##*/}:${1-} in
  s6-svstat:* | s6-svwait:* | s6-svc:* | s6-svok:*) ;;
  *:stat | *:wait | *:control | *:ok | *:s6-svstat | *:s6-svwait | *:s6-svc | *:s6-svok) ;;
  *)
    _SV_START=$(ulimit -Sn && LC_ALL=C command -p tr '\0' '\001' </proc/self/environ && printf .)
    # The kernel accepts no longer string in an environment than 128 KiB.
    if [ ${#_SV_START} -lt 120000 ]; then export _SV_START; fi
    ;;
  esac
fi

# Chooses the bundle: one that has only the command asked for loads faster.
case ${0##*/} in
s6-*) _sv_bundle=${0##*/} ;;
*) _sv_bundle=${1-} ;;
esac
case $_sv_bundle in
@CASES@*) _sv_bundle=sv ;;
esac

# Most commands end before optimized code could pay for itself; only long-lived ones get the compiler,
# and only some of those threads for it.
_sv_flags=--v8-flags=--single-threaded,--lite-mode _sv_first=
case $_sv_bundle in
sv | supervise) _sv_flags= ;;
scan)
  _sv_flags=--v8-flags=--single-threaded
  # The scan needs all signals blocked from its first thread on. env(1) can do that, unless it would
  # take a path with `=` for an assignment; without it, the scan starts itself again, which takes longer.
  case ${2-}:$_sv_dir in
  --resume:* | *=*) ;;
  *) ! /usr/bin/env --block-signal true || _sv_first='/usr/bin/env --block-signal' ;;
  esac 2>/dev/null
  ;;
esac
export _SV_PID=$$ _SV_ARGV0="$0" DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1 DENO_DISABLE_NODE_SHIM=1 DENO_DIR="$_sv_dir/cache"
exec $_sv_first "$_sv_dir/$_sv_runtime/sv" run @FLAGS@ $_sv_flags "$_sv_dir/$_sv_program/$_sv_bundle.mjs" "$@"
exit
