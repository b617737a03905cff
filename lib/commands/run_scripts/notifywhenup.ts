import { isInherited, pipe, replaceDescriptor, setInherited } from "../../os/descriptor.ts";
import { close, CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { openProcess, processId } from "../../os/process.ts";
import { processIdInProc } from "../../os/process_family.ts";
import { NEWLINE } from "../../servicedir/protocol.ts";
import { companionArguments, startCompanion } from "../../readiness/companion.ts";
import { commandWord } from "../../cli/program.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import {
  DESCRIPTOR,
  MILLISECONDS,
  type ParsedOptions,
  parseOptions,
} from "../../options/parse_options.ts";

const NAME = "notifywhenup";

const parse = (args: readonly string[]) => parseOptions(args, "d:e:ft:X");

function readSettings(options: ParsedOptions) {
  return {
    fd: options.number("d", DESCRIPTOR) ?? 1,
    fifodir: options.value("e") ?? "event",
    simpleFork: options.has("f"),
    timeout: options.number("t", MILLISECONDS) ?? 0,
    fake: options.has("X"),
  };
}

/** `sv notifywhenup`: declares a service ready when its daemon writes a line, or writes and closes. */
export const notifywhenupCommand: Command = {
  usage: "[-d fd] [-e fifodir] [-f] [-t timeout] [-X] prog...",
  help:
    `Becomes prog, with the same process id and a pipe as one of its descriptors. Beside it, waits
until prog writes a newline there, or writes anything and closes the pipe while it lives on, and then
sends the event U to a fifodir; where the service in the working directory is supervised by sv, its
status says ready, too. After that cat(1) reads the pipe to its end: prog may write more.

For services without a file notification-fd; with one, none of this is needed.

  -d FD   the descriptor of the pipe in prog; default 1
  -e DIR  the fifodir; default ./event
  -f      the process that waits is a child of prog; default: it is nobody's child
  -t MS   give up after so long; default 0: never
  -X      write the newline at once, for prog, and close the pipe

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  async run(args) {
    aboutServiceHere();
    const companion = companionArguments(commandWord(NAME), args);
    if (companion !== undefined) {
      const { waitBesideDaemon } = await import("../../readiness/newline/wait_beside_daemon.ts");
      const [pid, ...own] = companion as [string, ...string[]];
      return waitBesideDaemon({ pid: Number(pid), ...readSettings(parse(own)) });
    }

    const options = parse(args);
    const settings = readSettings(options);

    const prog = requiredProgram(options.rest);
    // A fifodir that can't be opened is an error now, not only when the daemon is ready.
    new Descriptor(open(CWD, settings.fifodir, Open.READ | Open.DIRECTORY))[Symbol.dispose]();
    const { read, write } = pipe();
    const daemon = openProcess(processId());
    startCompanion({
      name: commandWord(NAME),
      args: [String(processIdInProc()), ...args.slice(0, args.length - prog.length)],
      descriptors: [read, daemon],
      orphan: !settings.simpleFork,
    });
    close(read);
    close(daemon);
    if (settings.fake) {
      writeAll(write, Uint8Array.of(NEWLINE), "to the notification pipe");
      if (isInherited(settings.fd)) setInherited(settings.fd, false);
    } else {
      replaceDescriptor(settings.fd, write);
    }
    return becomeProgram(prog);
  },
};
