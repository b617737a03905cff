import { setSoftOpenFiles } from "../../os/limits.ts";
import { type Limit, readLimit, setLimit } from "../../os/resource_limits.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { resetSignals } from "../../os/signal_state.ts";
import { prepareExec } from "../../os/spawn/exec.ts";
import { cannotRun } from "../../cli/become_program.ts";
import { LIMIT_OPTIONS, type LimitChange, limitChanges } from "../../cli/chain/limit_changes.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** Raises the soft limits again, as far as they may be: to say what went wrong takes memory. */
function giveRoom(former: readonly (readonly [LimitChange, Limit])[]): void {
  for (const [{ resource, what, limit }, { soft }] of former) {
    try {
      setLimit(resource, { soft: soft < limit.hard ? soft : limit.hard, hard: limit.hard }, what);
    } catch {
      // The message may get through all the same.
    }
  }
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
    const former = changes.map((change) => [change, readLimit(change.resource)] as const);
    // From the first limit on, memory may be short: all that the change of the program needs is there.
    const become = prepareExec(prog);
    resetSignals();
    try {
      for (const { resource, what, limit } of changes) setLimit(resource, limit, what);
    } catch (error) {
      giveRoom(former);
      throw error;
    }
    const error = become();
    giveRoom(former);
    throw cannotRun(prog[0]!, error);
  },
};
