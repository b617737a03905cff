import { libc } from "./libc.ts";
import { cString } from "./os_string.ts";
import { check } from "./system_error.ts";

const MFD_CLOEXEC = 1n;
const SYS_memfd_create = Deno.build.arch === "aarch64" ? 279n : 319n;

/** Makes a file without a path, in memory only, close-on-exec. */
export function memoryFile(name: string): number {
  const bytes = cString(name);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  const fd = libc.syscall(SYS_memfd_create, BigInt(address), MFD_CLOEXEC, 0n, 0n, 0n);
  return check(Number(fd), "make a file in memory");
}
