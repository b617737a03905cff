/** The manual pages that `sv help --man` prints, as man(1) would show them; the examples in every help. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { documentedOptions } from "../../lib/cli/documentation/documented_options.ts";
import { examples } from "../../lib/commands/examples.ts";
import { commands, findCommand } from "../../lib/commands/registry.ts";
import { parseOptions, UnknownOptionError } from "../../lib/options/parse_options.ts";
import { splitWords } from "../../lib/options/split_words.ts";
import { atATime } from "../support/at_a_time.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

const pages = [[], ...commands.map(({ name }) => name.split(" "))];

testNeeding([missingPrograms("mandoc", "groff")], "every manual page is sound roff", async () => {
  await Promise.all(atATime(4, pages, async (words) => {
    const { code, stdout } = await run([...sv, "help", "--man", ...words]);
    assertEquals(code, 0, words.join(" "));
    const lint = await run(["mandoc", "-Tlint", "-Wwarning"], { stdin: stdout });
    const complaints = lint.stdout.split("\n").filter((line) =>
      line !== "" && !line.includes("missing date")
    );
    assertEquals(complaints, [], words.join(" "));
    const groff = await run(["groff", "-ww", "-man", "-Kutf8", "-Tutf8"], { stdin: stdout });
    assertEquals([groff.code, groff.stderr], [0, ""], words.join(" "));
  }));
});

testNeeding([missingPrograms("mandoc")], "a manual page shows all that its help says", async () => {
  await Promise.all(atATime(4, commands, async ({ name, load }) => {
    const { help } = await load();
    const { stdout } = await run([...sv, "help", "--man", ...name.split(" ")]);
    const shown = await run(["mandoc", "-Tascii", "-O", "width=200"], { stdin: stdout });
    const words = (text: string) => text.replaceAll(/[^\w]+/g, "");
    // An overstruck letter is bold.
    const plain = words(shown.stdout.replaceAll(/.[\b]/g, ""));
    for (const line of help.trim().split("\n")) {
      for (const part of line.replace(/^Exit codes: /, "").split(/ {2,}| - /)) {
        const wanted = words(part.replaceAll(/[^\0-\x7f]+/g, " "));
        if (/[^\0-\x7f]/.test(part)) continue;
        assertStringIncludes(plain, wanted, `${name}: ${part}`);
      }
    }
  }));
});

Deno.test("every command has examples, and every example is of its command", () => {
  assertEquals(Object.keys(examples).sort(), commands.map(({ name }) => name).sort());
  for (const [name, list] of Object.entries(examples)) {
    assert(list.length > 0, name);
    for (const { line } of list) {
      assertEquals(commandIn(line)?.name, name, line);
      assertEquals(line.length <= 100, true, line);
    }
  }
});

/** Returns the command that an example is of, and the arguments that the example gives it. */
function commandIn(line: string): { name: string; args: string[] } | undefined {
  const words = splitWords(line.replace(/^eval "\$\((.*)\)"$/, "$1"));
  const start = words.indexOf("sv") + 1;
  const end = words.findIndex((word) => /^(&&|\||>.*)$/.test(word));
  const rest = words.slice(start, end < 0 ? undefined : end);
  const two = findCommand(rest.slice(0, 2).join(" "));
  const found = two ?? findCommand(rest[0]!);
  return found && { name: found.name, args: rest.slice(two === undefined ? 1 : 2) };
}

/** Returns the options that a command's own parser takes; undefined where it has none. */
async function parserOf(name: string): Promise<UnknownOptionError | undefined> {
  const command = await findCommand(name)!.load();
  try {
    await command.run(["--no-such-option"]);
  } catch (error) {
    if (error instanceof UnknownOptionError) return error;
  }
  return undefined;
}

/** The commands that take operands only, as their counterparts do. */
const WITHOUT_OPTIONS = [
  "ok",
  "clear-death-tally",
  "event notify",
  "event clean",
  "permafailon",
];

for (const { name } of commands) {
  Deno.test(`the examples of sv ${name}, and the options in its help, are what its parser takes`, async () => {
    const { usage, help } = await findCommand(name)!.load();
    const documented = documentedOptions(usage, help);
    const parser = WITHOUT_OPTIONS.includes(name) ? undefined : await parserOf(name);
    if (parser === undefined) {
      assertEquals([WITHOUT_OPTIONS.includes(name), documented], [true, []]);
      return;
    }
    const { short, long } = parser;
    for (const { line } of examples[name]!) parseOptions(commandIn(line)!.args, short, long);
    for (const { names, argument } of documented) {
      for (const option of names) {
        const words = argument === undefined ? [option] : [option, "0"];
        assertEquals(parseOptions(words, short, long).rest, [], `${option} ${argument}`);
      }
    }
  });
}
