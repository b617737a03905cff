/**
 * The snapshot of a scan: what the old program hands over in an upgrade, and the new one resumes.
 * The two may be of different versions, so this is a wire format, and it has a number.
 *
 * - **A version writes one format**, {@linkcode FORMAT}, with the number in the field `format`.
 * - **It reads** that one and every older one, back to format 1, which has no number: any version
 *   can be upgraded to any later one, without a stop in between. A newer format is refused, and so
 *   is whatever doesn't fit: the old program learns that in the trial, and goes on as before.
 * - **Unknown fields are ignored.** So a field may be added without a new number if a version that
 *   doesn't know it can do without it. A new field is optional, since older versions don't write it.
 * - **The number goes up** when a version that ignored the change would do harm: a field is removed
 *   or means something else, or one is added that must not be ignored. The former format gets its
 *   reader in {@linkcode readers}, and a recorded snapshot in the tests.
 *
 * | format | written by | differences |
 * |---|---|---|
 * | 2 | this version | `format`, `version`, `askers`; `retryAt` and `retryDelay` of a service; `command` later |
 * | 1 | versions without a number | `services` and `loggers` in `scanner`; `foreign` is `adopted` |
 *
 * @module
 */

import { fstat } from "../os/file_status.ts";
import { MAX_INT } from "../os/limits.ts";
import { MAX_PID } from "../os/process.ts";
import { MAX_SIGNAL } from "../os/signal.ts";
import { MAX_WAIT_STATUS } from "../os/wait_status.ts";
import { type MachineState, PHASES } from "../supervise/machine.ts";
import type { ServiceSnapshot } from "../supervise/service_snapshot.ts";
import type { MainCommandSnapshot } from "./main_command.ts";
import type { ScannedServiceSnapshot } from "./scanned_service.ts";
import type { ServiceSetSnapshot } from "./service_set.ts";
import { Field, SnapshotError } from "./snapshot_field.ts";

/** The number of the format that this version writes. */
export const FORMAT = 2;

/** The format of snapshots that have no number. */
const UNNUMBERED = 1;

const MAX_INSTANT = Number.MAX_SAFE_INTEGER;

/** What a scan leaves to the program that takes its place in the process. */
export interface ScanSnapshot extends ServiceSetSnapshot {
  /** The version of the program that wrote it; undefined in format 1. */
  readonly version?: string;
  /** The FIFOs of those that wait for the outcome of the upgrade; undefined in format 1. */
  readonly askers?: readonly string[];
  /** The control FIFO of the scan directory. */
  readonly control: number;
  /** The locked file of the scan directory. */
  readonly lock: number;
  /** The soft limit on open files that the services get, where it is not this process's. */
  readonly softNofile?: number;
  /** Signals that were ignored when the first of the programs was started. */
  readonly ignoredSignals: readonly number[];
  /** The command that the scan runs. A program that knows of none refuses its command line. */
  readonly command?: MainCommandSnapshot;
  /** Whether the service manager has been told that the scan is ready; missing: it has not. */
  readonly toldReady?: boolean;
}

/** Writes a snapshot in the format of this version. */
export function formatSnapshot(snapshot: ScanSnapshot): string {
  return JSON.stringify({ format: FORMAT, ...snapshot });
}

/**
 * Reads a snapshot in any of the formats that this version knows, and checks every field. Whether
 * the descriptors are open only the process that has them can tell: {@linkcode checkDescriptors}.
 *
 * @throws {SnapshotError} that names the first field that is wrong.
 */
export function parseSnapshot(text: string): ScanSnapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SnapshotError(`the snapshot: is not JSON: ${(error as Error).message}`);
  }
  const root = new Field(value);
  const format = root.get("format");
  const number = format.present ? format.integer(1, Number.MAX_SAFE_INTEGER) : UNNUMBERED;
  const read = readers[number];
  if (read === undefined) {
    throw new SnapshotError(
      `format: is ${number}, and this version of sv reads formats up to ${FORMAT}: it is too old`,
    );
  }
  const snapshot = read(root);
  checkDistinct(snapshot);
  return snapshot;
}

