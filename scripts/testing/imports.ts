import { dirname, join } from "@std/path";

/** Matches `import … from`, `export … from`, `import ""` and `import("")`. */
const IMPORT = /^(?:import|export|\}).* from "([^"]+)"|^import "([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** What a module imports. */
export interface Import {
  /** What the module names: `./status.ts`, `@std/path`. */
  readonly specifier: string;
  /** The path of the file, where the specifier is relative. */
  readonly path?: string;
}

/** Returns what a module imports. Comments, which may have examples, are left out. */
export function importsOf(path: string): Import[] {
  const source = Deno.readTextFileSync(path).replace(/^ *(\/\*\*[^]*?\*\/|\/\/.*$)/gm, "");
  return [...source.matchAll(IMPORT)].map(([, ...groups]) => {
    const specifier = groups.find((group) => group !== undefined)!;
    return specifier.startsWith(".")
      ? { specifier, path: join(dirname(path), specifier) }
      : { specifier };
  });
}
