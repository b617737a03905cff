/**
 * Becoming the runtime.
 *
 * @module
 */

import { AT_FDCWD, ROW, type Writer } from "./writer.ts";

const ENOENT = 2;
const EACCES = 13;
const O_PATH = 0x20_0000;
const READ_WRITE_EXECUTE = 7;
const PRIVATE_ANONYMOUS = 0x22;
const PAGE = 4096;
/** SIGUSR1, and signals 1 to 31 but for SIGKILL and SIGSTOP, as sets of signals. */
const SIGUSR1 = 1 << 9;
const ALL_SIGNALS = 0x7ffb_feff;
const STDERR = 2;
/** Exit codes: something failed; this system is none that the runtime can run on. */
const FAILED = 111;
const UNSUPPORTED = 100;
/** How many arguments the runtime gets at most beside the caller's. */
const MOST_OPTIONS = 24;

/**
 * At SIGUSR1 the runtime would open a debugger's port; the scan needs all signals blocked from its first
 * thread on, and process 1 gets only those that are blocked or handled.
 */
export function blockSignals(writer: Writer): void {
  const code = writer.code;
  const some = writer.name(), all = writer.name(), block = writer.name(), done = writer.name();
  code.load("a0", "v3", ROW.signals);
  code.compare("a0", 0);
  code.branch("equal", some);
  writer.ifResumes(() => code.jump(done));
  code.jump(all);
  code.label(some);
  code.load("a0", "v3", ROW.asks);
  code.compare("a0", 0);
  code.set("a1", SIGUSR1);
  code.branch("equal", block);
  code.systemCall("getpid");
  code.compare("result", 1);
  code.set("a1", SIGUSR1);
  code.branch("unequal", block);
  code.label(all);
  code.set("a1", ALL_SIGNALS);
  code.label(block);
  writer.keep("signals", "a1");
  code.set("a0", 0);
  code.address("a1", "signals");
  code.set("a2", 0);
  code.set("a3", 8);
  code.systemCall("rt_sigprocmask");
  code.label(done);
}

export function becomeRuntime(writer: Writer): void {
  const code = writer.code;
  const flag = writer.name(), program = writer.name();
  // Finds out whether the kernel lets this process make code, before the environment is complete.
  code.load("a0", "v3", ROW.asks);
  code.compare("a0", 0);
  code.set("v5", 0);
  code.branch("equal", flag);
  code.set("a0", 0);
  code.set("a1", PAGE);
  code.set("a2", READ_WRITE_EXECUTE);
  code.set("a3", PRIVATE_ANONYMOUS);
  code.set("a4", -1);
  code.set("a5", 0);
  code.systemCall("mmap");
  code.compare("result", 0);
  writer.unless("less", () => code.jump(flag));
  code.set("v5", 1);
  code.address("a0", code.text("_SV_JITLESS=yes"));
  writer.add("a0");
  code.label(flag);
  code.set("a0", 0);
  writer.add("a0");

  // The arguments go below the stack, where there is room for any number.
  code.load("v2", "v0");
  code.increase("v2", MOST_OPTIONS);
  for (let doubled = 1; doubled < 8; doubled *= 2) code.add("v2", "v2");
  code.move("a0", "v0");
  code.subtract("a0", "v2");
  code.increase("a0", -8);
  code.move("v2", "a0");
  writer.keep("arguments", "v2");
  writer.path("directory", code.text(`/${writer.layout.runtime}`));
  writer.endText();
  for (const option of ["run", ...writer.layout.flags]) {
    code.address("a0", code.text(option));
    writer.add("a0");
  }
  code.compare("v5", 0);
  writer.unless("equal", () => {
    code.address("a0", code.text("--v8-flags=--jitless"));
    writer.add("a0");
    code.jump(program);
  });
  code.load("a0", "v3", ROW.flag);
  code.compare("a0", 0);
  code.branch("equal", program);
  writer.add("a0");
  code.label(program);
  code.load("a0", "v3", ROW.file);
  code.move("v5", "a0");
  writer.path("directory");
  code.move("a0", "v5");
  writer.appendText();
  writer.endText();
  code.move("v5", "v0");
  code.increase("v5", 16);
  // No arguments at all end here, too.
  const next = writer.here();
  code.load("a0", "v5");
  writer.add("a0");
  code.increase("v5", 8);
  code.compare("a0", 0);
  code.branch("unequal", next);
  writer.recall("a1", "arguments");
  code.load("a0", "a1");
  code.address("a2", "environment");
  code.systemCall("execve");
  complain(writer);
}

/** Says why the runtime could not be started, and ends with the exit code in v5. */
function complain(writer: Writer): void {
  const code = writer.code;
  const print = writer.name();
  code.move("v5", "result");
  code.address("v4", "text");
  writer.append(code.text("sv: fatal: cannot start "));
  writer.append("directory");
  writer.append(code.text(`/${writer.layout.runtime}: `));
  code.set("a0", 0);
  code.subtract("a0", "v5");
  code.move("v5", "a0");
  code.compare("v5", ENOENT);
  writer.unless("unequal", () => {
    // The kernel says the same where the dynamic linker is missing.
    writer.setNegative("a0", AT_FDCWD);
    code.address("a1", code.text(writer.layout.interpreter));
    code.set("a2", O_PATH);
    code.set("a3", 0);
    code.systemCall("openat");
    code.compare("result", 0);
    writer.unless("less", () => {
      writer.append(code.text("it is missing; lay sv out again with 'sv unpack'\n"));
      code.set("v5", FAILED);
      code.jump(print);
    });
    writer.append(code.text(
      `${writer.layout.interpreter} is missing: this system has no glibc, which the runtime needs ` +
        "(Alpine has musl); run it on a system with glibc, such as Debian\n",
    ));
    code.set("v5", UNSUPPORTED);
    code.jump(print);
  });
  code.compare("v5", EACCES);
  writer.unless("unequal", () => {
    writer.append(code.text(
      "permission denied, or it is on a file system from which no program may be run\n",
    ));
    code.set("v5", FAILED);
    code.jump(print);
  });
  writer.append(code.text("error "));
  code.move("a0", "v5");
  code.call("append number");
  writer.append(code.text("\n"));
  code.set("v5", FAILED);
  code.label(print);
  code.address("a1", "text");
  code.move("a2", "v4");
  code.jump("fail");
  failure(writer, "no name", "sv: fatal: cannot start: the caller gave no name of a program\n");
  failure(
    writer,
    "too long",
    "sv: fatal: cannot start: the path of sv, or the name that it was called by, is too long\n",
  );
  failure(writer, "no notes", "sv: fatal: cannot start: no memory for the environment\n");
  code.label("fail");
  code.subtract("a2", "a1");
  code.set("a0", STDERR);
  code.systemCall("write");
  code.move("a0", "v5");
  code.systemCall("exit");
}

function failure(writer: Writer, label: string, message: string): void {
  const code = writer.code;
  code.label(label);
  code.address("a1", code.text(message));
  code.address("a2", code.text(message));
  code.increase("a2", message.length);
  code.set("v5", FAILED);
  code.jump("fail");
}
