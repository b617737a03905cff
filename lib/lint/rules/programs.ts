import { ServicePath } from "../../servicedir/protocol.ts";
import type { Finding } from "../view/finding.ts";
import { PROGRAMS } from "../view/known_files.ts";
import { interpreterOf, readScript } from "../view/script.ts";
import type { DirectoryView, FileView, Machine } from "../view/directory_view.ts";

/** Returns the first line of a shell's script, after the `#!`, that ends in a carriage return. */
function carriageReturn(text: string): number | undefined {
  if (readScript(text)?.language !== "shell") return undefined;
  const line = text.split("\n").findIndex((line) => line.endsWith("\r"));
  return line < 0 ? undefined : line + 1;
}

function* contentRules(path: string, text: string, machine: Machine): Iterable<Finding> {
  const line = carriageReturn(text);
  if (line !== undefined) {
    yield {
      severity: "error",
      rule: "line-ends",
      file: path,
      line,
      message: "lines end in a carriage return, which a shell takes for a part of the last word",
      fix: `give it the line ends of Unix: sed -i 's/\\r$//' ${path}`,
    };
  }
  const [interpreter = "", ...words] = interpreterOf(text) ?? [];
  const program = words.find((word) => !word.startsWith("-"));
  if (!/\/env$/.test(interpreter) || program === undefined || program.includes("=")) return;
  if (!machine.hasProgram(program)) {
    yield {
      severity: "warning",
      rule: "missing-interpreter",
      file: path,
      line: 1,
      message: `env does not find ${program} on the PATH of this shell`,
      fix: "install it, or name it with its path",
    };
  }
}

/** Splits what is wrong with a program from what to do, where the text has both. */
function notRunnable(path: string, why: string): Finding {
  const [message = why, ...fix] = why.split("; ");
  return {
    severity: "error",
    rule: "not-runnable",
    file: path,
    message: `it can't be started: ${message}`,
    fix: fix.join("; ") ||
      "put a program there, or a script that begins with #! and an interpreter",
  };
}

/** Finds programs that a supervisor could not start. */
export function* programRules(view: DirectoryView, machine: Machine): Iterable<Finding> {
  const programs = PROGRAMS[view.kind];
  if (programs.includes(ServicePath.run) && !view.files.has(ServicePath.run)) {
    yield {
      severity: "error",
      rule: "no-run",
      file: view.path,
      message: "there is no file run, the program that is to be supervised",
      fix: "write one; sv new makes a directory with all that a service needs",
    };
  }
  for (const name of programs) {
    const file: FileView | undefined = view.files.get(name);
    if (file === undefined) continue;
    const path = `${view.path}/${name}`;
    if (file.whyNotRun !== undefined) yield notRunnable(path, file.whyNotRun);
    else if (file.text !== undefined) yield* contentRules(path, file.text, machine);
  }
}
