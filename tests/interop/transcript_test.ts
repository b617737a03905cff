import { assertEquals, assertThrows } from "@std/assert";
import { compareTranscripts, formatDifferences, parseDifferences } from "./transcript.ts";

const differences = (first: string, second: string) =>
  formatDifferences(compareTranscripts(first, second));

Deno.test("transcripts that are the same have no differences", () => {
  assertEquals(differences("", ""), "");
  assertEquals(differences("a\nb\n", "a\nb"), "");
});

Deno.test("lines that only one transcript has are found in their order, as few as possible", () => {
  assertEquals(differences("a\nb\nc\n", "a\nc\nd\n"), "-b\n+d\n");
  assertEquals(differences("x\na\nb\n", "a\nb\nx\n"), "-x\n+x\n");
  assertEquals(differences("", "a\n"), "+a\n");
});

Deno.test("expected differences are read as they are written, without their comments", () => {
  const text = "# s6 warns.\n-stderr: a warning\n\n+stderr: empty\n";
  assertEquals(
    formatDifferences(parseDifferences(text)),
    "-stderr: a warning\n+stderr: empty\n",
  );
  assertThrows(() => parseDifferences("stderr: empty\n"), Error, "Neither a comment nor");
});
