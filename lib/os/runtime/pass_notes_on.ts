import { setInherited } from "../descriptor.ts";
import { writeAll } from "../file.ts";
import { libc } from "../libc.ts";
import { memoryFile } from "../memory_file.ts";
import { cString } from "../os_string.ts";
import { isJitless, notesOnStart } from "./launch.ts";

/**
 * Leaves the launcher's notes to the program that this one becomes, in a file in memory: see launch.ts.
 *
 * @returns What takes them away again, in case that fails.
 */
export function passNotesOn(): Disposable {
  const notes = notesOnStart();
  if (notes === undefined) return { [Symbol.dispose]: () => {} };
  const fd = memoryFile("sv start");
  writeAll(fd, new Uint8Array(notes), "the notes on the start");
  setInherited(fd, true);
  const variables = {
    "_SV_PID": String(Deno.pid),
    "_SV_START": `/proc/self/fd/${fd}`,
    ...isJitless() ? { "_SV_JITLESS": "yes" } : {},
  };
  for (const [name, value] of Object.entries(variables)) {
    libc.setenv(cString(name), cString(value), 1);
  }
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(variables)) libc.unsetenv(cString(name));
      libc.close(fd);
    },
  };
}
