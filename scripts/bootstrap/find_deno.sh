# Finds a Deno that is new enough, or installs one into .deno/ (which git ignores).

# True when version $1 (three numbers) is at least $2.
version_at_least() {
  awk -v have="$1" -v least="$2" 'BEGIN {
    split(have, h, /[.+-]/); split(least, l, ".")
    for (i = 1; i <= 3; i++) if (h[i] + 0 != l[i] + 0) exit !(h[i] + 0 > l[i] + 0)
    exit 0
  }'
}

# Prints the version of the Deno at $1; fails when it doesn't run.
deno_version() {
  line=$("$1" -V 2>/dev/null) || return 1
  case $line in
  'deno '*) printf '%s\n' "${line#deno }" ;;
  *) return 1 ;;
  esac
}

# Prints the path of the Deno to run.
find_deno() {
  if found=$(command -v deno) && version=$(deno_version "$found") &&
    version_at_least "$version" "$least"; then
    printf '%s\n' "$found"
    return
  fi
  installed_deno "$wanted"
}

# Prints the path of Deno $1 in .deno/, and installs it there first if need be.
installed_deno() {
  own=$state/deno-$1/deno
  [ -x "$own" ] || install_deno "$1"
  printf '%s\n' "$own"
}

# Everything happens in a directory of its own and is moved into place complete, so that several
# invocations at once, or one that is killed, leave either a whole installation or none.
install_deno() {
  mkdir -p "$state"
  work=$(mktemp -d "$state/installing.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir "$work/deno"
  if ! deno_from_npm "$1" && ! deno_from_installer "$1"; then
    tail -n 3 "$work/log" >&2 2>/dev/null || :
    die "Cannot install Deno $1 into $state: neither npm nor the official installer (curl and" \
      "unzip) worked; install Deno $least or newer yourself and put it in PATH"
  fi
  version=$(deno_version "$work/deno/deno") ||
    die "Cannot use the Deno installed into $state: it does not run on this machine; install Deno $least or newer yourself and put it in PATH"
  mv -T "$work/deno" "$state/deno-$1" 2>/dev/null || [ -x "$own" ] ||
    die "Cannot move Deno $version to $state/deno-$1; check that directory's permissions"
  rm -rf "$work"
  trap - EXIT HUP INT TERM
}

# The npm package only starts the real binary, which is in a package named after the platform. npm
# trusts its own list of certificate authorities; the system's may have more.
deno_from_npm() {
  command -v npm >/dev/null || return 1
  authorities=/etc/ssl/certs/ca-certificates.crt
  [ -r "$authorities" ] || authorities=
  with_progress "installing Deno $1 from npm, for this clone only" "$work/log" \
    env NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$authorities}" \
    npm install --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000 --prefix "$work" --cache "$work/cache" --global=false --no-save \
    --no-package-lock --ignore-scripts --include=optional --no-audit --no-fund \
    --no-update-notifier "deno@$1" || {
    grep -m 1 '^npm error' "$work/log" >&2
    return 1
  }
  for binary in "$work"/node_modules/@deno/*/deno; do
    [ -f "$binary" ] && mv "$binary" "$work/deno/deno" && chmod 755 "$work/deno/deno" && return
  done
  return 1
}

deno_from_installer() {
  command -v curl >/dev/null || return 1
  with_progress "installing Deno $1 with its installer, for this clone only" "$work/log" \
    env DENO_INSTALL="$work/installed" sh -c \
    'curl -fsSL --connect-timeout 10 https://deno.land/install.sh -o "$2" && sh "$2" "v$1" --no-modify-path' \
    installer "$1" "$work/installer" || {
    tail -n 1 "$work/log" >&2
    return 1
  }
  mv "$work/installed/bin/deno" "$work/deno/deno"
}
