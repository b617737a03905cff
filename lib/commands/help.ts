import { UsageError } from "../options/usage_error.ts";
import { print } from "../cli/output.ts";
import type { RegisteredCommand } from "../cli/registered_command.ts";
import { noSuchCommand } from "../cli/instead.ts";
import { allNames, commands, findCommand, groups } from "./registry.ts";

/** Returns what `sv help` prints: all commands, under the headings of their groups. */
function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const line = ({ name, counterpart, summary }: RegisteredCommand) =>
    `  ${name.padEnd(width)}  ${summary}${counterpart === undefined ? "" : ` (${counterpart})`}`;
  const sections = groups.map(({ heading, about, commands }) =>
    [`${heading}: ${about}`, ...commands.map(line)].join("\n")
  );
  return `usage: sv command …

A process supervisor that knows when a service is ready.

${sections.join("\n\n")}

  sv help command     what a command does, its options and exit codes
  sv --version        the version

A command with a name in parentheses also goes by that, as 'sv s6-svwait …' or through a symbolic link
's6-svwait -> sv', and then takes the same options and prints the same.
`;
}

/** Runs `sv help` (no words) or `sv help NAME`; a name may be two words. */
export async function help(words: readonly string[]): Promise<number> {
  if (words.length === 0) {
    print(overview());
    return 0;
  }
  const command = findCommand(words.join(" ")) ?? findCommand(words[0]!);
  if (command === undefined) throw new UsageError(noSuchCommand(words, allNames()));
  const { usage, help } = await command.load();
  const others = [command.counterpart, ...command.aliases ?? []].filter((name) =>
    name !== undefined
  );
  const also = others.length === 0 ? "" : `also: ${others.join(", ")}\n`;
  print(`usage: sv ${command.name} ${usage}\n${also}\n${help.trim()}\n`);
  return 0;
}
