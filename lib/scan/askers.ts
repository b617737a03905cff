/**
 * How the scan answers a request for an upgrade. The control FIFO leads only one way, so each asker
 * (a process that asks for an upgrade) first makes a FIFO of its own beside it, then sends the
 * command. The scan writes one line into that FIFO: the outcome.
 *
 * - No other user can forge an answer: the directory is the scan's and private, and the FIFO is open to its
 *   owner only, or, where root asks the scan of another user, has a name that can't be guessed. The
 *   scan never writes to anything but a FIFO, and follows no symbolic link.
 * - Several askers have a FIFO each. The FIFO of an asker that was killed has no reader: the scan removes
 *   it when it is asked or answers, and so does the next asker.
 * - The scan never waits for an asker: a line fits into an empty FIFO.
 *
 * @module
 */

import { wallClock } from "../os/clock.ts";
import { effectiveUserId } from "../os/credentials.ts";
import { readNames } from "../os/directory.ts";
import { close, CWD, Descriptor, Open, open, tryOpen, tryRead, tryWrite } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { PIPE_BUF } from "../os/limits.ts";
import { mkfifo, rename, unlink } from "../os/path.ts";
import { Errno } from "../os/system_error.ts";
import { withoutUmask } from "../os/umask.ts";
import { ASKER_PREFIX } from "../servicedir/protocol.ts";
import { formatTai64n } from "../tai/tai64n.ts";
import { formatOutcome, parseOutcome, type UpgradeOutcome } from "./upgrade_outcome.ts";

/** The scan can't answer this user. */
export class UnanswerableError extends Error {
  override name = "UnanswerableError";
}

/** Calls back with each asker's FIFO in a control directory; removes FIFOs without a reader. */
function eachAsker(directory: string, call: (name: string, fd: number) => void): void {
  const opened = tryOpen(CWD, directory, Open.READ | Open.DIRECTORY);
  if (opened < 0) return;
  using listing = new Descriptor(opened);
  for (const name of readNames(listing.fd, directory)) {
    if (!name.startsWith(ASKER_PREFIX)) continue;
    const fd = tryOpen(listing.fd, name, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW);
    if (fd === -Errno.ENXIO) discard(listing.fd, name);
    if (fd < 0) continue;
    using fifo = new Descriptor(fd);
    if (fstat(fifo.fd).type === "fifo") call(name, fifo.fd);
  }
}

/** Removes a FIFO that was left behind. Where that is not possible it does no harm. */
function discard(directory: number, name: string): void {
  try {
    unlink(directory, name);
  } catch {
    // The file system has become read-only, say.
  }
}

/**
 * Lists the askers that wait at a scan.
 *
 * @param directory Path of the scan's control directory.
 */
export function findAskers(directory: string): string[] {
  const names: string[] = [];
  eachAsker(directory, (name) => names.push(name));
  return names;
}

/**
 * Tells askers the outcome. Askers that have gone are skipped.
 *
 * @param directory Path of the scan's control directory.
 * @param askers Their names, from {@linkcode findAskers}.
 * @param outcome What came of the upgrade.
 */
export function answerAskers(
  directory: string,
  askers: readonly string[],
  outcome: UpgradeOutcome,
): void {
  if (askers.length === 0) return;
  const line = new TextEncoder().encode(formatOutcome(outcome));
  eachAsker(directory, (name, fd) => {
    if (askers.includes(name)) tryWrite(fd, line);
  });
}

/** This process as an asker: its FIFO is in the control directory until it is disposed of. */
export class Asker implements Disposable {
  /** The reading end, non-blocking: readable when the answer has come. */
  readonly fd: number;
  readonly #path: string;
  readonly #writer: number;

  /**
   * Makes the FIFO; do this before asking.
   *
   * @param directory Path of the scan's control directory.
   * @throws {UnanswerableError} when this process is neither root's nor of the scan's user: it could
   * not make the FIFO, or the scan could not write to it.
   */
  constructor(directory: string) {
    const user = effectiveUserId();
    const scanUser = stat(CWD, `${directory}/lock`).uid;
    if (user !== 0 && user !== scanUser) {
      throw new UnanswerableError(
        `Cannot get an answer from the scan: it runs as user ${scanUser}, this is user ${user}`,
      );
    }
    findAskers(directory);
    const name = `${ASKER_PREFIX}${formatTai64n(wallClock())}:${crypto.randomUUID()}`;
    const hidden = `${directory}/.${name}`;
    this.#path = `${directory}/${name}`;
    const opened: number[] = [];
    // When root asks the scan of another user, that user must be able to write; no other user can
    // enter the directory.
    withoutUmask(() => mkfifo(CWD, hidden, user === scanUser ? 0o600 : 0o622));
    try {
      opened.push(open(CWD, hidden, Open.READ | Open.NONBLOCK | Open.NOFOLLOW));
      // The asker keeps a writing end, so read(2) never reports the end of the file.
      opened.push(open(CWD, hidden, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW));
      // The scan removes FIFOs that have no reader, so it must not see this one earlier.
      rename(CWD, hidden, this.#path);
    } catch (error) {
      opened.forEach(close);
      unlink(CWD, hidden);
      throw error;
    }
    this.fd = opened[0]!;
    this.#writer = opened[1]!;
  }

  /** Returns the answer, if it has come. */
  read(): UpgradeOutcome | undefined {
    const buffer = new Uint8Array(PIPE_BUF);
    const count = tryRead(this.fd, buffer);
    if (count <= 0) return undefined;
    return parseOutcome(new TextDecoder().decode(buffer.subarray(0, count)).split("\n")[0]!);
  }

  [Symbol.dispose](): void {
    unlink(CWD, this.#path);
    close(this.fd);
    close(this.#writer);
  }
}
