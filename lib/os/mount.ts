import { libc } from "./libc.ts";

/** The place of the flags in a struct statvfs, on machines of 64 bits. */
const FLAGS = 72;
const STATVFS_BYTES = 256;
const ST_NOEXEC = 8;

/** Whether no program on the file system of an open file may be run; false where that is not known. */
export function isMountedNoexec(fd: number): boolean {
  const buffer = new Uint8Array(STATVFS_BYTES);
  if (libc.fstatvfs(fd, buffer) !== 0) return false;
  return (new DataView(buffer.buffer).getUint32(FLAGS, true) & ST_NOEXEC) !== 0;
}
