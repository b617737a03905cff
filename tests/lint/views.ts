import type { Finding } from "../../lib/lint/view/finding.ts";
import {
  type DirectoryKind,
  type DirectoryView,
  type FileView,
  type Machine,
  type Rule,
  UNKNOWN_MACHINE,
} from "../../lib/lint/view/directory_view.ts";
import { assertEquals } from "@std/assert";

/** What a file contains; or what else there is of its name. */
export type Content = string | FileView;

/** Returns a directory that has these files, by their paths. */
export function directoryView(
  files: Readonly<Record<string, Content>>,
  kind: DirectoryKind = "service",
): DirectoryView {
  return {
    path: "web",
    kind,
    files: new Map(
      Object.entries(files).map((
        [name, content],
      ) => [name, typeof content === "string" ? { type: "file", text: content } : content]),
    ),
  };
}

/** A run script with which nothing is wrong. */
export const RUN = "#!/bin/sh\nexec web\n";

/** A case of a rule: what it is about, the files, and what is found. */
export type Case = readonly [
  what: string,
  files: Readonly<Record<string, Content>>,
  /** Each is "RULE FILE", or "RULE FILE:LINE", and a part of the fix after a colon and a blank. */
  found: readonly string[],
  kind?: DirectoryKind,
  machine?: Partial<Machine>,
];

const short = ({ rule, file, line }: Finding) =>
  `${rule} ${file.replace(/^web\/?/, "")}${line === undefined ? "" : `:${line}`}`;

/** Registers a test for each case of a rule. */
export function testRule(rule: Rule, cases: readonly Case[]): void {
  for (const [what, files, found, kind, machine] of cases) {
    Deno.test(`${what}: ${found.length === 0 ? "nothing" : found.join(", ")}`, () => {
      const view = directoryView(files, kind);
      const findings = [...rule(view, { ...UNKNOWN_MACHINE, ...machine })];
      const wanted = found.map((text) => text.split(": ") as [string, string?]);
      assertEquals(findings.map(short), wanted.map(([place]) => place), JSON.stringify(findings));
      wanted.forEach(([, fix], index) => {
        const { fix: given } = findings[index]!;
        if (fix !== undefined) assertEquals(given.includes(fix), true, `${given} has no ${fix}`);
      });
      for (const { message, fix } of findings) {
        for (const text of [message, fix]) {
          assertEquals(/^\S.*\S$/.test(text) && !text.endsWith("."), true, text);
        }
      }
    });
  }
}
