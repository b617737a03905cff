import { MAX_SIGNAL, signalNumber } from "../../os/signal.ts";
import { MAX_UNSIGNED, MORE_THAN_OPEN_FILES } from "../../os/limits.ts";
import { MAX_DEATHS, ServicePath } from "../../servicedir/protocol.ts";
import type { Finding } from "../view/finding.ts";
import { FLAGS, KNOWN_FILES } from "../view/known_files.ts";
import { type DirectoryView, textOf, valueOf } from "../view/directory_view.ts";

/** A file that holds an integer. */
interface IntegerFile {
  readonly lowest: number;
  readonly highest: number;
  /** Whether it is a time, in milliseconds. */
  readonly time?: boolean;
}

const time: IntegerFile = { lowest: 0, highest: MAX_UNSIGNED, time: true };
const descriptor: IntegerFile = { lowest: 1, highest: MORE_THAN_OPEN_FILES - 1 };

const INTEGERS: Readonly<Record<string, IntegerFile>> = {
  [ServicePath.notificationFd]: descriptor,
  [ServicePath.lockFd]: descriptor,
  [ServicePath.killTimeout]: time,
  [ServicePath.finishTimeout]: time,
  [ServicePath.maxDeaths]: { lowest: 0, highest: MAX_UNSIGNED },
  "timeout-up": time,
  "timeout-down": time,
};

/** Directories, which a file of that name does not replace. */
const DIRECTORIES = [
  ServicePath.data,
  "data/sv",
  ServicePath.logger,
  "dependencies.d",
  "contents.d",
];

/** So few milliseconds are a number of seconds by mistake. */
const FEW_MILLISECONDS = 60;

function advice(value: string, { lowest, highest, time = false }: IntegerFile): string {
  const plain = value.trim();
  const seconds = /^(\d+(?:\.\d+)?) ?(ms|s|sec|m|min)$/.exec(plain);
  if (time && seconds !== null) {
    const unit = seconds[2]!;
    const factor = unit === "ms" ? 1 : unit.startsWith("s") ? 1000 : 60_000;
    return `write milliseconds, without a unit: ${Math.round(Number(seconds[1]) * factor)}`;
  }
  if (/^\d+$/.test(plain) && Number(plain) >= lowest && Number(plain) <= highest) {
    return `write ${plain} without ${value.endsWith("\r") ? "the carriage return" : "blanks"}`;
  }
  return `write an integer from ${lowest} to ${highest}${time ? ", in milliseconds" : ""}`;
}

function* integerRules(view: DirectoryView): Iterable<Finding> {
  for (const [name, wanted] of Object.entries(INTEGERS)) {
    const value = KNOWN_FILES[view.kind].includes(name) ? valueOf(view, name) : undefined;
    if (value === undefined) continue;
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    const file = `${view.path}/${name}`;
    if (!(number >= wanted.lowest && number <= wanted.highest)) {
      yield {
        severity: "error",
        rule: "bad-value",
        file,
        message: `${
          JSON.stringify(value)
        } is not an integer from ${wanted.lowest} to ${wanted.highest}`,
        fix: advice(value, wanted),
      };
    } else if (wanted.time && number > 0 && number <= FEW_MILLISECONDS) {
      yield {
        severity: "warning",
        rule: "milliseconds",
        file,
        message: `${number} is a time in milliseconds`,
        fix: `write ${number}000 if seconds are meant`,
      };
    } else if (name === ServicePath.maxDeaths && number > MAX_DEATHS) {
      yield {
        severity: "warning",
        rule: "bad-value",
        file,
        message: `${number} is more deaths than a tally holds`,
        fix: `write ${MAX_DEATHS} at most`,
      };
    }
  }
}

function* signalRules(view: DirectoryView): Iterable<Finding> {
  for (const name of [ServicePath.downSignal, ServicePath.reloadSignal]) {
    const value = KNOWN_FILES[view.kind].includes(name) ? valueOf(view, name) : undefined;
    if (value === undefined) continue;
    const signal = signalNumber(value) ?? 0;
    if (signal >= 1 && signal <= MAX_SIGNAL) continue;
    yield {
      severity: "error",
      rule: "bad-value",
      file: `${view.path}/${name}`,
      message: `${JSON.stringify(value)} is no signal`,
      fix: value === value.trim() || signalNumber(value.trim()) === undefined
        ? `write the name of a signal, such as ${name === ServicePath.downSignal ? "INT" : "HUP"}`
        : `write ${value.trim()} without ${
          value.endsWith("\r") ? "the carriage return" : "blanks"
        }`,
    };
  }
}

function* typeRules(view: DirectoryView): Iterable<Finding> {
  for (const [name, { type }] of view.files) {
    const isValue = Object.hasOwn(INTEGERS, name) || name.endsWith("-signal");
    if (isValue && type !== "file") {
      yield {
        severity: "error",
        rule: "bad-type",
        file: `${view.path}/${name}`,
        message: type === "dangling" ? "it is a link that leads nowhere" : `it is a ${type}`,
        fix: "make it a file with the value on its first line",
      };
    } else if (DIRECTORIES.includes(name as typeof DIRECTORIES[number]) && type === "file") {
      yield {
        severity: "error",
        rule: "bad-type",
        file: `${view.path}/${name}`,
        message: "it is a file, and ought to be a directory",
        fix: "make it a directory, or remove it",
      };
    }
  }
}

function* flagRules(view: DirectoryView): Iterable<Finding> {
  for (const name of FLAGS) {
    const text = KNOWN_FILES[view.kind].includes(name) ? textOf(view, name)?.trim() : undefined;
    if (view.kind === "oneshot" && name === ServicePath.down) continue;
    if (text === undefined || !/^(0|no|n|false|off|never|disabled?)$/i.test(text)) continue;
    yield {
      severity: "warning",
      rule: "flag-with-value",
      file: `${view.path}/${name}`,
      message: `its presence counts, and not that it says ${text}`,
      fix: "remove the file",
    };
  }
}

/** Finds values that supervisors ignore, or read otherwise than they are meant. */
export function* valueRules(view: DirectoryView): Iterable<Finding> {
  yield* integerRules(view);
  yield* signalRules(view);
  yield* typeRules(view);
  yield* flagRules(view);
  const notification = valueOf(view, ServicePath.notificationFd);
  const lock = valueOf(view, ServicePath.lockFd);
  if (notification !== undefined && Number(notification) === Number(lock)) {
    yield {
      severity: "error",
      rule: "same-descriptor",
      file: `${view.path}/${ServicePath.lockFd}`,
      message: `descriptor ${lock} is the one of notification-fd`,
      fix: `write another number, such as ${Number(lock) + 1}`,
    };
  }
}
