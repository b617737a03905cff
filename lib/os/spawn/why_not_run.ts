import { CWD, Descriptor, Open, readFile, tryOpen } from "../file.ts";
import { tryStat } from "../file_status.ts";
import { isMountedNoexec } from "../mount.ts";
import { decodeOs } from "../os_string.ts";
import { Access, accessErrno, readLink } from "../path.ts";
import { Errno, errnoMessage } from "../system_error.ts";

/** How much of a file the kernel looks at to find out how to run it. */
const HEAD_BYTES = 256;

/** Follows the path of a program, or of its interpreter, in a reason why it can't be run. */
const IS_NOEXEC = "is on a file system that is mounted noexec";

/** Returns the first bytes of a file; undefined where it can't be read. */
function headOf(directory: number, file: string): string | undefined {
  try {
    return decodeOs(readFile(directory, file, HEAD_BYTES));
  } catch {
    return undefined;
  }
}

/** Whether the file system that a file is on lets no program run. */
function isOnNoexec(directory: number, file: string): boolean {
  const fd = tryOpen(directory, file, Open.PATH);
  if (fd < 0) return false;
  using opened = new Descriptor(fd);
  return isMountedNoexec(opened.fd);
}

/** Returns why the interpreter of a script can't be run; undefined where it seems to be all right. */
function whyNotInterpreter(line: string): string | undefined {
  const [, interpreter = ""] = /^#![ \t]*([^ \t]*)/.exec(line) ?? [];
  if (interpreter === "") return "its first line, #!, names no interpreter";
  if (interpreter.endsWith("\r")) {
    return `its first line, ${
      JSON.stringify(line)
    }, ends in a carriage return, so that the kernel ` +
      "looks for such an interpreter; give the file the line ends of Unix";
  }
  const its = `its interpreter, ${interpreter},`;
  const errno = accessErrno(CWD, interpreter, Access.EXECUTE);
  if (errno === Errno.ENOENT || errno === Errno.ENOTDIR) {
    return `${its} does not exist; correct the first line, or install it`;
  }
  if (isOnNoexec(CWD, interpreter)) return `${its} ${IS_NOEXEC}`;
  if (errno !== 0) return `${its} can't be run: ${errnoMessage(errno)}`;
  return undefined;
}

/**
 * Returns the errno with which the kernel would refuse to run a program, as far as a look at the file tells;
 * 0 where it would run it.
 */
export function errnoOfRunning(directory: number, file: string): number {
  const errno = accessErrno(directory, file, Access.EXECUTE);
  const head = errno === 0 ? headOf(directory, file) : undefined;
  if (head === undefined || head.startsWith("\x7fELF")) return errno;
  const [, interpreter] = /^#![ \t]*([^ \t\n]+)/.exec(head) ?? [];
  return interpreter === undefined ? Errno.ENOEXEC : accessErrno(CWD, interpreter, Access.EXECUTE);
}

/** Returns why an executable file can't be run; undefined where its content is not the reason. */
function whyNotContent(head: string, errno: number): string | undefined {
  if (head === "") return errno === Errno.ENOEXEC ? "it is empty" : undefined;
  if (head.startsWith("#!")) {
    // A carriage return alone ends no line.
    return whyNotInterpreter(head.split("\n", 1)[0]!);
  }
  if (head.startsWith("\x7fELF")) {
    if (errno === Errno.ENOEXEC) return "it is a program for another kind of machine";
    return errno === Errno.ENOENT
      ? "the loader that it was linked for does not exist here (it was built for another C library)"
      : undefined;
  }
  if (errno !== Errno.ENOEXEC) return undefined;
  if (head.startsWith("\uFEFF#!")) {
    return "it begins with a byte order mark, before its #!; remove that";
  }
  return "it is neither a program nor a script that begins with #! and an interpreter; make its first " +
    "line #!/bin/sh, say";
}

/**
 * Returns why a program could not be run, to follow a colon: what is wrong with the file, where that
 * can be found out, and what to do.
 *
 * @param directory The directory that its path starts from, open; or `CWD`.
 * @param file Its path.
 * @param errno What the kernel said.
 */
export function whyNotRun(directory: number, file: string, errno: number): string {
  try {
    return whyNotFile(directory, file, errno) ?? errnoMessage(errno);
  } catch {
    return errnoMessage(errno);
  }
}

function whyNotFile(directory: number, file: string, errno: number): string | undefined {
  const status = tryStat(directory, file);
  if (status === undefined) {
    const target = tryStat(directory, file, false) && readLink(directory, file);
    return target
      ? `it is a symbolic link to ${target}, which does not exist`
      : "there is no such file";
  }
  if (status.type === "directory") return "it is a directory";
  if (status.type !== "file") return `it is a ${status.type}, not a program`;
  if (errno === Errno.EACCES) {
    if ((status.mode & 0o111) === 0) return "it is not executable; use chmod +x on it";
    if (isOnNoexec(directory, file)) return `it ${IS_NOEXEC}`;
    if (accessErrno(directory, file, Access.EXECUTE) !== 0) {
      return `its mode, ${status.mode.toString(8).padStart(4, "0")}, lets this user not execute it`;
    }
  }
  const head = headOf(directory, file);
  return head === undefined ? undefined : whyNotContent(head, errno);
}
