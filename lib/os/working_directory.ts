import { libc } from "./libc.ts";
import { cString } from "./os_string.ts";
import { check } from "./system_error.ts";

/** Makes a directory the working directory of this process, whatever bytes its name has. */
export function changeDirectory(path: string): void {
  check(libc.chdir(cString(path)), `change to the directory ${path}`);
}
