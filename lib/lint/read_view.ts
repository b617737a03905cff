import { readNames } from "../os/directory.ts";
import { CWD, Descriptor, Open, open, readFile } from "../os/file.ts";
import { type FileStatus, stat, tryStat } from "../os/file_status.ts";
import { decodeOs } from "../os/os_string.ts";
import { Access, accessErrno } from "../os/path.ts";
import { candidates } from "../os/spawn/exec.ts";
import { whyNotRun } from "../os/spawn/why_not_run.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { ScanPath, ServicePath } from "../servicedir/protocol.ts";
import { PROGRAMS } from "./view/known_files.ts";
import { SCAN_PROGRAMS, type ScanView } from "./rules/scans.ts";
import type { DirectoryKind, DirectoryView, FileView, Machine } from "./view/directory_view.ts";

/** Longer files are no scripts, and no values. */
const MAX_TEXT = 65_536;

/** Returns the names in a directory in their order; none where it is no directory. */
export function namesIn(path: string): string[] {
  if (typeOf(path) !== "directory") return [];
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  return readNames(directory.fd, path).sort();
}

/** Returns the type of a file, or of what a link leads to; undefined where there is none. */
export function typeOf(path: string): FileView["type"] | undefined {
  return statusOf(path)?.type ?? (statusOf(path, false) === undefined ? undefined : "dangling");
}

/** Returns the status of what a path leads to, or of the link itself; undefined where it leads nowhere. */
function statusOf(path: string, followLinks = true): FileStatus | undefined {
  try {
    return tryStat(CWD, path, followLinks);
  } catch (error) {
    if (isErrno(error, Errno.ELOOP) || isErrno(error, Errno.ENOTDIR)) return undefined;
    throw error;
  }
}

/** Returns the text of a regular file; undefined where it is long, no text, or not there. */
export function readText(path: string): string | undefined {
  const status = statusOf(path);
  if (status?.type !== "file" || status.size > MAX_TEXT) return undefined;
  const text = decodeOs(readFile(CWD, path, MAX_TEXT));
  return text.includes("\0") ? undefined : text;
}

/** How programs are looked at. */
interface ProgramOptions {
  /** Whether a copy of the program is started, which is made executable. */
  readonly copied: boolean;
  /** Whether interpreters are looked for on this machine. */
  readonly here: boolean;
}

/** Returns why a program could not be started, as far as it can be told without starting it. */
function whyNot(path: string, { copied, here }: ProgramOptions): string | undefined {
  const errno = accessErrno(CWD, path, Access.EXECUTE);
  if (errno !== 0 && !(copied && errno === Errno.EACCES)) return whyNotRun(CWD, path, errno);
  const { type, size } = stat(CWD, path);
  if (type !== "file") return whyNotRun(CWD, path, Errno.EACCES);
  const head = decodeOs(readFile(CWD, path, 256));
  const line = head.split("\n", 1)[0]!;
  if (head.startsWith("\x7fELF")) return undefined;
  if (!head.startsWith("#!") || size === 0) return whyNotRun(CWD, path, Errno.ENOEXEC);
  const [, interpreter = ""] = /^#![ \t]*([^ \t]*)/.exec(line)!;
  const isBroken = interpreter === "" || interpreter.endsWith("\r") ||
    here && accessErrno(CWD, interpreter, Access.EXECUTE) !== 0;
  return isBroken ? whyNotRun(CWD, path, Errno.ENOENT) : undefined;
}

function readFileView(path: string, program: ProgramOptions | undefined): FileView {
  const type = typeOf(path) ?? "dangling";
  const text = type === "file" ? readText(path) : undefined;
  const why = program && whyNot(path, program);
  return { type, ...text !== undefined && { text }, ...why !== undefined && { whyNotRun: why } };
}

/**
 * Reads a service directory, or that of a definition.
 *
 * @param path Its path.
 * @param kind What it is.
 * @param here Whether it is for this machine: whether interpreters are looked for.
 */
export function readDirectoryView(path: string, kind: DirectoryKind, here: boolean): DirectoryView {
  const files = new Map<string, FileView>();
  const add = (name: string) => {
    const copied = kind === "longrun" && name !== ServicePath.check;
    const program = PROGRAMS[kind].includes(name) ? { copied, here } : undefined;
    files.set(name, readFileView(`${path}/${name}`, program));
  };
  const addAll = (folder: string) => {
    for (const name of namesIn(`${path}/${folder}`)) add(`${folder}/${name}`);
  };
  for (const name of namesIn(path)) {
    add(name);
    if (name === ServicePath.data || name.endsWith(".d")) addAll(name);
  }
  addAll("data/sv");
  return { path, kind, files };
}

/** Reads a scan directory, without its services. */
export function readScanView(path: string, here: boolean): ScanView {
  const folder = `${path}/${ScanPath.directory}`;
  const control = namesIn(folder).map((name) => {
    const program = SCAN_PROGRAMS.includes(name) ? { copied: false, here } : undefined;
    return [name, readFileView(`${folder}/${name}`, program)] as const;
  });
  const services = namesIn(path)
    .filter((name) => !name.startsWith(".") && typeOf(`${path}/${name}`) === "directory")
    .map((name) => [name, stat(CWD, `${path}/${name}`).identity] as const);
  return { path, control: new Map(control), services: new Map(services) };
}

/** This machine. */
export function thisMachine(searchPath = Deno.env.get("PATH")): Machine {
  return {
    known: true,
    text(path) {
      try {
        return readText(path);
      } catch {
        return undefined;
      }
    },
    hasProgram: (name) =>
      candidates(name, searchPath).some((file) => accessErrno(CWD, file, Access.EXECUTE) === 0),
    hasDirectory(path) {
      try {
        return typeOf(path) === "directory";
      } catch {
        return true;
      }
    },
  };
}
