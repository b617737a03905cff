/**
 * The program that starts the runtime where `sv` is laid out in a directory: what stub.sh is in the packed
 * executable, but a program of its own, so that no shell is needed, and nothing is written.
 *
 * It lies in the directory as `sv`, beside those of the runtime and of the program, and finds them by
 * itself. What it leaves to the program is told in lib/os/runtime/launch.ts.
 *
 * @module
 */

import { Aarch64 } from "./aarch64.ts";
import type { MachineCode, Register } from "./machine_code.ts";
import { X8664 } from "./x86_64.ts";

/** What lies beside the launcher, and how the runtime is started. */
export interface Layout {
  /** The runtime, a path in the directory. */
  readonly runtime: string;
  /** The options of the runtime. */
  readonly flags: readonly string[];
  /** The directory of the bundles. */
  readonly program: string;
  /** The bundles; the last one has all commands that no other has. */
  readonly bundles: readonly Bundle[];
}

/** How the runtime is started for a command. */
export interface Bundle {
  /** Its file. */
  readonly file: string;
  /** The names of the command; empty for the bundle of all others. */
  readonly names: readonly string[];
  /** Whether the command starts programs, which get the caller's environment. */
  readonly starts: boolean;
  /** `short`: ends soon, `long`: may run long, `scan`: runs long and does little. */
  readonly life: "short" | "long" | "scan";
}

const AT_FDCWD = -100;
const AT_EXECFN = 31;
const ENOENT = 2;
const EACCES = 13;
const O_PATH = 0x20_0000;
const READ_WRITE_EXECUTE = 7;
const PRIVATE_ANONYMOUS = 0x22;
const RLIMIT_NOFILE = 7;
const PAGE = 4096;
/** SIGUSR1, and signals 1 to 31 but for SIGKILL and SIGSTOP, as sets of signals. */
const SIGUSR1 = 1 << 9;
const ALL_SIGNALS = 0x7ffb_feff;
const STDERR = 2;
const FAILED = 111;

/** The longest path that the kernel takes, with its NUL. */
const LONGEST_PATH = 4096;
/** Room for all strings that are put together; each has one path or name. */
const TEXT_LENGTH = 8 * LONGEST_PATH;
/** Room for a number, with what follows it. */
const LONGEST_NUMBER = 32;
/** Room for the variables that are always there and the caller's, and for those behind them. */
const MOST_OF_CALLER = 24;
const MOST_VARIABLES = 8;
/** How many arguments the runtime gets at most beside the caller's. */
const MOST_OPTIONS = 24;

/** What the launcher does before it starts the runtime, by how long a command lives. */
const LIVES = {
  short: { flag: "--v8-flags=--single-threaded,--lite-mode", asks: 0n, signals: 0n },
  long: { flag: undefined, asks: 1n, signals: 0n },
  scan: { flag: "--v8-flags=--single-threaded", asks: 1n, signals: 1n },
} as const;

/** The fields of the row of a bundle: the name comes first. */
const ROW = { file: 8, flag: 16, starts: 24, asks: 32, signals: 40 } as const;
const ROW_BYTES = 48;

const MACHINES: Readonly<Record<string, new () => MachineCode>> = {
  x86_64: X8664,
  aarch64: Aarch64,
};

/** The caller's variables that the runtime gets, too. */
const KEPT = ["PATH=", "TZ=", "SV_DEBUG=", "_SV_RESTARTED="];

/** The variables of the runtime that are always the same. */
const FIXED = [
  "LC_ALL=C",
  // No directory can be made there.
  "DENO_DIR=/dev/null/none",
  "DENO_NO_UPDATE_CHECK=1",
  "DENO_NO_PACKAGE_JSON=1",
  "DENO_DISABLE_NODE_SHIM=1",
];

/**
 * Returns the launcher for a machine, by the name that Deno has for it; undefined for one whose code is not
 * known here.
 *
 * @param machine The machine.
 * @param layout What lies beside it.
 */
