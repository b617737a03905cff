/** The files of a log directory, beside its archives. */
export const LogFile = {
  /** Locked by the logger that writes here. */
  lock: "lock",
  /** Where lines are appended. Executable by its owner where its last logger closed it. */
  current: "current",
  /** The former `current`, while it is being archived. Executable once it is whole on the disk. */
  previous: "previous",
  /** What the processor has made of `previous`. Executable once it is whole on the disk. */
  processed: "processed",
  /** What the last processor left for the next. */
  state: "state",
  /** What the running processor leaves for the next. */
  newState: "newstate",
} as const;

/** Permission bits of a file whose owner may execute it: the mark of a file that is whole. */
export const WHOLE = 0o100;
