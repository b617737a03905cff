import { type User, userNamed } from "../../os/accounts.ts";
import { effectiveUserId } from "../../os/credentials.ts";
import {
  duplicate,
  isInherited,
  replaceDescriptor,
  setInherited,
  setNonblocking,
} from "../../os/descriptor.ts";
import { close, CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { mkdir, mkfifo } from "../../os/path.ts";
import { setMode, tryChangeOwner } from "../../os/rights.ts";
import { selfCommand } from "../../os/runtime/self_command.ts";
import { SystemError } from "../../os/system_error.ts";
import { withUmask } from "../../os/umask.ts";
import { removeTree } from "../../rc/live/copy_tree.ts";
import { CATCH_ALL_LOGGER } from "../../scan/service_set.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { unknownName } from "../../cli/chain/identities.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { shellWord } from "../../options/quote_words.ts";
import { warn } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { makePath } from "../../cli/usertree/make_path.ts";
import { DESCRIPTOR, MILLISECONDS, type ParsedOptions } from "../../options/parse_options.ts";
import { splitWords } from "../../options/split_words.ts";
import { UsageError } from "../../options/usage_error.ts";

const LONG = {
  "console": "c",
  "catchall-directory": "D",
  "catchall-mode": "m",
  "catchall-user": "l",
  "catchall-options": "o",
  "notification-fd": "d",
  "services-max": "C",
  "name-max": "L",
  "timeout": "t",
  "user": "u",
};

/** The options that the scan gets. */
const OF_THE_SCAN = [
  { name: "C", what: "a number of services", bounds: { least: 4, most: 160_000 } },
  { name: "L", what: "a length", bounds: { least: 11, most: 1019 } },
  { name: "t", what: MILLISECONDS, bounds: {} },
];

/** Checks the options of the scan now, while standard error is still that of the caller. */
function optionsOfScan(options: ParsedOptions): string[] {
  return OF_THE_SCAN.flatMap(({ name, what, bounds }) => {
    const number = options.number(name, what, isCalledAsS6() ? {} : bounds);
    if (number === undefined) return [];
    const { least = 0, most = number } = bounds;
    return [`-${name}`, String(Math.min(Math.max(number, least), most))];
  });
}

function mode(options: ParsedOptions): number {
  const text = options.value("m") ?? "2750";
  if (/^[0-7]{1,4}$/.test(text)) return parseInt(text, 8);
  throw new UsageError(`option -m takes the mode of a directory, as in 2750, not '${text}'`);
}

/** Returns the directory of the catch-all logger. */
function logDirectory(options: ParsedOptions): string {
  const given = options.value("D");
  if (!options.has("u") || given?.startsWith("/")) return given ?? "/run/uncaught-logs";
  const runtime = Deno.env.get("XDG_RUNTIME_DIR");
  if (runtime === undefined) {
    throw new UsageError("option -u takes a directory from XDG_RUNTIME_DIR, which is not set");
  }
  return `${runtime}/${given ?? "uncaught-logs"}`;
}

/** Makes the directory of the catch-all logger, which it may write to. Returns its absolute path. */
function makeLogDirectory(path: string, permissions: number, user: User | undefined): string {
  makePath(path, 0o700);
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  if (user !== undefined && !tryChangeOwner(directory.fd, user.uid, user.gid)) {
    throw new SystemError(`give ${path} to user ${user.uid}`);
  }
  setMode(directory.fd, permissions, path);
  return Deno.realPathSync(path);
}

/** Writes the service directory of the catch-all logger anew. Returns the path of its FIFO. */
function makeLogger(
  scandir: string,
  directory: string,
  user: string,
  options: string,
): string {
  const path = `${scandir}/${CATCH_ALL_LOGGER}`;
  makePath(scandir, 0o755);
  removeTree(path);
  withUmask(0o022, () => mkdir(CWD, path, 0o755));
  const write = (name: string, text: string, mode: number) => {
    const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
    using file = new Descriptor(open(CWD, `${path}/${name}`, flags, 0o600));
    writeAll(file.fd, encodeOs(text), `${path}/${name}`);
    setMode(file.fd, mode, `${path}/${name}`);
  };
  const words = [...splitWords(options), directory].map(shellWord).join(" ");
  // Another program may be called `sv` in PATH, as runit's is.
  const sv = selfCommand().map(shellWord).join(" ");
  const as = user === "" ? "" : `${sv} setuidgid ${shellWord(user)} `;
  // Its own complaints go where those of the caller went, and no variable goes to its programs.
  write(
    "run",
    "#!/bin/sh\nexec >&2 <fifo\n" +
      `exec env -i "PATH=$PATH" ${as}${sv} log -bpd3 -- ${words}\n`,
    0o755,
  );
  write("notification-fd", "3\n", 0o644);
  if (!mkfifo(CWD, `${path}/fifo`, 0o600)) throw new Failure(`${path}/fifo is there already`, 111);
  return `${path}/fifo`;
}

/** Sends standard output and standard error into the FIFO of the catch-all logger, which reads it later. */
function redirect(fifo: string): void {
  const nothing = open(CWD, "/dev/null", Open.READ);
  replaceDescriptor(0, nothing);
  close(nothing);
  const reader = open(CWD, fifo, Open.READ | Open.NONBLOCK);
  const writer = open(CWD, fifo, Open.WRITE | Open.NONBLOCK);
  close(reader);
  setNonblocking(writer, false);
  replaceDescriptor(1, writer);
  replaceDescriptor(2, writer);
  close(writer);
}

/** `sv svscanboot`: becomes a scan whose own output, and that of its services, goes to a logger in it. */
export const svscanbootCommand: Command = {
  usage: "[-c console] [-D catchalldir] [-m catchallmode] [-l catchalluser] [-o catchalloptions] " +
    "[-u] [-d notif] [-C services_max] [-L name_max] [-t rescan] scandir",
  help:
    `Becomes 'sv scan scandir', with a logger for what nothing else logs: the output of the scan, its
supervisors, and services without a logger. For another service manager or an init system that starts it.
The logger is the service ${CATCH_ALL_LOGGER} of scandir, which is made anew. Both directories are made
where they are missing.

  -c, --console DEVICE         where the logger complains; default: standard error
  -D, --catchall-directory DIR  where the logger writes; default: /run/uncaught-logs
  -m, --catchall-mode MODE     the mode of that directory; default: 2750
  -l, --catchall-user USER     run the logger as this user; for root only
  -o, --catchall-options WORDS  what the logger does with lines, in the words of s6-log; default: t
  -u, --user                   write into uncaught-logs, or DIR, in XDG_RUNTIME_DIR
  -d, --notification-fd N      tell descriptor N when the scan is ready
  -C, --services-max N         see 'sv help scan'; so for
  -L, --name-max N
  -t, --timeout MS

Exit codes: 1 no such user; 100 wrong usage; 111 system call failed; else those of 'sv scan'.`,

  run(args) {
    const options = parseCommandLine(args, "c:D:m:l:o:d:C:L:t:u", LONG);
    const [scandir] = operands(options.rest, ["scan directory"]) as [string];
    const notification = options.number("d", DESCRIPTOR, { least: 3 });
    if (notification !== undefined && !isInherited(notification)) {
      throw new Failure(
        `cannot use descriptor ${notification} (option -d): it is not open`,
        ExitCode.systemCall,
      );
    }
    const forScan = optionsOfScan(options);
    const permissions = mode(options);
    let name = options.value("l") ?? "";
    if (name !== "" && effectiveUserId() !== 0) {
      warn("option -l is for root only; the logger runs as this user");
      name = "";
    }
    const user = name === "" ? undefined : userNamed(name);
    if (name !== "" && user === undefined) throw unknownName("user", name);

    const directory = makeLogDirectory(logDirectory(options), permissions, user);
    const self = selfCommand();
    const fifo = makeLogger(scandir, directory, name, options.value("o") ?? "t");
    const device = options.value("c");
    const console = device === undefined ? duplicate(2) : open(CWD, device, Open.WRITE);
    setInherited(console, true);
    redirect(fifo);
    try {
      return becomeProgram([
        ...self,
        "scan",
        ...["-X", String(console)],
        ...notification === undefined ? [] : ["-d", String(notification)],
        ...forScan,
        "--",
        scandir,
      ]);
    } catch (error) {
      replaceDescriptor(2, console);
      throw error;
    }
  },
};
