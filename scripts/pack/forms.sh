# How each form of sv is made, for scripts/compile and scripts/release. Where $DENORT_BIN is set, that is the
# runtime image of `deno compile`, and $SV_COMPILE_DENO the Deno that belongs to it.
#
# The script that reads this sets root, me and deno (scripts/deno), and makes the directory $work.

# Makes the bundles of the commands (see entries.ts), which all forms have, in $work/program.
bundle() {
  say "bundling"
  mkdir "$work/program" "$work/entries" "$work/bundles"
  "$deno" run --quiet --allow-write="$work" "$root/scripts/pack/entries.ts" "$work/entries" ||
    die "cannot bundle the commands; see above"
  for place in "$work"/entries/*/; do
    # What is in the directory of a part loads that itself.
    part=$(basename "$place")
    "$deno" bundle --quiet --minify --platform deno --external "*/$part.ts" --outdir "$work/bundles" \
      "$place"*.ts || die "cannot bundle the commands; see above"
  done
  "$deno" run --quiet --allow-read="$work" --allow-write="$work" "$root/scripts/pack/loadable.ts" \
    "$work/bundles" "$work/program"
  mv "$work/entries/names" "$work/entries/select.mjs" "$work/program"
  # `deno compile` notes the times of files: they are always the same, so that the executable is.
  TZ=UTC touch -t 200001010000 "$work/program"/*
}

# Makes the compiled form for machine $1 as $2; what Deno prints is in $work/log.
#
# The runtime gets no threads for its optimizing compiler: sv computes little, and starts often.
#
# On a network that drops packets the download of the image would fail only after minutes: hence a limit.
make_compiled() {
  limit=600
  ! grep -qs closed "$root/.deno/network" || [ "${DENORT_BIN:-}" ] || limit=30
  # Deno replaces a file that is there only where it has made that.
  rm -f "$2"
  with_progress "compiling for $1" "$work/log" timeout "$limit" "${SV_COMPILE_DENO:-$deno}" compile \
    --target "$1-unknown-linux-gnu" --v8-flags=--single-threaded,--max-semi-space-size=1 --allow-all \
    --no-check --no-code-cache --no-config --no-lock --include "$work/program" --output "$2" "$work/program/select.mjs" &&
    chmod 755 "$2"
}

# Makes the packed form for machine $1 as $2, of runtime $3 where that is given.
make_packed() {
  prepare_runtime "$1" "${3-}"
  say "packing for $1"
  pack_by pack.ts "$1" "$2"
  chmod 755 "$2"
}

# Makes an archive of the unpacked form for machine $1 as $2, of runtime $3 where that is given.
make_archive() {
  prepare_runtime "$1" "${3-}"
  say "archiving for $1"
  pack_by archive.ts "$1" "$2"
}

# pack_by SCRIPT MACHINE OUTPUT
pack_by() {
  NO_COLOR=1 "$deno" run --quiet --allow-all "$root/scripts/pack/$1" \
    "$2" "$work/program" "$runtime" "$compressed" "$3" 2>"$work/log" ||
    die "$(sed -n 's/^error: Uncaught.* Error: //p' "$work/log" | grep . || cat "$work/log")"
}

# Leaves the paths of the runtime for machine $1, or of runtime $2, in runtime, and of the same compressed in
# compressed. Compressing takes seconds, so the result is kept for the next time.
prepare_runtime() {
  if [ "$2" ]; then
    runtime=$2
    compressed=$work/runtime.gz
    gzip -nc "$runtime" >"$compressed" || die "cannot read the runtime $runtime"
    return
  fi
  deno_is=$("$deno" eval 'console.log(Deno.version.deno)')
  if [ "$1" = "$machine" ]; then
    runtime=$("$deno" eval 'console.log(Deno.execPath())')
    compressed=$root/.deno/runtime-$deno_is.gz
  else
    runtime=$(deno_for "$1" "$deno_is") || exit
    compressed=$root/.deno/runtime-$deno_is-$1.gz
  fi
  [ ! "$compressed" -nt "$runtime" ] || return 0
  cp "$runtime" "$work/runtime"
  with_progress "compressing the runtime" "$work/log" gzip -n "$work/runtime"
  mv "$work/runtime.gz" "$compressed"
}

# Checks that there is a runtime for a machine and a C library; ends with one line where there is none.
check_target() {
  case $1 in
  x86_64 | aarch64) ;;
  *) refuse "there is no runtime for the machine '$1'; there is one for x86_64 and for aarch64" ;;
  esac
}

check_libc() {
  case $1 in
  gnu) ;;
  musl) refuse "there is no runtime for musl: Deno is made for glibc only (--libc gnu)" ;;
  *) refuse "there is no runtime for the C library '$1'; there is one for gnu" ;;
  esac
}

# Ends with exit code 100 and one line.
refuse() {
  say "$*"
  exit 100
}

# This machine, by the name that Deno has for it.
machine=$(uname -m)
[ "$machine" != arm64 ] || machine=aarch64
