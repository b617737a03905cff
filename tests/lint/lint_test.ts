import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { findingLine } from "../../lib/lint/view/finding.ts";
import { lint, lintDefinitions, type LintOptions } from "../../lib/lint/lint.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { walkSync } from "@std/fs/walk";
import { writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const repository = new URL("../../", import.meta.url).pathname;
const RUN = "#!/bin/sh\nexec sleep 1000\n";

/** Returns what is found in a directory with these files, as "SEVERITY RULE PATH". */
async function found(
  files: Readonly<Record<string, string>>,
  options?: LintOptions,
  change: (directory: string) => void = () => {},
): Promise<string[]> {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, files);
  change(directory.path);
  return lint([`${directory.path}/`], options).findings
    .map(({ severity, rule, file }) =>
      `${severity} ${rule} ${file.replace(directory.path, "").replace(/^\//, "")}`
    );
}

Deno.test("a service directory and its logger", async () => {
  assertEquals(await found({ "run": RUN, "log/run": RUN }), []);
  assertEquals(await found({ "run": RUN, "log/run": "exec cat\n" }), [
    "error not-runnable log/run",
  ]);
  assertEquals(await found({ "run": RUN, "log/finish": RUN }), ["error no-run log"]);
});

Deno.test("a scan directory, with its programs and all its services", async () => {
  const files = {
    ".s6-svscan/SIGTERM": "exit\n",
    "a/run": RUN,
    "b/timeout-kill": "5s\n",
    "b/run": RUN,
    "c/data/x": "",
    "d": "is no service",
  };
  assertEquals(await found(files), [
    "error not-runnable .s6-svscan/SIGTERM",
    "error bad-value b/timeout-kill",
    "error no-run c",
  ]);
});

Deno.test("a template is looked at, and not each of its instances again", async () => {
  const files = {
    "web@/run": RUN,
    "web@/timeout-kill": "5s\n",
    "web@/data/sv/instances/one/timeout-kill": "5\n",
    "other@one/data/sv/instances/x": "",
    "web@one/timeout-kill": "5s\n",
    "web@one/run": RUN,
    "other@one/timeout-kill": "5s\n",
    "other@one/run": RUN,
  };
  assertEquals(await found(files), [
    "warning unknown-file other@one/data/sv/instances",
    "error bad-value other@one/timeout-kill",
    "error bad-value web@/timeout-kill",
  ]);
});

Deno.test("two links to a service in a scan directory", async () => {
  const twice = (path: string) => Deno.symlinkSync("a", `${path}/b`);
  assertEquals(await found({ "a/run": RUN }, {}, twice), ["error same-directory b"]);
});

Deno.test("definitions for sv rc, which are executable only in their service directories", async () => {
  const files = {
    "a/type": "longrun\n",
    "a/run": RUN,
    "b/type": "oneshot",
    "b/up": "#!/bin/sh\n",
    "c/type": "longrum\n",
    "d/dependencies.d/a": "",
  };
  const plain = (path: string) => Deno.chmodSync(`${path}/a/run`, 0o644);
  assertEquals(await found(files, {}, plain), [
    "error shell-script b/up",
    "error bad-value c/type",
    "error no-type d",
  ]);
  // A layer of an image adds dependencies to definitions in another.
  assertEquals((await found(files, { elsewhere: true }, plain)).at(-1), "error bad-value c/type");
});

Deno.test("what is no directory of services is said", async () => {
  assertEquals(await found({ "a/b/c": "" }), ["error no-service "]);
  await using directory = await temporaryDirectory();
  for (const path of ["nothing", "file"]) {
    await writeFiles(directory.path, { file: "" });
    assertThrows(() => lint([`${directory.path}/${path}`]), SystemError, path);
  }
});

