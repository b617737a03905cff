import { assertEquals } from "@std/assert";
import { scanRules } from "../../../lib/lint/rules/scans.ts";
import type { FileView } from "../../../lib/lint/view/directory_view.ts";

function found(control: Record<string, FileView>, services: Record<string, string> = {}): string[] {
  const view = {
    path: "scan",
    control: new Map(Object.entries(control)),
    services: new Map(Object.entries(services)),
  };
  return [...scanRules(view)].map(({ rule, file, fix }) => `${rule} ${file}: ${fix}`);
}

const program: FileView = { type: "file", text: "#!/bin/sh\n" };

Deno.test("the programs and files of a scan: nothing", () => {
  assertEquals(found({ SIGTERM: program, finish: program, lock: { type: "file" } }), []);
});

Deno.test("a program of a scan that can't be started", () => {
  const whyNotRun = "it is not executable; use chmod +x on it";
  assertEquals(found({ SIGTERM: { ...program, whyNotRun } }), [
    "not-runnable scan/.s6-svscan/SIGTERM: use chmod +x on it",
  ]);
});

Deno.test("a misspelt program of a scan", () => {
  assertEquals(found({ SIGTEM: program }), [
    "misspelt-file scan/.s6-svscan/SIGTEM: did you mean SIGTERM?",
  ]);
});

Deno.test("two links to one service, and a long name", () => {
  assertEquals(found({}, { a: "1:2", b: "1:2", c: "1:3" }), [
    "same-directory scan/b: remove one of the two, or copy the directory",
  ]);
  assertEquals(found({}, { ["a".repeat(251)]: "1", ["é".repeat(126)]: "2" }).length, 1);
});