export function launcherFor(
  machine: string,
  layout: Layout,
): Uint8Array<ArrayBuffer> | undefined {
  const Code = MACHINES[machine];
  return Code && new Launcher(new Code(), layout).write();
}

/** The launcher, as it is written. */
class Launcher {
  readonly #code: MachineCode;
  readonly #layout: Layout;
  #labels = 0;

  constructor(code: MachineCode, layout: Layout) {
    this.#code = code;
    this.#layout = layout;
  }

  /*
   * What is in the registers, from the beginning to the end:
   * v0: the stack at the start, where the kernel has put the number of arguments and then their addresses
   * v1: the first address of the environment
   * v2: where the next variable's address goes, then where the next argument's goes
   * v3: the row of the bundle
   * v4: where the next byte of text goes
   */
  write(): Uint8Array<ArrayBuffer> {
    const code = this.#code;
    // One behind the other: the next is where the former ends.
    code.space("directory", LONGEST_PATH);
    code.space("path", LONGEST_PATH);
    code.space("text", TEXT_LENGTH);
    code.space("end of text", LONGEST_NUMBER);
    code.space("environment", 8 * MOST_OF_CALLER);
    code.space("more environment", 8 * MOST_VARIABLES);
    for (const name of ["facts", "arguments", "line", "signals"]) code.space(name, 8);
    code.space("limit", 16);

    this.#findArguments();
    this.#chooseBundle();
    this.#findDirectory();
    code.address("v4", "text");
    code.address("v2", "environment");
    this.#makeEnvironment();
    this.#noteStart();
    this.#leaveRemovedDirectory();
    this.#blockSignals();
    this.#becomeRuntime();
    this.#functions();
    this.#tables();
    return code.finish();
  }

