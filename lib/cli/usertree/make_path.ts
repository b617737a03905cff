import { CWD } from "../../os/file.ts";
import { mkdir } from "../../os/path.ts";

/** Makes a directory and those above it that are missing. */
export function makePath(path: string, mode: number): void {
  for (let at = 1; (at = path.indexOf("/", at)) > 0; at++) mkdir(CWD, path.slice(0, at), 0o777);
  mkdir(CWD, path, mode);
}
