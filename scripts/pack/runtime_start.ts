/**
 * How the runtime is started, by stub.sh and by the launcher.
 *
 * @module
 */

import { type BundlePlan, BUNDLES, REST } from "./bundles.ts";
import type { Bundle } from "./launcher/layout.ts";

/** The options of `deno` when it runs the program: it reads nothing else, and writes nothing. */
export const FLAGS = [
  "--allow-all",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--no-code-cache",
  "--node-modules-dir=none",
];

/**
 * The options of V8 for what ends soon, for what does the same for many services before that, and for what lives long
 * and does little. `many` compiles without optimizing, which pays at once, and has room for all new objects of
 * a thousand services. The room of a scan would grow once, at the start of many services, and stay.
 */
export const V8_FLAGS = {
  short: "--v8-flags=--single-threaded,--lite-mode",
  many: "--v8-flags=--single-threaded,--no-maglev,--no-turbofan," +
    "--invocation-count-for-feedback-allocation=4,--min-semi-space-size=8,--max-semi-space-size=8",
  lean: "--v8-flags=--single-threaded,--max-semi-space-size=1",
} as const;

/** Returns how the launcher starts the runtime for a bundle and its names: as stub.sh does. */
export function bundleOf(name: string, names: readonly string[]): Bundle {
  const { life, startsNothing } = BUNDLES.find((plan) => plan.name === name) ?? REST;
  return { file: `${name}.mjs`, names, starts: !startsNothing, life };
}

/** Returns the names of some bundles, each with what follows it, as a pattern of the shell. */
export function patternOf(wanted: (plan: BundlePlan) => boolean, rest = ""): string {
  return [...BUNDLES, REST].filter(wanted).map(({ name }) => name + rest).join(" | ");
}
