import { largest } from "../definitions/walk.ts";
import { CWD, readFile, replaceFile } from "../../os/file.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import type { Moments } from "../transition/change.ts";
import type { Graph } from "../definitions/graph.ts";
import { InvalidLiveError, type Live } from "../live/live.ts";

/** How one service started. Times are milliseconds from the beginning of the whole start. */
export interface ServiceStart {
  /** Its name. */
  readonly name: string;
  /** What kind of service it is. */
  readonly type: "longrun" | "oneshot";
  /** The services that it had to wait for, of those that were started with it. */
  readonly dependencies: readonly string[];
  /** When it was ordered to start. */
  readonly ordered: number;
  /** When its process had been started. */
  readonly spawned: number;
  /** When it was ready; undefined: never. */
  readonly ready?: number;
}

/** The record of a start of several services. */
export interface StartRecord {
  /** When the start began, in milliseconds since 1970. */
  readonly date: number;
  /** The services, in the order of their starts. */
  readonly services: readonly ServiceStart[];
}

/** Makes the record of a start from the moments of its changes. */
export function startRecord(
  graph: Graph,
  moments: ReadonlyMap<number, Moments>,
  date: number,
): StartRecord {
  const zero = -largest([...moments.values()].map(({ ordered }) => -ordered), -Infinity);
  const services = [...moments].map(([node, { ordered, spawned, ready }]) => {
    const { definition, dependencies } = graph.nodes[node]!;
    return {
      name: definition.name,
      type: definition.type,
      dependencies: dependencies.filter((other) => moments.has(other))
        .map((other) => graph.nodes[other]!.definition.name),
      ordered: rounded(ordered - zero),
      spawned: rounded((spawned ?? ordered) - zero),
      ...ready !== undefined && { ready: rounded(ready - zero) },
    };
  });
  services.sort((a, b) => a.ordered - b.ordered);
  return { date, services };
}

/** Writes the record of the last start into the live directory. */
export function writeStartRecord(live: Live, record: StartRecord): void {
  const path = `${live.path}/last-start`;
  replaceFile(CWD, path, `${path}.new`, encodeOs(JSON.stringify(record) + "\n"));
}

/**
 * Reads the record of the last start; returns undefined where there is none.
 *
 * @throws {InvalidLiveError} when the file is not such a record.
 */
export function readStartRecord(live: Live): StartRecord | undefined {
  const path = `${live.path}/last-start`;
  let text: string;
  try {
    text = decodeOs(readFile(CWD, path, 1 << 28));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return undefined;
    throw error;
  }
  const record = parseStartRecord(text);
  if (record !== undefined) return record;
  throw new InvalidLiveError(`Cannot understand ${path}: it is not a record of a start`);
}

/** Parses the text of a record; returns undefined where it is none. */
export function parseStartRecord(text: string): StartRecord | undefined {
  let value: Partial<StartRecord> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { date, services } = value ?? {};
  if (!isTime(date) || !Array.isArray(services) || services.length === 0) return undefined;
  return services.every(isServiceStart) ? { date, services } : undefined;
}

function isServiceStart(value: Partial<ServiceStart> | null): value is ServiceStart {
  const { name, type, dependencies, ordered, spawned, ready } = value ?? {};
  return typeof name === "string" && (type === "longrun" || type === "oneshot") &&
    Array.isArray(dependencies) && dependencies.every((other) => typeof other === "string") &&
    isTime(ordered) && isTime(spawned) && (ready === undefined || isTime(ready));
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Rounds to a microsecond: differences below that mean nothing. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
