# Unpacks the runtime and the program from the executable $1, and prints the directory that has both
# then; on failure, prints one line on stderr. Runs once for each version and user, in a subshell.
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

# The bundles lie one behind the other in the executable.
unpack_program() {
  why="writing $1/$program failed; is there enough space?"
  mkdir "$work/$program" || return
  start=@PROGRAM_START@
  while read -r name length; do
    tail -c +"$start" -- "$executable" | head -c "$length" >"$work/$program/$name.mjs" || return
    [ "$(wc -c <"$work/$program/$name.mjs")" -eq "$length" ] || return
    start=$((start + length))
  done <<END
@BUNDLES@
END
  mv -T "$work/$program" "$1/$program" || [ -f "$1/$program/sv.mjs" ]
}

# Removes what other versions have unpacked when no process has read it for a month. A process that
# still runs it has all of it in memory, and another start unpacks it again.
remove_unused() {
  for old in "$1"/*; do
    case ${old##*/} in cache | unpacking.* | "$runtime" | "$program") continue ;; esac
    recent=$(find "$old" -type f -atime -30) || continue
    [ "$recent" ] || mv "$old" "$work" || :
  done
}

# A file appears under its final name complete or not at all. The lock only saves work where several
# first starts come at once; without flock(1) the second replaces the files by equal ones.
unpack_into() {
  ! flock 9 || rm -rf "$1"/unpacking.*
  [ ! -x "$1/$runtime/sv" ] || [ ! -f "$1/$program/sv.mjs" ] || return 0
  why="$1 is not writable"
  work=$(mktemp -d "$1/unpacking.XXXXXX") || return
  : >"$work/probe" && chmod 700 "$work/probe" && [ -x "$work/probe" ] || {
    why="$1 is mounted noexec"
    return 1
  }
  if [ ! -x "$1/$runtime/sv" ]; then
    why="unpacking into $1 failed; is there enough space (@SPACE@ MB) and is gzip installed?"
    mkdir "$work/$runtime" || return
    tail -c +@RUNTIME_START@ -- "$executable" | head -c @RUNTIME_LENGTH@ |
      gzip -dc >"$work/$runtime/sv" || return
    [ "$(wc -c <"$work/$runtime/sv")" -eq @RUNTIME_SIZE@ ] || return
    chmod 700 "$work/$runtime/sv" || return
    sync "$work/$runtime/sv" || :
    mv -T "$work/$runtime" "$1/$runtime" || [ -x "$1/$runtime/sv" ] || return
  fi
  unpack_program "$1" || return
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
  return "$done"
}

[ -r "$executable" ] || why="$executable can't be read"
for base in "$cache" /var/cache /run "${TMPDIR:-/tmp}"; do
  case $base in /*) ;; *) continue ;; esac
  [ "$base" != "$cache" ] || [ -d "$base" ] || mkdir -p "$base" || continue
  [ -O "$base" ] || [ -k "$base" ] || continue
  if try "$base/sv-runtime-$user"; then
    printf '%s\n' "$base/sv-runtime-$user"
    exit 0
  fi
done 2>/dev/null
printf '%s: fatal: cannot start: %s; set XDG_CACHE_HOME to a writable directory\n' \
  "${executable##*/}" "$why" >&2
exit 1
