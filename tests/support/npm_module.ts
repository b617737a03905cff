import type { Missing } from "./needs.ts";
import { within } from "./within.ts";

/** A module of an npm package, or why it can't be had. */
export type NpmModule =
  // deno-lint-ignore no-explicit-any -- its types would be loaded with every check
  | { readonly module: any; readonly missing?: undefined }
  | { readonly module?: undefined; readonly missing: Missing };

/**
 * Loads a module of an npm package that only one test uses. It is in no import map, so the
 * library's users and its checks load nothing of it.
 *
 * @param specifier The package with its version, and a path in it: `yaml@2.9.1`.
 */
export async function npmModule(specifier: string): Promise<NpmModule> {
  try {
    return { module: await within(import(`npm:${specifier}`), specifier, 60_000) };
  } catch (error) {
    return { missing: `the npm package ${specifier}: ${(error as Error).message.split("\n")[0]}` };
  }
}
