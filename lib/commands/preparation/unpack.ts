import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { say } from "../../cli/output.ts";
import { layOut, LayoutError } from "../../cli/unpack/lay_out.ts";

/** `sv unpack`: this program, laid out once for all users. */
export const unpackCommand: Command = {
  usage: "[ -q ] directory",
  help: `Lays sv out in a directory, which is made where it is missing, once for all users:
any of them can start the sv in there, also where the file system is read-only,
where there is no shell, no directory to write to, and no /proc. For images of
containers, and for machines with several users: otherwise the packed
executable unpacks itself for each user, at the first start.

  -q   says nothing

The packed executable uses what the same version of it has laid out in /opt/sv,
in /usr/lib/sv, or beside itself under its own name with .d at the end, where
only root or the caller can change that. The compiled executable has nothing to
unpack, and is copied.

Where sv is in the directory already, this version takes its place, and at no
moment is there none. To remove sv, remove the directory.

Exit codes: 0: done; 1: the directory can't be used.`,
  async run(args) {
    const options = parseCommandLine(args, "q");
    const [directory] = operands(options.rest, ["directory"]);
    try {
      const program = await layOut(directory!.replace(/(?<=.)\/+$/, ""));
      if (!options.has("q")) say(`${program} is ready`);
      return 0;
    } catch (error) {
      if (!(error instanceof LayoutError)) throw error;
      throw new Failure(`cannot lay sv out in ${directory}: ${error.message}`, ExitCode.failed);
    }
  },
};
