import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commands, groups } from "../../lib/commands/registry.ts";
import { VERSION } from "../../lib/cli/version.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

const capitalized = (word: string) => word[0]!.toUpperCase() + word.slice(1);

const runSv = (...args: string[]) => run([...sv, ...args]);

Deno.test("help lists every command, and its counterpart", async () => {
  const { code, stdout } = await runSv("help");
  assertEquals(code, 0);
  for (const { name, counterpart } of commands) {
    assertStringIncludes(stdout, `  ${name} `);
    if (counterpart !== undefined) assertStringIncludes(stdout, `(${counterpart})`);
  }
  assertEquals((await runSv("--help")).stdout, stdout);
});

Deno.test("help shows each command once, under the heading of its group, in the table's order", async () => {
  const shown: string[] = [];
  let heading = "";
  for (const line of (await runSv("help")).stdout.split("\n")) {
    heading = /^([A-Z][a-z ]+): /.exec(line)?.[1] ?? heading;
    const name = /^ {2}(\S+(?: \S+)?) +(?=\S)/.exec(line)?.[1];
    if (name !== undefined && heading !== "" && !/^sv( |$)/.test(name)) {
      shown.push(`${heading}: ${name.trim()}`);
    }
  }
  const wanted = groups.flatMap(({ heading, commands }) =>
    commands.map(({ name }) => `${heading}: ${name}`)
  );
  assertEquals(shown, wanted);
  assertEquals(new Set(commands.map(({ name }) => name)).size, commands.length);
});

Deno.test("a command's folder has the name of its heading; its file and its export, its own", () => {
  for (const { heading, commands } of groups) {
    const folder = heading.toLowerCase().replaceAll(" ", "_");
    for (const { name, load } of commands) {
      const words = name.split(/[ -]/);
      const camelCase = words.map((word, at) => at === 0 ? word : capitalized(word)).join("");
      assertStringIncludes(
        String(load),
        `import("./${folder}/${words.join("_")}.ts")).${camelCase}Command`,
      );
    }
  }
  const folders = [...Deno.readDirSync(new URL("../../lib/commands", import.meta.url))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const headings = groups.map(({ heading }) => heading.toLowerCase().replaceAll(" ", "_"));
  assertEquals(folders, headings.sort());
});

Deno.test("every command has a usage line and a help, no line too long for a terminal", async () => {
  for (const { name, load } of commands) {
    const { usage, help } = await load();
    assertMatch(usage, /^\S/, name);
    assertMatch(help.trim(), /\.$|[^\s]$/, name);
    for (const line of help.split("\n")) assertEquals(line.length <= 110, true, `${name}: ${line}`);
  }
});

Deno.test("help on a command is the same by every way to it", async () => {
  const { stdout } = await runSv("help", "event", "wait");
  assertMatch(
    stdout,
    /^usage: sv event wait \[ -t timeout \] fifodir regexp\nalso: s6-ftrig-wait\n/,
  );
  assertStringIncludes((await runSv("event", "wait", "--help")).stdout, "extended regular");
  assertStringIncludes((await runSv("s6-ftrig-wait", "--help")).stdout, "usage: s6-ftrig-wait [");
});

Deno.test("wrong usage is a line on what is wrong and one of usage, with exit code 100", async () => {
  for (const args of [[], ["wait", "-Z", "foo"], ["control"], ["event", "notify"]]) {
    const { code, stdout, stderr } = await runSv(...args);
    assertEquals([code, stdout], [100, ""], `${args}`);
    assertMatch(stderr, /^sv.*: fatal: .*\nusage: sv .*\n$/, `${args}`);
  }
});

Deno.test("a full disk is said in one line by whatever prints, with exit code 111", async () => {
  for (const words of ["--version", "help", "help wait", "wait --help", "stat --help"]) {
    const command = [...sv, ...words.split(" ")];
    const { code, stderr } = await run(["sh", "-c", 'exec "$@" >/dev/full', "sh", ...command]);
    assertEquals(code, 111, words);
    assertMatch(
      stderr,
      /^sv.*: fatal: cannot write to standard output: No space left .*\n$/,
      words,
    );
  }
});

Deno.test("the version is that of the package", async () => {
  assertEquals((await runSv("--version")).stdout, `sv ${VERSION}\n`);
  // It has comments, so it is no JSON.
  const configuration = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  assertStringIncludes(configuration, `\n  "version": "${VERSION}",\n`);
});

Deno.test("called by a counterpart's name the program is that counterpart", async () => {
  const directory = await Deno.makeTempDir();
  try {
    // Only an executable can be called by another name; from source there is `sv s6-svok`.
    const argv = sv.length === 1 ? [`${directory}/s6-svok`] : [...sv, "s6-svok"];
    if (sv.length === 1) await Deno.symlink(sv[0]!, argv[0]!);
    const { code, stderr } = await run(argv);
    assertEquals(code, 100);
    assertMatch(
      stderr,
      /^s6-svok: fatal: no service directory given\nusage: s6-svok servicedir\n$/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