/** For each format what reads it. */
const readers: Readonly<Record<number, (root: Field) => ScanSnapshot>> = {
  1: (root) => readScan(root, root.get("scanner"), "adopted"),
  2: (root) => ({
    ...readScan(root, root, "foreign"),
    version: root.get("version").text(/^[\w.+-]{1,64}$/, "a version"),
    askers: root.get("askers").list().map((asker) =>
      asker.text(/^[\w:@.-]{1,255}$/, "the name of a FIFO")
    ),
  }),
};

/** The name of the field that says whether a process is no child of this one. */
type ForeignField = "foreign" | "adopted";

function readScan(root: Field, set: Field, foreign: ForeignField): ScanSnapshot {
  const softNofile = root.get("softNofile").optional((field) => field.integer(0, 2 ** 64));
  const services = set.get("services").list().map((field) => readScanned(field, foreign));
  const command = root.get("command").optional(readCommand);
  const toldReady = root.get("toldReady").optional((field) => field.boolean());
  return {
    control: descriptor(root.get("control")),
    lock: descriptor(root.get("lock")),
    ...softNofile !== undefined && { softNofile },
    ignoredSignals: root.get("ignoredSignals").list().map((field) => field.integer(1, MAX_SIGNAL)),
    services,
    loggers: readLoggers(set.get("loggers"), services.length),
    ...command !== undefined && { command },
    ...toldReady !== undefined && { toldReady },
  };
}

function readCommand(field: Field): MainCommandSnapshot {
  const deadline = field.get("deadline").optional((field) => field.number(0, MAX_INSTANT));
  return {
    pid: field.get("pid").integer(0, MAX_PID),
    foreign: field.get("foreign").boolean(),
    directory: descriptor(field.get("directory")),
    ...deadline !== undefined && { deadline },
    drain: field.get("drain").boolean(),
  };
}

/** Reads which service has which logger: a service has one at most, a logger may have several. */
function readLoggers(field: Field, count: number): (readonly [number, number])[] {
  const taken = new Set<number>();
  return field.list().map((pair) => {
    const ends = pair.list();
    if (ends.length !== 2) pair.refuse("a service and its logger");
    const [service, logger] = ends as [Field, Field];
    const index = service.integer(0, count - 1);
    if (taken.has(index)) service.refuse("a service that has no other logger");
    taken.add(index);
    return [index, logger.integer(0, count - 1)] as const;
  });
}

function descriptor(field: Field): number {
  // 0, 1 and 2 are the scan's own.
  return field.integer(3, MAX_INT);
}

function readScanned(field: Field, foreign: ForeignField): ScannedServiceSnapshot {
  const pipeEnd = field.get("pipeEnd").optional(descriptor);
  const service = field.get("service").optional((service) => readService(service, foreign));
  const retryAt = field.get("retryAt").optional((field) => field.number(0, MAX_INSTANT));
  const retryDelay = field.get("retryDelay").optional((field) => field.number(1, 1e6));
  return {
    name: field.get("name").text(/^[^./\0][^/\0]*(\/log)?$/, "the name of a service"),
    identity: field.get("identity").text(/^\d+:\d+:\d+$/, "the numbers of a device and an inode"),
    active: field.get("active").boolean(),
    ...pipeEnd !== undefined && { pipeEnd },
    ...service !== undefined && { service },
    ...retryAt !== undefined && { retryAt },
    ...retryDelay !== undefined && { retryDelay },
  };
}

/** Nanoseconds since 1970, or before. */
function instant(field: Field): string {
  return field.text(/^-?\d{1,30}$/, "an instant in nanoseconds");
}

function readService(field: Field, foreign: ForeignField): ServiceSnapshot {
  const timer = field.get("timer").optional((field) => field.number(0, MAX_INSTANT));
  const statusIsStale = field.get("statusIsStale").optional((field) =>
    field.boolean() || field.refuse("true, or missing")
  );
  const doubtful = field.get("doubtful").optional((field) =>
    field.list().map((pid) => pid.integer(1, MAX_PID))
  );
  const descriptors = field.get("descriptors");
  const notification = descriptors.get("notification").optional(descriptor);
  return {
    state: readState(field.get("state")),
    stamp: instant(field.get("stamp")),
    readyStamp: instant(field.get("readyStamp")),
    // A service that was taken over may have been ready before this boot's clock began.
    readyAt: field.get("readyAt").number(-Number.MAX_VALUE, Number.MAX_VALUE),
    ...timer !== undefined && { timer },
    ...statusIsStale && { statusIsStale },
    ...doubtful !== undefined && { doubtful },
    detached: field.get("detached").boolean(),
    foreign: field.get(foreign).boolean(),
    descriptors: {
      directory: descriptor(descriptors.get("directory")),
      control: descriptor(descriptors.get("control")),
      lock: descriptor(descriptors.get("lock")),
      ...notification !== undefined && { notification },
    },
  };
}