for (
  const [what, text, mode, reason] of [
    ["not executable", RUN, 0o644, "chmod +x"],
    ["empty", "", 0o755, "empty"],
    ["without a first line", "exec sleep 1000\n", 0o755, "#!"],
    ["of Windows", "#!/bin/sh\r\nexec sleep\r\n", 0o755, "carriage return"],
    ["without its interpreter", "#!/nowhere/sh\n", 0o755, "/nowhere/sh"],
    ["with a first line that names nothing", "#!\nexec web\n", 0o755, "names no interpreter"],
  ] as const
) {
  Deno.test(`a run that is ${what} is found once, with the reason`, async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { run: text }, mode);
    const { findings } = lint([directory.path]);
    assertEquals(findings.map(({ rule }) => rule), ["not-runnable"]);
    assertStringIncludes(findingLine(findings[0]!), reason);
  });
}

Deno.test("a run that is a directory, a link that leads nowhere, or a link to itself", async () => {
  const link = (target: string) => (path: string) => Deno.symlinkSync(target, `${path}/run`);
  assertEquals(await found({ "run/file": "" }), ["error not-runnable run"]);
  assertEquals(await found({ "down": "" }, {}, link("nowhere")), ["error not-runnable run"]);
  assertEquals(await found({ "down": "" }, {}, link("run")), ["error not-runnable run"]);
});

Deno.test("files in the place of directories", async () => {
  assertEquals(await found({ "run": RUN, "data": "", "log": "" }), [
    "error bad-type data",
    "error bad-type log",
  ]);
  assertEquals(await found({ "run": RUN, "data/sv": "", "data/check/x": "" }), [
    "error not-runnable data/check",
    "error bad-type data/sv",
    "warning unread-check data/check",
  ]);
});

Deno.test("interpreters are not looked for on another machine", async () => {
  const files = { run: "#!/command/nowhere\n", finish: "#!/usr/bin/env nowhere\n" };
  assertEquals(await found(files), [
    "error not-runnable run",
    "warning missing-interpreter finish",
  ]);
  assertEquals(await found(files, { elsewhere: true }), []);
});

Deno.test("a program that is no script, and files of all types", async () => {
  const odd = (path: string) => {
    Deno.symlinkSync("/bin/sleep", `${path}/run`);
    Deno.mkdirSync(`${path}/data`);
    Deno.symlinkSync("/proc/self/nowhere", `${path}/supervise`);
    Deno.writeFileSync(`${path}/data/bytes`, new Uint8Array([0, 255, 10]));
  };
  assertEquals(await found({ "finish": RUN }, {}, odd), []);
});

for (
  const [path, directories] of [
    ["stack/source", 8],
    ["container/debian/source", 4],
    ["container/distroless/service", 2],
    ["container/read-only/service", 3],
    ["container/s6-overlay/image/etc/s6-overlay/s6-rc.d", 1],
    ["container/s6-overlay/image/etc/services.d", 1],
    ["container/s6-overlay/rootfs/etc/sv/overlay", 4],
  ] as const
) {
  Deno.test(`nothing is found in the example ${path}`, () => {
    const report = lint([`${repository}examples/${path}`], { elsewhere: true });
    assertEquals(report.findings, []);
    assertEquals(report.directories, directories);
  });
}

Deno.test("of definitions, sv rc check gets what it does not find itself", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, {
    "type": "longrun",
    "run": "exec web\n",
    "timeout-kill": "x",
    "down-signal": "x",
  });
  const files = lintDefinitions([directory.path]).map(({ file }) =>
    file.slice(directory.path.length + 1)
  );
  assertEquals(files, ["run", "down-signal"]);
});

Deno.test("docs/preparation.md lists each rule", () => {
  const sources = [...walkSync(`${repository}lib/lint`, { exts: ["ts"] })]
    .map(({ path }) => Deno.readTextFileSync(path)).join("\n");
  const rules = [...sources.matchAll(/\brule(?: =|:)[^,;]*?((?:"[a-z-]+"[^,;"]*)+)[,;]/g)]
    .flatMap(([, names]) => [...names!.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name!));
  const page = Deno.readTextFileSync(`${repository}docs/preparation.md`);
  const listed = [...page.matchAll(/^\| `([a-z-]+)` /gm)].map(([, name]) => name!);
  const isField = (name: string) => ["version", "directories", "findings"].includes(name);
  assertEquals([...new Set(rules)].sort(), listed.filter((name) => !isField(name)).sort());
});
