import { assertEquals, assertThrows } from "@std/assert";
import { substitute } from "../../../lib/cli/usertree/substitute.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

const USER = [
  ["USER", "ska"],
  ["HOME", "/home/ska"],
  ["UID", "1000"],
  ["GID", "100"],
  ["GIDLIST", "4,27"],
] as const;

const tree = (directory: string, path: string, more: Record<string, string> = {}) => ({
  directory,
  path,
  variables: new Map([...USER, ...Object.entries(more)]),
});

Deno.test("a user's data comes in the place of its five words, however often", () => {
  const { directory, path } = substitute(
    tree("/run/user/${UID}/${USER}-${UID}", "${HOME}/bin:/g/${GID}/${GIDLIST}"),
    [],
  );
  assertEquals([directory, path], ["/run/user/1000/ska-1000", "/home/ska/bin:/g/100/4,27"]);
});

Deno.test("other words with a dollar stay, and nothing is run", () => {
  const text = "/${NAME}/$HOME/$(id)/`id`/${HOME/${}";
  assertEquals(substitute(tree(text, ""), []).directory, text);
});

Deno.test("only variables that are named as templates are filled in", () => {
  const given = { CONFIG: "${HOME}/.config", PLAIN: "${HOME}", EMPTY: "" };
  const { variables } = substitute(tree("/a", "/b", given), ["CONFIG", "EMPTY", "MISSING"]);
  assertEquals(variables.get("CONFIG"), "/home/ska/.config");
  assertEquals(variables.get("PLAIN"), "${HOME}");
  assertEquals(variables.get("EMPTY"), "");
  assertEquals(variables.get("MISSING"), "");
});

Deno.test("a template may stand in the scan directory and in PATH, as s6 has it", () => {
  const { directory, path } = substitute(
    tree("/srv/${PLACE}", "${PLACE}:/bin", { PLACE: "of-${USER}" }),
    ["PLACE"],
  );
  assertEquals([directory, path], ["/srv/of-ska", "of-ska:/bin"]);
});

Deno.test("a value is not looked through again", () => {
  const odd = { ...tree("/srv/${HOME}", ""), variables: new Map([...USER, ["HOME", "/${UID}"]]) };
  assertEquals(substitute(odd, []).directory, "/srv//${UID}");
});

Deno.test("a user's variable that the directory of variables removes is an error", () => {
  const without = { ...tree("/a", ""), variables: new Map(USER.slice(1)) };
  assertThrows(() => substitute(without, []), UsageError, "USER");
});
