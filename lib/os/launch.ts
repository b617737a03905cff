/**
 * What the launcher of this program left in the environment, and how to undo it.
 *
 * The packed executable and `scripts/deno` start this program through the `deno` command. They have to
 * change the environment for that, and note what they did in variables named `_SV_…`:
 *
 * | variable | meaning |
 * |---|---|
 * | `_SV_PID` | the process that the notes are for |
 * | `_SV_ARGV0` | the name under which the program was called |
 * | `_SV_NOFILE` | the soft limit on open files, which the `deno` command raises |
 * | `_SV_CHANGED` | the names of the variables that were changed, between spaces |
 * | `_SV_OLD_NAME` | what `NAME` was before; absent when it wasn't set |
 *
 * A service must see the environment that the user's own shell would have given it.
 *
 * @module
 */

/** What a launcher knew about the start of this program. */
export interface Launch {
  /** The name under which the program was called; undefined where the kernel still knows. */
  readonly argv0: string | undefined;
  /** The soft limit on open files at the start; undefined when nothing has changed it. */
  readonly softNofile: number | undefined;
}

const NOTHING: Launch = { argv0: undefined, softNofile: undefined };
let launch: Launch | undefined;

/**
 * Undoes what the launcher did to the environment, the first time it is called.
 *
 * @returns what the launcher knew; the same each time.
 */
export function restoreLaunchEnvironment(): Launch {
  return launch ??= Deno.env.has("_SV_PID") ? restore() : NOTHING;
}

function restore(): Launch {
  const pid = take("_SV_PID");
  const argv0 = take("_SV_ARGV0");
  const nofile = take("_SV_NOFILE");
  for (const name of take("_SV_CHANGED")?.split(" ") ?? []) {
    const former = take(`_SV_OLD_${name}`);
    if (former === undefined) Deno.env.delete(name);
    else Deno.env.set(name, former);
  }
  // Exec keeps the process id, so notes for another process were merely inherited: those of a
  // `scripts/deno` from which somebody started this program.
  if (pid !== String(Deno.pid)) return NOTHING;
  return { argv0, softNofile: nofile === undefined ? undefined : softLimit(nofile) };
}

/** `ulimit` prints a number or a word. */
function softLimit(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function take(name: string): string | undefined {
  let value: string | undefined;
  try {
    value = Deno.env.get(name);
  } catch {
    // Deno can't give a value that is not UTF-8; deleting it is still right.
  }
  Deno.env.delete(name);
  return value;
}
