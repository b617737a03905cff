/**
 * The environment of the runtime, and the notes on the one of the caller.
 *
 * @module
 */

import { ROW, type Writer } from "./writer.ts";

const RLIMIT_NOFILE = 7;

/** The caller's variables that the runtime gets, too. */
const KEPT = ["PATH=", "TZ=", "SV_DEBUG=", "_SV_RESTARTED="];

/** The variables of the runtime that are always the same. */
const FIXED = [
  "LC_ALL=C",
  // No directory can be made there. So the runtime has no cache, and would say so on a terminal.
  "DENO_DIR=/dev/null/none",
  "DENO_LOG=error,deno::cache::cache_db=off",
  "DENO_NO_UPDATE_CHECK=1",
  "DENO_NO_PACKAGE_JSON=1",
  "DENO_DISABLE_NODE_SHIM=1",
];

/** Puts the environment of the runtime together. */
export function makeEnvironment(writer: Writer): void {
  const code = writer.code;
  code.address("v4", "text");
  code.address("v2", "environment");
  for (const variable of FIXED) {
    code.address("a0", code.text(variable));
    writer.add("a0");
  }
  writer.variable("HOME=", () => writer.append("directory"), "/none");
  writer.variable("_SV_EXECUTABLE=", () => writer.append("directory"), "/sv");
  writer.variable("_SV_ARGV0=", () => {
    code.load("a0", "v0", 8);
    writer.appendText();
  });
  writer.variable("_SV_PID=", () => {
    code.systemCall("getpid");
    code.move("a0", "result");
    code.call("append number");
  });
  const done = writer.name();
  code.move("v5", "v1");
  const next = writer.here();
  code.load("a0", "v5");
  code.compare("a0", 0);
  code.branch("equal", done);
  for (const name of KEPT) {
    const other = writer.name();
    code.load("a0", "v5");
    code.address("a1", code.text(name));
    code.call("begins with");
    code.branch("unequal", other);
    code.load("a0", "v5");
    writer.add("a0");
    // Only a name that is there several times needs more room.
    code.address("a1", "more environment");
    code.compare("v2", "a1");
    code.branch("equal", done);
    code.label(other);
  }
  code.increase("v5", 8);
  code.jump(next);
  code.label(done);
}

/** Leaves the caller's environment and limit on open files to a program that starts others. */
export function noteStart(writer: Writer): void {
  const code = writer.code;
  const done = writer.name(), create = writer.name(), number = writer.name(), write = writer.name();
  code.load("a0", "v3", ROW.starts);
  code.compare("a0", 0);
  code.branch("equal", done);

  // A scan that replaces its program has passed the notes on.
  code.load("a0", "v3", ROW.signals);
  code.compare("a0", 0);
  code.branch("equal", create);
  writer.ifResumes(() => {
    code.move("v5", "v1");
    const next = writer.here();
    code.load("a0", "v5");
    code.compare("a0", 0);
    code.branch("equal", create);
    code.address("a1", code.text("_SV_START="));
    code.call("begins with");
    writer.unless("equal", () => {
      code.increase("v5", 8);
      code.jump(next);
    });
    code.load("a0", "v5");
    writer.add("a0");
    code.jump(done);
  });

  code.label(create);
  code.address("a0", code.text("sv start"));
  code.set("a1", 0);
  code.systemCall("memfd_create");
  code.compare("result", 0);
  code.branch("less", "no notes");
  code.move("v5", "result");
  writer.variable("_SV_START=", "/proc/self/fd/", () => {
    code.move("a0", "v5");
    code.call("append number");
  });

  code.set("a0", 0);
  code.set("a1", RLIMIT_NOFILE);
  code.set("a2", 0);
  code.address("a3", "limit");
  code.systemCall("prlimit64");
  // The line is put together behind the variables, and is no longer needed then.
  writer.keep("line", "v4");
  code.address("a0", "limit");
  code.load("a0", "a0");
  code.set("a1", -1);
  code.compare("a0", "a1");
  code.branch("unequal", number);
  writer.append(code.text("unlimited"));
  code.jump(write);
  code.label(number);
  code.call("append number");
  code.label(write);
  writer.append(code.text("\n"));
  writer.recall("a1", "line");
  code.move("a2", "v4");
  code.move("v4", "a1");
  writeNotes(writer);

  // The kernel puts all strings of the environment one behind the other.
  code.load("a1", "v1");
  code.compare("a1", 0);
  writer.unless("equal", () => {
    writer.recall("a2", "facts");
    code.increase("a2", -16);
    code.load("a2", "a2");
    const byte = writer.here();
    code.loadByte("a3", "a2");
    code.increase("a2", 1);
    code.compare("a3", 0);
    code.branch("unequal", byte);
    writeNotes(writer);
  });
  code.address("a1", code.text("."));
  code.move("a2", "a1");
  code.increase("a2", 1);
  writeNotes(writer);
  code.label(done);
}

/** Writes what is from a1 to before a2 to the file v5. */
function writeNotes(writer: Writer): void {
  const code = writer.code;
  code.subtract("a2", "a1");
  code.move("a4", "a2");
  code.move("a0", "v5");
  code.systemCall("write");
  code.compare("result", "a4");
  code.branch("unequal", "no notes");
}
