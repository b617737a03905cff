import { assertEquals, assertThrows } from "@std/assert";
import { loadable } from "../../../scripts/pack/loadable.ts";
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
  assertEquals((globalThis as unknown as { loaded: unknown }).loaded, [url, "object", undefined]);
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
