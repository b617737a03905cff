import { UsageError } from "../cli/command.ts";
import { print } from "../cli/output.ts";
import { commands, findCommand } from "./registry.ts";

/** How many single-character edits (insert, delete, replace, swap) turn one word into another. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      ));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** The command whose name is nearest to a word, or undefined where none is near. */
export function nearest(word: string): string | undefined {
  const names = commands.flatMap(({ name, aliases, counterpart }) => [
    name,
    ...aliases ?? [],
    ...counterpart === undefined ? [] : [counterpart],
  ]);
  const [best] = names.map((name) => ({ name, distance: distance(word, name) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, word.length / 3) ? best.name : undefined;
}

/** There is no such command; says which one may have been meant. */
export function unknownCommand(words: readonly string[]): UsageError {
  const [first = "", second] = words;
  const suggestion = (second === undefined ? undefined : nearest(`${first} ${second}`)) ??
    nearest(first);
  return new UsageError(
    `there is no command '${first}'` + (suggestion ? `; did you mean 'sv ${suggestion}'?` : ""),
  );
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, counterpart, summary }) =>
    `  ${name.padEnd(width)}  ${summary}${counterpart === undefined ? "" : ` (${counterpart})`}`
  );
  return `usage: sv command …

A process supervisor that knows when a service is ready.

${lines.join("\n")}

  sv help command     what a command does, its options and exit codes
  sv --version        the version

A command with a name in parentheses also goes by that, as 'sv s6-svwait …' or through a symbolic link
's6-svwait -> sv', and then takes the same options and prints the same.
`;
}

/** `sv help`, or `sv help NAME`. */
export async function help(words: readonly string[]): Promise<number> {
  if (words.length === 0) {
    print(overview());
    return 0;
  }
  const command = findCommand(words.join(" ")) ?? findCommand(words[0]!);
  if (command === undefined) throw unknownCommand(words);
  const { usage, help } = await command.load();
  const others = [command.counterpart, ...command.aliases ?? []].filter((name) =>
    name !== undefined
  );
  const also = others.length === 0 ? "" : `also: ${others.join(", ")}\n`;
  print(`usage: sv ${command.name} ${usage}\n${also}\n${help.trim()}\n`);
  return 0;
}
