import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { chmod } from "../../os/path.ts";
import { encodeOs } from "../../os/os_string.ts";

/** Writes a text to a file, in place of what was in it, and gives the file a mode. */
export function writeText(path: string, text: string, mode = 0o644): void {
  using file = new Descriptor(open(CWD, path, Open.WRITE | Open.CREATE | Open.TRUNCATE, mode));
  writeAll(file.fd, encodeOs(text), path);
  chmod(CWD, path, mode);
}
