import type { StreamFormat } from "./line_format.ts";
import type { LogOrder } from "./log_order.ts";

/** Where a service's lines go: a directory of its own, or the log process's standard output. */
export type Destination =
  | { readonly directory: string; readonly order: LogOrder }
  | { readonly stream: StreamFormat };

/** A service whose output is logged. */
export interface LoggedService {
  /** The FIFO's device and inode, which tell it from any other. */
  readonly id: string;
  /** The service's name. */
  readonly name: string;
  /** The service directory, relative to the scan directory. */
  readonly path: string;
  /** Where its lines go. */
  readonly to: Destination;
}

/** What the scan tells its log process: to log a service, or to end when all is written. */
export type Order = { readonly do: "log"; readonly service: LoggedService } | {
  readonly do: "end";
};

/** What the log process tells the scan: it has written all of a FIFO that has no writer any more. */
export interface Answer {
  /** The {@linkcode LoggedService.id}. */
  readonly written: string;
}

/** The descriptors that the log process gets: it reads orders from one, and writes answers to the other. */
export const LogProcessDescriptor = { orders: 3, answers: 4 } as const;

/** Returns a message as it goes through a pipe: a line of JSON. */
export function formatMessage(message: Order | Answer): string {
  return `${JSON.stringify(message)}\n`;
}

/** Takes messages from the pieces in which they come. */
export class MessageReader<Message> {
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** Returns the messages that a piece completes. */
  read(bytes: Uint8Array): Message[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    return lines.map((line) => JSON.parse(line) as Message);
  }
}
