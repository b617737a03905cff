/**
 * Which commands are in which bundle. The runtime reads the whole of a bundle at each start, 40 µs for
 * each KiB, so a command that scripts, daemons or people start has a small one.
 *
 * @module
 */

import { namesOf, type RegisteredCommand } from "../../lib/cli/registered_command.ts";
import { commands } from "../../lib/commands/registry.ts";

/** How the runtime is started for the commands of a bundle. */
export interface BundlePlan {
  /** The file, without `.mjs`. */
  readonly name: string;
  /** The first words of its commands; absent: the name. */
  readonly words?: readonly string[];
  /**
   * `short`: does little, `many`: ends soon, but may do the same for thousands of services, `long`: may do much, and
   * gets the optimizing compiler, `serve`: lives long and does little, `scan`: the same, and reads signals from a
   * descriptor.
   */
  readonly life: "short" | "many" | "long" | "serve" | "scan";
  /** Absent: its commands start programs, which get the caller's environment. */
  readonly startsNothing?: true;
  /** What its commands load only where they need it; absent: all that they import is in the bundle. */
  readonly part?: Part;
}

/**
 * Modules in `lib/cli` that are bundles of their own, for commands that seldom need them. A part and the command that
 * loads it have each their own copy of what both import: they exchange plain data.
 */
export const PARTS = {
  /** What `sv rc` knows of services that are down. */
  explain_live: "explained/explain_live.ts",
  /** Why a wait was in vain. */
  explain_services: "explained/explain_services.ts",
} as const;

/** The name of a part. */
export type Part = keyof typeof PARTS;

/** All bundles but the one of all other commands, which is called {@linkcode REST}. */
export const BUNDLES: readonly BundlePlan[] = [
  { name: "scan", life: "scan" },
  { name: "supervise", life: "long" },
  // What scripts ask for a service, and tell it.
  { name: "stat", life: "short", startsNothing: true },
  { name: "ok", life: "short", startsNothing: true },
  { name: "wait", life: "short", startsNothing: true, part: "explain_services" },
  { name: "control", life: "short", startsNothing: true, part: "explain_services" },
  { name: "scanctl", life: "short" },
  { name: "status", life: "many", part: "explain_live" },
  { name: "ready", life: "short", part: "explain_live" },
  {
    name: "start",
    words: ["start", "stop", "restart", "reload", "check", "up", "hup", "shutdown"],
    life: "short",
  },
  // What daemons are started by, or have beside them.
  { name: "notifyoncheck", life: "short" },
  { name: "notifywhenup", life: "short" },
  { name: "notify-fd-from-socket", life: "short" },
  { name: "notify-socket-from-fd", life: "short" },
  { name: "notifyonline", life: "short" },
  { name: "background-watch", life: "short" },
  { name: "setlock", life: "short" },
  { name: "setuidgid", life: "short" },
  { name: "envuidgid", life: "short" },
  { name: "applyuidgid", life: "short" },
  { name: "envdir", life: "short" },
  { name: "softlimit", life: "short" },
  { name: "setsid", life: "short" },
  // What finish scripts call.
  { name: "permafailon", life: "short" },
  { name: "serve", life: "serve" },
  // Families.
  {
    name: "listen",
    words: ["listen", "listen1", "event"],
    life: "short",
    part: "explain_services",
  },
  { name: "instance", life: "long" },
  { name: "rc", life: "long" },
  { name: "log", life: "long" },
  { name: "logs", life: "long" },
  { name: "tai64n", words: ["tai64n", "tai64nlocal"], life: "long" },
  { name: "watch", life: "serve" },
];

/** The bundle of all commands: those that no other has are started from it. */
export const REST: BundlePlan = { name: "sv", life: "long" };

/** Returns the commands of a bundle. */
export function commandsOf({ name, words = [name] }: BundlePlan): readonly RegisteredCommand[] {
  return commands.filter((command) => words.includes(firstWord(command.name)));
}

/** Returns the first words, or names of programs, by which a bundle is chosen. */
export function namesOfBundle(plan: BundlePlan): readonly string[] {
  return [...new Set(commandsOf(plan).flatMap(namesOf).map(firstWord))];
}

function firstWord(name: string): string {
  return name.split(" ")[0]!;
}
