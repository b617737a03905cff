import { CWD, Descriptor, Open, tryOpen, writeAll } from "../os/file.ts";
import { fstat } from "../os/file_status.ts";
import { setNonblocking } from "../os/descriptor.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import {
  type ControlCommand,
  type ControlPaths,
  type ScanCommand,
  ScanPath,
  SupervisePath,
} from "./protocol.ts";

/** Nobody supervises the service directory. */
export class NotSupervisedError extends Error {
  /** The class's name, by which an error is told from others. */
  override name = "NotSupervisedError";
}

/** What stands at the place of the control FIFO, or on the way there, is not what it should be. */
export class BrokenControlError extends SystemError {
  /** The class's name, by which an error is told from others. */
  override name = "BrokenControlError";
}

/** The control FIFO is not there: is the service directory broken, or only not supervised? */
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
 * HUP, … as the options of `sv control` and s6-svc.
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
 * import { control, NotSupervisedError } from "@sv/supervise";
 *
 * try {
 *   control("/run/service/web", "t", "u");
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

function writeControl(dir: string, { control }: ControlPaths, commands: string): void {
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
  // What takes anybody's bytes and heeds none would pass for a supervisor.
  if (fstat(fifo.fd).type !== "fifo") {
    throw new BrokenControlError(`use ${path}, which is not a FIFO`, Errno.EINVAL);
  }
  if (commands === "") return;
  setNonblocking(fifo.fd, false);
  writeAll(fifo.fd, new TextEncoder().encode(commands), path);
}
