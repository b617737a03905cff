/** The layers of the sources, as docs/internals.md draws them. */
import { assertEquals } from "@std/assert";
import { walkSync } from "@std/fs/walk";
import { dirname, relative } from "@std/path";
import { findCycles } from "../lib/rc/definitions/cycle.ts";
import { importsOf } from "../scripts/testing/imports.ts";

/** The rooms of lib/ from the bottom up: each imports itself and those of lower layers only. */
const LAYERS = [
  ["options", "tai"],
  ["os", "boot"],
  ["fifodir"],
  ["servicedir"],
  ["log"],
  ["explain"],
  ["waiting"],
  ["readiness"],
  ["supervise", "lint"],
  ["scan", "rc"],
  ["cli"],
  ["commands"],
  ["cli.ts", "mod.ts"],
];

const root = new URL("../", import.meta.url).pathname;
const files = ["mod.ts", "cli.ts"].concat(
  [...walkSync(`${root}lib`, { exts: ["ts"] })].map(({ path }) => relative(root, path)),
);

const importsByFile = new Map(
  files.map((file) => [
    file,
    importsOf(root + file).flatMap(({ path }) => path === undefined ? [] : [relative(root, path)]),
  ]),
);

/** The room of a file: `os` of `lib/os/spawn/exec.ts`, and `mod.ts` of itself. */
const roomOf = (file: string) => file.replace(/^lib\/([^/]+)\/.*/, "$1");
const layerOf = (room: string) => LAYERS.findIndex((rooms) => rooms.includes(room));

/** Replaces comments, strings and help texts, but for their ends of lines. */
const withoutTexts = (source: string) =>
  source.replaceAll(
    /\/\*[^]*?\*\/|(?<=^|\s)\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (text) => '""' + text.replaceAll(/[^\n]/g, ""),
  );

/** Returns the lines that match outside some rooms, as `file:line: text`. */
function linesWith(pattern: RegExp, ...exempt: string[]): string[] {
  return files.filter((file) => !exempt.includes(roomOf(file))).flatMap((file) =>
    withoutTexts(Deno.readTextFileSync(root + file)).split("\n").flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []
    )
  );
}

Deno.test("every file is in a room, and imports its own and lower layers only", () => {
  const wrong = files.flatMap((file) => {
    const room = roomOf(file);
    if (layerOf(room) < 0) return [`${file} is in no room`];
    return importsByFile.get(file)!
      .filter((path) => roomOf(path) !== room && !(layerOf(roomOf(path)) < layerOf(room)))
      .map((path) => `${file} imports ${path}`);
  });
  assertEquals(wrong, []);
});

Deno.test("no files import each other in a circle", () => {
  assertEquals(findCycles(files, (file) => importsByFile.get(file) ?? []), []);
});

Deno.test("no folders import each other in a circle", () => {
  // Why os/runtime is no layer of its own: docs/internals.md. readiness.ts is the library's face of
  // its room, and stands above the folders beside it.
  const folderOf = (file: string) =>
    file === "lib/readiness/readiness.ts" ? file : dirname(file).replace(/\/runtime$/, "");
  const folders = Map.groupBy(files, folderOf);
  const importsOfFolder = (folder: string) =>
    new Set(
      folders.get(folder)!.flatMap((file) => importsByFile.get(file)!).map(folderOf)
        .filter((other) => other !== folder),
    );
  assertEquals(findCycles(folders.keys(), (folder) => [...importsOfFolder(folder)]), []);
});

/** The drawings, in Mermaid, whose rooms are those of lib/ but for these. */
const DRAWINGS = ["docs/internals.md", ".github/ARCHITECTURE.md"];
const DRAWN: Readonly<Record<string, string>> = { program: "cli.ts", library: "mod.ts" };

