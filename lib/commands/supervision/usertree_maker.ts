import { CWD } from "../../os/file.ts";
import { mkdir } from "../../os/path.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { ExistsError, makeDirectories } from "../../cli/new/make_directories.ts";
import { shellWord } from "../../options/quote_words.ts";
import type { NewDirectories, NewFile } from "../../cli/new/service_template.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { loggerScript } from "../../cli/usertree/logger_script.ts";
import type { ParsedOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

type Files = Record<string, NewFile>;

const FORM_OF_NAMES = "service/logger or service/logger/pipeline";

/** Reads the argument of -r: the names of a service, its logger, and a bundle of both. */
function names(text: string): { service: string; logger: string; pipeline: string | undefined } {
  const [service = "", logger = "", pipeline, ...more] = text.split("/");
  if (
    service === "" || logger === "" || pipeline === "" || more.length > 0 || text.includes("\n")
  ) {
    throw new UsageError(`option -r takes ${FORM_OF_NAMES}, not ${JSON.stringify(text)}`);
  }
  return { service, logger, pipeline };
}

/** Returns a size in bytes, which may be greater than numbers are exact. */
function size(options: ParsedOptions, name: string, otherwise: string): string {
  const text = options.value(name) ?? otherwise;
  const number = /^\d+$/.test(text) ? BigInt(text) : -1n;
  if (number >= 0n && number < 1n << 64n) return String(number);
  throw new UsageError(`option -${name} takes a number of bytes, not '${text}'`);
}

/** Returns the run script of the user's tree. */
function runScript(options: ParsedOptions, user: string, scandir: string): string {
  const words = [
    ...["p", "E"].flatMap((name) => {
      const value = options.value(name);
      return value === undefined ? [] : [`-${name}`, value];
    }),
    ...options.values("e").flatMap((name) => ["-e", name]),
    "--",
    user,
    scandir,
  ];
  return `#!/bin/sh\nexec 2>&1\nexec sv usertree ${words.map(shellWord).join(" ")}\n`;
}

/** Says what is wrong with the options, and would be found only when the service is started. */
function check(options: ParsedOptions, logdir: string, scandir: string): void {
  if (!logdir.startsWith("/")) throw new UsageError(`logdir must be absolute, not '${logdir}'`);
  if (!scandir.startsWith("/") && !scandir.startsWith("${HOME}/")) {
    throw new UsageError(`userscandir must be absolute, or begin with \${HOME}/, not '${scandir}'`);
  }
  const wrong = options.values("e").find((name) => name.includes("="));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' is no name of a variable`);
  if (options.has("e") && !options.has("E") && !isCalledAsS6()) {
    throw new UsageError("option -e names a variable of the directory that option -E gives");
  }
}

/** `sv usertree-maker`: writes a service that is a user's own tree. */
export const usertreeMakerCommand: Command = {
  usage: "[-d userscandir] [-p path] [-E envdir [-e var]...] [-r service/logger[/pipeline]] " +
    "[-l loguser] [-t stamptype] [-n nfiles] [-s filesize] [-S maxsize] [-P prefix] user logdir dir",
  help:
    `Writes a service directory, dir, for a scan of user's own services, in a scan directory that
belongs to user. The system's scan supervises it, and its logger, which writes what user's supervisors
and services print into logdir. Neither userscandir nor logdir is made: both have to be there when the
service is started.

  -d USERSCANDIR  the user's scan directory; default: \${HOME}/service
  -p PATH         PATH for the user's services; default: /usr/bin:/bin
  -E ENVDIR       add the variables of this directory to their environment
  -e VAR          in this one of them, too, put the user's data in place; may be given several times
  -r SERVICE/LOGGER[/PIPELINE]  in dir, make definitions for 'sv rc' of a service and its logger, and of
                  a bundle of both
  -l LOGUSER      run the logger as this user; default: root
  -t 0|1|2|3      what lines begin with: 1 TAI64N (the default), 2 ISO 8601, 3 both, 0 nothing
  -n NUMBER       so many files are kept; default: 10
  -s BYTES        the size of a file; default: 1000000
  -S BYTES        the size of all files; 0: any (the default)
  -P PREFIX       begin lines with this

In userscandir, PATH and each VAR, \${USER}, \${HOME}, \${UID}, \${GID} and \${GIDLIST} stand for the user's
data at the service's start.

Exit codes: 100 wrong usage; 111 system call failed, or something is there already.`,

  run(args) {
    const options = parseCommandLine(args, "d:p:E:e:r:l:t:n:s:S:P:");
    const [user, logdir, dir] = operands(options.rest, ["user", "log directory", "directory"]) as [
      string,
      string,
      string,
    ];
    const scandir = options.value("d") ?? "${HOME}/service";
    check(options, logdir, scandir);
    const rc = options.value("r");
    const { service, logger, pipeline } = rc === undefined
      ? { service: "", logger: "", pipeline: undefined }
      : names(rc);

    const program = rc === undefined;
    const tree: Files = {
      [ServicePath.run]: { text: runScript(options, user, scandir), program },
      [ServicePath.notificationFd]: { text: "3\n" },
    };
    const log: Files = {
      [ServicePath.run]: {
        text: loggerScript({
          user: options.value("l"),
          directory: logdir,
          stamps: options.number("t", "a kind of time stamps", { most: 3 }) ?? 1,
          files: options.number("n", "a number of files") ?? 10,
          fileSize: size(options, "s", "1000000"),
          size: size(options, "S", "0"),
          prefix: options.value("P"),
        }),
        program,
      },
      [ServicePath.notificationFd]: { text: "3\n" },
    };
    const place = dir.replace(/\/+$/, "");
    if (rc !== undefined) {
      mkdir(CWD, place, 0o755);
      make(place, {
        [logger]: {
          ...log,
          "type": { text: "longrun\n" },
          "consumer-for": { text: `${service}\n` },
          ...pipeline === undefined ? {} : { "pipeline-name": { text: `${pipeline}\n` } },
        },
        [service]: {
          ...tree,
          "type": { text: "longrun\n" },
          "producer-for": { text: `${logger}\n` },
        },
      });
    } else {
      const slash = place.lastIndexOf("/");
      make(slash < 0 ? "." : place.slice(0, slash) || "/", {
        [place.slice(slash + 1)]: {
          ...tree,
          ...Object.fromEntries(Object.entries(log).map(([name, file]) => [`log/${name}`, file])),
        },
      });
    }
    return 0;
  },
};

/** Makes directories; what is there already stays as it is. */
function make(parent: string, directories: NewDirectories): void {
  try {
    makeDirectories(parent, directories);
  } catch (error) {
    if (!(error instanceof ExistsError)) throw error;
    throw new Failure(`${error.message}; remove it, or give another name`, ExitCode.systemCall);
  }
}
