import { monotonicClock } from "../../os/clock.ts";
import { pipe, replaceDescriptor } from "../../os/descriptor.ts";
import { close } from "../../os/file.ts";
import { processId } from "../../os/process.ts";
import { companionArguments, startCompanion } from "../../readiness/companion.ts";
import { commandWord } from "../../cli/program.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, requiredProgram } from "../../cli/command.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";

const NAME = "notify-socket-from-fd";
const VARIABLE = "NOTIFY_SOCKET";

function readSettings(args: readonly string[]) {
  const options = parseOptions(args, "d:ft:k", {
    "notification-fd": "d",
    "timeout": "t",
    "no-doublefork": "f",
    "doublefork": "doublefork",
    "keep-environment": "k",
  });
  return {
    fd: options.number("d", DESCRIPTOR) ?? 1,
    timeout: options.number("t", MILLISECONDS) ?? 0,
    orphan: options.lastOf("f", "doublefork") !== "f",
    keep: options.has("k"),
    prog: options.rest,
  };
}

/** `sv notify-socket-from-fd`: a daemon that speaks s6's protocol, under systemd. */
export const notifySocketFromFdCommand: Command = {
  usage: "[-d fd] [-f] [-t timeout] [-k] prog...",
  help:
    `For a daemon that writes a newline to a descriptor when it is ready, under a service manager that
speaks systemd's protocol: ExecStart=sv notify-socket-from-fd prog..., with Type=notify and
NotifyAccess=all. Becomes prog, with the same process id and a pipe as one of its descriptors; beside it,
waits for the newline, and then sends READY=1 to the socket that NOTIFY_SOCKET names. Without
NOTIFY_SOCKET it only becomes prog.

  -d, --notification-fd N  the descriptor of the pipe in prog; default 1
  -f, --no-doublefork      the process that waits is a child of prog; default: it is nobody's child
  -t, --timeout MS         give up after so long; default 0: never
  -k, --keep-environment   leave NOTIFY_SOCKET in prog's environment

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  async run(args) {
    const companion = companionArguments(commandWord(NAME), args);
    if (companion !== undefined) {
      const { tellSystemd } = await import("../../readiness/sd_notify/tell_systemd.ts");
      const [pid, address, deadline] = companion as [string, string, string];
      return tellSystemd({ pid: Number(pid), address, deadline: Number(deadline) });
    }

    const { fd, timeout, orphan, keep, prog } = readSettings(args);
    requiredProgram(prog);
    const address = Deno.env.get(VARIABLE);
    if (address === undefined) return becomeProgram(prog);
    const { read, write } = pipe();
    const deadline = timeout === 0 ? Infinity : monotonicClock() + timeout;
    startCompanion({
      name: commandWord(NAME),
      args: [String(processId()), address, String(deadline)],
      descriptors: [read],
      orphan,
    });
    close(read);
    replaceDescriptor(fd, write);
    if (!keep) Deno.env.delete(VARIABLE);
    return becomeProgram(prog);
  },
};
