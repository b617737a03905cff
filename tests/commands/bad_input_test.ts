/**
 * What every command says to input that is wrong: all lines as users see them, and the exit codes. After a
 * change that is meant, read the difference, as somebody who is new to `sv`, and write them anew:
 * `./scripts/test --update commands/bad_input`.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { assertSnapshot } from "@std/testing/snapshot";
import { commands } from "../../lib/commands/registry.ts";
import { atATime } from "../support/at_a_time.ts";
import { sv } from "../support/program.ts";
import { type Finished, run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** How a command is called, for mistakes to be made in it. */
interface Call {
  /** Operands that are right. */
  readonly operands: string;
  /** Options that take a value, each with values that are wrong. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Whether a program comes last: what follows it is its own. */
  readonly program?: boolean;
  /** Whether it takes any number of operands, or none. */
  readonly any?: boolean;
  /** Whether it would run on with operands that are missing, empty or too many. */
  readonly endless?: boolean;
  /** Other mistakes. */
  readonly more?: readonly string[];
}

const NUMBER = ["5s"];
const DESCRIPTOR = ["x"];
const RC = { "-v": ["x"] };
const CHANGE = { "-t": NUMBER, "-n": ["x"] };

/** By the name of the command. The directory has a service `web` that nobody supervises. */
const CALLS: Readonly<Record<string, Call>> = {
  "supervise": { operands: "nowhere", more: ["web/run"] },
  "scan": {
    operands: "nowhere",
    values: {
      "-C": ["x", "2", "160001"],
      "-c": ["2"],
      "-L": ["2", "9999"],
      "-t": NUMBER,
      "-d": [...DESCRIPTOR, "1", "77"],
      "-X": ["77"],
    },
    more: [
      "--services-max=2 web",
      "nowhere --",
      "-- nowhere --",
      "--ready-timeout 5s nowhere -- true",
      "--kill-timeout 5 nowhere",
      "--ready-when x nowhere",
    ],
  },
  // Without a mistake it runs until it is ended.
  "svscanboot": {
    operands: "-m x nowhere",
    endless: true,
    values: { "-d": [...DESCRIPTOR, "2"], "-C": ["x", "2"], "-L": ["2"], "-t": NUMBER },
    more: ["-d 77 nowhere", "-D web/run nowhere"],
  },
  "usertree-maker": {
    operands: "root /l web",
    values: {
      "-d": ["rel"],
      "-r": ["x", "/x", "x/y/", "x/y/z/w"],
      "-t": ["4"],
      "-n": ["x"],
      "-s": ["x"],
      "-S": ["-1"],
      "-e": ["a=b", "a"],
    },
    more: ["root rel other"],
  },
  "usertree": { operands: "nosuchuser /nowhere" },
  "scanctl": {
    operands: "nowhere",
    values: { "--timeout": NUMBER },
    more: ["web", "-t web", "--timeout 5 -t web", "--no-wait web", "-x web", "--upgrade web"],
  },
  "link": {
    operands: "nowhere web",
    values: { "-t": NUMBER },
    more: ["web", "web nowhere", "web web .x", "web web a/b", "-d web web", "web web a b"],
  },
  "unlink": {
    operands: "nowhere web",
    values: { "-t": NUMBER },
    more: ["web", "web .x", "web ''"],
  },
  "serve": {
    operands: "--listen unix:nowhere",
    values: {
      "--listen": ["9000", "127.0.0.1:x", "unix:"],
      "--mode": ["rw", "0999"],
      "--allow-user": ["nosuchuser"],
      "-d": [...DESCRIPTOR, "2"],
    },
    more: [
      "-d 77 --listen unix:./s",
      "--mode rw --listen unix:./s",
      "--allow-user nosuchuser --listen unix:./s",
      "--listen unix:./nowhere/s",
      "--listen unix:./notification-fd",
      "--token-file nowhere --listen unix:./s",
    ],
  },
  "perms": {
    operands: "nowhere",
    values: { "-g": [":x", ":99999999999", "nosuchgroup"], "-O": ["nosuchgroup"] },
    any: true,
    more: ["web"],
  },
  "control": {
    operands: "-u nowhere",
    values: { "-T": NUMBER, "-w": ["x", "Ux"], "-s": ["x", "99", "SEGV"] },
    any: true,
    more: ["web", "-u web", "-T 5 -u web", `-${"u".repeat(63)} web`, "-u ''"],
  },
  "stat": {
    operands: "nowhere",
    values: { "-o": ["x", "up,x", "up,,pid", `${"up,".repeat(16)}up`] },
    any: true,
    more: ["web", "web nowhere", "--json -o up web", "web/run", "--json=yes web", "--jsn web"],
  },
  "wait": {
    operands: "nowhere",
    values: { "-t": ["5s", "-1", "''", "99999999999"] },
    any: true,
  },
  "listen": {
    operands: "nowhere '' true",
    values: { "-t": NUMBER },
    program: true,
    more: ["web", "web ''", "web true", "'' nosuchprogram"],
  },
  "listen1": {
    operands: "nowhere true",
    values: { "-t": NUMBER },
    program: true,
    more: ["web", "-a web true"],
  },
  "ok": { operands: "nowhere" },
  "death-tally": { operands: "nowhere", values: { "-n": ["x", "4097"] }, more: ["web"] },
  "clear-death-tally": { operands: "nowhere", more: ["web"] },
  "instance create": {
    operands: "nothing@one",
    any: true,
    values: { "-t": NUMBER, "-w": ["x"] },
    more: ["web", "web one", "web@.x", "-w u -d web@x", "-n nothing@one", "./nowhere/a@b"],
  },
  "instance delete": {
    operands: "nothing@one",
    any: true,
    values: { "-t": NUMBER },
    more: ["web", "web one", "web@", "./nowhere/a@b"],
  },
  "instance control": {
    operands: "-u nothing@one",
    any: true,
    values: { "-T": NUMBER, "-w": ["x"] },
    more: ["web", "nothing@one", "-u 'nothing@*'"],
  },
  "instance status": {
    operands: "nothing@one",
    any: true,
    values: { "-o": ["x"] },
    more: ["web", "'nothing@*'"],
  },
  "instance list": { operands: "./nowhere/web" },
  "instance maker": {
    operands: "nowhere new",
    values: {
      "-c": ["x", "1", "90001"],
      "-r": ["''", "a//b", "a/b/c/d"],
      "-u": ["'a b'"],
      "-L": ["relative"],
      "-t": ["4"],
      "-n": NUMBER,
      "-s": NUMBER,
      "-S": NUMBER,
    },
    more: ["web", "-l nobody web new", "-r a/b web new", "-r a -L /x web new", "web web"],
  },
  "event notify": { operands: "nowhere x", more: ["fifodir", "-x fifodir x"] },
  "event wait": {
    operands: "nowhere x",
    values: { "-t": NUMBER },
    more: ["fifodir", "fifodir '('", "-t 5 fifodir x", "fifodir x -t 5"],
  },
  "event listen": {
    operands: "nowhere x '' true",
    values: { "-t": NUMBER },
    program: true,
    more: ["fifodir x", "fifodir '' true", "'' true", "fifodir x ''", "-t 5 fifodir x '' true"],
  },
  "event listen1": {
    operands: "nowhere x true",
    values: { "-t": NUMBER },
    program: true,
    more: ["fifodir", "fifodir x", "fifodir x nosuchprogram"],
  },
  "event make": {
    operands: "nowhere/x",
    values: { "-g": ["x", "99999999999"] },
    more: ["web/run"],
  },
  "event clean": { operands: "nowhere" },
  "permafailon": {
    operands: "x 5 1",
    program: true,
    more: [
      "60",
      "60 5",
      "5s 5 1",
      "60 x 1",
      "60 0 1",
      "60 5000 1",
      "60 5 300",
      "60 5 7-3",
      "60 5 nosuch",
      "60 5 1 nosuchprogram",
      "60 5 1 web/run",
    ],
  },
  "notifyoncheck": {
    operands: "nosuchprogram",
    program: true,
    values: {
      "-3": DESCRIPTOR,
      "-s": NUMBER,
      "-T": NUMBER,
      "-t": NUMBER,
      "-w": NUMBER,
      "-n": NUMBER,
      "--backoff": ["x", "0.5"],
      "--tcp": ["x", "0", "70000"],
      "--http": ["x", "ftp://h/"],
      "--expect": ["x"],
      "--unix": ["''"],
      "--file": ["''"],
    },
    more: ["--http http://h/ --expect x true", "--expect 200 true", "-3 77 true"],
  },
  "notifywhenup": {
    operands: "nosuchprogram",
    program: true,
    values: { "-d": DESCRIPTOR, "-t": NUMBER, "-e": ["nowhere"] },
  },
  "notify-fd-from-socket": {
    operands: "nosuchprogram",
    program: true,
    values: { "-3": [...DESCRIPTOR, "77"], "-t": NUMBER },
  },
  "notify-socket-from-fd": {
    operands: "nosuchprogram",
    program: true,
    values: { "-d": DESCRIPTOR, "-t": NUMBER },
  },
  "notifyonline": {
    operands: "x nosuchprogram",
    program: true,
    values: { "-3": [...DESCRIPTOR, "1", "77"], "-t": NUMBER },
    more: ["x", "'(' true"],
  },
  "background-watch": {
    operands: "pidfile nosuchprogram",
    program: true,
    values: { "-t": NUMBER, "-d": [...DESCRIPTOR, "1", "77"] },
    more: ["pidfile", "pidfile true", "pidfile false"],
  },
  "log": {
    operands: "1",
    any: true,
    values: { "-d": [...DESCRIPTOR, "2", "77"], "-l": ["x"], "-t": NUMBER },
    more: ["n5", "x 1", "s1k 1", "'+(' 1", "= 1", "l60000 1", "./web/run", "/nowhere/log"],
  },
  "setlock": {
    operands: "nowhere/lock true",
    program: true,
    values: { "-t": NUMBER, "-d": DESCRIPTOR },
    more: ["lock", "lock nosuchprogram", "lock web/run"],
  },
  "logs": {
    operands: "nowhere",
    any: true,
    values: { "-n": ["x", "-1"], "--since": ["x", "25:00"], "--until": ["''"] },
    more: [
      "web",
      "./nowhere",
      "'x*'",
      "--raw --json web",
      "--json --utc web",
      "-f --until now web",
    ],
  },
  "tai64n": { operands: "" },
  "tai64nlocal": { operands: "" },
  "setuidgid": {
    operands: "'' nosuchprogram",
    program: true,
    more: ["'' web/run", "nosuchuser true", "1:x true", "1:2:3 true", "1: true"],
  },
  "envuidgid": {
    operands: "root nosuchprogram",
    program: true,
    values: { "-D": ["x", "1:2:x"] },
    more: ["nosuchuser true", "-g nosuchgroup true", "-B root:nosuchgroup true", "-n -u 1x true"],
  },
  "applyuidgid": {
    operands: "nosuchprogram",
    program: true,
    values: { "-u": ["x", "4294967296"], "-g": ["x"], "-G": ["x", "1,x", ",1"] },
    more: ["-U true"],
  },
  "envdir": {
    operands: "web nosuchprogram",
    program: true,
    values: { "-c": ["''"] },
    more: ["nowhere true", "web/run true"],
  },
  "softlimit": {
    operands: "nosuchprogram",
    program: true,
    values: { "-o": ["x", "-1", "18446744073709551616"] },
  },
  "setsid": {
    operands: "nosuchprogram",
    program: true,
    values: { "-d": DESCRIPTOR },
    more: ["-i -f -d 77 true", "--sesion true"],
  },
  "new": { operands: "web true", program: true, values: { "--fd": ["x", "1"] }, more: ["other"] },
  "status": { operands: "nowhere", any: true, more: ["-q --json"] },
  "ready": { operands: "nowhere", any: true, more: ["web nowhere", "-q nowhere"] },
  "list": { operands: "nowhere" },
  ...Object.fromEntries(
    ["start", "stop", "restart", "reload", "check", "up", "hup", "shutdown"].map((verb) => [
      verb,
      { operands: "nowhere", any: true, values: { "-w": ["x"] } },
    ]),
  ),
  // Without a mistake it runs until it is ended.
  "watch": { operands: "--json=x nowhere", endless: true },
  "rc db": { operands: "nosuchquestion", any: true },
  "completion": { operands: "nosuchshell" },
  "boot": {
    operands: "systemd",
    values: {
      "--scandir": ["rel"],
      "--services": ["rel"],
      "--sv": ["sv"],
      "--watchdog": NUMBER,
      "--ready-when": ["x"],
    },
    more: ["systemctl", "nothing", "runit --watchdog 5", "inittab --sv /opt/" + "x".repeat(90)],
  },
  "unpack": { operands: "web/run" },
  "rc compile": { operands: "PLACE/database nowhere", any: true, values: { "-v": ["x"] } },
  "lint": { operands: "nowhere", any: true },
  "rc check": { operands: "nowhere", any: true },
  "rc init": {
    operands: "nowhere nowhere",
    any: true,
    values: { "-l": ["''", "live"], "-t": NUMBER, "-p": ["a/b"] },
    more: ["/nowhere", "-l PLACE/live nowhere web"],
  },
  "rc start": {
    operands: "-l nowhere x",
    any: true,
    values: CHANGE,
    more: ["-l nowhere", "-d x", "-p x"],
  },
  "rc stop": { operands: "-l nowhere x", any: true, values: CHANGE, more: ["-u x"] },
  "rc restart": { operands: "-l nowhere x", any: true, values: CHANGE, more: ["-u x", "-p x"] },
  "rc status": {
    operands: "-l nowhere",
    any: true,
    values: { "-l": ["''"] },
    more: ["-q --json", "-a"],
  },
  "rc change": { operands: "-l nowhere x", any: true, values: CHANGE },
  "rc list": { operands: "-l nowhere x", any: true, values: RC, more: ["-t 5 x"] },
  "rc listall": { operands: "-l nowhere x", any: true, values: RC },
  "rc diff": { operands: "-l nowhere", values: RC, more: ["-l nowhere x", "-u"] },
  "rc reload": { operands: "-l nowhere x", any: true, values: { ...RC, "-t": NUMBER } },
  "rc update": { operands: "-l nowhere", any: true, values: { ...RC, "-t": NUMBER } },
  "rc graph": { operands: "-l nowhere", any: true, values: { "-f": ["x"] }, more: ["-c nowhere"] },
  "rc plot": { operands: "-l nowhere", values: { "-l": ["''"] }, more: ["-l nowhere x"] },
  "rc": {
    operands: "-l nowhere start x",
    any: true,
    values: RC,
    more: ["start", "nosuch", "-p list"],
  },
};

