/** The fields of a `supervise/status` file. */
export interface StatusFile {
  /** TAI64N of the last change, as 24 hexadecimal digits. */
  readonly stamp: string;
  /** TAI64N of the last readiness, as 24 hexadecimal digits. */
  readonly readystamp: string;
  /** The process, or 0. */
  readonly pid: number;
  /** The raw wait status of the last death of `run`. */
  readonly waitStatus: number;
  /** Bit 0: the process is stopped. */
  readonly paused: boolean;
  /** Bit 1: the process is `finish`. */
  readonly finishing: boolean;
  /** Bit 2: the service is wanted up. */
  readonly wantUp: boolean;
  /** Bit 3: the service is ready, or down for good. */
  readonly ready: boolean;
}

/**
 * Reads the status file of a service. The offsets are not those of lib/ on purpose: a test must not
 * share a mistake with what it tests.
 *
 * @param directory The service directory.
 * @returns Its fields.
 * @throws {Error} When the file doesn't have 35 bytes.
 */
export async function readStatusFile(directory: string): Promise<StatusFile> {
  const bytes = await Deno.readFile(`${directory}/supervise/status`);
  if (bytes.length !== 35) {
    throw new Error(`${directory}/supervise/status has ${bytes.length} bytes instead of 35`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const flags = view.getUint8(34);
  return {
    stamp: hex.slice(0, 24),
    readystamp: hex.slice(24, 48),
    pid: Number(view.getBigUint64(24)),
    waitStatus: view.getUint16(32),
    paused: (flags & 1) !== 0,
    finishing: (flags & 2) !== 0,
    wantUp: (flags & 4) !== 0,
    ready: (flags & 8) !== 0,
  };
}