Deno.test("every arrow that is drawn is an import, and every import is an arrow or several", () => {
  const imports = new Set(
    files.flatMap((file) =>
      importsByFile.get(file)!.map((path) => `${roomOf(file)} → ${roomOf(path)}`)
    ),
  );
  for (const page of DRAWINGS) {
    const lines = Deno.readTextFileSync(root + page).matchAll(/^ {2}(\w+)\[.*\] --> (.+)$/gm);
    const arrows = new Map(
      [...lines].map(([, from, to]) => [DRAWN[from!] ?? from!, to!.split(" & ")]),
    );
    const drawn = [...arrows].flatMap(([from, to]) => to.map((room) => `${from} → ${room}`));
    assertEquals(drawn.filter((arrow) => !imports.has(arrow)), [], page);

    const leadsTo = (from: string, to: string): boolean =>
      from === to || (arrows.get(from) ?? []).some((next) => leadsTo(next, to));
    const missing = [...imports].filter((arrow) => {
      const [from, to] = arrow.split(" → ");
      return !leadsTo(from!, to!);
    });
    assertEquals(missing, [], page);
  }
});

Deno.test("what sv loads imports nothing but its own files and node:", () => {
  const foreign = files.flatMap((file) =>
    importsOf(root + file).filter(({ specifier }) => !/^(\.|node:)/.test(specifier))
      .map(({ specifier }) => `${file} imports ${specifier}`)
  );
  assertEquals(foreign, []);
});

Deno.test("only lib/os calls libc", () => {
  const libc = files.filter((file) => roomOf(file) !== "os")
    .filter((file) =>
      importsOf(root + file).some(({ specifier }) => specifier.endsWith("/libc.ts"))
    );
  assertEquals(libc, []);
  assertEquals(linesWith(/\bDeno\.(dlopen|Unsafe\w+)/, "os"), []);
});

Deno.test("only lib/os knows constants of the kernel", () => {
  const constant =
    /\bSIG(?!NAL)[A-Z0-9]+\b|\b(AT_(?=FD|SYM|E|REM)|REG_|O_|F_|S_|EPOLL_?|CLOCK_|AF_|SOCK_|PR_|CLONE_)[A-Z]+\b/;
  const number = /\b(kill|sendSignal)\(.*, *\d+\)|\b[sS]ignal(Number)?(:| =|\() *\d/;
  assertEquals(linesWith(constant, "os"), []);
  assertEquals(linesWith(number, "os"), []);
  const limit = /\bconst (MAX_(PID|DESCRIPTOR|SIGNAL|WAIT_STATUS|INT)|PIPE_BUF|\w*OPEN_FILES) =/;
  assertEquals(linesWith(limit, "os"), []);
});

Deno.test("below lib/cli only lib/os listens to signals and has their names with SIG", () => {
  const above = ["os", "cli", "commands", "cli.ts"];
  assertEquals(linesWith(/\bDeno\.addSignalListener\b/, ...above), []);
  const named = files.filter((file) => !above.includes(roomOf(file)))
    .filter((file) => /"SIG[A-Z0-9]+"/.test(Deno.readTextFileSync(root + file)));
  assertEquals(named, []);
});

Deno.test("only lib/commands, lib/cli and cli.ts read arguments, print, or exit", () => {
  // An option of the library may print by default: its caller decides, with `onWarning` say.
  const isDefault = "(?<!options\\.\\w+ \\?\\? .*)";
  const outside = new RegExp(
    `\\bDeno\\.(args|exit|stdin|stdout|stderr)\\b|${isDefault}\\bconsole\\.|(?<!function )\\bexitNow\\(`,
  );
  assertEquals(linesWith(outside, "cli", "commands", "cli.ts"), []);
});

Deno.test("each folder of lib/commands has a file for each of its commands, and no other", () => {
  const loaded = new Set(importsByFile.get("lib/commands/registry.ts"));
  const others = files.filter((file) => /^lib\/commands\/\w+\//.test(file) && !loaded.has(file));
  assertEquals(others, []);
});
