/**
 * Makes of each bundle `NAME.js` in a directory what the runtime starts, `NAME.mjs` and `NAME.code`:
 * `loadable.ts FROM TO`.
 *
 * The runtime parses each module twice: first itself, for what the module imports, then V8 does. The first
 * takes four times as long as the second, and a bundle imports nothing. So the module is a line that has V8
 * run the bundle, which is only data to the runtime.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { PARTS } from "./bundles.ts";
import { withoutUnusedDefinitions } from "./definitions.ts";

/** A bundle as the runtime gets it. */
export interface Loadable {
  /** The module. */
  readonly module: string;
  /** What the module runs. */
  readonly code: string;
}

/** What stands for `import.meta`, which there is in modules only. */
const META = "$meta";

/** Imports stand at the beginning. */
const LOOKED_AT = 2000;

/** What a part exports, at its end: `export{a as one,b as two};`. */
const EXPORTS = /\bexport\s*\{([^}]*)\};?\s*$/;

/** An import of a part that the bundler has left alone. */
const IMPORT_OF_PART = /\bimport\("[^"]*?(\w+)\.ts"\)/g;

/** Returns a module for a bundle. */
export function loadable(name: string, bundle: string): Loadable {
  if (bundle.includes(META)) throw new Error(`bundle '${name}' has a variable ${META}`);
  if (/(^|[;}])import[\s{*"]/.test(bundle.slice(0, LOOKED_AT))) {
    throw new Error(`bundle '${name}' imports when it is loaded; have it await import()`);
  }
  const exported = (EXPORTS.exec(bundle)?.[1] ?? "").split(",").filter((text) => text !== "")
    .map((text) => text.trim().split(" as "));
  const body = withoutUnusedDefinitions(bundle)
    .replace(/\bimport\.meta\b/g, META)
    .replace(IMPORT_OF_PART, (_, part) => {
      if (!(part in PARTS)) throw new Error(`bundle '${name}' imports ${part}, which is no part`);
      return `import(new URL("${part}.mjs",${META}.url).href)`;
    })
    .replace(
      EXPORTS,
      `return{${exported.map(([own, other = own]) => `${other}:${own}`).join(",")}}`,
    );
  const load = "await(0,eval)(Deno.readTextFileSync(" +
    `import.meta.dirname+${JSON.stringify(`/${name}.code`)}))(import.meta)\n`;
  return {
    module: exported.length === 0
      ? load
      : `export const{${exported.map((names) => names.at(-1)).join(",")}}=${load}`,
    // No arrow function: V8 would parse that twice. A function in parentheses it expects to be called at once.
    code: `(async function(${META}){"use strict";${body}\n})\n`,
  };
}

if (import.meta.main) {
  const [from, to] = parseArgs(Deno.args, { string: ["_"] })._.map(String);
  if (from === undefined || to === undefined) {
    console.error("usage: loadable.ts FROM TO");
    Deno.exit(100);
  }
  for (const { name: file } of Deno.readDirSync(from)) {
    if (!file.endsWith(".js")) continue;
    const name = file.slice(0, -".js".length);
    const { module, code } = loadable(name, Deno.readTextFileSync(`${from}/${file}`));
    Deno.writeTextFileSync(`${to}/${name}.mjs`, module);
    Deno.writeTextFileSync(`${to}/${name}.code`, code);
  }
}
