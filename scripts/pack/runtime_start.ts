/**
 * How the runtime is started, by stub.sh and by the launcher.
 *
 * @module
 */

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

/** Returns how the launcher starts the runtime for a command and its names: as stub.sh does. */
export function bundleOf(name: string, names: readonly string[]): Bundle {
  return {
    file: `${name}.mjs`,
    names,
    starts: !["stat", "wait", "control", "ok"].includes(name),
    life: name === "scan" ? "scan" : ["supervise", "serve", "sv"].includes(name) ? "long" : "short",
  };
}
