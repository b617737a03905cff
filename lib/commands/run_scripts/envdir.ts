import { setVariable } from "../../os/environment.ts";
import { encodeOs } from "../../os/os_string.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { CLAMP, readVariables } from "../../cli/chain/read_variables.ts";
import { type Command, required, requiredProgram } from "../../cli/command.ts";
import { type ParsedOptions, parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** Returns the byte that stands in for NUL. */
function insteadOfNul(options: ParsedOptions): number {
  const [first] = encodeOs(options.value("c") ?? "\n");
  if (first === undefined) throw new UsageError("option -c takes a character, not ''");
  return first;
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
