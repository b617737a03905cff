import { assert, assertEquals } from "@std/assert";
import { BUNDLES, commandsOf, namesOfBundle } from "../../../scripts/pack/bundles.ts";

Deno.test("a bundle has commands, and no name chooses two bundles", () => {
  const names = BUNDLES.flatMap((plan) => {
    assert(commandsOf(plan).length > 0, plan.name);
    return namesOfBundle(plan);
  });
  assertEquals(names.length, new Set(names).size);
});

Deno.test("a family is chosen by its first word, and by the names of s6's programs", () => {
  const rc = BUNDLES.find(({ name }) => name === "rc")!;
  assertEquals(namesOfBundle(rc).filter((name) => !name.startsWith("s6-")), ["rc"]);
  assert(namesOfBundle(rc).includes("s6-rc-init"));
});
