/**
 * What the launcher does first: it finds out what is to be started.
 *
 * @module
 */

import { ROW_BYTES, type Writer } from "./writer.ts";

/** Finds the environment, and what the kernel has put behind it. */
export function findArguments(writer: Writer): void {
  const code = writer.code;
  code.takeStack("v0");
  code.load("v1", "v0");
  for (let doubled = 1; doubled < 8; doubled *= 2) code.add("v1", "v1");
  code.add("v1", "v0");
  code.increase("v1", 16);
  // Behind the environment the kernel has put facts, for dynamic linkers.
  code.move("v2", "v1");
  const next = writer.here();
  code.load("a0", "v2");
  code.increase("v2", 8);
  code.compare("a0", 0);
  code.branch("unequal", next);
  writer.keep("facts", "v2");
}

/** A link with the name of an s6 program is that program, the rest `sv NAME`. */
export function chooseBundle(writer: Writer): void {
  const code = writer.code;
  const chosen = writer.name(), row = writer.name(), nextRow = writer.name();
  code.load("a0", "v0", 8);
  code.compare("a0", 0);
  code.branch("equal", "no name");
  code.move("v4", "a0");
  const next = writer.here();
  code.loadByte("a1", "a0");
  code.increase("a0", 1);
  code.compare("a1", "/".charCodeAt(0));
  writer.unless("unequal", () => code.move("v4", "a0"));
  code.compare("a1", 0);
  code.branch("unequal", next);

  code.address("v3", "bundles");
  code.move("a0", "v4");
  code.address("a1", code.text("s6-"));
  code.call("begins with");
  code.branch("equal", row);
  code.load("v4", "v0");
  code.compare("v4", 2);
  writer.unless("less", () => {
    code.load("v4", "v0", 16);
    code.jump(row);
  });
  code.address("v4", code.text(""));

  code.label(row);
  code.load("a1", "v3");
  code.compare("a1", 0);
  code.branch("equal", chosen);
  code.move("a0", "v4");
  code.call("is equal");
  code.branch("unequal", nextRow);
  code.jump(chosen);
  code.label(nextRow);
  code.increase("v3", ROW_BYTES);
  code.jump(row);
  code.label(chosen);
}
