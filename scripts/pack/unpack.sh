# Unpacks the runtime and the program from the executable $1, and prints the directory that has both
# then; on failure, prints one line on stderr. Runs once for each version and user, in a subshell, and
# again where something of it is missing or has changed.
executable=$1 cache=$2 runtime=$3 program=$4
umask 077
PATH=$PATH:/usr/bin:/bin
user=$(id -u)
why='no directory to unpack into'
work=

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
    has_size "$1/$program/$name.mjs" "$length" || return
    [ ! -e "$1/$program/$runtime" ] || [ ! "$1/$program/$name.mjs" -nt "$1/$program/$runtime" ] || return
  done <<END
@BUNDLES@
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

# The bundles lie one behind the other in the executable.
unpack_program() {
  why="writing $1/$program failed; is there enough space?"
  mkdir "$work/$program" || return
  start=@PROGRAM_START@
  while read -r name length; do
    tail -c +"$start" -- "$executable" | head -c "$length" >"$work/$program/$name.mjs" || return
    has_size "$work/$program/$name.mjs" "$length" || return
    start=$((start + length))
  done <<END
@BUNDLES@
END
  on_disk "$work/$program"/* "$work/$program" && move_in "$1" "$program"
}

unpack_runtime() {
  why="unpacking into $1 failed; is there enough space (@SPACE@ MB) and is gzip installed?"
  mkdir "$work/$runtime" || return
  tail -c +@RUNTIME_START@ -- "$executable" | head -c @RUNTIME_LENGTH@ |
    gzip -dc >"$work/$runtime/sv" || return
  has_size "$work/$runtime/sv" @RUNTIME_SIZE@ || return
  chmod 700 "$work/$runtime/sv" || return
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
  why="$1 is not writable"
  work=$(mktemp -d "$1/unpacking.XXXXXX") || return
  : >"$work/probe" && chmod 700 "$work/probe" && [ -x "$work/probe" ] || {
    why="$1 is mounted noexec"
    return 1
  }
  is_whole_runtime "$1" || unpack_runtime "$1" || return
  is_whole_program "$1" || unpack_program "$1" || return
  on_disk "$1" || return
  : >"$1/$program/$runtime" || return
  remove_unused "$1"
}

try() {
  mkdir -m 700 "$1" || is_private "$1" || {
    why="$1 is not a private directory of user $user (mode 0700)"
    return 1
  }
  trap 'rm -rf "$work"; exit 111' HUP INT TERM
  done=0
  unpack_into "$1" 9<"$1" || done=1
  rm -rf "$work"
  [ "$done" -eq 0 ] || rmdir "$1"
  trap - HUP INT TERM
  [ "$done" -eq 0 ] && printf '%s\n' "$1"
}

# Calls $1 with the name of this user's directory in each base, the best first, until it succeeds.
in_each_base() {
  for base in "$cache" /var/cache /run "${TMPDIR:-/tmp}"; do
    case $base in /*) ;; *) continue ;; esac
    [ "$base" != "$cache" ] || [ -d "$base" ] || mkdir -p "$base" || continue
    _sv_safe "$base/." || continue
    ! "$1" "$base/sv-runtime-$user" || return 0
  done
  return 1
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

[ -r "$executable" ] || why="$executable can't be read"
{
  ! in_each_base try && ! in_each_base try_another || exit 0
} 2>/dev/null
printf '%s: fatal: cannot start: %s; set XDG_CACHE_HOME to a writable directory\n' \
  "${executable##*/}" "$why" >&2
exit 1
