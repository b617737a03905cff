/** Where the lines of an action go. */
export interface Output {
  /** How many bytes wait to be written. */
  readonly waiting: number;
  /** Whether nothing should be read before what waits was written, which is soon. */
  readonly pausing: boolean;
  /**
   * Takes a line.
   *
   * @param head Stamps and prefix.
   * @param bytes What the line is in.
   * @param from Where it begins.
   * @param to Where it ends; its newline is not counted.
   */
  take(head: readonly Uint8Array[], bytes: Uint8Array<ArrayBuffer>, from: number, to: number): void;
  /** Writes what can be written now. */
  flush(): void;
  /** Rotates, where this is a log directory. */
  rotate(): void;
  /** Ends, after all was written. */
  close(): Promise<void>;
}

/** What outputs need of the logger. */
export interface OutputHost {
  /** The program's name, for alerts. */
  readonly name: string;
  /** Warns of something that failed. */
  readonly report: (message: string) => void;
  /** Is called when something that waits may be written. */
  readonly onWritable: () => void;
}
