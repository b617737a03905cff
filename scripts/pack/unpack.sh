# Unpacks the runtime and the program from the executable $1, and prints the directory that has both
# then; on failure, prints one line on stderr. Runs once for each version and user, in a subshell, and
# again where something of it is missing or has changed.
executable=$1 cache=$2 runtime=$3 program=$4
umask 077
PATH=$PATH:/usr/bin:/bin
export LC_ALL=C
user=$(id -u)
reasons=
work=
exec 3>&2 2>/dev/null

# Ends with one line, and what to do; with exit code $2, or 1.
give_up() {
  printf '%s: fatal: cannot start: %s\n' "${executable##*/}" "$1" >&3
  exit "${2:-1}"
}

# Ends with one line where this system, and not only a directory, is the reason.
refuse() {
  give_up "$1" 100
}

# Ends where the machine is another. Asked only when the runtime can't run: an emulator may run it.
refuse_other_machine() {
  machine=$(uname -m) || return 0
  [ "$machine" = @MACHINE@ ] ||
    refuse "this executable is for @MACHINE@, and this machine is $machine; take the one that is for $machine, if there is one (x86_64, aarch64)"
}

# Notes why a directory can't be used, once, and fails.
because() {
  case "; $reasons;" in
  *"; $1;"*) ;;
  *) reasons="$reasons${reasons:+; }$1" ;;
  esac
  return 1
}

# Prints the last part of what a program says on stderr: the reason.
reason_of() {
  text=$("$@" 2>&1 >/dev/null) && return 0
  text=${text##*: }
  printf '%s\n' "${text:-$1 failed}"
}

# Checks a directory that exists already: its owner is the caller, and no other user may write to it.
is_private() {
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] &&
    case $(ls -ld "$1") in drwx------*) ;; *) false ;; esac
}

has_size() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$(wc -c <"$1")" -eq "$2" ]
}

# A mark in the directory of a program has the name of the runtime that it was checked with. What is
# newer has been changed since.
is_whole_runtime() {
  [ -x "$1/$runtime/sv" ] && has_size "$1/$runtime/sv" @RUNTIME_SIZE@ || return
  for mark in "$1"/[0-9a-f]*/"$runtime"; do
    [ ! -e "$mark" ] || [ ! "$1/$runtime/sv" -nt "$mark" ] || return
  done
}

is_whole_program() {
  while read -r name length; do
    has_size "$1/$program/$name" "$length" || return
    [ ! -e "$1/$program/$runtime" ] || [ ! "$1/$program/$name" -nt "$1/$program/$runtime" ] || return
  done <<END
@FILES@
END
}

# Waits until files are on the disk; an old sync(1) knows no files, and waits for all.
on_disk() {
  sync "$@" || sync
}

# Gives directory $2 of the work its final name; something broken there makes way for it.
move_in() {
  [ ! -e "$1/$2" ] || mv -T "$1/$2" "$work/old.$2"
  mv -T "$work/$2" "$1/$2"
}

# Checks that there is room in $1.
has_room() {
  # shellcheck disable=SC2046 # into fields: the fourth is what is available
  set -- "$1" $(df -kP "$1" | tail -n 1)
  case ${5-} in
  '' | *[!0-9]*) ;;
  *)
    [ "$5" -ge @SPACE_KB@ ] || {
      because "$1 has $(($5 / 1000)) MB left of the @SPACE@ MB that are needed"
      return
    }
    ;;
  esac
  case $(stat -f -c %T "$1") in tmpfs | ramfs) has_memory "$1" ;; esac
}

# Leaves the number that follows the name $2 in file $1 in the variable found.
number_of() {
  found=0
  while read -r name number _; do
    [ "$name" != "$2" ] || found=$number
  done <"$1"
}

