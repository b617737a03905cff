# Fetches the Deno of another machine, to be packed for it; it can't be run here.

# Prints the path of Deno $2 for machine $1 in .deno/, and fetches it first if need be. Ends with one line
# where it can't be had.
deno_for() {
  other=$state/deno-$2-$1
  [ ! -f "$other/deno" ] || {
    printf '%s\n' "$other/deno"
    return
  }
  mkdir -p "$state"
  fetching=$(mktemp -d "$state/installing.XXXXXX")
  mkdir "$fetching/deno"
  if ! other_from_npm "$1" "$2" && ! other_from_releases "$1" "$2"; then
    rm -rf "$fetching"
    die "cannot fetch Deno $2 for $1: neither npm nor Deno's own releases (curl and unzip) have it for" \
      "this network; name a file with --runtime"
  fi
  chmod 755 "$fetching/deno/deno"
  mv -T "$fetching/deno" "$other" 2>/dev/null || [ -f "$other/deno" ] ||
    die "cannot move Deno $2 for $1 to $other; check that directory's permissions"
  rm -rf "$fetching"
  printf '%s\n' "$other/deno"
}

# npm calls the machines by names of its own. `npm pack`, because npm installs nothing for another machine.
other_from_npm() {
  command -v npm >/dev/null || return 1
  case $1 in
  x86_64) package=linux-x64-glibc ;;
  aarch64) package=linux-arm64-glibc ;;
  *) return 1 ;;
  esac
  authorities=/etc/ssl/certs/ca-certificates.crt
  [ -r "$authorities" ] || authorities=
  with_progress "fetching Deno $2 for $1 from npm" "$fetching/log" \
    env NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$authorities}" \
    npm pack --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 \
    --cache "$fetching/cache" --pack-destination "$fetching" --no-update-notifier "@deno/$package@$2" &&
    tar -xzf "$fetching"/*.tgz -C "$fetching" package/deno &&
    mv "$fetching/package/deno" "$fetching/deno/deno"
}

other_from_releases() {
  command -v curl >/dev/null && command -v unzip >/dev/null || return 1
  with_progress "fetching Deno $2 for $1 from its releases" "$fetching/log" \
    curl -fsSL --connect-timeout 10 -o "$fetching/deno.zip" \
    "https://dl.deno.land/release/v$2/deno-$1-unknown-linux-gnu.zip" &&
    unzip -q "$fetching/deno.zip" deno -d "$fetching/deno"
}
