import type { DocumentedOption } from "./documented_options.ts";
import { helpBlocks } from "./help_blocks.ts";

/**
 * Returns the words that an option takes: those that its usage line has one after the other, as in
 * `-f text | -f dot`, or those that its help explains beneath it. Empty where it takes anything.
 */
export function optionWords(
  usage: string,
  help: string,
  { names, argument }: DocumentedOption,
): string[] {
  const alternatives = names.flatMap((name) =>
    [...usage.matchAll(new RegExp(`(?<![\\w-])${name} ([a-z]+)(?= *[|\\]])`, "g"))]
      .map(([, word]) => word!)
  );
  if (alternatives.length > 1) return alternatives;
  for (const block of helpBlocks(help)) {
    if (block.kind !== "list") continue;
    const at = block.entries.findIndex(({ tag }) =>
      tag.endsWith(` ${argument}`) && names.some((name) => tag.startsWith(name))
    );
    const parent = block.entries[at];
    if (parent === undefined || !parent.text.endsWith(":")) continue;
    const rest = block.entries.slice(at + 1);
    const end = rest.findIndex(({ indent }) => indent <= parent.indent);
    return rest.slice(0, end < 0 ? undefined : end).flatMap(({ tag }) => tag.split(", "));
  }
  return [];
}
