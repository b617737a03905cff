import { MAX_INT } from "../../os/limits.ts";
import { DESCRIPTOR, ParsedOptions, parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import { POLL_OPTIONS, pollSettings } from "../../readiness/polling/poll_settings.ts";
import { type Command, Failure, required } from "../../cli/command.ts";
import { ExistsError, makeDirectories } from "../../cli/new/make_directories.ts";
import { type NewService, newService, type Readiness } from "../../cli/new/service_template.ts";
import { print, say } from "../../cli/output.ts";
import { findingLine } from "../../lint/view/finding.ts";
import { lint } from "../../lint/lint.ts";

const OPTIONS = {
  short: POLL_OPTIONS.short,
  long: {
    ...POLL_OPTIONS.long,
    "notify": "notify",
    "newline": "newline",
    "log-line": "log-line:",
    "background": "background:",
    "polled": "polled",
    "fd": "fd:",
    "logs": "logs:",
    "no-logger": "no-logger",
    "rc": "rc",
    "oneshot": "oneshot",
    "depends": "depends:",
  },
} as const;

/** The names of the options of polling, as `ParsedOptions` has them. */
const POLLING = new Set(Object.values(POLL_OPTIONS.long).map((name) => name.replace(/:$/, "")));
const FLAGS = new Set<string>(
  Object.values(POLL_OPTIONS.long).filter((name) => name.length > 1 && !name.endsWith(":")),
);
const CHECKS = ["tcp", "http", "unix", "file", "pid-file", "c"];

/** Returns the options of polling, as words. It asks without end unless it is told otherwise. */
function pollWords({ options }: ParsedOptions): string[] {
  const words = options.filter(({ name }) => POLLING.has(name)).flatMap(({ name, value }) =>
    name.length === 1 ? [`-${name}`, value] : [`--${name}`, ...FLAGS.has(name) ? [] : [value]]
  );
  return words.includes("-n") ? words : ["-n", "0", ...words];
}

/** Returns the ways to become ready that are asked for, by the option that asks for each. */
function readinessOf(options: ParsedOptions, descriptor: number): Readiness {
  const own = ["--notify", "--newline", "--log-line", "--background"]
    .filter((option) => options.has(option.slice(2)));
  const check = CHECKS.find((name) => options.has(name));
  if (check !== undefined) own.push(check.length === 1 ? `-${check}` : `--${check}`);
  const [way, other] = own;
  if (other !== undefined) throw new UsageError(`${way} and ${other} exclude each other`);
  const polling = options.options.find(({ name }) => POLLING.has(name));
  if (polling !== undefined && check === undefined) {
    throw new UsageError("options about asking need a check, such as --tcp PORT");
  }
  if (check === undefined && options.has("polled")) {
    throw new UsageError("--polled needs a check, such as --tcp PORT");
  }
  const helper = (...words: string[]): Readiness => ({ kind: "helper", words });
  if (options.has("notify")) return helper("sv", "notify-fd-from-socket");
  if (options.has("newline")) return { kind: "newline" };
  const line = options.value("log-line");
  if (line !== undefined) return helper("sv", "notifyonline", "--", line);
  const pidFile = options.value("background");
  if (pidFile !== undefined) {
    return helper("sv", "background-watch", "-d", `${descriptor}`, pidFile);
  }
  if (check === undefined) return { kind: "none" };
  pollSettings(options);
  const words = pollWords(options);
  return options.has("polled")
    ? { kind: "polled", options: words }
    : helper("sv", "notifyoncheck", ...words);
}

/** Reads a service's name, which may have a directory before it. */
function place(given: string): { parent: string; name: string } {
  const path = given.replace(/\/+$/, "");
  const at = path.lastIndexOf("/");
  const name = path.slice(at + 1);
  if (name === "" || name.startsWith(".") || name.includes("\n")) {
    throw new UsageError(`'${given}' can't be the name of a service`);
  }
  return { parent: at < 0 ? "." : path.slice(0, at) || "/", name };
}

/** Reads options and operands: NAME may come before or after the options. */
function parse(
  args: readonly string[],
): { options: ParsedOptions; name: string; command: readonly string[] } {
  const before = parseOptions(args, OPTIONS.short, OPTIONS.long);
  const [given, ...rest] = before.rest;
  const name = required(given, "name");
  const after = parseOptions(rest, OPTIONS.short, OPTIONS.long);
  const options = new ParsedOptions([...before.options, ...after.options], after.rest);
  required(after.rest[0], "command");
  return { options, name, command: after.rest };
}

/** Refuses a path that the service, which starts in its directory, would look for elsewhere. */
function checkProgram(program: string): void {
  if (!program.includes("/") || /^(\/|(\.\/)?data\/)/.test(program)) return;
  throw new UsageError(
    `the service starts in its own directory, where ${program} is another file; give the whole path`,
  );
}

function read(args: readonly string[]): { parent: string; service: NewService } {
  const { options, name: given, command } = parse(args);
  const { parent, name } = place(given);
  checkProgram(command[0]!);
  const oneshot = options.has("oneshot");
  const definition = oneshot || options.has("rc");
  const dependencies = options.values("depends");
  if (!definition && dependencies.length > 0) throw new UsageError("--depends needs --rc");
  if (dependencies.some((name) => !/^[^./][^/\n]*$/.test(name))) {
    throw new UsageError("--depends takes the name of a service");
  }
  const descriptor = options.number("fd", DESCRIPTOR, { least: 3, most: MAX_INT }) ?? 3;
  const readiness = readinessOf(options, descriptor);
  if (oneshot && readiness.kind !== "none") {
    throw new UsageError(
      "a oneshot is ready when its command has exited 0; leave the other option out",
    );
  }
  const logs = oneshot || options.has("no-logger")
    ? undefined
    : options.value("logs") ?? `/var/log/${name}`;
  return {
    parent,
    service: { name, command, readiness, descriptor, logs, definition, dependencies, oneshot },
  };
}

/** Warns of what `sv lint` finds in new directories, under the names that they are to have. */
function inspect(paths: ReadonlyMap<string, string>, parent: string): void {
  for (const [name, path] of paths) {
    for (const finding of lint([path]).findings) {
      const file = finding.file.replace(path, `${parent}/${name}`);
      say(`warning: ${findingLine({ ...finding, file }).replace(/: (error|warning)(?=: )/, "")}`);
    }
  }
}

/** Returns what can be done with a new service. */
function nextSteps(parent: string, { name, definition }: NewService): string {
  const path = parent === "." ? name : `${parent}/${name}`;
  return definition
    ? `made ${path}; next: sv rc check ${parent}\n`
    : `made ${path}; next: sv supervise ${path}, or sv link SCANDIR ${path}\n`;
}

/** `sv new`: writes a service directory. */
export const newCommand: Command = {
  usage:
    "name [ --tcp port | --http url | --notify | --newline | --log-line regex | … ] [ --logs dir | --no-logger ] " +
    "[ --rc | --oneshot ] [ -- ] command...",
  help:
    `Writes a service directory with all that a service needs: a run script that becomes command, how
it shows that it is ready, and a logger. name may have a directory before it. The directory is made whole,
or not at all; what exists is never overwritten. What sv lint finds in it is printed as warnings.

How the service shows that it is ready; without any of these, it does not:
  --tcp [HOST:]PORT, --http URL, --unix PATH, --file PATH, --pid-file PATH, -c CMD
                        it is asked, as sv notifyoncheck does, whose other options may be given, too;
                        without an end, unless -n sets one
  --polled              with these: the supervisor asks, by a file data/sv/notifyoncheck, and not a
                        process beside the service; s6 does not
  --notify              it speaks systemd's protocol (Type=notify)
  --newline             it writes a newline to a descriptor
  --log-line REGEX      it prints a line that matches
  --background PIDFILE  it goes into the background, and writes its process id into a file
  --fd N                the descriptor in notification-fd; default 3

The logger:
  --logs DIR            where it writes; default /var/log/NAME. It becomes s6-log, svlogd,
                        multilog or sv log, the first that is installed when it starts, or else cat
  --no-logger           there is none: the output goes where the supervisor's goes

For sv rc:
  --rc                  write a definition of a longrun; its logger is one of its own, NAME-log
  --oneshot             write a definition of a oneshot, whose command is run once to bring it up
  --depends NAME        it depends on this one; may be given several times

Exit codes: 0 success; 1 something of that name exists; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const { parent, service } = read(args);
    try {
      makeDirectories(parent, newService(service), (paths) => inspect(paths, parent));
    } catch (error) {
      if (!(error instanceof ExistsError)) throw error;
      throw new Failure(
        `${error.path} exists already, and is left as it is; give another name`,
        1,
      );
    }
    print(nextSteps(parent, service));
    return 0;
  },
};
