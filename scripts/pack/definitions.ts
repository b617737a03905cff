/**
 * Leaves the definitions of C functions out of a bundle that it does not call.
 *
 * The runtime reads all of a bundle at each start, and makes an object of the definitions, of which most
 * commands need a tenth (lib/os/libc.ts).
 *
 * @module
 */

/** A definition in a minified bundle: a name, and what the function takes and returns. */
const DEFINITION = /\b(\w+):"(?:\w+(?: async)?: )?(?:\w+ )*-> \w+",?/g;

/** Returns a bundle without the definitions whose names are nowhere else in it. */
export function withoutUnusedDefinitions(bundle: string): string {
  const times = new Map<string, number>();
  for (const [word] of bundle.matchAll(/\w+/g)) times.set(word, (times.get(word) ?? 0) + 1);
  return bundle.replace(DEFINITION, (definition, name) => {
    const own = definition.match(/\w+/g)!.filter((word: string) => word === name).length;
    return times.get(name)! > own ? definition : "";
  });
}
