import { readNames } from "../../os/directory.ts";
import { setVariable } from "../../os/environment.ts";
import { CWD, Descriptor, Open, tryOpen, tryRead } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type FileReading, variableOfFile } from "../../cli/chain/variable_of_file.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { type ParsedOptions, parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** How many bytes of a file are read, without -L. */
const CLAMP = 4095;

/** Reads the beginning of a file; of a FIFO, as s6 does, what comes until its writers are gone. */
function readStart(directory: number, name: string, path: string, limit: number): Uint8Array {
  const fd = tryOpen(directory, name, Open.READ);
  if (fd < 0) throw new SystemError(`read ${path}`, -fd);
  using file = new Descriptor(fd);
  let bytes = new Uint8Array(CLAMP);
  let length = 0;
  while (length < limit) {
    if (length === bytes.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(bytes);
      bytes = larger;
    }
    const count = tryRead(file.fd, bytes.subarray(length));
    if (count < 0) throw new SystemError(`read ${path}`, -count);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** Returns the byte that stands in for NUL. */
function insteadOfNul(options: ParsedOptions): number {
  const [first] = encodeOs(options.value("c") ?? "\n");
  if (first === undefined) throw new UsageError("option -c takes a character, not ''");
  return first;
}

/** Reads all variables of a directory; none where it may be missing, and is. */
function readVariables(
  dir: string,
  limit: number,
  loose: boolean,
  reading: FileReading,
): [name: string, value: Uint8Array<ArrayBuffer> | undefined][] {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (loose && fd === -Errno.ENOENT) return [];
  if (fd < 0) throw new SystemError(`open the directory ${dir}`, -fd);
  using directory = new Descriptor(fd);
  return readNames(directory.fd, dir)
    .filter((name) => !name.startsWith(".") && !name.includes("="))
    .map((name) => [
      name,
      variableOfFile(readStart(directory.fd, name, `${dir}/${name}`, limit), reading),
    ]);
}

/** `sv envdir`: changes the environment by the files of a directory, and becomes another program. */
export const envdirCommand: Command = {
  usage: "[-I | -i] [-n] [-f] [-L] [-c nullis] dir prog...",
  help:
    `Becomes prog, with a variable for each file in dir: it has the file's name, and the first line for
its value, without blanks at the end. An empty file removes its variable. Names that begin with a dot, or
have a = in them, are left out. A NUL becomes a newline.

  -I       without dir, become prog with the environment as it is
  -i       without dir, fail (the default)
  -n       keep the blanks at the end; with -f, the newline at the end
  -f       take the whole file, but for a newline at the end
  -L       read files to their ends, and not only their first 4095 bytes
  -c CHAR  a NUL becomes this character

Exit codes: 100 wrong usage; 111 dir, or a file in it, can't be read; 127 prog not found; 126 prog can't
be run; else prog's.`,

  run(args) {
    const options = parseOptions(args, "IinfLc:");
    const dir = required(options.rest[0], "directory");
    const prog = requiredProgram(options.rest.slice(1));
    const variables = readVariables(
      dir,
      options.has("L") ? Infinity : CLAMP,
      options.lastOf("I", "i") === "I",
      { whole: options.has("f"), keepEnd: options.has("n"), instead: insteadOfNul(options) },
    );
    // As s6 does, the program is looked for where the caller's PATH says.
    const path = Deno.env.get("PATH");
    for (const [name, value] of variables) setVariable(name, value);
    return becomeProgram(prog, { path });
  },
};
