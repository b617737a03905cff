/**
 * Measures `sv` beside s6 and prints a table. What is compared is measured in turns, in one run.
 *
 * usage: bench.ts [WORD...]   only the rows whose name contains one of the words
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { contestants } from "./benchmark/contestants.ts";
import { rows } from "./benchmark/rows.ts";
import { lines, table } from "./benchmark/table.ts";

/** Makes a directory in memory, where that can be had. */
function memoryDirectory(): string {
  try {
    return Deno.makeTempDirSync({ dir: "/dev/shm", prefix: "sv-bench." });
  } catch {
    console.error("bench: /dev/shm can't be used: the numbers depend on the disk");
    return Deno.makeTempDirSync({ prefix: "sv-bench." });
  }
}

const words: string[] = parseArgs(Deno.args, { string: ["_"] })._.map(String);
const wanted = rows.filter(({ name }) =>
  words.length === 0 || words.some((word) => name.includes(word))
);
const scratch = memoryDirectory();
try {
  console.error("bench: preparing");
  const participants = await contestants(scratch);
  const content: string[][] = [];
  for (const row of wanted) {
    console.error(`bench: ${row.name}`);
    content.push(...lines(row, await row.measure(participants)));
  }
  console.log(table(content));
} finally {
  Deno.removeSync(scratch, { recursive: true });
}