/** By the names of programs of s6: they ignore what those ignore. */
const AS_S6 = [
  "s6-svok nowhere surplus",
  "s6-svc web",
  "s6-svc -T 5 -u web",
  "s6-svc -wUx -u nowhere",
  "s6-svstat nowhere surplus",
  "s6-svstat nowhere -o",
  "s6-svwait",
  "s6-svwait nowhere -t x",
  "s6-svdt -n 5000 nowhere",
  "s6-svscan -C 2 nowhere",
  "s6-svscanctl nowhere",
  "s6-permafailon 60 5000 x",
  "s6-rc -l nowhere start",
  "s6-ftrig-wait nowhere x -t x",
  "s6-instance-create nowhere",
  "s6-instance-create nowhere x surplus",
  "s6-instance-create -w u nowhere x",
  "s6-instance-maker -c 1 nowhere new",
];

/** Returns the command lines with the mistakes that can be made in calling a command. */
function mistakes(
  name: string,
  { operands, values = {}, program, any, endless, more = [] }: Call,
): string[] {
  const value = Object.entries(values).flatMap(([option, wrong]) => [
    // An option behind the operands, unless they end with a program.
    program ? option : `${operands} ${option}`,
    ...wrong.map((text) => `${option} ${text} ${operands}`),
  ]);
  const surplus = any || program || endless ? [] : [`${operands} surplus`];
  const missing = endless ? [] : ["", "''"];
  return [...missing, operands, ...surplus, `-Z ${operands}`, ...value, ...more]
    .map((rest) => `${name} ${rest}`.trim());
}

