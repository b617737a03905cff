/**
 * What the last changes were to bring about: a file of a live directory, beside the state. The state tells how
 * services are; this tells what was wanted of those that are otherwise, since when, and why a change failed. It
 * is for explanations only: no change depends on it.
 *
 * @module
 */

import { CWD, readFile, replaceFile } from "../../os/file.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import type { Direction } from "../definitions/graph.ts";

/** What is recorded of a service. Dates are milliseconds since 1970. */
export interface ServiceChange {
  /** Whether it was to go up or down. */
  readonly wanted: Direction;
  /** When that was ordered. */
  readonly since: number;
  /** When it had arrived; undefined where it has not. */
  readonly reached?: number;
  /** Why it could not be changed, and the last lines that it had printed, where they are known. */
  readonly failure?: {
    readonly at: number;
    readonly reason: string;
    readonly output: readonly string[];
  };
}

/** What is recorded, by the names of the services. */
export type ChangeRecord = ReadonlyMap<string, ServiceChange>;

const VERSION = 1;
const LONGEST = 1 << 26;

/** Returns the text of a record. */
export function formatChangeRecord(record: ChangeRecord): string {
  return JSON.stringify({ version: VERSION, services: Object.fromEntries(record) }) + "\n";
}

function isTime(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function isServiceChange(value: Partial<ServiceChange> | null): value is ServiceChange {
  const { failure, reached, since, wanted } = value ?? {};
  return (wanted === "up" || wanted === "down") && isTime(since) &&
    (reached === undefined || isTime(reached)) &&
    (failure === undefined ||
      (typeof failure === "object" && failure !== null && isTime(failure.at) &&
        typeof failure.reason === "string" && Array.isArray(failure.output) &&
        failure.output.every((line: unknown) => typeof line === "string")));
}

/** Parses a record. What can't be understood is left out: another version may have written it. */
export function parseChangeRecord(text: string): ChangeRecord {
  try {
    const { services, version } = JSON.parse(text);
    if (version !== VERSION || typeof services !== "object" || services === null) return new Map();
    return new Map(
      Object.entries<Partial<ServiceChange> | null>(services)
        .filter((entry): entry is [string, ServiceChange] => isServiceChange(entry[1])),
    );
  } catch {
    return new Map();
  }
}

/** Reads the record of a live directory; an empty one where there is none that can be read. */
export function readChangeRecord(live: string): ChangeRecord {
  try {
    return parseChangeRecord(decodeOs(readFile(CWD, `${live}/changes`, LONGEST)));
  } catch {
    return new Map();
  }
}

/** Writes the record of a live directory. */
export function writeChangeRecord(live: string, record: ChangeRecord): void {
  const path = `${live}/changes`;
  replaceFile(CWD, path, `${path}.new`, encodeOs(formatChangeRecord(record)));
}
