import { type Command, ExitCode } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { JSON_VERSION } from "../../cli/json.ts";
import { print, say } from "../../cli/output.ts";
import { count } from "../../explain/words.ts";
import { type Finding, findingLine } from "../../lint/view/finding.ts";
import { lint } from "../../lint/lint.ts";

function asJson(findings: readonly Finding[], directories: number): string {
  const wellFormed = findings.map((finding) => ({
    ...finding,
    file: finding.file.toWellFormed(),
    message: finding.message.toWellFormed(),
    fix: finding.fix.toWellFormed(),
  }));
  return `${JSON.stringify({ version: JSON_VERSION, directories, findings: wellFormed })}\n`;
}

/** `sv lint`: finds what is wrong with services before they run. */
export const lintCommand: Command = {
  usage: "[ --json ] [ --errors ] [ --elsewhere ] dir...",
  help:
    `Looks at service directories (with their loggers), at scan directories, and at definitions for
sv rc, and prints what is wrong with them, each on a line: the file, what is wrong, what to write
instead, and in brackets the name of the rule. Nothing is started, and nothing is written. It finds

  - programs that can't be started: a run that is missing, not executable, or without a #! line, a
    missing interpreter, the line ends of Windows
  - files that nothing reads, for their names are misspelt, or belong elsewhere
  - values that supervisors ignore, also in files that are read only when they are used
  - options in data/sv that can't be used
  - services that never become ready: helpers without a notification-fd, checks that nothing runs
  - daemons that would go into the background
  - loggers without a place to write
  - oneshots whose scripts are written for a shell, which execline reads

An error keeps something from working; a warning tells of what has another effect than it seems.

  --json       print one JSON object: version (1), directories (how many were looked at), and
               findings, an array of objects of severity (error or warning), rule, file, line (only
               where it is known), message and fix
  --errors     leave warnings out
  --elsewhere  the services are for another machine, or are in an image that is being built: do not
               look for interpreters and directories on this one

Exit codes: 0 nothing was found; 1 something was; 100 wrong usage; 111 a directory can't be read.`,
  run(args) {
    const options = parseCommandLine(args, "", {
      json: "json",
      errors: "errors",
      elsewhere: "elsewhere",
    });
    const paths = operandList(options.rest, "directory");
    const { findings: all, directories } = lint(paths, { elsewhere: options.has("elsewhere") });
    const findings = options.has("errors")
      ? all.filter(({ severity }) => severity === "error")
      : all;
    if (options.has("json")) print(asJson(findings, directories));
    else if (findings.length > 0) {
      print(findings.map((finding) => `${findingLine(finding)}\n`).join(""));
      const errors = findings.filter(({ severity }) => severity === "error").length;
      say(
        `${count(directories, "service")} looked at: ${count(errors, "error")}, ` +
          count(findings.length - errors, "warning"),
      );
    }
    return findings.length === 0 ? 0 : ExitCode.failed;
  },
};
