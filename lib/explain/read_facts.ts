import { monotonicClock, wallClock } from "../os/clock.ts";
import { CWD, Descriptor, Open, readFile, tryOpen } from "../os/file.ts";
import { decodeOs } from "../os/os_string.ts";
import { Access, accessErrno, readLink } from "../os/path.ts";
import { type ProcessEntry, processesOfSessions } from "../os/process_table.ts";
import { signalName } from "../os/signal.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { ServiceConfig } from "../servicedir/config.ts";
import { readDeathTally } from "../servicedir/death_tally.ts";
import { readFailure } from "../servicedir/failure.ts";
import { readPollingStatus } from "../servicedir/polling_status.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import { readSdStatus } from "../servicedir/sd_status.ts";
import { isUp, readStatus } from "../servicedir/status.ts";
import type { Facts, Notifying } from "./facts.ts";
import { readOutput } from "./read_output.ts";
import { readService, type ServiceReading } from "./read_service.ts";

/** How much of `run` is looked at. */
const RUN_BYTES = 16_384;

/** The programs that tell a supervisor from a run script. */
const NOTIFYING =
  /\b(sv (?:notify[a-z-]+|background-watch)|s6-(?:notify[a-z-]+|background-watch))\b/;

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
  waitsFor: [],
  output: [],
};

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
  const descriptor = config.notificationFd(Infinity);
  return {
    descriptor,
    polled: accessErrno(CWD, `${dir}/${ServicePath.polling}`, Access.EXISTS) === 0,
    command: NOTIFYING.exec(head(`${dir}/${ServicePath.run}`, RUN_BYTES))?.[1],
    closed: descriptor !== undefined && isClosed(descriptor, processes),
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
  const { dir, life, name, supervision } = reading;
  const now = wallClock();
  // The clock may have been set back since: no service starts in the future.
  const status = reading.status &&
    { ...reading.status, stamp: reading.status.stamp > now ? now : reading.status.stamp };
  const up = status !== undefined && isUp(status);
  const main = status && processes.find(({ pid }) => pid === status.pid);
  const facts: Facts = {
    ...NOTHING_KNOWN,
    name,
    now,
    supervision,
    status,
    downFile: status !== undefined &&
      accessErrno(CWD, `${dir}/${ServicePath.down}`, Access.EXISTS) === 0,
    said: up ? readSdStatus(CWD, status.pid, dir) : undefined,
    process: main && { stopped: /[Tt]/.test(main.state), uninterruptible: main.state === "D" },
    output: lines === 0 ? [] : readOutput(up ? status.pid : undefined, loggerOf(dir), lines),
  };
  if (status === undefined || (up && status.ready && status.wantUp)) return facts;
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (fd < 0) return facts;
  using directory = new Descriptor(fd);
  const config = new ServiceConfig(directory.fd, () => {});
  const failure = up ? undefined : readFailure(dir);
  const polling = up ? readPollingStatus(CWD, status.pid, dir) : undefined;
  return {
    ...facts,
    notifying: up && !status.ready ? notifyingOf(dir, config, processes) : facts.notifying,
    startFailure: failure?.kind === "start" ? { why: failure.reason, at: status.stamp } : undefined,
    deaths: deathsOf(dir),
    starts: life?.starts,
    failed: failure?.kind === "permanent",
    stopping: (up && life?.stoppingSince) || undefined,
    polling,
    checkRunning: polling?.runningSince && Math.max(0, monotonicClock() - polling.runningSince),
    killTimeout: config.killTimeout,
    downSignal: signalName(config.downSignal),
    finishTimeout: config.finishTimeout,
    leftBehind: status.pid === 0 ? processes : [],
  };
}

/** Returns the process of a service's logger; undefined where it has none, or it is down. */
function loggerOf(dir: string): number | undefined {
  try {
    return readStatus(`${dir}/${ServicePath.logger}`).pid || undefined;
  } catch {
    return undefined;
  }
}

function deathsOf(dir: string): Facts["deaths"] {
  try {
    return readDeathTally(dir);
  } catch {
    return [];
  }
}

/** Reads the facts about one service, with so many of the last lines of its output. */
export function readFactsOf(dir: string, name: string, lines = 0): Facts {
  const reading = readService(dir, name);
  const { session } = reading;
  const processes = session === undefined
    ? []
    : processesOfSessions(new Set([session])).get(session);
  return readFacts(reading, processes ?? [], lines);
}
