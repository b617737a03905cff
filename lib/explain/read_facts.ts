import { wallClock } from "../os/clock.ts";
import { CWD, Descriptor, Open, readFile, tryOpen } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { decodeOs } from "../os/os_string.ts";
import { Access, accessErrno, readLink } from "../os/path.ts";
import { type ProcessEntry, processesOfSessions } from "../os/process_table.ts";
import { signalName } from "../os/signal.ts";
import { Errno, errnoMessage, isErrno, SystemError } from "../os/system_error.ts";
import { ServiceConfig } from "../servicedir/config.ts";
import { readDeathTally } from "../servicedir/death_tally.ts";
import { readFailure } from "../servicedir/failure.ts";
import { isSupervised } from "../servicedir/is_supervised.ts";
import { isSv } from "../servicedir/is_sv.ts";
import { readPollingStatus } from "../servicedir/polling_status.ts";
import { type Life, readIdentity, readLife, stillRuns } from "../servicedir/process_identity.ts";
import { ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import { readSdStatus } from "../servicedir/sd_status.ts";
import { isUp, readStatus, type ServiceStatus } from "../servicedir/status.ts";
import { readOutput } from "./read_output.ts";
import type { Facts, Notifying, Supervision } from "./facts.ts";

/** How much of `run` is looked at. */
const RUN_BYTES = 16_384;

/** The programs that tell a supervisor from a run script. */
const NOTIFYING =
  /\b(sv (?:notify[a-z-]+|background-watch)|s6-(?:notify[a-z-]+|background-watch))\b/;

/** A service, and what its supervisor wrote last. */
export interface ServiceReading {
  /** Its directory. */
  readonly dir: string;
  /** What to call it. */
  readonly name: string;
  readonly supervision: Supervision;
  readonly status: ServiceStatus | undefined;
  /** The session of its process, or of its last one; undefined where that is not known. */
  readonly session: number | undefined;
  /** What the supervisor has recorded of its life; undefined under s6. */
  readonly life: Life | undefined;
}

/** Returns what keeps a service directory from being one; undefined where it is one. */
function whatIsMissing(dir: string): string | undefined {
  if (accessErrno(CWD, dir, Access.EXISTS) === Errno.ENOENT) return `there is no directory ${dir}`;
  if (tryStat(CWD, dir)?.type !== "directory") return `${dir} is no directory`;
  if (accessErrno(CWD, `${dir}/${ServicePath.run}`, Access.EXISTS) !== Errno.ENOENT) {
    return undefined;
  }
  return accessErrno(CWD, `${dir}/${SupervisePath.directory}`, Access.EXISTS) === Errno.ENOENT
    ? `${dir} has no run, so it is no service directory`
    : undefined;
}

/** Returns what the supervisor has recorded of the life of a service. */
function lifeOf(dir: string): Life | undefined {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  return readLife(directory.fd);
}

/** Returns the process that a supervisor which is gone has left; undefined where it left none. */
function leftProcess(dir: string): number | undefined {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  const identity = readIdentity(directory.fd);
  return identity !== undefined && stillRuns(identity) ? identity.pid : undefined;
}

/**
 * Reads the status of a service, and who supervises it.
 *
 * @param dir The service directory.
 * @param name What to call it.
 */
export function readService(dir: string, name: string): ServiceReading {
  const nothing = { dir, name, status: undefined, session: undefined, life: undefined };
  try {
    const what = whatIsMissing(dir);
    if (what !== undefined) return { ...nothing, supervision: { is: "missing", what } };
    const supervised = isSupervised(dir);
    const before = accessErrno(CWD, `${dir}/${SupervisePath.status}`, Access.EXISTS) === 0;
    const status = before ? readStatus(dir) : undefined;
    if (supervised) {
      const is = isSv(dir) ? "sv" : "s6";
      const life = is === "sv" ? lifeOf(dir) : undefined;
      const session = (status && isUp(status) ? status.pid : life?.last) || undefined;
      return { dir, name, supervision: { is }, status, session, life };
    }
    const left = before ? leftProcess(dir) : undefined;
    return { ...nothing, supervision: { is: "none", before, left } };
  } catch (error) {
    const why = error instanceof SystemError ? errnoMessage(error.errno) : String(error);
    return { ...nothing, supervision: { is: "unreadable", why } };
  }
}

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
  const { dir, name, supervision } = reading;
  const now = wallClock();
  // The clock may have been set back since: no service starts in the future.
  const status = reading.status &&
    { ...reading.status, stamp: reading.status.stamp > now ? now : reading.status.stamp };
  const up = status !== undefined && isUp(status);
  const fd = supervision.is === "sv" || supervision.is === "s6"
    ? tryOpen(CWD, dir, Open.READ | Open.DIRECTORY)
    : -1;
  using directory = fd >= 0 ? new Descriptor(fd) : undefined;
  const config = directory && new ServiceConfig(directory.fd, () => {});
  const main = status && processes.find(({ pid }) => pid === status.pid);
  const failure = up || directory === undefined ? undefined : readFailure(dir);
  return {
    name,
    now,
    supervision,
    status,
    downFile: config?.down ?? false,
    notifying: config === undefined || !up || status.ready
      ? { descriptor: undefined, polled: false, command: undefined, closed: false }
      : notifyingOf(dir, config, processes),
    startFailure: failure?.kind === "start"
      ? { why: failure.reason, at: status!.stamp }
      : undefined,
    deaths: directory === undefined || (up && status.ready) ? [] : deathsOf(dir),
    starts: reading.life?.starts,
    failed: failure?.kind === "permanent",
    stopping: (up && reading.life?.stoppingSince) || undefined,
    polling: up ? readPollingStatus(CWD, status.pid, dir) : undefined,
    checkRunning: undefined,
    said: up ? readSdStatus(CWD, status.pid, dir) : undefined,
    killTimeout: config?.killTimeout ?? 0,
    downSignal: signalName(config?.downSignal ?? 15),
    finishTimeout: config?.finishTimeout ?? 0,
    process: main && { stopped: /[Tt]/.test(main.state), uninterruptible: main.state === "D" },
    leftBehind: status?.pid === 0 ? processes : [],
    waitsFor: [],
    output: lines === 0 ? [] : readOutput(up ? status.pid : undefined, loggerOf(dir), lines),
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
