import { ServicePath } from "../../servicedir/protocol.ts";
import { commandsOf } from "../view/commands.ts";
import type { Finding } from "../view/finding.ts";
import { type DirectoryView, type Machine, textOf } from "../view/directory_view.ts";

/** How a logger is told where it writes. */
interface Logger {
  /** Matches an argument that is a directory. */
  readonly directory: RegExp;
  /** Matches an argument by which its output goes elsewhere. */
  readonly elsewhere?: RegExp;
  /** The letters of its options that take an argument. */
  readonly valued: string;
  /** Whether it makes a directory that is missing. */
  readonly makes: boolean;
}

const S6_LOG: Logger = {
  directory: /^[./]/,
  elsewhere: /^[12>=|]/,
  valued: "dqlt",
  makes: true,
};

const LOGGERS: Readonly<Record<string, Logger>> = {
  "s6-log": S6_LOG,
  "sv log": S6_LOG,
  "multilog": { directory: /^[./]/, elsewhere: /^[=e]/, valued: "", makes: true },
  "svlogd": { directory: /./, valued: "blrR", makes: false },
};

/** Returns the arguments after the options. */
function operands(args: readonly string[], valued: string): readonly string[] {
  let at = 0;
  while (at < args.length && /^-./.test(args[at]!)) {
    const word = args[at++]!;
    if (word === "--") break;
    if (valued.includes(word.at(-1)!) && !/\d/.test(word)) at++;
  }
  return args.slice(at);
}

/** Returns a command with `sv log` as its program, where it is that: its arguments are s6-log's. */
function asLogger<C extends { readonly program: string; readonly args: readonly string[] }>(
  command: C,
): C {
  if (command.program !== "sv" || command.args[0] !== "log") return command;
  return { ...command, program: "sv log", args: command.args.slice(1) };
}

/** Finds loggers that have no place to write. */
export function* loggingRules(view: DirectoryView, machine: Machine): Iterable<Finding> {
  const text = textOf(view, ServicePath.run) ?? "";
  const file = `${view.path}/${ServicePath.run}`;
  for (const command of commandsOf(view)) {
    const { line, program, args } = asLogger(command);
    const logger = Object.hasOwn(LOGGERS, program) ? LOGGERS[program]! : undefined;
    if (logger === undefined || args.some((arg) => /[$`*{]/.test(arg))) continue;
    const rest = operands(args, logger.valued);
    const directories = rest.filter((arg) => logger.directory.test(arg));
    if (directories.length === 0 && !rest.some((arg) => logger.elsewhere?.test(arg))) {
      yield {
        severity: "error",
        rule: "no-place-to-log",
        file,
        line,
        message: `${program} is told no directory, so that what it reads is lost`,
        fix: "add one at the end, as in: " +
          `${program} ${program === "svlogd" ? "-tt" : "t"} /var/log/NAME`,
      };
    }
    for (const directory of directories) {
      // What is in /run is made at each boot.
      if (/^\/(var\/)?run\//.test(directory)) continue;
      const path = directory.startsWith("/") ? directory : `${view.path}/${directory}`;
      const wanted = logger.makes ? path.replace(/\/+[^/]*\/*$/, "") || "/" : path;
      const isMade = text.split("\n").some((other, index) =>
        index + 1 < line && /\b(mkdir|install|chown|ln)\b/.test(other)
      );
      if (isMade || machine.hasDirectory(wanted)) continue;
      yield {
        severity: "warning",
        rule: "no-place-to-log",
        file,
        line,
        message: `${program} is to write to ${directory}, and there is no directory ${wanted}`,
        fix: `make it: mkdir -p ${path}`,
      };
    }
  }
}
