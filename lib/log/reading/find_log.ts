/**
 * Where a service logs.
 *
 * @module
 */

import { UsageError } from "../../options/usage_error.ts";
import { splitWords } from "../../options/split_words.ts";
import { CWD, Descriptor, Open, readFile, tryOpen } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { readNames } from "../../os/directory.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Access, accessErrno, readLink } from "../../os/path.ts";
import { parentOf } from "../../os/process_family.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { isUp, readStatus } from "../../servicedir/status.ts";
import { journalHolder } from "../collector/journal_holder.ts";
import { LogFile } from "../directory/file_names.ts";
import { logDirectoryAt, logFileAt, type LogPlace } from "./open_log.ts";

/** How much of a run script is looked at. */
const RUN_BYTES = 16_384;
/** Programs that write log directories; the directory is the last word on their line. */
const LOGGERS = /(?:^|[\s/;])(?:s6-log|sv log|svlogd|multilog)\s/;

/** Returns where a descriptor of another process leads; undefined where it is no plain file. */
function targetOf(path: string): string | undefined {
  try {
    return tryStat(CWD, path)?.type === "file" ? readLink(CWD, path) ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the plain files that a process has open; none where this user may not know. */
function filesOf(pid: number): string[] {
  const listing = `/proc/${pid}/fd`;
  const fd = tryOpen(CWD, listing, Open.READ | Open.DIRECTORY);
  if (fd < 0) return [];
  using directory = new Descriptor(fd);
  return readNames(directory.fd, listing)
    .map((name) => targetOf(`${listing}/${name}`))
    .filter((target) => target !== undefined);
}

/** Returns the log directories of which a process has `current` open. */
function directoriesOf(pid: number): string[] {
  const end = `/${LogFile.current}`;
  return filesOf(pid).filter((path) => path.endsWith(end)).map((path) =>
    path.slice(0, -end.length)
  );
}

/** Returns the process of a service; undefined where it is down, or not supervised. */
function processOf(dir: string): number | undefined {
  try {
    const status = readStatus(dir);
    return isUp(status) ? status.pid : undefined;
  } catch {
    return undefined;
  }
}

function isLogDirectory(path: string): boolean {
  return accessErrno(CWD, `${path}/${LogFile.current}`, Access.EXISTS) === 0;
}

/** Returns the content of a file; empty where it can't be read. */
function textOf(path: string): string {
  try {
    return decodeOs(readFile(CWD, path, RUN_BYTES));
  } catch {
    return "";
  }
}

function lastWord(line: string): string | undefined {
  try {
    return splitWords(line).at(-1);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Returns the directory that the run script of a logger names, whether it is there or not. */
function directoryInScript(logger: string): string | undefined {
  for (const line of textOf(`${logger}/${ServicePath.run}`).split("\n")) {
    if (!LOGGERS.test(line)) continue;
    const word = lastWord(line.replace(LOGGERS, " "));
    if (word === undefined || /^[-+]|[$`]/.test(word)) continue;
    return word.startsWith("/") ? word : `${logger}/${word.replace(/^(\.\/)+/, "")}`;
  }
  return undefined;
}

/** Returns the log directory that a logger of the service's own writes. */
function directoryOfLogger(logger: string): string | undefined {
  const pid = processOf(logger);
  const open = pid === undefined ? undefined : directoriesOf(pid)[0];
  if (open !== undefined) return open;
  const named = directoryInScript(logger);
  // The script may name it by a variable, or change the directory before.
  return [named, `${logger}/main`, logger]
    .find((path) => path !== undefined && isLogDirectory(path)) ?? named;
}

/** Returns the log directory that the file `data/sv/log` of a service names, whether it is there or not. */
function directoryInOrder(dir: string): string | undefined {
  const word = lastWord(textOf(`${dir}/${ServicePath.log}`));
  return word?.startsWith("/") ? word : undefined;
}

/** Returns the log directories that a log process of a scan writes, by their last names. */
export function directoriesByName(logProcess: number): ReadonlyMap<string, string> {
  return new Map(
    directoriesOf(logProcess).map((path) => [path.slice(path.lastIndexOf("/") + 1), path]),
  );
}

/** Returns the log directory that the log process of the service's scan writes for it. */
function directoryByJournal(
  dir: string,
  writtenBy: (logProcess: number) => ReadonlyMap<string, string>,
): string | undefined {
  const pid = journalHolder(dir);
  return pid === undefined ? undefined : writtenBy(pid).get(dir.slice(dir.lastIndexOf("/") + 1));
}

/** A plain file that a process prints to. */
export interface PrintedFile {
  /** Its path. */
  readonly path: string;
  /** Its descriptor in /proc: no other file can be put in the place of that one. */
  readonly descriptor: string;
}

/**
 * Returns the plain file that a process prints to. A file that its supervisor prints to as well has the
 * output of other services, too.
 */
export function printsTo(pid: number): PrintedFile | undefined {
  const supervisor = parentOf(pid);
  const shared = [1, 2].map((number) => targetOf(`/proc/${supervisor}/fd/${number}`));
  for (const number of [1, 2]) {
    const descriptor = `/proc/${pid}/fd/${number}`;
    const path = targetOf(descriptor);
    if (path !== undefined && !shared.includes(path)) return { path, descriptor };
  }
  return undefined;
}

/**
 * Returns where a service logs: the directory that its logger writes, or its scan's log process; else the
 * file that it prints to. Undefined where that can't be found.
 *
 * @param dir The service directory.
 * @param writtenBy Returns what {@linkcode directoriesByName} does; many services have one log process.
 */
export function findLog(
  dir: string,
  writtenBy: (logProcess: number) => ReadonlyMap<string, string> = directoriesByName,
): LogPlace | undefined {
  const logger = `${dir}/${ServicePath.logger}`;
  const hasLogger = accessErrno(CWD, `${logger}/.`, Access.EXISTS) === 0;
  const directory = hasLogger
    ? directoryOfLogger(logger)
    : directoryInOrder(dir) ?? directoryByJournal(dir, writtenBy);
  if (directory !== undefined) return logDirectoryAt(directory);
  const pid = processOf(dir);
  if (pid === undefined) return undefined;
  // A logger itself, as one that `sv rc` starts for other services.
  const [own] = directoriesOf(pid);
  if (own !== undefined) return logDirectoryAt(own);
  const file = printsTo(pid);
  return file && logFileAt(file.path);
}
