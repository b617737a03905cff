# A runtime image for tests on a closed network, where `deno compile` can't download one: the beginning
# of an executable on npm that was made with `deno compile`, up to the end of its ELF section headers.
# It is the one of Deno 2.6.10, and the compiler of 2.6.8 fits it. Never part of a release.
#
# Puts a matching pair `deno` and `denort` into $state/image, or fails.

image_deno=2.6.8
image_package=@mcp-stress/linux-x64
image_version=0.2.1
image_file=bin/mcp-stress
image_length=92183912
image_sha256=1b136202dc147212ad0b129de0c10eb5f17060917c9754c7921cd68f764ad2e2

runtime_image() {
  ! image_is_there || return 0
  [ "$(uname -sm)" = "Linux x86_64" ] || return 1
  compiler=$(installed_deno "$image_deno") || return 1
  mkdir -p "$state"
  work=$(mktemp -d "$state/installing.XXXXXX")
  printf '{ "dependencies": { "%s": "%s" } }\n' "$image_package" "$image_version" >"$work/package.json"
  if fetch_image && cut_image; then
    [ ! -e "$state/image" ] || mv -T "$state/image" "$work/replaced" 2>/dev/null || :
    mv -T "$work/image" "$state/image" 2>/dev/null || :
  fi
  rm -rf "$work"
  image_is_there
}

image_is_there() {
  [ -x "$state/image/denort" ] && [ "$(deno_version "$state/image/deno")" = "$image_deno" ]
}

fetch_image() {
  (cd "$work" && with_progress "fetching a runtime image for the tests from npm" "$work/log" \
    "$root/scripts/deno" install --quiet --no-lock --node-modules-dir=auto) ||
    {
      tail -n 5 "$work/log" >&2
      return 1
    }
}

cut_image() {
  mkdir "$work/image"
  image=$work/image/denort
  head -c "$image_length" "$work/node_modules/$image_package/$image_file" >"$image" || return
  case $(sha256sum "$image") in
  "$image_sha256 "*) ;;
  *)
    say "the runtime image from npm is not the one expected (SHA-256 differs)"
    return 1
    ;;
  esac
  ln "$compiler" "$work/image/deno" || return
  chmod 755 "$image"
}
