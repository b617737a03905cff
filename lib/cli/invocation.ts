import { decodeOs } from "../os/os_string.ts";
import { restoreLaunchEnvironment } from "../os/runtime/launch.ts";

/** How this program was called. */
export interface Invocation {
  /** The name by which it was called. */
  readonly argv0: string;
  /** Its arguments, byte for byte. */
  readonly args: readonly string[];
}

/**
 * Returns this program's name and arguments, byte for byte; undefined where /proc is not mounted, as for
 * the first process of a machine.
 */
function commandLine(): string[] | undefined {
  try {
    return decodeOs(Deno.readFileSync("/proc/self/cmdline")).split("\0").slice(0, -1);
  } catch {
    return undefined;
  }
}

/** Reads how this program was called, and undoes what its launcher did to the environment. */
export function invocation(): Invocation {
  const { argv0 } = restoreLaunchEnvironment();
  // Deno.args has U+FFFD in place of bytes that are not UTF-8; the kernel keeps the bytes.
  if (argv0 !== undefined && !Deno.args.join("").includes("\ufffd")) {
    return { argv0, args: Deno.args };
  }
  const raw = commandLine() ?? ["sv", ...Deno.args];
  const args = Deno.args.length === 0 ? [] : raw.slice(-Deno.args.length);
  return { argv0: argv0 ?? raw[0] ?? "sv", args };
}
