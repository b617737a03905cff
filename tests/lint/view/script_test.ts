import { assertEquals } from "@std/assert";
import { finalCommands, readScript } from "../../../lib/lint/view/script.ts";
import { unchain } from "../../../lib/lint/view/unchain.ts";

function commands(text: string): string[] {
  const script = readScript(text);
  return script === undefined
    ? []
    : finalCommands(script).map(({ line, words }) => `${line}: ${words.join("|")}`);
}

for (
  const [what, text, wanted] of [
    ["exec", "#!/bin/sh\nexec web -p 80\n", ["2: web|-p|80"]],
    ["quotes with operators", "#!/bin/sh\nexec nginx -g 'a; b && c'\n", ["2: nginx|-g|a; b && c"]],
    ["redirections", "#!/bin/sh\nexec 2>&1\nexec web >log 2>> err </dev/null\n", ["3: web"]],
    ["assignments", "#!/bin/sh\nA=1 exec web\nB=2 web\n", []],
    ["the last command", "#!/bin/bash\nmkdir a\nweb -x\n", ["3: web|-x"]],
    ["a continued line", "#!/bin/sh\nexec web \\\n  -a \\\n  -b\n", ["2: web|-a|-b"]],
    ["both branches", "#!/bin/sh\nif a; then exec b; else\nexec c\nfi\n", [
      "2: b",
      "3: c",
      "4: fi",
    ]],
    ["a pipeline", "#!/bin/sh\nexec a | b\n", []],
    ["a here-document", "#!/bin/sh\ncat <<E\nexec a\nE\nexec b\n", ["5: b"]],
    ["execline", "#!/bin/execlineb -P\n# a\nfdmove -c 2 1\nweb -x\n", ["3: fdmove|-c|2|1|web|-x"]],
    ["another language", "#!/usr/bin/perl\nexec web\n", []],
    ["an open quote", "#!/bin/sh\nexec 'web\n", []],
    ["no interpreter", "exec web\n", []],
  ] as const
) {
  Deno.test(`the commands that a script becomes: ${what}`, () => {
    assertEquals(commands(text), [...wanted]);
  });
}

for (
  const [words, loaders, daemon] of [
    ["web -x", [], "web -x"],
    ["chpst -u www -e ./env nginx -t", ["chpst -u www -e ./env"], "nginx -t"],
    ["s6-setuidgid www /usr/bin/web", ["s6-setuidgid www"], "web"],
    ["sv setuidgid www sv envdir -c x env sv softlimit -m 9 -o 5 web", [
      "sv setuidgid www",
      "sv envdir -c x env",
      "sv softlimit -m 9 -o 5",
    ], "web"],
    ["s6-envdir -L env s6-setsid -d 3 s6-softlimit -P 3 web -x", [
      "s6-envdir -L env",
      "s6-setsid -d 3",
      "s6-softlimit -P 3",
    ], "web -x"],
    ["env -u A B=1 C=2 nice -n 5 web", ["env -u A B=1 C=2", "nice -n 5"], "web"],
    ["sv notifyoncheck --tcp 80 -w 50 -- web -t", ["sv notifyoncheck --tcp 80 -w 50 --"], "web -t"],
    ["sv notifyoncheck --tcp=80 -dn 0 web", ["sv notifyoncheck --tcp=80 -dn 0"], "web"],
    ["sv notifyonline -3 4 ready web", ["sv notifyonline -3 4 ready"], "web"],
    ["sv stat web", [], "sv stat web"],
    ["fdmove -c 2 1 cd / web", ["fdmove -c 2 1", "cd /"], "web"],
    ["nohup", undefined, undefined],
    ["$COMMAND", undefined, undefined],
  ] as const
) {
  Deno.test(`what ${words} runs in the end: ${daemon}`, () => {
    const found = unchain(words.split(" "));
    const { loaders: own, program, args } = found ?? {};
    const inWords = own?.map(({ name, args }) => [name, ...args].join(" "));
    assertEquals(inWords, loaders && [...loaders]);
    assertEquals(program && [program, ...args!].join(" "), daemon);
  });
}
