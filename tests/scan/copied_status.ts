import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { readStatus, type ServiceStatus } from "../../lib/servicedir/status.ts";
import { StatusCopies } from "../../lib/servicedir/status_copies.ts";
import { until } from "../support/until.ts";

/** Returns the copy that the scan of a directory keeps of the status of a service directory. */
export function copiedStatus(scandir: string, service: string): ServiceStatus | undefined {
  using scan = new Descriptor(open(CWD, scandir, Open.PATH));
  using directory = new Descriptor(open(CWD, service, Open.PATH));
  return StatusCopies.read(scan.fd)?.statusOf(directory.fd);
}

/**
 * Waits until a scan has a copy of a status, which takes a moment while it is upgraded, and expects that it is
 * what the file has: looks while that stays as it is.
 */
export async function assertCopied(scandir: string, service: string): Promise<void> {
  const found = await until(() => {
    const before = readStatus(service);
    const copy = copiedStatus(scandir, service);
    const after = readStatus(service);
    return copy !== undefined && text(before) === text(after) && { copy, after };
  }, `a copy of the status of ${service}`);
  assertEquals(found.copy, found.after, service);
}

function text(status: ServiceStatus): string {
  return JSON.stringify({
    ...status,
    stamp: String(status.stamp),
    readyStamp: String(status.readyStamp),
  });
}
