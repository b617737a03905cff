import { signalName } from "../../os/signal.ts";
import { type Death, readDeathTally } from "../../servicedir/death_tally.ts";
import { MAX_DEATHS } from "../../servicedir/protocol.ts";
import { formatTai64n } from "../../tai/tai64n.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { printJson } from "../../cli/json.ts";
import { print } from "../../cli/output.ts";

function cause({ exitCode, signal }: Death, numeric: boolean): string {
  if (signal === 0) return `exitcode ${exitCode}`;
  return `signal ${numeric ? signal : `SIG${signalName(signal)}`}`;
}

function asObject({ exitCode, signal, stamp }: Death) {
  const milliseconds = Number(stamp / 1_000_000n);
  return {
    // A damaged tally may hold an instant that no Date can express.
    time: Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : null,
    tai64n: formatTai64n(stamp),
    exitCode: signal === 0 ? exitCode : null,
    signal: signal === 0 ? null : `SIG${signalName(signal)}`,
  };
}

/** `sv death-tally`: when a service died, and of what. */
export const deathTallyCommand: Command = {
  usage: "[ -S | -s | --json ] [ -n lines ] servicedir",
  help: `Prints a line for each of the last deaths of a service, the latest last: when it died
(TAI64N), and its exit code or the signal that killed it.

  -S        signals by name (the default)
  -s        signals by number
  --json    print one JSON object: docs/json.md
  -n lines  only so many, the latest; default and at most ${MAX_DEATHS}

The supervisor keeps as many deaths as the file max-death-tally says, 100 without it.`,
  run(args) {
    const options = parseCommandLine(args, "Ssn:", { json: "json" });
    const numeric = options.lastOf("S", "s") === "s";
    const bounds = isCalledAsS6() ? {} : { most: MAX_DEATHS };
    const lines = options.number("n", "a number of lines", bounds) ?? MAX_DEATHS;
    const [dir] = operands(options.rest, ["service directory"]);
    const deaths = lines === 0 ? [] : readDeathTally(dir!).slice(-lines);
    if (options.has("json")) {
      printJson({ deaths: deaths.map(asObject) });
      return 0;
    }
    print(
      deaths
        .map((death) => `${formatTai64n(death.stamp)} ${cause(death, numeric)}\n`).join(""),
    );
    return 0;
  },
};
