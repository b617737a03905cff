import { monotonicClock, wallClock } from "../os/clock.ts";
import { CWD, readFile } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { MORE_THAN_OPEN_FILES } from "../os/limits.ts";
import { cString, decodeOs } from "../os/os_string.ts";
import { Access, accessErrno, readLink } from "../os/path.ts";
import { processExists } from "../os/process.ts";
import { type ProcessEntry, processesOfSessions } from "../os/process_table.ts";
import { signalName } from "../os/signal.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { readLogTrouble } from "../log/collector/log_trouble.ts";
import { ServiceConfig } from "../servicedir/config.ts";
import { readDeathTally } from "../servicedir/death_tally.ts";
import { readFailure } from "../servicedir/failure.ts";
import { inService } from "../servicedir/in_service.ts";
import { readPollingFault, readPollingStatus } from "../servicedir/polling_status.ts";
import { ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import { readSdStatus } from "../servicedir/sd_status.ts";
import { isUp, type ServiceStatus } from "../servicedir/status.ts";
import type { StatusCopies } from "../servicedir/status_copies.ts";
import type { Instant } from "../tai/tai64n.ts";
import type { Facts, Notifying } from "./facts.ts";
import { readOutput } from "./read_output.ts";
import { readRival } from "./read_rival.ts";
import { readService, readServiceIn, type ServiceReading } from "./read_service.ts";

/** How much of `run` is looked at. */
const RUN_BYTES = 16_384;

/** The programs that tell a supervisor from a run script. */
const NOTIFYING =
  /\b(sv (?:notify[a-z-]+|background-watch)|s6-(?:notify[a-z-]+|background-watch))\b/;

/** A redirection to a descriptor that a shell script has opened, or got: `echo >&3`. */
const WRITES_TO = /^[^#\n]*[^#\n\d>]\s*>&\s*([3-9])\b/m;

/** What the supervisor adds to its warnings of wrong files. */
const GOING_ON = "; going on as if it were absent";

/** What is said of a service of which nothing is known. */
const NOTHING_KNOWN: Omit<Facts, "name" | "now" | "supervision"> = {
  status: undefined,
  downFile: false,
  notifying: { descriptor: undefined, polled: false, command: undefined, closed: false },
  startFailure: undefined,
  deaths: [],
  starts: undefined,
  failed: false,
  stopping: undefined,
  polling: undefined,
  checkRunning: undefined,
  said: undefined,
  killTimeout: 0,
  downSignal: "TERM",
  finishTimeout: 0,
  process: undefined,
  leftBehind: [],
  logTrouble: undefined,
  waitsFor: [],
  output: [],
};

/** No descriptor: the service directory can't be opened, or nothing has to be read there. */
const NOWHERE = -1;

const DOWN = cString(ServicePath.down);
const LOGGER = cString(ServicePath.logger);

/** Returns the first bytes of a file; empty where it can't be read. */
function head(path: string, limit: number): string {
  try {
    return decodeOs(readFile(CWD, path, limit));
  } catch {
    return "";
  }
}

/** Whether no process of the service has the descriptor open; false where that can't be told. */
function isClosed(descriptor: number, processes: readonly ProcessEntry[]): boolean {
  return processes.length > 0 && processes.every(({ pid }) => {
    try {
      readLink(CWD, `/proc/${pid}/fd/${descriptor}`);
      return false;
    } catch (error) {
      return isErrno(error, Errno.ENOENT);
    }
  });
}

function notifyingOf(
  dir: string,
  config: ServiceConfig,
  processes: readonly ProcessEntry[],
): Notifying {
  const descriptor = config.notificationFd(MORE_THAN_OPEN_FILES);
  const run = head(`${dir}/${ServicePath.run}`, RUN_BYTES);
  const command = NOTIFYING.exec(run)?.[1];
  const writesTo = WRITES_TO.exec(run)?.[1];
  return {
    descriptor,
    polled: accessErrno(CWD, `${dir}/${ServicePath.polling}`, Access.EXISTS) === 0,
    command,
    writesTo: writesTo === undefined ? undefined : Number(writesTo),
    // Such a command keeps the descriptor open in a process of its own.
    closed: descriptor !== undefined && command === undefined && isClosed(descriptor, processes),
  };
}

/**
 * Reads the facts about a service whose status has been read.
 *
 * @param reading Its status.
 * @param processes The processes of its session.
 * @param lines How many of the last lines of its output are read, where they can be found.
 */
export function readFacts(
  reading: ServiceReading,
  processes: readonly ProcessEntry[],
  lines = 0,
): Facts {
  if (reading.status === undefined) return readFactsIn(NOWHERE, reading, processes, lines);
  return inService(
    reading.dir,
    (directory) => readFactsIn(Math.max(directory, NOWHERE), reading, processes, lines),
  );
}

/**
 * Reads the status of a service and the facts about it at once, without those that its processes tell. The
 * directory is opened once.
 *
 * @param dir The service directory.
 * @param name What to call the service.
 */
export function readFactsWithoutProcesses(dir: string, name: string): Facts {
  return inService(dir, (directory) => readFactsInOpen(directory, dir, name));
}

/**
 * As {@linkcode readFactsWithoutProcesses}, within `inService()`.
 *
 * @param now The time: that of the first reading, where one follows the other.
 * @param copies The scan's copies of status files, where it has some.
 */
export function readFactsInOpen(
  directory: number,
  dir: string,
  name: string,
  now: Instant = wallClock(),
  copies?: StatusCopies,
): Facts {
  const reading = readServiceIn(directory, dir, name, copies);
  const facts = readFactsIn(Math.max(directory, NOWHERE), reading, [], 0, now);
  // The copies are older than what was found out now: what died since has another status by now.
  return facts.isGone && copies !== undefined ? readFactsInOpen(directory, dir, name, now) : facts;
}

/** As {@linkcode readFacts}, in a service directory that is open, or {@linkcode NOWHERE}. */
function readFactsIn(
  directory: number,
  reading: ServiceReading,
  processes: readonly ProcessEntry[],
  lines: number,
  now = wallClock(),
): Facts {
  const { dir, life, name, supervision } = reading;
  const status = reading.status && notAfter(now, reading.status);
  const up = status !== undefined && isUp(status);
  const main = status && processes.find(({ pid }) => pid === status.pid);
  const printed = lines === 0 ? [] : readOutput(dir, up ? status.pid : undefined, lines);
  const facts: Facts = {
    ...NOTHING_KNOWN,
    name,
    dir,
    now,
    supervision,
    status,
    downFile: status !== undefined && accessErrno(directory, DOWN, Access.EXISTS) === 0,
    said: up ? readSdStatus(directory, status.pid) : undefined,
    isGone: up && main === undefined && !processExists(status.pid),
    process: main && { stopped: /[Tt]/.test(main.state), uninterruptible: main.state === "D" },
    logTrouble: up ? readLogTrouble(directory, now) : undefined,
    rival: status && readRival(directory, dir),
    output: printed.map(({ text }) => text),
    outputTimes: printed.map(({ time }) => time),
  };
  const isAsItShallBe = up && status.ready && status.wantUp;
  if (status === undefined || directory === NOWHERE || isAsItShallBe) return facts;
  const wrongFiles: string[] = [];
  const config = new ServiceConfig(directory, (warning) => {
    wrongFiles.push(warning.replace(GOING_ON, ""));
  });
  const failure = up ? undefined : readFailure(dir);
  const polling = up ? readPollingStatus(directory, status.pid) : undefined;
  const deaths = deathsOf(dir);
  const isLogged = accessErrno(directory, LOGGER, Access.EXISTS) === 0;
  return {
    ...facts,
    wrongFiles,
    isLogged,
    lastWords: deaths.length > 0 ? readOutput(dir, undefined, 1)[0]?.text : undefined,
    notifying: (up ? !status.ready : deaths.length > 0)
      ? notifyingOf(dir, config, processes)
      : facts.notifying,
    startFailure: failure?.kind === "start"
      ? {
        why: failure.reason,
        // Written anew at each try.
        at: tryStat(CWD, `${dir}/${SupervisePath.failure}`)?.modified ?? status.stamp,
        isFinal: hasOneForBoth(config),
      }
      : undefined,
    deaths,
    starts: life?.starts,
    failed: failure?.kind === "permanent",
    stopping: (up && life?.stoppingSince) || undefined,
    polling,
    pollingFault: up && polling === undefined ? readPollingFault(directory, status.pid) : undefined,
    checkRunning: polling?.runningSince && Math.max(0, monotonicClock() - polling.runningSince),
    killTimeout: config.killTimeout,
    downSignal: signalName(config.downSignal),
    finishTimeout: config.finishTimeout,
    leftBehind: status.pid === 0 ? processes : [],
  };
}

/** Returns a status whose service does not start in the future: the clock may have been set back since. */
function notAfter(now: Instant, status: ServiceStatus): ServiceStatus {
  return status.stamp > now ? { ...status, stamp: now } : status;
}

/** Whether one descriptor is both notification-fd and lock-fd: such a service is not started. */
function hasOneForBoth(config: ServiceConfig): boolean {
  const descriptor = config.lockFd(MORE_THAN_OPEN_FILES);
  return descriptor !== undefined && descriptor === config.notificationFd(MORE_THAN_OPEN_FILES);
}

function deathsOf(dir: string): Facts["deaths"] {
  try {
    return readDeathTally(dir);
  } catch {
    return [];
  }
}

/**
 * Reads all facts about one service, from which {@linkcode explain} makes its explanation.
 *
 * Permissions: `ffi`.
 *
 * @param dir Path of the service directory.
 * @param name What to call the service.
 * @param lines How many of the last lines of its output are read, where they can be found.
 *
 * @example
 * ```ts
 * import { explain, readFactsOf } from "@sv/supervise";
 *
 * const facts = readFactsOf("/run/service/no-such-service", "no-such-service");
 * console.log(facts.supervision); // { is: "missing", … }
 * console.log(explain(facts).state); // missing
 * ```
 */
export function readFactsOf(dir: string, name: string, lines = 0): Facts {
  const reading = readService(dir, name);
  const { session } = reading;
  const processes = session === undefined
    ? []
    : processesOfSessions(new Set([session])).get(session);
  return readFacts(reading, processes ?? [], lines);
}