/** Splits a line as a shell does; of its quotes only the single ones are here. */
function words(line: string, place: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) =>
    word.replaceAll("'", "").replaceAll("PLACE", place)
  );
}

/** Runs command lines in a directory that has a service, and a fifodir. */
async function answers(
  lines: readonly string[],
): Promise<(Finished & { readonly line: string })[]> {
  await using place = await temporaryDirectory();
  const { path } = place;
  await Deno.mkdir(`${path}/web`);
  await Deno.writeTextFile(`${path}/web/run`, "exit\n");
  await Deno.writeTextFile(`${path}/notification-fd`, "3\n");
  await Deno.mkdir(`${path}/fifodir`);
  return await Promise.all(atATime(4, lines, async (line) => {
    const { stderr, ...rest } = await run([...sv, ...words(line, path)], {
      cwd: path,
      env: { SVDIR: path },
    });
    return { line, ...rest, stderr: stderr.replaceAll(path, "PLACE") };
  }));
}

/** All sources of `lib`, by their paths. */
function* sources(folder = new URL("../../lib/", import.meta.url)): Iterable<[string, string]> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(url);
    else yield [url.pathname, Deno.readTextFileSync(url)];
  }
}

Deno.test("messages begin with a small letter, for they follow a program's name", () => {
  const capital =
    /\b(?:Failure|UsageError|report|reportNow|warn|say)\(\s*["'`](?:(?:warning|fatal|info): )?[A-Z][a-z]/g;
  // An error's own message has a capital; reasonOf() makes a message of it.
  const raw = /\b(?:report|reportNow|warn|say)\([^;]*?as Error\)\.message/g;
  for (const [path, text] of sources()) {
    assertEquals(
      [...text.matchAll(capital), ...text.matchAll(raw)].map(([found]) => found),
      [],
      path,
    );
  }
});

Deno.test("there are mistakes for every command", () => {
  assertEquals(Object.keys(CALLS).sort(), commands.map(({ name }) => name).sort());
});

for (const [name, call] of [...Object.entries(CALLS), ["as s6", undefined] as const]) {
  Deno.test(`bad input: sv ${name}`, async (test) => {
    const results = await answers(call === undefined ? AS_S6 : mistakes(name, call));
    for (const { line, stderr } of results) {
      for (const message of stderr.split("\n").filter((text) => text !== "")) {
        // Each line has the program's name, and begins with a small letter: one style for all.
        assertMatch(
          message,
          /^(usage: |(sv [a-z0-9-]+( [a-z0-9-]+)?|s6-[a-z0-9-]+)( \S+)?: )/,
          line,
        );
        assertMatch(message, /^(usage: |[^:]+: [^A-Z])/, line);
      }
    }
    const text = results.map(({ line, code, stderr }) =>
      `$ ${call === undefined ? line : `sv ${line}`}\n` +
      // The line of usage is in the snapshots of the help.
      `${stderr.replaceAll(/^usage: .*$/gm, "usage: …")}${code}\n`
    ).join("\n");
    await assertSnapshot(test, text, { serializer: (text: string) => text });
  });
}
