import { assertEquals } from "@std/assert";
import { Pattern } from "../../../lib/os/pattern.ts";
import { LineMatcher, LONGEST_LINE } from "../../../lib/readiness/log_line/line_matcher.ts";

/** Returns whether, and in which piece, a line is found. */
function findIn(regex: string, pieces: readonly (string | Uint8Array)[]): number | "end" | "never" {
  using pattern = new Pattern(regex, true);
  const matcher = new LineMatcher(pattern);
  const encoder = new TextEncoder();
  for (const [index, piece] of pieces.entries()) {
    if (matcher.feed(typeof piece === "string" ? encoder.encode(piece) : piece)) return index;
  }
  return matcher.end() ? "end" : "never";
}

const long = "x".repeat(LONGEST_LINE);

for (
  const [regex, pieces, found] of [
    ["ready", ["ready\n"], 0],
    ["ready", ["not", " re", "ady", "\n", "x"], 3],
    ["ready", ["a\nb\nready\nc"], 0],
    ["ready", ["a\nb\nrea", "dy"], "end"],
    ["ready", ["re\nady\n"], "never"],
    ["^ready$", ["already\nready now\n", "ready", "\n"], 2],
    ["^ready$", ["x\nready\ny\n"], 0],
    ["a.*b", ["a\nb\n", "a b\n"], 1],
    ["^$", ["a\nb\n"], "never"],
    ["^$", ["a\n", "\n"], 1],
    ["^$", ["a\n\nb\n"], 0],
    ["[^a]b", ["\nb\n", "cb\n"], 1],
    ["", ["x"], "end"],
    ["", [], "never"],
    ["(one|two) [0-9]+", ["two x\n", "two 7\n"], 1],
    ["héllo", ["h", new Uint8Array([0xc3]), new Uint8Array([0xa9]), "llo\n"], 3],
    ["ready", [new Uint8Array([0, 1, 255]), "\0ready\0\n"], 1],
    ["ready", [`${long}ready\n`, "ready\n"], 1],
    ["^x+$", [long, "\n"], 1],
    ["^x+$", [long, "x\n"], "never"],
    ["^xx", [long, "x", "y\n"], 1],
    ["ready", [`${long}x`, "ready\nready\n"], 1],
    ["ready", [`${long}x`, "ready", "\n"], "never"],
  ] as const
) {
  const shown = JSON.stringify(pieces).replaceAll(long, "…").slice(0, 80);
  Deno.test(`'${regex}' in ${shown}: ${found}`, () => {
    assertEquals(findIn(regex, pieces), found);
  });
}

Deno.test("a line is found however it is cut into pieces", () => {
  const text = new TextEncoder().encode("one\n\ntwo ready\nthree\nready four\nfive");
  for (let size = 1; size <= text.length; size++) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < text.length; at += size) pieces.push(text.subarray(at, at + size));
    const end = (line: string) =>
      Math.floor((new TextDecoder().decode(text).indexOf(line) + line.length) / size);
    assertEquals(findIn("^two", pieces), end("two ready"), `pieces of ${size}`);
    assertEquals(findIn("^ready", pieces), end("ready four"), `pieces of ${size}`);
    assertEquals(findIn("^five$", pieces), "end", `pieces of ${size}`);
    assertEquals(findIn("^our", pieces), "never", `pieces of ${size}`);
  }
});
