import type { LogDirectorySettings } from "../directory/settings.ts";

/** A directive that changes which lines are selected. */
export type Selection =
  /** `+` and `-`: selects, or deselects, lines that match an extended regular expression. */
  | { readonly type: "select" | "deselect"; readonly regex: string }
  /** `f`: selects the lines that no action was done with, and no others. */
  | { readonly type: "rest" };

/** Where an action takes its lines. */
export type Destination =
  /** `1`: standard output. */
  | { readonly type: "stdout" }
  /** `2`: standard error, of each line the first `limit` bytes; 0: all. */
  | { readonly type: "alert"; readonly limit: number }
  /** `=`: a file that holds the last line, `size` bytes of it, padded with newlines; 0: all, unpadded. */
  | { readonly type: "status"; readonly file: string; readonly size: number }
  /** A log directory. */
  | {
    readonly type: "directory";
    readonly path: string;
    readonly settings: LogDirectorySettings;
  };

/** What is done with a selected line. */
export interface Action {
  /** Whether a TAI64N stamp comes first. */
  readonly tai64n: boolean;
  /** Whether a stamp in local time comes next. */
  readonly iso: boolean;
  /** What comes before the line itself, with a space after it; empty: nothing. */
  readonly prefix: string;
  /** Where the line goes. */
  readonly destination: Destination;
}

/** Selections, and the actions that follow them. */
export interface Clause {
  /** The selections, in their order. */
  readonly selections: readonly Selection[];
  /** The actions, in their order. */
  readonly actions: readonly Action[];
}

/** What s6-log calls a logging script. */
export interface LoggingScript {
  /** Its parts, in their order; each goes on with what those before it have selected. */
  readonly clauses: readonly Clause[];
  /** Directives at the end, which no action follows. */
  readonly unused: readonly string[];
}
