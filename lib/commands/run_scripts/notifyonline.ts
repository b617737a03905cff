import { Pattern } from "../../os/pattern.ts";
import { monotonicClock } from "../../os/clock.ts";
import { pipe, replaceDescriptor, sameOpenFile, setInherited } from "../../os/descriptor.ts";
import { close } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { processIdInProc } from "../../os/process_family.ts";
import { companionArguments, startCompanion } from "../../readiness/companion.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, ExitCode, Failure, required, requiredProgram } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { notificationFd } from "../../cli/notification_fd.ts";
import { commandWord } from "../../cli/program.ts";
import { aboutServiceHere } from "../../cli/service_here.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";
import { reportNow } from "../../cli/complain_now.ts";

const NAME = "notifyonline";

function readSettings(args: readonly string[]) {
  const options = parseOptions(args, "23:ft:", {
    "stderr": "2",
    "notification-fd": "3",
    "timeout": "t",
    "no-doublefork": "f",
  });
  const regex = required(options.rest[0], "regular expression");
  const prog = options.rest.slice(1);
  return {
    output: options.has("2") ? 2 : 1,
    fd: options.number("3", DESCRIPTOR),
    timeout: options.number("t", MILLISECONDS) ?? 0,
    orphan: !options.has("f"),
    regex,
    prog: prog[0] === "--" ? prog.slice(1) : prog,
  };
}

/** Rejects an invalid regular expression here: the companion could only complain in the log. */
function checkPattern(regex: string): void {
  try {
    new Pattern(regex, true)[Symbol.dispose]();
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

/** Returns whether standard output and standard error are the same open file, as after `2>&1`. */
function isOneOutput(): boolean {
  if (sameOpenFile(1, 2)) return true;
  // Where the kernel can't tell, two descriptors of the same pipe or terminal count as one open file.
  const [one, two] = [fstat(1), fstat(2)];
  return one.type !== "file" && one.identity === two.identity;
}

/** `sv notifyonline`: readiness at a line of the daemon's output. */
export const notifyonlineCommand: Command = {
  usage: "[-2] [-3 fd] [-f] [-t timeout] regex [--] prog...",
  help:
    `For run scripts of daemons that only say in their log that they are ready. Becomes prog, with
the same process id and a pipe as its stdout; beside it, passes everything on to where stdout led before,
and tells the supervisor (sv or s6) at the first line that matches regex that the service is ready. To be
run in the service directory, which needs a file notification-fd.

The output stays as it is, byte for byte and in order; a reader that does not keep up slows prog down, as
it would by itself. Where stdout and stderr are one (2>&1), both go through the pipe, so that their lines
keep their order. regex is an extended regular expression of POSIX, matched against each line's first
65536 bytes.

  -2, --stderr             look at stderr instead of stdout
  -3, --notification-fd N  use descriptor N; default: what ./notification-fd says; closed in prog
  -f, --no-doublefork      the process that passes the output on is a child of prog; default: it is
                           nobody's child
  -t, --timeout MS         stop looking after so long; the service goes on, not ready; default 0: never

The process beside prog lives as long as somebody can write to the pipe. Once there is nothing left to
look for it becomes cat(1), which takes little memory; not where the output goes to a file.

Exit codes: 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog can't be run; else
prog's.`,

  async run(args) {
    aboutServiceHere();
    const companion = companionArguments(commandWord(NAME), args);
    if (companion !== undefined) {
      const { notifyOnLine } = await import("../../readiness/log_line/notify_on_line.ts");
      const [pid, deadline, ...own] = companion as [string, string, ...string[]];
      return notifyOnLine({
        ...readSettings(own),
        pid: Number(pid),
        deadline: Number(deadline),
        report: reportNow,
      });
    }

    const { output, fd: given, timeout, orphan, regex, prog } = readSettings(args);
    requiredProgram(prog);
    checkPattern(regex);
    const fd = notificationFd(given);
    if (fd <= 2) {
      throw new Failure(
        `cannot use descriptor ${fd} for notification: it is a standard one`,
        ExitCode.usage,
      );
    }
    const outputs = isOneOutput() ? [1, 2] : [output];
    const { read, write } = pipe();
    const deadline = timeout === 0 ? Infinity : monotonicClock() + timeout;
    startCompanion({
      name: commandWord(NAME),
      args: [
        String(processIdInProc()),
        String(deadline),
        ...output === 2 ? ["-2"] : [],
        "--",
        regex,
      ],
      descriptors: [read, fd],
      orphan,
    });
    close(read);
    setInherited(fd, false);
    for (const target of outputs) replaceDescriptor(target, write);
    close(write);
    return becomeProgram(prog);
  },
};
