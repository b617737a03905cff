import { assertEquals } from "@std/assert";
import { helpBlocks } from "../../../lib/cli/documentation/help_blocks.ts";

const HELP = `Does something
with files.

Options:
  -a, --all       all of them,
                  and more
      --long ARG  only long
  -b
    is explained below
Then:

  - a point
    that goes on
  - another

  -x ONE  -y TWO  together
  -wu, -wd  a column that is
         indented less
  folder/   what is in it:
    file    is nested
`;

Deno.test("a help is paragraphs and lists, whose lines are joined", () => {
  const entry = (indent: number, tag: string, text: string) => ({ indent, tag, text });
  assertEquals(helpBlocks(HELP), [
    { kind: "paragraph", text: "Does something with files." },
    { kind: "paragraph", text: "Options:" },
    {
      kind: "list",
      entries: [
        entry(2, "-a, --all", "all of them, and more"),
        entry(6, "--long ARG", "only long"),
        entry(2, "-b", "is explained below"),
      ],
    },
    { kind: "paragraph", text: "Then:" },
    { kind: "list", entries: [entry(2, "-", "a point that goes on"), entry(2, "-", "another")] },
    {
      kind: "list",
      entries: [
        entry(2, "-x ONE  -y TWO", "together"),
        entry(2, "-wu, -wd", "a column that is indented less"),
        entry(2, "folder/", "what is in it:"),
        entry(4, "file", "is nested"),
      ],
    },
  ]);
});
