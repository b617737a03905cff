import { lastLines, merge, type MergedLine } from "../../log/reading/merge.ts";
import { type OpenLog, openLog } from "../../log/reading/open_log.ts";
import { type LogRange, readBackward, readForward } from "../../log/reading/read_log.ts";
import { reasonOf } from "../../os/system_error.ts";
import { warn } from "../output.ts";
import type { LineWriter } from "./line_writer.ts";
import type { NamedLog } from "./named_logs.ts";

/** A log that is open. */
export interface OpenedLog {
  readonly name: string;
  readonly open: OpenLog;
  /** Which of its lines are shown. */
  readonly range: LogRange;
}

/** Opens a log; warns, and returns undefined, where that is impossible. */
export function tryOpenLog({ place }: NamedLog): OpenLog | undefined {
  try {
    return openLog(place!);
  } catch (error) {
    warn(error);
    return undefined;
  }
}

/**
 * Writes the lines of logs, in the order of their times.
 *
 * @param logs The logs.
 * @param most How many of the last ones; undefined: all.
 * @param writer Where they go.
 */
export async function showLogs(
  logs: readonly OpenedLog[],
  most: number | undefined,
  writer: LineWriter,
): Promise<void> {
  const add = ({ line, log }: MergedLine<OpenedLog>) => writer.add(log.name, line);
  if (most === undefined) {
    const sources = logs.map((log) => ({ log, lines: readForward(log.open, log.range) }));
    for await (const line of merge(sources)) add(line);
  } else {
    const sources = logs.map((log) => ({ log, lines: readBackward(log.open, log.range) }));
    (await lastLines(sources, most)).forEach(add);
  }
  writer.flush();
}

/** Warns once of each problem. */
export function warningOnce(): (problem: unknown) => void {
  const known = new Set<string>();
  return (problem) => {
    const text = typeof problem === "string" ? problem : reasonOf(problem);
    if (!known.has(text)) warn(text);
    known.add(text);
  };
}
