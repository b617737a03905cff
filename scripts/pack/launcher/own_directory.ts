/**
 * Directories: the one that the launcher lies in, and a working directory that was removed.
 *
 * @module
 */

import { AT_FDCWD, LONGEST_PATH, type Writer } from "./writer.ts";

const AT_EXECFN = 31;
const ENOENT = 2;
const O_PATH = 0x20_0000;

/** Finds the directory of this program; where /proc is not mounted, by the name that it was started by. */
export function findDirectory(writer: Writer): void {
  const code = writer.code;
  const found = writer.name(), cut = writer.name(), again = writer.name();
  code.address("v5", "directory");
  writer.readLink(code.text("/proc/self/exe"), "directory");
  code.compare("result", 0);
  code.branch("less", again);
  code.add("v5", "result");
  code.jump(cut);

  code.label(again);
  writer.recall("v5", "facts");
  const next = writer.here();
  code.load("a0", "v5");
  code.increase("v5", 16);
  code.compare("a0", 0);
  code.branch("equal", "no name");
  code.compare("a0", AT_EXECFN);
  code.branch("unequal", next);
  code.increase("v5", -8);
  code.load("a0", "v5");
  code.address("v4", "directory");
  code.address("a2", "path");
  code.call("append");
  code.move("v5", "v4");
  // It may be a link to this program.
  writer.readLink("directory", "path");
  code.compare("result", 1);
  code.branch("less", cut);
  code.address("v5", "path");
  code.add("v5", "result");
  code.set("a1", 0);
  code.storeByte("v5", "a1");
  code.address("a0", "path");
  code.loadByte("a1", "a0");
  code.address("v4", "directory");
  code.compare("a1", "/".charCodeAt(0));
  writer.unless("equal", () => {
    // Relative to where the link is.
    code.address("a1", "directory");
    const byte = writer.here();
    code.loadByte("a2", "a1");
    code.increase("a1", 1);
    code.compare("a2", "/".charCodeAt(0));
    writer.unless("unequal", () => code.move("v4", "a1"));
    code.compare("a2", 0);
    code.branch("unequal", byte);
  });
  code.address("a2", "path");
  code.call("append");
  code.move("v5", "v4");

  // Cuts the name off.
  code.label(cut);
  code.address("a1", "directory");
  code.set("a0", 0);
  const byte = writer.here();
  code.compare("v5", "a1");
  writer.unless("unequal", () => {
    code.set("a0", ".".charCodeAt(0));
    code.storeByte("v5", "a0");
    code.increase("v5", 1);
    code.set("a0", 0);
    code.storeByte("v5", "a0");
    code.jump(found);
  });
  code.storeByte("v5", "a0");
  code.increase("v5", -1);
  code.loadByte("a2", "v5");
  code.compare("a2", "/".charCodeAt(0));
  code.branch("unequal", byte);
  code.storeByte("v5", "a0");
  code.label(found);
}

/** The runtime can't start in a directory that was removed: it starts elsewhere, and goes back. */
export function leaveRemovedDirectory(writer: Writer): void {
  const code = writer.code;
  const done = writer.name();
  code.address("a0", "path");
  code.set("a1", LONGEST_PATH);
  code.systemCall("getcwd");
  code.set("a1", 0);
  code.subtract("a1", "result");
  code.compare("a1", ENOENT);
  code.branch("unequal", done);
  writer.setNegative("a0", AT_FDCWD);
  code.address("a1", code.text("."));
  code.set("a2", O_PATH);
  code.set("a3", 0);
  code.systemCall("openat");
  code.compare("result", 0);
  code.branch("less", done);
  code.move("v5", "result");
  writer.variable("_SV_CWD=", () => {
    code.move("a0", "v5");
    code.call("append number");
  });
  code.address("a0", code.text("/"));
  code.systemCall("chdir");
  code.label(done);
}
