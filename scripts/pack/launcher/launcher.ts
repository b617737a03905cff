/**
 * The program that starts the runtime where `sv` is laid out in a directory: what stub.sh is in the packed
 * executable, but a program of its own, so that no shell is needed, and nothing is written.
 *
 * It lies in the directory as `sv`, beside those of the runtime and of the program, and finds them by
 * itself. What it leaves to the program is told in lib/os/runtime/launch.ts.
 *
 * @module
 */

import { V8_FLAGS } from "../runtime_start.ts";
import { Aarch64 } from "./aarch64.ts";
import { chooseBundle, findArguments } from "./arguments.ts";
import type { Machine } from "../elf.ts";
import { makeEnvironment, noteStart } from "./environment.ts";
import { writeFunctions } from "./functions.ts";
import type { Layout } from "./layout.ts";
import type { MachineCode } from "./machine_code.ts";
import { findDirectory, leaveRemovedDirectory } from "./own_directory.ts";
import { becomeRuntime, blockSignals } from "./runtime.ts";
import { LONGEST_PATH, Writer } from "./writer.ts";
import { X8664 } from "./x86_64.ts";

/** Room for all strings that are put together; each has one path or name. */
const TEXT_LENGTH = 8 * LONGEST_PATH;
/** Room for a number, with what follows it. */
const LONGEST_NUMBER = 32;
/** Room for the variables that are always there and the caller's, and for those behind them. */
const MOST_OF_CALLER = 24;
const MOST_VARIABLES = 8;

/** What the launcher does before it starts the runtime, by how long a command lives. */
const LIVES = {
  short: { flag: V8_FLAGS.short, asks: 0n, signals: 0n },
  many: { flag: V8_FLAGS.many, asks: 1n, signals: 0n },
  long: { flag: undefined, asks: 1n, signals: 0n },
  serve: { flag: V8_FLAGS.lean, asks: 1n, signals: 0n },
  scan: { flag: V8_FLAGS.lean, asks: 1n, signals: 1n },
} as const;

const MACHINES: Readonly<Record<Machine, new () => MachineCode>> = {
  x86_64: X8664,
  aarch64: Aarch64,
};

/**
 * Returns the launcher for a machine.
 *
 * @param machine The machine.
 * @param layout What lies beside it.
 */
export function launcherFor(machine: Machine, layout: Layout): Uint8Array<ArrayBuffer> {
  const Code = MACHINES[machine];
  const writer = new Writer(new Code(), layout);
  makeRoom(writer.code);
  findArguments(writer);
  chooseBundle(writer);
  findDirectory(writer);
  makeEnvironment(writer);
  noteStart(writer);
  leaveRemovedDirectory(writer);
  blockSignals(writer);
  becomeRuntime(writer);
  writeFunctions(writer);
  writeTables(writer);
  return writer.code.finish();
}

/** Makes room for the variables, one behind the other: the next is where the former ends. */
function makeRoom(code: MachineCode): void {
  code.space("directory", LONGEST_PATH);
  code.space("path", LONGEST_PATH);
  code.space("text", TEXT_LENGTH);
  code.space("end of text", LONGEST_NUMBER);
  code.space("environment", 8 * MOST_OF_CALLER);
  code.space("more environment", 8 * MOST_VARIABLES);
  for (const name of ["facts", "arguments", "line", "signals"]) code.space(name, 8);
  code.space("limit", 16);
}

/** Writes the tables: a row for each name of a bundle, and powers of ten. */
function writeTables({ code, layout }: Writer): void {
  code.table("bundles", [
    ...layout.bundles.flatMap((bundle) =>
      (bundle.names.length === 0 ? [undefined] : bundle.names).flatMap((name) => {
        const { flag, asks, signals } = LIVES[bundle.life];
        return [
          name === undefined ? 0n : code.text(name),
          code.text(`/${layout.program}/${bundle.file}`),
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
