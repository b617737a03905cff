import { wallClock } from "../../os/clock.ts";
import { CWD } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { readDeathTally } from "../../servicedir/death_tally.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { readFailure } from "../../servicedir/failure.ts";
import { leftProcess } from "../../servicedir/left_process.ts";
import { readPollingStatus } from "../../servicedir/polling_status.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { readSdStatus } from "../../servicedir/sd_status.ts";
import { isUp, readStatus } from "../../servicedir/status.ts";
import { type Command, Failure } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { UsageError } from "../../options/usage_error.ts";
import { print, warn } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { fields, type Observation } from "../../cli/stat/stat_fields.ts";
// Not loaded when needed: what a bundle loads later, and all of the modules that this shares with the rest, become
// functions of their own there, for 1 ms at each start.
import { json } from "../../cli/stat/stat_json.ts";
import { sentence, sentenceOfS6 } from "../../cli/stat/stat_sentence.ts";

/** The options of `sv stat`. */
export const STAT_OPTIONS = { short: "no:uwNrpgest", long: { json: "json" } } as const;

const MAX_FIELDS = 16;
const NOT_SUPERVISED = 1;

const shortFields: Readonly<Record<string, string>> = {
  u: "up",
  w: "wantedup",
  N: "normallyup",
  r: "ready",
  p: "pid",
  g: "pgid",
  e: "exitcode",
  s: "signal",
  t: "updownfor",
};

interface Format {
  readonly fields: readonly string[];
  readonly json: boolean;
  readonly numeric: boolean;
}

function parseFields(list: string): string[] {
  // A comma after the last field is allowed.
  const names = list.replace(/,$/, "").split(",");
  if (list === "") return [];
  for (const name of names) {
    if (!Object.hasOwn(fields, name)) {
      throw new UsageError(
        `there is no field '${name}'; there are ${Object.keys(fields).join(", ")}`,
      );
    }
  }
  return names;
}

function parse(args: readonly string[]): { format: Format; dirs: readonly string[] } {
  const { options, rest: dirs } = parseCommandLine(args, STAT_OPTIONS.short, STAT_OPTIONS.long);
  const chosen: string[] = [];
  let numeric = false;
  let json = false;
  for (const { name, value } of options) {
    if (name === "n") numeric = true;
    else if (name === "json") json = true;
    else chosen.push(...name === "o" ? parseFields(value) : [shortFields[name]!]);
  }
  if (chosen.length > MAX_FIELDS) {
    throw new UsageError(`${chosen.length} fields are too many: at most ${MAX_FIELDS} are printed`);
  }
  if (json && chosen.length > 0) throw new UsageError("--json prints all fields; choose none");
  operandList(dirs, "service directory");
  return { format: { fields: chosen, json, numeric }, dirs };
}

/** Returns why a service directory has no status that holds. */
function whyNot(dir: string): string {
  if (accessErrno(CWD, dir, Access.EXISTS) === Errno.ENOENT) return "there is no such directory";
  const pid = leftProcess(dir);
  return pid === undefined
    ? "no supervisor is running"
    : `the supervisor is gone, process ${pid} still runs`;
}

function observe(dir: string): Observation {
  if (!isSupervised(dir)) {
    throw new Failure(`cannot read the status of ${dir}: ${whyNot(dir)}`, NOT_SUPERVISED);
  }
  const status = readStatus(dir);
  const now = wallClock();
  const down = accessErrno(CWD, `${dir}/${ServicePath.down}`, Access.EXISTS);
  if (down !== 0 && down !== Errno.ENOENT) throw new SystemError(`look for ${dir}/down`, down);
  // The clock may have been set back since: no service starts in the future.
  const stamp = status.stamp > now ? now : status.stamp;
  const known = { status: { ...status, stamp }, normallyUp: down !== 0, now };
  if (isCalledAsS6()) return known;
  if (isUp(status)) return { ...known, said: readSdStatus(CWD, status.pid, dir) };
  return { ...known, failure: status.pid === 0 ? readFailure(dir) : undefined };
}

function report(dir: string, format: Format, prefix: string): string {
  const observation = observe(dir);
  if (format.json) {
    const { status } = observation;
    const polling = isUp(status) ? readPollingStatus(CWD, status.pid, dir) : undefined;
    return `${json(dir, observation, readDeathTally(dir).length, polling)}\n`;
  }
  const line = format.fields.length === 0
    ? (isCalledAsS6() ? sentenceOfS6 : sentence)(observation, format.numeric)
    : format.fields.map((field) => fields[field]!(observation)).join(" ");
  return `${prefix}${line}\n`;
}

/** Prints the states of several services. Where one can't be read, it warns and goes on. */
function reportAll(dirs: readonly string[], format: Format): number {
  let code = 0;
  for (const dir of dirs) {
    try {
      print(report(dir, format, `${dir}: `));
    } catch (error) {
      warn(error);
      code = error instanceof Failure ? error.exitCode : 111;
    }
  }
  return code;
}

/** `sv stat`: the state of services. */
export const statCommand: Command = {
  usage: "[ -uwNrpgest | -o fields ] [ -n ] [ --json ] servicedir...",
  help:
    `Prints the state of each service on a line: in a sentence, or as fields with spaces between.
With several service directories each line starts with the directory, a colon and a space.

  -o fields  these, with commas between:
     up           whether it is running                                             (-u)
     wantedup     whether the supervisor starts it again when it dies               (-w)
     normallyup   whether it is started with the supervisor: no file 'down'         (-N)
     ready        whether it is running and said that it is ready                   (-r)
     paused       whether it is stopped
     pid, pgid    its process id and process group, or -1                       (-p, -g)
     exitcode     the exit code of the last run, or -1                              (-e)
     signal       the signal that killed the last run, or NA                        (-s)
     signum       the same by number, or -1
     updownsince  when it went up or down (TAI64N)
     readysince   when it became ready, or down for good (TAI64N)
     updownfor    how many seconds ago it went up or down                           (-t)
     readyfor     how many seconds ago it became ready, or down for good
  -n         in the sentence: a signal by number
  --json     each service as a JSON object on a line: dir, up, ready (up, and said so), paused,
             finishing (its finish script is running), finished (down for good: finish has ended,
             too), wantedUp, normallyUp, started (false until the first start), pid, pgid,
             exitCode, signal, signalNumber (null where there is none), changed and readyChanged
             (when it was up or down; when it was ready or finished; each an object of time in
             RFC 3339, tai64n, and secondsAgo with its fraction), failure: null, or until the next
             start why it is not up, as an object of kind (start: run can't be started; permanent:
             finish has exited 125) and reason; the sentence has it, too; deaths, how many the
             death tally holds, daemon: null, or what a daemon under sv notify-fd-from-socket says
             of itself, as an object of state (starting, running, reloading, stopping) and status
             (its own words); the sentence ends with them; and polling: null, or how far the polling
             of a daemon (sv help notifyoncheck) has got, as an object of state (polling, ready,
             gave up, timed out), tries, lastFailure, lastOutput (what a program that checks had
             printed then) and running: null, or an object of check (its number) and seconds, for a
             check that takes long

As s6-svstat, it prints the sentence of that, and only the first service.

Exits 0 when all was well, 1 when no supervisor is running on a service directory, 111 when it can't
be read.`,
  run(args) {
    const { format, dirs } = parse(args);
    if (dirs.length > 1 && !isCalledAsS6()) return reportAll(dirs, format);
    print(report(dirs[0]!, format, ""));
    return 0;
  },
};
