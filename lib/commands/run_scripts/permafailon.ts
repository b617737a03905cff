import { wallClock } from "../../os/clock.ts";
import { CWD, readFile } from "../../os/file.ts";
import { signalName, signalNumber } from "../../os/signal.ts";
import {
  type Death,
  DEATH_TALLY_BYTES,
  isDeathTally,
  unpackDeathTally,
} from "../../servicedir/death_tally.ts";
import { MAX_DEATHS, PERMANENT_FAILURE, SupervisePath } from "../../servicedir/protocol.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, required } from "../../cli/command.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { UsageError } from "../../options/usage_error.ts";
import { unsigned } from "../../options/parse_options.ts";
import { say, warn } from "../../cli/output.ts";

interface Causes {
  readonly exitCodes: ReadonlySet<number>;
  readonly signals: ReadonlySet<number>;
}

function parseExitCodes(first: string, last: string | undefined): number[] {
  const low = Number(first);
  const high = last === undefined ? low : Number(last);
  if (low > 255 || high > 255) {
    throw new UsageError(`an exit code is at most 255, not ${Math.max(low, high)}`);
  }
  if (high < low) throw new UsageError(`the interval ${first}-${last} is empty`);
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

function parseCauses(list: string): Causes {
  const exitCodes = new Set<number>();
  const signals = new Set<number>();
  for (const item of list.split(/[,; \n\r\t]+/).filter((item) => item !== "")) {
    const codes = /^(\d+)(?:-(\d+))?$/.exec(item);
    if (codes) parseExitCodes(codes[1]!, codes[2]).forEach((code) => exitCodes.add(code));
    else {
      const signal = signalNumber(item);
      if (signal === undefined || signal < 1 || signal > 64) {
        throw new UsageError(`'${item}' is neither an exit code nor a signal`);
      }
      signals.add(signal);
    }
  }
  return { exitCodes, signals };
}

/** Returns the deaths in the death tally of the service in the working directory; none without one. */
function readDeaths(): Death[] {
  try {
    const bytes = readFile(CWD, SupervisePath.deathTally, DEATH_TALLY_BYTES + 1);
    if (isDeathTally(bytes)) return unpackDeathTally(bytes);
    warn(`${SupervisePath.deathTally} is not a death tally`);
  } catch (error) {
    warn(error);
  }
  return [];
}

function describe({ exitCode, signal }: Death): string {
  return signal === 0 ? `exit code ${exitCode}` : `SIG${signalName(signal)}`;
}

/** `sv permafailon`: lets a service that dies too often fail permanently; for finish scripts. */
export const permafailonCommand: Command = {
  usage: "seconds deathcount causes program...",
  help:
    `For a finish script: exits 125, which makes the service fail permanently, when it has died at
least deathcount times in the last so many seconds of one of the causes. Else it becomes the program;
without one, it exits 0.

The causes are separated by commas: exit codes (1), intervals of them (1-50), and signals by name
(SIGTERM, abrt) or by number (sig11). A death by a signal also counts as exit code 128 + the signal.

The working directory must be the service directory, as it is in a finish script.

  exec sv permafailon 60 5 1,101-103,SIGSEGV,SIGBUS true`,
  run([seconds, count, causes, ...program]) {
    aboutServiceHere();
    const since = wallClock() -
      BigInt(unsigned(required(seconds, "number of seconds"), "seconds is a number")) *
        1_000_000_000n;
    // s6 takes 4096 in place of more.
    const bounds = isCalledAsS6() ? { least: 1 } : { least: 1, most: MAX_DEATHS };
    const subject = "deathcount is a number of deaths";
    const least = Math.min(unsigned(required(count, "deathcount"), subject, bounds), MAX_DEATHS);
    const { exitCodes, signals } = parseCauses(required(causes, "causes"));
    const matching = readDeaths().filter(({ stamp, exitCode, signal }) =>
      stamp >= since && (signals.has(signal) || exitCodes.has(exitCode))
    );
    if (matching.length < least) return becomeProgram(program);
    say(
      `info: permanent failure: ${matching.length} deaths in the last ${seconds} ` +
        `seconds, the last of ${describe(matching.at(-1)!)}`,
    );
    return PERMANENT_FAILURE;
  },
};
