import { CWD, readFile, replaceFile } from "../../os/file.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import type { Moments } from "../transition/change.ts";
import type { Graph } from "../definitions/graph.ts";
import type { Live } from "../live/live.ts";

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
  const zero = Math.min(...[...moments.values()].map(({ ordered }) => ordered));
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

/** Reads the record of the last start; returns undefined where there is none. */
export function readStartRecord(live: Live): StartRecord | undefined {
  try {
    return JSON.parse(decodeOs(readFile(CWD, `${live.path}/last-start`, 1 << 28)));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return undefined;
    throw error;
  }
}

/** Rounds to a microsecond: differences below that mean nothing. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
