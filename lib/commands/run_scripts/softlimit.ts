import { setSoftOpenFiles } from "../../os/limits.ts";
import { type LimitChange, prepareLimits, readLimit } from "../../os/resource_limits.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { resetSignals } from "../../os/signal_state.ts";
import { prepareExec } from "../../os/spawn/exec.ts";
import { lastErrno, SystemError } from "../../os/system_error.ts";
import { cannotRun } from "../../cli/become_program.ts";
import { LIMIT_OPTIONS, limitChanges } from "../../cli/chain/limit_changes.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** Returns a change with the former soft limit, as far as the new hard one lets it. */
function softened(change: LimitChange, { limit: { soft } }: LimitChange): LimitChange {
  const { hard } = change.limit;
  return { ...change, limit: { soft: soft < hard ? soft : hard, hard } };
}

/** `sv softlimit`: changes limits, and becomes another program. */
export const softlimitCommand: Command = {
  usage: "[-H | -h] [-a allmem] [-c core] [-d data] [-f fsize] [-l lock] [-m mem] [-o ofiles] " +
    "[-P prio] [-p proc] [-r res] [-s stack] [-t cpusecs] prog...",
  help:
    `Becomes prog, with other soft limits. A limit is a number, or = for the hard limit; one above the
hard limit is the hard limit.

  -a BYTES    all memory: the address space
  -c BYTES    the size of core files
  -d BYTES    memory for data
  -f BYTES    the size of files that are written
  -l BYTES    locked memory
  -m BYTES    memory of each kind: as -a -d -l -s
  -o NUMBER   open files
  -P NUMBER   real-time priority
  -p NUMBER   processes of the user
  -r BYTES    resident memory; Linux takes no notice of it
  -s BYTES    memory for the stack
  -t SECONDS  time of the processor
  -H          the options after it set the hard limit, too
  -h          the options after it set the hard limit alone; a soft limit above it follows it

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  run(args) {
    const { options, rest } = parseOptions(args, LIMIT_OPTIONS);
    const prog = requiredProgram(rest);
    const atStart = softLimitAtStart();
    if (atStart !== undefined) setSoftOpenFiles(atStart);
    const changes = limitChanges(options);
    const former = changes.map((change) => ({ ...change, limit: readLimit(change.resource) }));
    const become = prepareExec(prog);
    const limit = prepareLimits(changes);
    const soften = prepareLimits(changes.map((change, index) => softened(change, former[index]!)));
    const restore = prepareLimits(former);
    // A rehearsal, which sets what is: V8 compiles what it has not run yet.
    restore();
    resetSignals();
    // From the first limit on, memory may be short: V8, which can't do without, would end the process.
    const set = limit();
    const errno = set < changes.length ? lastErrno() : become();
    // To say what went wrong takes memory. Only root may raise hard limits again.
    soften();
    restore();
    if (set < changes.length) {
      throw new SystemError(`set the limit on ${changes[set]!.what}`, errno);
    }
    throw cannotRun(prog[0]!, new SystemError(`run ${prog[0]}`, errno));
  },
};
