import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { setMode } from "../../os/rights.ts";

/** Writes a text to a file, in place of what was in it, and gives the file a mode. */
export function writeText(path: string, text: string, mode = 0o644): void {
  const flags = Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK | Open.NOFOLLOW;
  using file = new Descriptor(open(CWD, path, flags, mode));
  writeAll(file.fd, encodeOs(text), path);
  setMode(file.fd, mode, path);
}
