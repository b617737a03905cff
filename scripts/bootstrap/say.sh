# Messages of the scripts: all on stderr, since stdout belongs to the program that is run. The
# script that reads this sets `me` to its name.

say() {
  printf '%s: %s\n' "$me" "$*" >&2
}

die() {
  say "$*"
  exit 1
}

# Runs a command with its output kept for the case of failure, and a dot each second meanwhile.
with_progress() {
  title=$1
  log=$2
  shift 2
  printf '%s: %s ' "$me" "$title" >&2
  "$@" >"$log" 2>&1 </dev/null &
  job=$!
  (while sleep 1; do printf . >&2; done) &
  dots=$!
  code=0
  wait "$job" || code=$?
  kill "$dots" 2>/dev/null || :
  wait "$dots" 2>/dev/null || :
  if [ "$code" -eq 0 ]; then
    printf ' done\n' >&2
  else
    printf ' failed\n' >&2
  fi
  return "$code"
}