  #findArguments(): void {
    const code = this.#code;
    code.takeStack("v0");
    code.load("v1", "v0");
    for (let doubled = 1; doubled < 8; doubled *= 2) code.add("v1", "v1");
    code.add("v1", "v0");
    code.increase("v1", 16);
    // Behind the environment the kernel has put facts, for dynamic linkers.
    code.move("v2", "v1");
    const next = this.#here();
    code.load("a0", "v2");
    code.increase("v2", 8);
    code.compare("a0", 0);
    code.branch("unequal", next);
    this.#keep("facts", "v2");
  }

  /** A link with the name of an s6 program is that program, the rest `sv NAME`. */
  #chooseBundle(): void {
    const code = this.#code;
    const chosen = this.#name(), row = this.#name(), nextRow = this.#name();
    code.load("a0", "v0", 8);
    code.compare("a0", 0);
    code.branch("equal", "no name");
    code.move("v4", "a0");
    const next = this.#here();
    code.loadByte("a1", "a0");
    code.increase("a0", 1);
    code.compare("a1", "/".charCodeAt(0));
    this.#unless("unequal", () => code.move("v4", "a0"));
    code.compare("a1", 0);
    code.branch("unequal", next);

    code.address("v3", "bundles");
    code.move("a0", "v4");
    code.address("a1", code.text("s6-"));
    code.call("begins with");
    code.branch("equal", row);
    code.load("v4", "v0");
    code.compare("v4", 2);
    this.#unless("less", () => {
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

  /** Finds the directory of this program; where /proc is not mounted, by the name that it was started by. */
  #findDirectory(): void {
    const code = this.#code;
    const found = this.#name(), cut = this.#name(), again = this.#name();
    code.address("v5", "directory");
    this.#readLink(code.text("/proc/self/exe"), "directory");
    code.compare("result", 0);
    code.branch("less", again);
    code.add("v5", "result");
    code.jump(cut);

    code.label(again);
    this.#recall("v5", "facts");
    const next = this.#here();
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
    this.#readLink("directory", "path");
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
    this.#unless("equal", () => {
      // Relative to where the link is.
      code.address("a1", "directory");
      const byte = this.#here();
      code.loadByte("a2", "a1");
      code.increase("a1", 1);
      code.compare("a2", "/".charCodeAt(0));
      this.#unless("unequal", () => code.move("v4", "a1"));
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
    const byte = this.#here();
    code.compare("v5", "a1");
    this.#unless("unequal", () => {
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

  #makeEnvironment(): void {
    const code = this.#code;
    for (const variable of FIXED) {
      code.address("a0", code.text(variable));
      this.#add("a0");
    }
    this.#variable("HOME=", () => this.#append("directory"), "/none");
    this.#variable("_SV_EXECUTABLE=", () => this.#append("directory"), "/sv");
    this.#variable("_SV_ARGV0=", () => {
      code.load("a0", "v0", 8);
      this.#appendText();
    });
    this.#variable("_SV_PID=", () => {
      code.systemCall("getpid");
      code.move("a0", "result");
      code.call("append number");
    });
    const done = this.#name();
    code.move("v5", "v1");
    const next = this.#here();
    code.load("a0", "v5");
    code.compare("a0", 0);
    code.branch("equal", done);
    for (const name of KEPT) {
      const other = this.#name();
      code.load("a0", "v5");
      code.address("a1", code.text(name));
      code.call("begins with");
      code.branch("unequal", other);
      code.load("a0", "v5");
      this.#add("a0");
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
  #noteStart(): void {
    const code = this.#code;
    const done = this.#name(), create = this.#name(), number = this.#name(), write = this.#name();
    code.load("a0", "v3", ROW.starts);
    code.compare("a0", 0);
    code.branch("equal", done);

    // A scan that replaces its program has passed the notes on.
    code.load("a0", "v3", ROW.signals);
    code.compare("a0", 0);
    code.branch("equal", create);
    this.#ifResumes(() => {
      code.move("v5", "v1");
      const next = this.#here();
      code.load("a0", "v5");
      code.compare("a0", 0);
      code.branch("equal", create);
      code.address("a1", code.text("_SV_START="));
      code.call("begins with");
      this.#unless("equal", () => {
        code.increase("v5", 8);
        code.jump(next);
      });
      code.load("a0", "v5");
      this.#add("a0");
      code.jump(done);
    });

    code.label(create);
    code.address("a0", code.text("sv start"));
    code.set("a1", 0);
    code.systemCall("memfd_create");
    code.compare("result", 0);
    code.branch("less", "no notes");
    code.move("v5", "result");
    this.#variable("_SV_START=", "/proc/self/fd/", () => {
      code.move("a0", "v5");
      code.call("append number");
    });

    code.set("a0", 0);
    code.set("a1", RLIMIT_NOFILE);
    code.set("a2", 0);
    code.address("a3", "limit");
    code.systemCall("prlimit64");
    // The line is put together behind the variables, and is no longer needed then.
    this.#keep("line", "v4");
    code.address("a0", "limit");
    code.load("a0", "a0");
    code.set("a1", -1);
    code.compare("a0", "a1");
    code.branch("unequal", number);
    this.#append(code.text("unlimited"));
    code.jump(write);
    code.label(number);
    code.call("append number");
    code.label(write);
    this.#append(code.text("\n"));
    this.#recall("a1", "line");
    code.move("a2", "v4");
    code.move("v4", "a1");
    this.#write();

    // The kernel puts all strings of the environment one behind the other.
    code.load("a1", "v1");
    code.compare("a1", 0);
    this.#unless("equal", () => {
      this.#recall("a2", "facts");
      code.increase("a2", -16);
      code.load("a2", "a2");
      const byte = this.#here();
      code.loadByte("a3", "a2");
      code.increase("a2", 1);
      code.compare("a3", 0);
      code.branch("unequal", byte);
      this.#write();
    });
    code.address("a1", code.text("."));
    code.move("a2", "a1");
    code.increase("a2", 1);
    this.#write();
    code.label(done);
  }

  /** Writes what is from a1 to before a2 to the file v5. */
  #write(): void {
    const code = this.#code;
    code.subtract("a2", "a1");
    code.move("a4", "a2");
    code.move("a0", "v5");
    code.systemCall("write");
    code.compare("result", "a4");
    code.branch("unequal", "no notes");
  }

  /** The runtime can't start in a directory that was removed: it starts elsewhere, and goes back. */
  #leaveRemovedDirectory(): void {
    const code = this.#code;
    const done = this.#name();
    code.address("a0", "path");
    code.set("a1", LONGEST_PATH);
    code.systemCall("getcwd");
    code.set("a1", 0);
    code.subtract("a1", "result");
    code.compare("a1", ENOENT);
    code.branch("unequal", done);
    this.#setNegative("a0", AT_FDCWD);
    code.address("a1", code.text("."));
    code.set("a2", O_PATH);
    code.set("a3", 0);
    code.systemCall("openat");
    code.compare("result", 0);
    code.branch("less", done);
    code.move("v5", "result");
    this.#variable("_SV_CWD=", () => {
      code.move("a0", "v5");
      code.call("append number");
    });
    code.address("a0", code.text("/"));
    code.systemCall("chdir");
    code.label(done);
  }

  /**
   * At SIGUSR1 the runtime would open a debugger's port; the scan needs all signals blocked from its first
   * thread on, and process 1 gets only those that are blocked or handled.
   */
  #blockSignals(): void {
    const code = this.#code;
    const some = this.#name(), all = this.#name(), block = this.#name(), done = this.#name();
    code.load("a0", "v3", ROW.signals);
    code.compare("a0", 0);
    code.branch("equal", some);
    this.#ifResumes(() => code.jump(done));
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
    this.#keep("signals", "a1");
    code.set("a0", 0);
    code.address("a1", "signals");
    code.set("a2", 0);
    code.set("a3", 8);
    code.systemCall("rt_sigprocmask");
    code.label(done);
  }

  #becomeRuntime(): void {
    const code = this.#code;
    const flag = this.#name(), program = this.#name();
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
    this.#unless("less", () => code.jump(flag));
    code.set("v5", 1);
    code.address("a0", code.text("_SV_JITLESS=yes"));
    this.#add("a0");
    code.label(flag);
    code.set("a0", 0);
    this.#add("a0");

    // The arguments go below the stack, where there is room for any number.
    code.load("v2", "v0");
    code.increase("v2", MOST_OPTIONS);
    for (let doubled = 1; doubled < 8; doubled *= 2) code.add("v2", "v2");
    code.move("a0", "v0");
    code.subtract("a0", "v2");
    code.increase("a0", -8);
    code.move("v2", "a0");
    this.#keep("arguments", "v2");
    this.#path("directory", code.text(`/${this.#layout.runtime}`));
    this.#endText();
    for (const option of ["run", ...this.#layout.flags]) {
      code.address("a0", code.text(option));
      this.#add("a0");
    }
    code.compare("v5", 0);
    this.#unless("equal", () => {
      code.address("a0", code.text("--v8-flags=--jitless"));
      this.#add("a0");
      code.jump(program);
    });
    code.load("a0", "v3", ROW.flag);
    code.compare("a0", 0);
    code.branch("equal", program);
    this.#add("a0");
    code.label(program);
    code.load("a0", "v3", ROW.file);
    code.move("v5", "a0");
    this.#path("directory");
    code.move("a0", "v5");
    this.#appendText();
    this.#endText();
    code.move("v5", "v0");
    code.increase("v5", 16);
    // No arguments at all end here, too.
    const next = this.#here();
    code.load("a0", "v5");
    this.#add("a0");
    code.increase("v5", 8);
    code.compare("a0", 0);
    code.branch("unequal", next);
    this.#recall("a1", "arguments");
    code.load("a0", "a1");
    code.address("a2", "environment");
    code.systemCall("execve");
    this.#complain();
  }

  /** Says why the runtime could not be started. */
  #complain(): void {
    const code = this.#code;
    const other = this.#name(), print = this.#name();
    code.move("v5", "result");
    code.address("v4", "text");
    this.#append(code.text("sv: fatal: cannot start "));
    this.#append("directory");
    this.#append(code.text(`/${this.#layout.runtime}: `));
    code.set("a0", 0);
    code.subtract("a0", "v5");
    code.move("v5", "a0");
    const reasons: readonly (readonly [number, string])[] = [
      [
        ENOENT,
        "it is missing, or this system has no glibc, which it needs; lay sv out again with 'sv unpack'\n",
      ],
      [EACCES, "permission denied, or it is on a file system from which no program may be run\n"],
    ];
    for (const [error, reason] of reasons) {
      code.compare("v5", error);
      this.#unless("unequal", () => {
        this.#append(code.text(reason));
        code.jump(print);
      });
    }
    code.label(other);
    this.#append(code.text("error "));
    code.move("a0", "v5");
    code.call("append number");
    this.#append(code.text("\n"));
    code.label(print);
    code.address("a1", "text");
    code.move("a2", "v4");
    code.jump("fail");
    this.#failure("no name", "sv: fatal: cannot start: the caller gave no name of a program\n");
    this.#failure(
      "too long",
      "sv: fatal: cannot start: the path of sv, or the name that it was called by, is too long\n",
    );
    this.#failure("no notes", "sv: fatal: cannot start: no memory for the environment\n");
    code.label("fail");
    code.subtract("a2", "a1");
    code.set("a0", STDERR);
    code.systemCall("write");
    code.set("a0", FAILED);
    code.systemCall("exit");
  }

  #failure(label: string, message: string): void {
    const code = this.#code;
    code.label(label);
    code.address("a1", code.text(message));
    code.address("a2", code.text(message));
    code.increase("a2", message.length);
    code.jump("fail");
  }

  #functions(): void {
    const code = this.#code;
    // Compares strings a0 and a1 up to the end of a1.
    const same = this.#name(), begin = this.#name();
    code.label("begins with");
    code.label(begin);
    code.loadByte("a3", "a1");
    code.compare("a3", 0);
    code.branch("equal", same);
    code.loadByte("a2", "a0");
    code.increase("a0", 1);
    code.increase("a1", 1);
    code.compare("a2", "a3");
    code.branch("equal", begin);
    code.label(same);
    code.return();

    // Compares strings a0 and a1.
    const differs = this.#name(), equal = this.#name();
    code.label("is equal");
    code.label(equal);
    code.loadByte("a2", "a0");
    code.loadByte("a3", "a1");
    code.compare("a2", "a3");
    code.branch("unequal", differs);
    code.increase("a0", 1);
    code.increase("a1", 1);
    code.compare("a2", 0);
    code.branch("unequal", equal);
    code.label(differs);
    code.return();

    // Appends string a0 to v4, which must stay below a2; leaves v4 at the NUL.
    const append = "append";
    code.label(append);
    code.loadByte("a1", "a0");
    code.storeByte("v4", "a1");
    code.compare("a1", 0);
    this.#unless("unequal", () => code.return());
    code.increase("a0", 1);
    code.increase("v4", 1);
    code.compare("v4", "a2");
    code.branch("below", append);
    code.jump("too long");

    // Appends number a0 to v4, in decimal; there is room for it. a4: whether a digit came before.
    const power = this.#name(),
      digit = this.#name(),
      emit = this.#name(),
      skip = this.#name(),
      last = this.#name();
    code.label("append number");
    code.address("a1", "powers");
    code.set("a4", 0);
    code.label(power);
    code.load("a3", "a1");
    code.compare("a3", 0);
    code.branch("equal", last);
    code.set("a2", "0".charCodeAt(0));
    code.label(digit);
    code.compare("a0", "a3");
    this.#unless("below", () => {
      code.subtract("a0", "a3");
      code.increase("a2", 1);
      code.jump(digit);
    });
    code.compare("a2", "0".charCodeAt(0));
    code.branch("unequal", emit);
    code.compare("a4", 0);
    code.branch("unequal", emit);
    code.compare("a3", 1);
    code.branch("unequal", skip);
    code.label(emit);
    code.storeByte("v4", "a2");
    code.increase("v4", 1);
    code.set("a4", 1);
    code.label(skip);
    code.increase("a1", 8);
    code.jump(power);
    code.label(last);
    code.set("a3", 0);
    code.storeByte("v4", "a3");
    code.return();
  }

  #tables(): void {
    const code = this.#code;
    code.table("bundles", [
      ...this.#layout.bundles.flatMap((bundle) =>
        (bundle.names.length === 0 ? [undefined] : bundle.names).flatMap((name) => {
          const { flag, asks, signals } = LIVES[bundle.life];
          return [
            name === undefined ? 0n : code.text(name),
            code.text(`/${this.#layout.program}/${bundle.file}`),
            flag === undefined ? 0n : code.text(flag),
            bundle.starts ? 1n : 0n,
            asks,
            signals,
          ];
        })
      ),
    ]);
    code.table("powers", [
      ...Array.from({ length: 20 }, (_, index) => 10n ** BigInt(19 - index)),
      0n,
    ]);
  }

  /** Puts a new variable together. */
  #variable(...parts: (string | (() => void))[]): void {
    this.#add("v4");
    for (const part of parts) {
      if (typeof part === "string") this.#append(this.#code.text(part));
      else part();
    }
    this.#endText();
  }

  /** Begins a new argument with a text. */
  #path(...labels: string[]): void {
    this.#add("v4");
    for (const label of labels) this.#append(label);
  }

  #append(label: string): void {
    this.#code.address("a0", label);
    this.#appendText();
  }

  /** Appends string a0 to the text, and leaves room for a number. */
  #appendText(): void {
    this.#code.address("a2", "end of text");
    this.#code.call("append");
  }

  #endText(): void {
    this.#code.increase("v4", 1);
  }

  /** Adds an address to the variables or arguments. */
  #add(register: Register): void {
    this.#code.store("v2", register);
    this.#code.increase("v2", 8);
  }

  /** Does something if the command is `scan --resume`. */
  #ifResumes(then: () => void): void {
    const code = this.#code;
    const no = this.#name();
    code.load("a0", "v0");
    code.compare("a0", 3);
    code.branch("less", no);
    code.load("a0", "v0", 24);
    code.address("a1", code.text("--resume"));
    code.call("is equal");
    code.branch("unequal", no);
    then();
    code.label(no);
  }

  /** Reads link `path` into a variable: into `result` its length, or an error. */
  #readLink(path: string, into: string): void {
    const code = this.#code;
    this.#setNegative("a0", AT_FDCWD);
    code.address("a1", path);
    code.address("a2", into);
    code.set("a3", LONGEST_PATH - 1);
    code.systemCall("readlinkat");
  }

  #setNegative(to: Register, value: number): void {
    this.#code.set(to, 0);
    this.#code.increase(to, value);
  }

  #keep(variable: string, from: Register): void {
    this.#code.address("a0", variable);
    this.#code.store("a0", from);
  }

  #recall(to: Register, variable: string): void {
    this.#code.address(to, variable);
    this.#code.load(to, to);
  }

  /** Does something unless the last comparison found that. */
  #unless(condition: Parameters<MachineCode["branch"]>[0], then: () => void): void {
    const behind = this.#name();
    this.#code.branch(condition, behind);
    then();
    this.#code.label(behind);
  }

  /** Gives the next instruction a label. */
  #here(): string {
    const name = this.#name();
    this.#code.label(name);
    return name;
  }

  /** Returns a new label. */
  #name(): string {
    return `place ${this.#labels++}`;
  }
}