# Checks that there is memory for $1, a file system that takes memory. Where there is too little, of the
# machine or of the container, the kernel would kill processes, and any.
has_memory() {
  number_of /proc/meminfo MemAvailable:
  [ "$found" -ge @SPACE_KB@ ] ||
    because "$1 is in memory, of which $((found / 1000)) MB are left, and @SPACE@ MB are needed" || return
  while IFS=: read -r _ kind group; do
    # The one of version 2, and all above it.
    [ ! "$kind" ] || continue
    group=/sys/fs/cgroup$group
    while [ "$group" != /sys/fs ]; do
      fits_into "$group" || {
        because "$1 is in memory, of which $group has $((found / 1000)) MB left, and @SPACE@ MB are needed"
        return
      }
      group=${group%/*}
    done
  done </proc/self/cgroup
  return 0
}

# Whether there is room in the memory of control group $1, where it has a limit. What files have in memory
# can be given back, but for those of memory file systems.
fits_into() {
  [ -r "$1/memory.max" ] && read -r most <"$1/memory.max" && [ "$most" != max ] || return 0
  read -r used <"$1/memory.current"
  number_of "$1/memory.stat" shmem
  shared=$found
  number_of "$1/memory.stat" file
  found=$(((most - used + found - shared) / 1024))
  [ "$found" -ge @SPACE_KB@ ]
}

# What is to be unpacked lies one behind the other in the executable.
unpack_program() {
  mkdir "$work/$program" || return
  start=@PROGRAM_START@
  while read -r name length; do
    tail -c +"$start" -- "$executable" | head -c "$length" >"$work/program.part"
    has_size "$work/program.part" "$length" || {
      because "writing to $1 failed; is there enough space (@SPACE@ MB)?"
      return
    }
    mv "$work/program.part" "$work/$program/$name" || return
    start=$((start + length))
  done <<END
@FILES@
END
  chmod 700 "$work/$program/makes-code" "$work/$program/hold-signals" || :
  # An env(1) that can block signals, if there is one: see stub.sh. Busybox has none.
  ! (/usr/bin/env --block-signal=USR1 true) || cp -L /usr/bin/env "$work/$program/env" || return
  on_disk "$work/$program"/* "$work/$program" && move_in "$1" "$program"
}

unpack_runtime() {
  mkdir "$work/$runtime" || return
  text=$(
    { tail -c +@RUNTIME_START@ -- "$executable" | head -c @RUNTIME_LENGTH@ |
      gzip -dc 2>&3 >"$work/$runtime/sv"; } 3>&1
  )
  code=$?
  [ "$code" -eq 0 ] && has_size "$work/$runtime/sv" @RUNTIME_SIZE@ || {
    case $code in
    127) text='gzip is not installed' ;;
    137) text='gzip was killed (is there too little memory?)' ;;
    153) text='a file may not be so large (ulimit -f)' ;;
    *) text=$(printf '%s\n' "$text" | sed -n '1s/.*: //p') ;;
    esac
    because "unpacking @SPACE@ MB into $1 failed: ${text:-is there enough space?}"
    return
  }
  chmod 700 "$work/$runtime/sv" || return
  # What is missing on this system is missing wherever the runtime lies.
  text=$(env -i DENO_NO_UPDATE_CHECK=1 HOME=/nonexistent "$work/$runtime/sv" --version 2>&1 >/dev/null) || {
    text=$(printf '%s\n' "${text#"$work/$runtime/sv: "}" | head -n 1)
    rm -rf "$work"
    rmdir "$1"
    refuse_other_machine
    refuse "the runtime does not run on this system: $text; it needs glibc 2.27 or newer, and libgcc"
  }
  # The marks are older than this one.
  on_disk "$work/$runtime/sv" "$work/$runtime" && rm -f "$1"/[0-9a-f]*/"$runtime" && move_in "$1" "$runtime"
}

# Removes what other versions have unpacked when no process has read it for a month. A process that
# still runs it has all of it in memory, and another start unpacks it again.
remove_unused() {
  for old in "$1"/*; do
    case ${old##*/} in
    unpacking.* | "$runtime" | "$program") continue ;;
    # An environment on its way to a runtime that was killed before it read it.
    start.*) recent=$(find "$old" -mmin -60) || continue ;;
    *) recent=$(find "$old" -type f -atime -30) || continue ;;
    esac
    [ "$recent" ] || mv "$old" "$work" || :
  done
}

# A file appears under its final name complete and on the disk, or not at all; the mark that says so
# comes last. The lock only saves work where several first starts come at once; without flock(1) the
# second replaces the files by equal ones.
unpack_into() {
  ! flock 9 || rm -rf "$1"/unpacking.*
  ! _sv_whole "$1" || return 0
  work=$(mktemp -d "$1/unpacking.XXXXXX") || because "$1 is not writable" || return
  # Run, and not only looked at: the test of some shells looks at the mode, not at the mount.
  printf '#!/bin/sh\n' >"$work/probe" && chmod 700 "$work/probe" || because "$1 is full" || return
  "$work/probe" || because "$1 is mounted noexec" || return
  is_whole_runtime "$1" || { has_room "$1" && unpack_runtime "$1"; } || return
  is_whole_program "$1" || unpack_program "$1" || return
  on_disk "$1" || return
  : >"$1/$program/$runtime" || return
  remove_unused "$1"
}

# Unpacks into directory $1, made if need be.
try() {
  made=
  if [ -e "$1" ] || [ -L "$1" ]; then
    is_private "$1" || because "$1 is not a private directory of user $user (mode 0700)" || return
  else
    text=$(reason_of mkdir -m 700 "$1")
    is_private "$1" || because "${1%/*}: $text" || return
  fi
  trap 'rm -rf "$work"; exit 111' HUP INT TERM
  done=0
  unpack_into "$1" 9<"$1" || done=1
  rm -rf "$work"
  [ "$done" -eq 0 ] || rmdir "$1"
  trap - HUP INT TERM
  [ "$done" -eq 0 ] && printf '%s\n' "$1"
}

# Another user may have taken the name $1: then one that is free, and the same the next time.
try_another() {
  [ -L "$1" ] || [ -e "$1" ] || return
  ! is_private "$1" || return
  for other in "$1".*; do
    ! is_private "$other" || ! try "$other" || return 0
  done
  other=$(mktemp -d "$1.XXXXXX") && try "$other"
}

# Calls $1 with the name of this user's directory in each base, the best first, until it succeeds.
in_each_base() {
  for base in "$cache" /var/cache /run "${TMPDIR:-/tmp}"; do
    case $base in /*) ;; *) continue ;; esac
    if [ "$base" = "$cache" ] && [ ! -d "$base" ]; then
      text=$(reason_of mkdir -p "$base")
      [ -d "$base" ] || because "$base: $text" || continue
    fi
    [ -d "$base" ] || because "$base is not there" || continue
    _sv_safe "$base/." || because "$base, or one above it, belongs to another user" || continue
    ! "$1" "$base/sv-runtime-$user" || return 0
  done
  return 1
}

system=$(uname -s) || system=Linux
[ "$system" = Linux ] ||
  refuse "this system is $system, and sv needs the kernel of Linux; run it on Linux, in a container or a virtual machine say"
[ -e '@INTERPRETER@' ] || {
  refuse_other_machine
  refuse "@INTERPRETER@ is missing: this system has no glibc, which the runtime needs (Alpine has musl); run it on a system with glibc, such as Debian"
}
[ -r "$executable" ] || give_up "$executable can't be read"
in_each_base try || in_each_base try_another || {
  advice="set XDG_CACHE_HOME to a directory on a disk with @SPACE@ MB, from which programs may be run"
  give_up "no directory to unpack the runtime into: ${reasons:-none is known}; $advice"
}
