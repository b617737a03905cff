/** A program through which a full log file goes before it is archived. */
export interface ProcessorSettings {
  /** What interprets the script: `/bin/sh -c`, or `execlineb -Pc`. */
  readonly interpreter: "sh" | "execlineb";
  /** The script. */
  readonly script: string;
}

/** How a log directory is kept: what the directives of s6-log's script set. */
export interface LogDirectorySettings {
  /** `n`: how many archives are kept. */
  readonly archives: number;
  /** `s`: the size of `current`, in bytes, that rotation keeps it below. */
  readonly fileSize: number;
  /** `l`: rotation begins this many bytes below `fileSize`. */
  readonly tolerance: number;
  /** `S`: how many bytes all archives may have; 0: no limit. */
  readonly totalSize: number;
  /** `r`: milliseconds until something that failed is tried again. */
  readonly cooldown: number;
  /** `R`: seconds from one rotation by time to the next; 0: none. */
  readonly period: number;
  /** `!` and `?`. */
  readonly processor?: ProcessorSettings | undefined;
}

/** The settings where a script says nothing else. */
export const DEFAULT_SETTINGS: LogDirectorySettings = {
  archives: 10,
  fileSize: 99_999,
  tolerance: 2000,
  totalSize: 0,
  cooldown: 2000,
  period: 0,
};

/** The least and the greatest value that `s` sets; others are moved to the nearer one. */
export const FILE_SIZE = { least: 4096, most: 268_435_455 } as const;
