import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadable } from "../../../scripts/pack/loadable.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("a bundle runs as it would as a module: strict, with import.meta and await at its top", async () => {
  await using place = await temporaryDirectory();
  const { module, code } = loadable(
    "x",
    "await 1; globalThis.loaded = [import.meta.url, typeof this, (function(){return this})()]; // end",
  );
  await Deno.writeTextFile(`${place.path}/x.mjs`, module);
  await Deno.writeTextFile(`${place.path}/x.code`, code);
  const url = `file://${place.path}/x.mjs`;
  await import(url);
  assertEquals((globalThis as unknown as { loaded: unknown }).loaded, [
    url,
    "undefined",
    undefined,
  ]);
});

Deno.test("V8 parses what a bundle does when it is loaded once", async () => {
  await using place = await temporaryDirectory();
  const { module, code } = loadable("x", "function later(){return 1}globalThis.loaded=later;");
  await Deno.writeTextFile(`${place.path}/x.mjs`, module);
  await Deno.writeTextFile(`${place.path}/x.code`, code);
  const log = `${place.path}/log`;
  const flags = `--log-function-events,--logfile=${log},--no-logfile-per-isolate`;
  const { code: exitCode, stderr } = await run([
    ...[Deno.execPath(), "run", "--quiet", "--no-config", "--allow-all", `--v8-flags=${flags}`],
    `${place.path}/x.mjs`,
  ]);
  assertEquals([exitCode, stderr], [0, ""]);
  const events = Deno.readTextFileSync(log).split("\n").map((line) => line.split(","));
  // The script that is as long as the bundle, and its parts that were parsed when they were called.
  const script = events.find(([kind, what, , from, to]) =>
    kind === "function" && what === "interpreter-eval" && from === "0" && to === String(code.length)
  )?.[2];
  assert(script !== undefined, "V8 does not tell which script the bundle is");
  const parsedWhenCalled = events.filter(([kind, what, id]) =>
    kind === "function" && what === "parse-function" && id === script
  );
  assertEquals(parsedWhenCalled, []);
});

Deno.test("a bundle that has a variable of the loader's name is refused", () => {
  assertThrows(() => loadable("x", "var $meta;"), Error, "'x' has a variable $meta");
});

Deno.test("a bundle that imports something is refused", () => {
  for (const line of ['import{a}from"node:http";', 'var b;import c from"c";', 'import"d"']) {
    assertThrows(() => loadable("x", line), Error, "'x' imports when it is loaded");
  }
  loadable("x", 'var a=await import("a");');
});

/** Returns an import, as the bundler leaves it. */
const importOf = (module: string) => `import(${JSON.stringify(module)})`;

Deno.test("a bundle imports a part, and gets what that exports", async () => {
  await using place = await temporaryDirectory();
  const write = (name: string, bundle: string) => {
    const { module, code } = loadable(name, bundle);
    Deno.writeTextFileSync(`${place.path}/${name}.mjs`, module);
    Deno.writeTextFileSync(`${place.path}/${name}.code`, code);
  };
  write("explain_live", "var a=1,b=()=>a+1;export{a as one,b};\n");
  write(
    "x",
    `var{one:o,b:t}=await ${importOf("./explained/explain_live.ts")};globalThis.loaded=[o,t()];`,
  );
  await import(`file://${place.path}/x.mjs`);
  assertEquals((globalThis as unknown as { loaded: unknown }).loaded, [1, 2]);
});

Deno.test("a bundle that imports what is no part is refused", () => {
  const bundle = `var a=await ${importOf("./other.ts")};`;
  assertThrows(() => loadable("x", bundle), Error, "'x' imports other, which is no part");
});
