import { within } from "./within.ts";

/**
 * Writes to a FIFO once it has a reader. Where none comes, as none does when the program under test has died,
 * the test ends at the deadline.
 *
 * @param path The FIFO.
 * @param text What to write.
 * @throws {Error} When it does not exist, or the deadline passes first.
 */
export async function writeFifo(path: string, text: string): Promise<void> {
  await within(
    Deno.writeTextFile(path, text, { create: false }),
    `somebody to read ${JSON.stringify(text)} from ${path}`,
  );
}
