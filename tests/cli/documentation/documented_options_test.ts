import { assertEquals } from "@std/assert";
import {
  documentedOperands,
  documentedOptions,
} from "../../../lib/cli/documentation/documented_options.ts";

/** Returns the options as texts: names, argument, what they do. */
function options(help: string, usage = ""): string[] {
  return documentedOptions(usage, help).map(({ names, argument, about }) =>
    `${names.join(" ")}${argument === undefined ? "" : `=${argument}`}: ${about}`
  );
}

for (
  const [what, help, wanted] of [
    ["a short one", "  -a  all", ["-a: all"]],
    ["both names, and an argument", "  -t, --time MS  wait", ["-t --time=MS: wait"]],
    ["the argument after each name", "  -t ms, --time=ms  wait", ["-t --time=ms: wait"]],
    ["two that mean the same", "  -t, -i  end", ["-t -i: end"]],
    ["several with arguments", "  --a X, --b Y\n     either", ["--a=X: either", "--b=Y: either"]],
    ["a row", "  -a ALRM  -b ABRT\n  -P STOP  -C CONT  to all", [
      "-a: ALRM",
      "-b: ABRT",
      "-P: STOP to all",
      "-C: CONT to all",
    ]],
    [
      "in parentheses",
      "  -o fields  these:\n     up     is up     (-u)\n     a, b  two  (-x, -y)",
      [
        "-o=fields: these:",
        "-u: is up",
        "-x: a",
        "-y: b",
      ],
    ],
    ["an argument with a comma", "  --expect A-B[,C]  codes", ["--expect=A-B[,C]: codes"]],
    ["what is no option", "  run  a program\n", []],
  ] as const
) {
  Deno.test(`options in a help: ${what}`, () => assertEquals(options(help), [...wanted]));
}

Deno.test("options that only the usage line has come last, without an explanation", () => {
  assertEquals(options("  -a  all", "[ -ab | -o fields ] [ --json ] dir..."), [
    "-a: all",
    "-b: ",
    "-o=fields: ",
    "--json: ",
  ]);
  assertEquals(options("  -wu, -wd  wait", "[ -wu | -wd ]"), ["-wu -wd: wait"]);
});

for (
  const [usage, wanted] of [
    ["servicedir...", ["servicedir..."]],
    ["[ -t timeout ] scandir name", ["scandir", "name"]],
    ["[-r | -w] [-d fd] lockfile prog...", ["lockfile", "prog..."]],
    ["[--tcp [host:]port] [--http url] prog...", ["prog..."]],
    ["[ -c source ]... scandir [ source... ]", ["scandir", "source..."]],
  ] as const
) {
  Deno.test(`the operands of ${usage}`, () => assertEquals(documentedOperands(usage), [...wanted]));
}
