/**
 * The processes of this machine, as /proc has them, by session.
 *
 * @module
 */

import { close, CWD, Descriptor, Open, tryOpen, tryRead } from "./file.ts";
import { eachName } from "./directory.ts";
import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";

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

/** The fields of `/proc/PID/stat` after the name, counted from 0. */
const STATE = 0;
const SESSION = 3;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
const RESIDENT_PAGES = 21;

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

const buffer = new Uint8Array(1024);

/** Reads what the kernel tells of a process; undefined where it has ended. */
function read(pid: string): { session: number; entry: ProcessEntry } | undefined {
  const fd = tryOpen(CWD, cString(`/proc/${pid}/stat`), Open.READ);
  if (fd < 0) return undefined;
  const count = tryRead(fd, buffer);
  close(fd);
  if (count <= 0) return undefined;
  const text = decodeOs(buffer.subarray(0, count));
  // The name is in parentheses and may hold anything; the fields are counted after it.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ", RESIDENT_PAGES + 1);
  return {
    session: Number(fields[SESSION]),
    entry: {
      pid: Number(pid),
      name: text.slice(text.indexOf("(") + 1, end),
      state: fields[STATE]!,
      ticks: Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME]),
      memory: Number(fields[RESIDENT_PAGES]) * libc.getpagesize(),
    },
  };
}

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
  const directory = tryOpen(CWD, cString("/proc"), Open.READ | Open.DIRECTORY);
  if (directory < 0) return found;
  using _proc = new Descriptor(directory);
  eachName(directory, "/proc", (cName) => {
    if (cName[0]! < DIGIT_0 || cName[0]! > DIGIT_9) return;
    const process = read(decodeOs(cName.subarray(0, -1)));
    if (process === undefined || !sessions.has(process.session)) return;
    if (/[ZXx]/.test(process.entry.state)) return;
    const others = found.get(process.session);
    if (others === undefined) found.set(process.session, [process.entry]);
    else others.push(process.entry);
  });
  return found;
}
