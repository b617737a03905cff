/**
 * Commands about one process. A companion sends its command when it has looked at its daemon; when the
 * supervisor reads that, the daemon may have died and the service have a new one, which the command must
 * not meet. So it comes with the process id: bytes from 0x80 on before the command's byte, seven bits in
 * each. s6 and older versions of `sv` ignore them.
 *
 * @module
 */

import { byteOf, type ControlCommand } from "./protocol.ts";

const ADDRESS = 0x80;

/** A command as it was read from a control FIFO. */
export interface ReceivedCommand {
  /** The command's byte; it may have no meaning. */
  readonly byte: number;
  /** The process that it is about; undefined: the service, whatever its process is. */
  readonly about?: number;
}

/**
 * Returns the bytes of a command about one process.
 *
 * @param command The command.
 * @param pid The process id, in the supervisor's PID namespace.
 */
export function addressed(command: ControlCommand, pid: number): Uint8Array<ArrayBuffer> {
  const bytes = [byteOf(command)];
  for (let left = pid; left > 0; left = Math.floor(left / ADDRESS)) {
    bytes.unshift(ADDRESS | left % ADDRESS);
  }
  return Uint8Array.from(bytes);
}

/** Tells the commands in the bytes from a control FIFO, which may be read in any pieces. */
export class CommandReader {
  #about: number | undefined;

  /** Takes bytes, and returns the commands that are complete. */
  read(bytes: Uint8Array): ReceivedCommand[] {
    const commands: ReceivedCommand[] = [];
    for (const byte of bytes) {
      if (byte >= ADDRESS) {
        this.#about = (this.#about ?? 0) * ADDRESS + byte % ADDRESS;
        continue;
      }
      commands.push(this.#about === undefined ? { byte } : { byte, about: this.#about });
      this.#about = undefined;
    }
    return commands;
  }
}
