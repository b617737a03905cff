import { CWD, Descriptor, Open, tryOpen, writeAll } from "../os/file.ts";
import { fstat } from "../os/file_status.ts";
import { encodeOs } from "../os/os_string.ts";
import { setNonblocking } from "../os/descriptor.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { addressed } from "./addressed_command.ts";
import {
  type ControlCommand,
  type ControlPaths,
  type ScanCommand,
  ScanPath,
  SupervisePath,
} from "./protocol.ts";

/** No supervisor is running on the directory, or no scan. */
export class NotSupervisedError extends Error {
  /** The name by which it is told from other errors. */
  override name = "NotSupervisedError";
}

/** The control FIFO is a file of another kind, or can't be reached. */
export class BrokenControlError extends SystemError {
  /** The name by which it is told from other errors. */
  override name = "BrokenControlError";
}

/** Returns the error for a control FIFO that is not there: a broken directory, or no supervisor. */
function diagnose(dir: string, errno: number): Error {
  const service = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (service < 0) return new SystemError(`control ${dir}`, -service);
  using directory = new Descriptor(service);
  const supervise = tryOpen(directory.fd, SupervisePath.directory, Open.READ | Open.DIRECTORY);
  if (supervise >= 0) new Descriptor(supervise)[Symbol.dispose]();
  if (supervise === -Errno.ENOENT) {
    return new NotSupervisedError(`Cannot control ${dir}: no supervisor is running`);
  }
  return new BrokenControlError(
    `use ${dir}/${SupervisePath.control}`,
    supervise < 0 ? -supervise : errno,
  );
}

/**
 * Sends commands to the supervisor of a service, in one write.
 *
 * Each command is one character: `u` up, `d` down, `o` once, `x` exit, `r` restart, `t` TERM, `h`
 * HUP, … as the options of `sv control` and s6-svc; {@linkcode ControlCommand} has names for all.
 *
 * Permissions: `ffi`.
 *
 * @param dir Path of the service directory.
 * @param commands The commands, in order.
 * @throws {NotSupervisedError} when no supervisor is running.
 * @throws {SystemError} when its control FIFO can't be written.
 *
 * @example
 * ```ts
 * import { control, ControlCommand, NotSupervisedError } from "@sv/supervise";
 *
 * try {
 *   control("/run/service/web", "t", ControlCommand.up);
 * } catch (error) {
 *   if (!(error instanceof NotSupervisedError)) console.log(error);
 * }
 * ```
 */
export function control(dir: string, ...commands: ControlCommand[]): void {
  writeControl(dir, SupervisePath, commands.join(""));
}

/**
 * Sends commands to the scan of a scan directory, in one write.
 *
 * @param scandir Path of the scan directory.
 * @param commands The commands, in order.
 * @throws {NotSupervisedError} when no scan is running.
 * @throws {SystemError} when its control FIFO can't be written.
 */
export function controlScan(scandir: string, ...commands: ScanCommand[]): void {
  writeControl(scandir, ScanPath, commands.join(""));
}

/**
 * Sends the supervisor of a service, which is `sv`, a command about one process: it has no effect where
 * the service has another by the time that it is read.
 *
 * @param dir Path of the service directory.
 * @param pid The daemon, in the PID namespace of `/proc`. 1 is one that has a namespace and a `/proc` of its
 *   own: its id elsewhere is unknown, and the command is about whatever runs.
 * @param command The command.
 * @throws {NotSupervisedError} when no supervisor is running.
 * @throws {SystemError} when its control FIFO can't be written.
 */
export function controlAbout(dir: string, pid: number, command: ControlCommand): void {
  writeControl(dir, SupervisePath, pid > 1 ? addressed(command, pid) : command);
}

function writeControl(
  dir: string,
  { control }: ControlPaths,
  commands: string | Uint8Array<ArrayBuffer>,
): void {
  const path = `${dir}/${control}`;
  const fd = tryOpen(CWD, path, Open.WRITE | Open.NONBLOCK);
  if (fd === -Errno.ENXIO) {
    throw new NotSupervisedError(`Cannot control ${dir}: no supervisor is running`);
  }
  if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR || fd === -Errno.EISDIR) {
    throw diagnose(dir, -fd);
  }
  if (fd < 0) throw new SystemError(`control ${dir}`, -fd);
  using fifo = new Descriptor(fd);
  // A plain file takes the bytes as well, and nothing would come of them.
  if (fstat(fifo.fd).type !== "fifo") {
    throw new BrokenControlError(`use ${path}, which is not a FIFO`, Errno.EINVAL);
  }
  if (commands.length === 0) return;
  setNonblocking(fifo.fd, false);
  const bytes = typeof commands === "string" ? encodeOs(commands) : commands;
  writeAll(fifo.fd, bytes, path);
}
