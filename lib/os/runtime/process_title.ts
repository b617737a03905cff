/**
 * What ps(1) and pgrep(1) show of this process.
 *
 * A plain executable is shown by its name and arguments. This program is run by `deno`, from the sources or
 * in the packed executable, and `pgrep -f "sv scan"` would not find it among `deno`'s options. So the
 * long-lived commands write their own command line over the one that the kernel keeps.
 *
 * Remove when `deno compile` makes the executable wherever it is built, and the sources are no
 * longer a way to run the program.
 *
 * @module
 */

import { libc } from "../libc.ts";
import { cString, encodeOs } from "../os_string.ts";

const PR_SET_NAME = 15;

/** The fields of /proc/PID/stat, after the name, for where the arguments begin and end in memory. */
const ARGUMENTS_BEGIN = 45;
const ARGUMENTS_END = 46;

/**
 * Sets what ps(1) and pgrep(1) show of this process. Call it when the arguments have been read.
 *
 * @param argv The command line, as that of a plain executable would be.
 */
export function setProcessTitle(argv: readonly string[]): void {
  if (Deno.build.standalone) return;
  const [program = ""] = argv;
  const name = cString(program.slice(program.lastIndexOf("/") + 1));
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(name));
  libc.prctl(PR_SET_NAME, BigInt(address), 0n, 0n, 0n);
  try {
    overwriteArguments(encodeOs(argv.map((argument) => `${argument}\0`).join("")));
  } catch {
    // Before /proc is mounted there is nobody who could look.
  }
}

/** Writes over the arguments in this process's memory, which /proc/PID/cmdline shows. */
function overwriteArguments(bytes: Uint8Array): void {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  // The name is in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const begin = BigInt(fields[ARGUMENTS_BEGIN]!);
  const length = Number(BigInt(fields[ARGUMENTS_END]!) - begin);
  // Zero where this process may not look at its own memory.
  if (begin === 0n || bytes.length > length) return;
  const memory = new Uint8Array(
    Deno.UnsafePointerView.getArrayBuffer(Deno.UnsafePointer.create(begin)!, length),
  );
  memory.fill(0);
  memory.set(bytes);
}
