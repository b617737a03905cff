/**
 * The processes of this machine, as /proc has them, by session.
 *
 * @module
 */

import { CWD, Descriptor, Open, tryOpen } from "./file.ts";
import { eachName } from "./directory.ts";
import { libc } from "./libc.ts";
import { cString, decodeCString } from "./os_string.ts";
import { statOf } from "./process_stat.ts";

/** A process at one moment. */
export interface ProcessEntry {
  readonly pid: number;
  /** Its name, 15 bytes at most. */
  readonly name: string;
  /** Its state, a letter: R, S, D, T (stopped), t (traced), Z, … */
  readonly state: string;
  /** Processor time that it has used, in clock ticks (100 a second). */
  readonly ticks: number;
  /** Memory that it has in use, in bytes, what it shares with others included. */
  readonly memory: number;
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/**
 * Reads all processes of some sessions. Costs some 30 µs for each process of the machine.
 *
 * @param sessions The sessions: process ids of their leaders.
 * @returns The living processes of each session that has one. Nothing where /proc can't be read.
 */
export function processesOfSessions(
  sessions: ReadonlySet<number>,
): ReadonlyMap<number, readonly ProcessEntry[]> {
  const found = new Map<number, ProcessEntry[]>();
  if (sessions.size === 0) return found;
  const directory = tryOpen(CWD, cString("/proc"), Open.READ | Open.DIRECTORY);
  if (directory < 0) return found;
  using _proc = new Descriptor(directory);
  eachName(directory, "/proc", (cName) => {
    if (cName[0]! < DIGIT_0 || cName[0]! > DIGIT_9) return;
    const pid = decodeCString(cName);
    const process = statOf(pid);
    if (process === undefined || process.dead || !sessions.has(process.session)) return;
    const entry = {
      pid: Number(pid),
      name: process.name,
      state: process.state,
      ticks: process.processorTicks,
      memory: process.residentPages * libc.getpagesize(),
    };
    const others = found.get(process.session);
    if (others === undefined) found.set(process.session, [entry]);
    else others.push(entry);
  });
  return found;
}