function readState(field: Field): MachineState {
  const phase = field.get("phase").oneOf(PHASES);
  const pid = field.get("pid").integer(0, MAX_PID);
  if (phase === "down" && pid !== 0) field.get("pid").refuse("0 while the service is down");
  if (phase !== "down" && pid === 0) field.get("pid").refuse("a process while the service is up");
  return {
    phase,
    pid,
    wantUp: field.get("wantUp").boolean(),
    ready: field.get("ready").boolean(),
    paused: field.get("paused").boolean(),
    waitStatus: field.get("waitStatus").integer(0, MAX_WAIT_STATUS),
    wasReady: field.get("wasReady").boolean(),
  };
}

/** A descriptor that a snapshot names. */
export interface NamedDescriptor {
  /** The descriptor. */
  readonly fd: number;
  /** Its place in the snapshot. */
  readonly path: string;
  /** The type of file it must be. */
  readonly type: "file" | "directory" | "fifo";
}

/** Lists every descriptor that the next program needs. */
export function descriptorsOf(
  { command, control, lock, services }: ScanSnapshot,
): NamedDescriptor[] {
  const named: NamedDescriptor[] = [
    { fd: control, path: "control", type: "fifo" },
    { fd: lock, path: "lock", type: "file" },
  ];
  if (command !== undefined) {
    named.push({ fd: command.directory, path: "command.directory", type: "directory" });
  }
  services.forEach(({ pipeEnd, service }, index) => {
    const path = `services[${index}]`;
    if (pipeEnd !== undefined) named.push({ fd: pipeEnd, path: `${path}.pipeEnd`, type: "fifo" });
    if (service === undefined) return;
    const { directory, control, lock, notification } = service.descriptors;
    const within = `${path}.service.descriptors`;
    named.push(
      { fd: directory, path: `${within}.directory`, type: "directory" },
      { fd: control, path: `${within}.control`, type: "fifo" },
      { fd: lock, path: `${within}.lock`, type: "file" },
    );
    if (notification !== undefined) {
      named.push({ fd: notification, path: `${within}.notification`, type: "fifo" });
    }
  });
  return named;
}

/** Refuses a snapshot that names a descriptor, a service directory or a process twice. */
function checkDistinct(snapshot: ScanSnapshot): void {
  const places = new Map<string, string>();
  const note = (what: string, path: string) => {
    const former = places.get(what);
    if (former !== undefined) throw new SnapshotError(`${path}: is ${what}, as is ${former}`);
    places.set(what, path);
  };
  for (const { fd, path } of descriptorsOf(snapshot)) note(`descriptor ${fd}`, path);
  const main = snapshot.command?.pid ?? 0;
  if (main !== 0) note(`process ${main}`, "command.pid");
  snapshot.services.forEach(({ identity, service }, index) => {
    note(`the directory ${identity}`, `services[${index}].identity`);
    const pid = service?.state.pid ?? 0;
    if (pid !== 0) note(`process ${pid}`, `services[${index}].service.state.pid`);
  });
}

/**
 * Checks that every descriptor of a snapshot is open in this process, and of the right kind.
 *
 * @throws {SnapshotError} that names the first one that is not.
 */
export function checkDescriptors(snapshot: ScanSnapshot): void {
  for (const { fd, path, type } of descriptorsOf(snapshot)) {
    let found: string;
    try {
      found = fstat(fd).type;
    } catch {
      throw new SnapshotError(`${path}: descriptor ${fd} is not open`);
    }
    if (found !== type) {
      throw new SnapshotError(`${path}: descriptor ${fd} is of type ${found}, must be ${type}`);
    }
  }
}
