# Decides, once for each clone, where @std comes from, and remembers it in .deno/network:
# `open` when JSR can be reached, `closed` when the npm package has to do.
# Delete that file to have it decided again.

std_package=deno-std
std_version=1.3.1

on_closed_network() {
  verdict=
  [ ! -r "$state/network" ] || read -r verdict <"$state/network" || :
  case $verdict in
  open) return 1 ;;
  closed) [ ! -d "$state/std" ] || return 0 ;;
  esac
  mkdir -p "$state"
  if jsr_answers; then
    remember open
    say "@std comes from JSR"
    return 1
  fi
  if ! install_std; then
    say "Cannot fetch @std: neither JSR nor the npm package $std_package can be reached;" \
      "what is not cached yet will be missing"
    return 1
  fi
  remember closed
  say "JSR can't be reached: @std comes from the npm package $std_package@$std_version" \
    "(delete .deno/network to try again)"
}

remember() {
  printf '%s\n' "$1" >"$state/network.$$"
  mv "$state/network.$$" "$state/network"
}

# One small module of a version that deno.json names; a network that drops packets is closed too.
jsr_answers() {
  module=$(sed -n 's|.*"\(jsr:@std/path@[^"]*\)".*|\1/constants|p' "$root/deno.json")
  timeout 5 "$deno" cache --quiet --no-config --reload "$module" >/dev/null 2>&1 </dev/null
}

# Deno fetches npm packages by itself, so npm need not be there. The copy is taken out of
# node_modules because Deno doesn't look into the types of what is inside one.
install_std() {
  [ ! -d "$state/std" ] || return 0
  work=$(mktemp -d "$state/installing.XXXXXX")
  printf '{ "dependencies": { "%s": "%s" } }\n' "$std_package" "$std_version" \
    >"$work/package.json"
  if (cd "$work" && with_progress "fetching @std from npm" "$work/log" \
    "$deno" install --quiet --no-lock --node-modules-dir=auto) &&
    cp -RL "$work/node_modules/$std_package" "$work/std"; then
    mv -T "$work/std" "$state/std" 2>/dev/null || :
  fi
  rm -rf "$work"
  [ -d "$state/std" ]
}

# deno.json with npm names in place of JSR names. It has to be beside deno.json, because paths in a
# configuration are relative to it.
closed_configuration() {
  "$deno" run --quiet --no-config --allow-read --allow-write \
    "$root/scripts/bootstrap/closed_configuration.ts" \
    "$root/deno.json" "$root/deno.closed.json" "$std_package@$std_version"
}
