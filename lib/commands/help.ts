import { UsageError } from "../options/usage_error.ts";
import { print } from "../cli/output.ts";
import type { RegisteredCommand } from "../cli/registered_command.ts";
import { helpText } from "../cli/documentation/help_text.ts";
import { VERSION } from "../cli/version.ts";
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

  sv help command     what a command does, its options, exit codes and examples
  sv help --man       the manual page of sv; with a command, of that
  sv --version        the version

A command with a name in parentheses also goes by that, as 'sv s6-svwait …' or through a symbolic link
's6-svwait -> sv', and then takes the same options and prints the same.
`;
}

/** Finds the command that words name. */
function named(words: readonly string[]): RegisteredCommand {
  const command = findCommand(words.join(" ")) ?? findCommand(words[0]!);
  if (command === undefined) throw new UsageError(noSuchCommand(words, allNames()));
  return command;
}

/** Runs `sv help --man` (no words) or `sv help --man NAME`: prints a manual page for man(1). */
async function manual(words: readonly string[]): Promise<number> {
  const { mainManPage, manPage } = await import("../cli/documentation/man_page.ts");
  if (words.length === 0) {
    print(mainManPage(groups, VERSION));
    return 0;
  }
  const command = named(words);
  const group = groups.find(({ commands }) => commands.some(({ name }) => name === command.name))!;
  const documented = {
    ...command,
    ...await command.load(),
    examples: await command.examples?.() ?? [],
  };
  print(manPage(documented, VERSION, group.commands.map(({ name }) => name)));
  return 0;
}

/** Runs `sv help` (no words) or `sv help NAME`; a name may be two words. */
export async function help(words: readonly string[]): Promise<number> {
  if (words[0] === "--man") return await manual(words.slice(1));
  if (words.length === 0) {
    print(overview());
    return 0;
  }
  const command = named(words);
  const others = [command.counterpart, ...command.aliases ?? []].filter((name) =>
    name !== undefined
  );
  const examples = await command.examples?.() ?? [];
  print(helpText(`sv ${command.name}`, await command.load(), examples, others));
  return 0;
}
