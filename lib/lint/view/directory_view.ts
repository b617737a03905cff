/**
 * What the rules look at: a directory as it was read, and what of the machine matters. The rules are
 * pure functions of the two.
 *
 * @module
 */

import type { FileStatus } from "../../os/file_status.ts";
import type { Finding } from "./finding.ts";

/** What a directory is: the first two are supervised, the others are definitions for `sv rc`. */
export type DirectoryKind = "service" | "logger" | "longrun" | "oneshot" | "bundle";

/** A file of a directory. */
export interface FileView {
  /** Its type, or that of what a symbolic link leads to; `dangling` where that leads nowhere. */
  readonly type: FileStatus["type"] | "dangling";
  /** What a regular file contains; absent where it is long or no text. */
  readonly text?: string;
  /** Of a program that a supervisor starts: why it can't be started; absent where it can. */
  readonly whyNotRun?: string;
}

/** A service directory, or the directory of a definition. */
export interface DirectoryView {
  /** Its path, as findings name it. */
  readonly path: string;
  /** What it is. */
  readonly kind: DirectoryKind;
  /** Its files, and those in `data`, `data/sv` and the directories `*.d`, by their paths in it. */
  readonly files: ReadonlyMap<string, FileView>;
}

/** The machine that the services are for. */
export interface Machine {
  /** Whether anything is known of it. */
  readonly known: boolean;
  /** Returns the text of a file, by its absolute path; undefined where it can't be read. */
  text(path: string): string | undefined;
  /** Returns whether a program is on PATH; true where that can't be known. */
  hasProgram(name: string): boolean;
  /** Returns whether a directory is there; true where that can't be known. */
  hasDirectory(path: string): boolean;
}

/** A machine of which nothing is known: findings are about the directories alone. */
export const UNKNOWN_MACHINE: Machine = {
  known: false,
  text: () => undefined,
  hasProgram: () => true,
  hasDirectory: () => true,
};

/** A rule, or a group of rules. */
export type Rule = (view: DirectoryView, machine: Machine) => Iterable<Finding>;

/** Returns the text of a regular file, or undefined. */
export function textOf(view: DirectoryView, file: string): string | undefined {
  return view.files.get(file)?.text;
}

/** Returns the first line of a file, as supervisors read a value; undefined where there is no such file. */
export function valueOf(view: DirectoryView, file: string): string | undefined {
  return textOf(view, file)?.split("\n", 1)[0];
}

/** Returns whether a directory is a definition for `sv rc`. */
export function isDefinition({ kind }: DirectoryView): boolean {
  return kind === "longrun" || kind === "oneshot" || kind === "bundle";
}
