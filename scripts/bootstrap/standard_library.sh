# Decides, once for each clone, where @std comes from, and remembers it in .deno/network:
# `open` when JSR can be reached, `closed` when the npm package has to do.
# Delete that file to have it decided again.

std_map=$root/scripts/closed_network/import_map.json

on_closed_network() {
  verdict=
  [ ! -r "$state/network" ] || read -r verdict <"$state/network" || :
  case $verdict in
  open) return 1 ;;
  closed) return 0 ;;
  esac
  mkdir -p "$state"
  if jsr_answers; then
    remember open
    say "@std comes from JSR"
    return 1
  fi
  package=$(sed -n 's|.*"npm:\(deno-std@[0-9.]*\)/.*|\1|p' "$std_map" | head -n 1)
  if ! npm_answers; then
    say "Cannot fetch @std: neither JSR nor the npm package $package can be reached;" \
      "what Deno has not cached yet will be missing"
    return 1
  fi
  remember closed
  say "JSR can't be reached: @std comes from the npm package $package" \
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

npm_answers() {
  timeout 120 "$deno" cache --quiet --no-config "npm:$package/path/constants.js" >/dev/null 2>&1 </dev/null
}

# deno.json with the import map in place of the JSR names, for subcommands that take no import map.
# It has to be beside deno.json, because paths in a configuration are relative to it.
closed_configuration() {
  sed -e '/^  "imports": {/,/^  }/c\  "importMap": "./scripts/closed_network/import_map.json",' \
    "$root/deno.json" >"$root/deno.closed.json.$$"
  mv "$root/deno.closed.json.$$" "$root/deno.closed.json"
}
