import { assert, assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import {
  BUNDLES,
  commandsOf,
  namesOfBundle,
  type Part,
  PARTS,
} from "../../../scripts/pack/bundles.ts";
import { V8_FLAGS } from "../../../scripts/pack/runtime_start.ts";
import { unpacked } from "../../compiled/forms.ts";
import { testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

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

Deno.test("a part is a module that bears its name, and some bundle loads it", () => {
  for (const [part, path] of Object.entries(PARTS)) {
    const module = Deno.readTextFileSync(new URL(`../../../lib/cli/${path}`, import.meta.url));
    assert(path.endsWith(`/${part}.ts`) && /^export /m.test(module), path);
    assert(BUNDLES.some((plan) => plan.part === part), part);
  }
});

Deno.test("errno is trusted in the bundles for which V8 has no threads, and in no other", async () => {
  await using place = await temporaryDirectory();
  const { href } = new URL("../../../scripts/pack/entries.ts", import.meta.url);
  const deno = new URL("../../../scripts/deno", import.meta.url).pathname;
  const written = await run([deno, "run", "--quiet", "--allow-all", href, place.path]);
  assertEquals(written.code, 0, written.stderr);
  const { short, many, lean } = V8_FLAGS;
  const flags = { short, many, serve: lean, scan: lean, long: "" };
  for (const { name, part = "whole", life } of BUNDLES) {
    const entry = await Deno.readTextFile(`${place.path}/${part}/${name}.ts`);
    const hasNoThreads = flags[life].includes("--single-threaded");
    assertEquals(entry.includes("trustErrno();"), hasNoThreads, name);
  }
  assert(!(await Deno.readTextFile(`${place.path}/whole/sv.ts`)).includes("trustErrno"));
});

/** Texts that parts hold. */
const MARKS = { explain_live: "InvalidLiveError", explain_services: "has closed descriptor" };

testNeeding([unpacked.missing], "a bundle does not hold the part that it loads", () => {
  const root = unpacked.command[0]!.replace(/\/sv$/, "");
  const [program] = [...Deno.readDirSync(root)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `${root}/${name}`).filter((path) => existsSync(`${path}/wait.code`));
  for (const part of Object.keys(PARTS) as Part[]) {
    assert(Deno.readTextFileSync(`${program}/${part}.code`).includes(MARKS[part]), part);
  }
  for (const { name, part } of BUNDLES) {
    if (part === undefined) continue;
    const code = Deno.readTextFileSync(`${program}/${name}.code`);
    assert(code.includes(`"${part}.mjs"`), `${name} loads ${part}`);
    assert(!code.includes(MARKS[part]), `${name} holds ${part}`);
  }
});
