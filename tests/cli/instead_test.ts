import { assert, assertEquals, assertMatch } from "@std/assert";
import { allAdvice, noSuchCommand, noSuchVerb, notInSv } from "../../lib/cli/instead.ts";
import { ALL_VERBS } from "../../lib/commands/dependencies/rc.ts";
import { allNames, commands, findCommand } from "../../lib/commands/registry.ts";
import { ControlCommand } from "../../lib/servicedir/protocol.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

for (
  const [words, message] of [
    ["resume web", "there is no command 'resume'; use 'sv cont web'"],
    ["enable web db", "there is no command 'enable'; use 'sv control -U web db'"],
    ["terminate", "there is no command 'terminate'; use 'sv term NAME'"],
    ["terminate 'web", "there is no command 'terminate'; use 'sv term NAME'"],
    ["terminate -v web", "there is no command 'terminate'; use 'sv term NAME'"],
    ["Status web", "there is no command 'Status'; did you mean 'sv status'?"],
    [
      "ls",
      "there is no command 'ls'; use 'sv status' for all services with their states, 'sv list' for " +
      "the names alone, or 'sv rc list -a' for the services of sv rc",
    ],
    ["create web", "there is no command 'create'; use 'sv new web'"],
    [
      "validate web",
      "there is no command 'validate'; use 'sv lint web', or 'sv rc check' for definitions",
    ],
    ["wiat web", "there is no command 'wiat'; did you mean 'sv wait'?"],
    ["supervize", "there is no command 'supervize'; did you mean 'sv supervise'?"],
    ["graph", "there is no command 'graph'; did you mean 'sv rc graph'?"],
    ["xylophone", "there is no command 'xylophone'"],
    ["constructor", "there is no command 'constructor'"],
    [
      "event",
      "'sv event' needs another word; use one of: notify, wait, listen, listen1, make, clean",
    ],
    ["event notfy", "there is no command 'event notfy'; did you mean 'sv event notify'?"],
    ["s6-ioconnect", "sv has nothing that stands in for s6-ioconnect; install s6 for it"],
    [
      "execlineb",
      "sv has none of execline's programs; install execline for them, or write the script for /bin/sh",
    ],
    ["gosu www web", "there is no command 'gosu'; use 'sv setuidgid account and program'"],
    ["s6-svcc", "sv has nothing that stands in for s6-svcc; did you mean s6-svc?"],
  ] as const
) {
  Deno.test(`sv ${words}: ${message}`, () => {
    assertEquals(noSuchCommand(words.split(" "), allNames()), message);
  });
}

Deno.test("a misspelt command of sv rc names the right one", () => {
  assertEquals(
    noSuchVerb(["up", "web"], ALL_VERBS),
    "there is no command 'rc up'; use 'sv rc start web'",
  );
  assertEquals(
    noSuchVerb(["strat"], ALL_VERBS),
    "there is no command 'rc strat'; did you mean 'sv rc start'?",
  );
  assertMatch(
    noSuchVerb(["xylophone"], ALL_VERBS),
    /'rc xylophone'; use one of: check, .*, start, /,
  );
});

Deno.test("a program of s6-rc that sv has not gets a line that says what to do", () => {
  const names = ["rc db", "s6-rc-db", "s6-rc-update"];
  const about = (program: string) => notInSv(program, names).split("; ")[1];
  assertMatch(about("s6-rc-bundle")!, /'sv rc update'$/);
  assertMatch(about("s6-rc-repo-init")!, /^give directories/);
  assertMatch(about("s6-rc-set-commit")!, /^give directories/);
  assertEquals(about("s6-rc-dryrun"), "use 'sv rc change -n 0'");
  assertEquals(about("s6-rc-oneshot-run"), "sv rc needs no such program");
  assertEquals(about("s6-rc-bd"), "did you mean s6-rc-db?");
  assertEquals(about("s6-ioconnect"), "install s6 for it");
});

Deno.test("sv rc knows all its verbs", () => {
  const verbs = commands.filter(({ name }) => name.startsWith("rc ")).map(({ name }) =>
    name.slice(3)
  );
  assertEquals(ALL_VERBS.toSorted(), verbs.sort());
});

Deno.test("no advice is about a word that is a command, and each names commands that there are", () => {
  for (const [word, advice] of allAdvice) {
    assertEquals(findCommand(word), undefined, word);
    for (const [, line] of advice.matchAll(/'sv ([^']+)'/g)) {
      const [first = "", second] = line!.split(" ");
      const command = findCommand(`${first} ${second}`) ?? findCommand(first);
      assert(command !== undefined || first === "--version", `${word}: ${line}`);
      if (first !== "control") continue;
      for (const [, letter] of line!.matchAll(/ -(\w)/g)) {
        const known: string[] = Object.values(ControlCommand);
        assert(letter === "s" || known.includes(letter!), `${word}: ${line}`);
      }
    }
  }
});

Deno.test("a misspelt command is a line and one of usage, with exit code 100", async () => {
  for (const words of [["wiat", "-U", "foo"], ["help", "wiat"]]) {
    const { code, stderr } = await run([...sv, ...words]);
    assertEquals(code, 100);
    assertEquals(
      stderr,
      "sv: fatal: there is no command 'wiat'; did you mean 'sv wait'?\n" +
        "usage: sv command …   (sv help lists the commands)\n",
    );
  }
});

Deno.test({
  name: "a link named for a program of s6 that sv has not runs nothing",
  // Only an executable can be called by another name.
  ignore: sv.length !== 1,
  async fn() {
    const directory = await Deno.makeTempDir();
    try {
      const link = `${directory}/s6-ioconnect`;
      await Deno.symlink(sv[0]!, link);
      for (const args of [["help"], ["--version"], ["stat", "."], []]) {
        const { code, stdout, stderr } = await run([link, ...args]);
        assertEquals([code, stdout], [100, ""]);
        assertEquals(
          stderr,
          "s6-ioconnect: fatal: sv has nothing that stands in for s6-ioconnect; install s6 for it, and remove " +
            `the link ${link} to sv\n`,
        );
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
