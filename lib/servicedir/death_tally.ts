import { close, CWD, Descriptor, Open, open, readFile, replaceFile } from "../os/file.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { cString } from "../os/os_string.ts";
import { exists } from "../os/path.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import { type Instant, packTai64n, unpackTai64n } from "../tai/tai64n.ts";
import { DEATH_BYTES, MAX_DEATHS, NEW_FILE, SupervisePath } from "./protocol.ts";

/** How many bytes a tally has at most. */
export const DEATH_TALLY_BYTES = DEATH_BYTES * MAX_DEATHS;

const TALLY = cString(SupervisePath.deathTally);
const NEW_TALLY = cString(SupervisePath.deathTally + NEW_FILE);

/** One death of a service. */
export interface Death {
  /** When: nanoseconds of UTC since 1970. */
  readonly stamp: Instant;
  /** The exit code, or 128 + the signal. */
  readonly exitCode: number;
  /** The signal that ended it, 0 if none. */
  readonly signal: number;
}

/** Returns the record of a death. */
export function death(stamp: Instant, status: WaitStatus): Death {
  const signal = termSignal(status) ?? 0;
  return { stamp, exitCode: exitCode(status) ?? 128 + signal, signal };
}

/** Returns the bytes of a death tally. */
export function packDeathTally(deaths: readonly Death[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(DEATH_BYTES * deaths.length);
  const view = new DataView(bytes.buffer);
  deaths.forEach((death, index) => {
    packTai64n(death.stamp, view, DEATH_BYTES * index);
    view.setUint8(DEATH_BYTES * index + 12, death.exitCode);
    view.setUint8(DEATH_BYTES * index + 13, death.signal);
  });
  return bytes;
}

/** Returns whether these can be the bytes of a death tally. */
export function isDeathTally(bytes: Uint8Array): boolean {
  return bytes.length % DEATH_BYTES === 0 && bytes.length <= DEATH_TALLY_BYTES;
}

/** Returns the deaths in a tally's bytes; none where the bytes are not whole records. */
export function unpackDeathTally(bytes: Uint8Array): Death[] {
  if (bytes.length % DEATH_BYTES !== 0) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / DEATH_BYTES }, (_, index) => ({
    stamp: unpackTai64n(view, DEATH_BYTES * index),
    exitCode: view.getUint8(DEATH_BYTES * index + 12),
    signal: view.getUint8(DEATH_BYTES * index + 13),
  }));
}

/** Returns the last deaths of a service, oldest first; none where its supervisor keeps no tally. */
export function readDeathTally(dir: string): Death[] {
  try {
    return unpackDeathTally(
      readFile(CWD, `${dir}/${SupervisePath.deathTally}`, 2 * DEATH_TALLY_BYTES),
    );
  } catch (error) {
    if (isErrno(error, Errno.ENOENT) && exists(CWD, `${dir}/${SupervisePath.directory}`)) return [];
    throw error;
  }
}

/**
 * Adds a death to the tally of a service.
 *
 * @param directory The service directory, open.
 * @param death The death.
 * @param limit How many deaths the tally holds at most; 0: no tally is kept.
 */
export function addDeath(directory: number, death: Death, limit: number): void {
  if (limit === 0) return;
  let deaths: Death[] = [];
  try {
    deaths = unpackDeathTally(readFile(directory, TALLY, 2 * DEATH_TALLY_BYTES));
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
  const kept = [...deaths, death].slice(-limit);
  replaceFile(directory, TALLY, NEW_TALLY, packDeathTally(kept));
}

/** Makes an empty tally in a service directory, which is open. */
export function emptyDeathTally(directory: number): void {
  const flags = Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK | Open.NOFOLLOW;
  close(open(directory, TALLY, flags));
}

/** Empties the death tally of a service. */
export function clearDeathTally(dir: string): void {
  using directory = new Descriptor(openOwnDirectory(CWD, `${dir}/${SupervisePath.directory}`));
  const file = SupervisePath.deathTally.slice(SupervisePath.directory.length + 1);
  replaceFile(directory.fd, file, `${file}${NEW_FILE}`, new Uint8Array(0));
}
