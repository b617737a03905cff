import { parsePollFile, type PollSettings } from "../../readiness/polling/poll_settings.ts";
import { parseLogOrder } from "../../log/collector/log_order.ts";
import { MAX_UNSIGNED } from "../../os/limits.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import type { Finding } from "../view/finding.ts";
import { type DirectoryView, textOf } from "../view/directory_view.ts";

/** Returns the options of polling in a text; what is wrong with them where they can't be used. */
function settingsOf(text: string): PollSettings | Error {
  try {
    return parsePollFile(text);
  } catch (error) {
    return error as Error;
  }
}

function* pollingRules(view: DirectoryView): Iterable<Finding> {
  const path = ServicePath.polling;
  const text = textOf(view, path);
  const settings = text === undefined ? undefined : settingsOf(text);
  if (settings instanceof Error) {
    yield {
      severity: "error",
      rule: "bad-options",
      file: `${view.path}/${path}`,
      message: `the service would not be polled: ${settings.message}`,
      fix: "write options as on the command line of sv notifyoncheck, without a program",
    };
  } else if (
    settings?.checks.length === 0 && settings.commandLine === undefined &&
    !view.files.has(ServicePath.check)
  ) {
    yield {
      severity: "error",
      rule: "nothing-to-check",
      file: `${view.path}/${path}`,
      message: "it names no check, so that data/check is run, which does not exist",
      fix: "add an option such as --tcp PORT, or write data/check",
    };
  }
  const former = textOf(view, ServicePath.formerPolling);
  if (text === undefined && former?.trim() && !(settingsOf(former) instanceof Error)) {
    yield {
      severity: "warning",
      rule: "former-place",
      file: `${view.path}/${ServicePath.formerPolling}`,
      message: "sv reads the options of polling from data/sv only",
      fix: `move it to ${path}`,
    };
  }
}

function* watchdogRules(view: DirectoryView): Iterable<Finding> {
  const run = textOf(view, ServicePath.run);
  const hears = run === undefined || run.includes("notify-fd-from-socket");
  const path = ServicePath.watchdog;
  const value = textOf(view, path)?.split("\n", 1)[0];
  if (value !== undefined) {
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (!(number <= MAX_UNSIGNED)) {
      yield {
        severity: "error",
        rule: "bad-value",
        file: `${view.path}/${path}`,
        message: `${JSON.stringify(value)} is not a number of milliseconds`,
        fix: "write an integer, such as 30000",
      };
    } else if (!hears) {
      yield {
        severity: "warning",
        rule: "unread-watchdog",
        file: `${view.path}/${path}`,
        message: "only sv notify-fd-from-socket reads it, and run does not use that",
        fix: "begin the last command of run with sv notify-fd-from-socket, or remove the file",
      };
    }
  }
  const former = textOf(view, ServicePath.formerWatchdog);
  if (value === undefined && former !== undefined && hears && /^\d+\n?$/.test(former)) {
    yield {
      severity: "warning",
      rule: "former-place",
      file: `${view.path}/${ServicePath.formerWatchdog}`,
      message: "sv reads the time of the watchdog from data/sv only",
      fix: `move it to ${path}`,
    };
  }
}

function* logRules(view: DirectoryView): Iterable<Finding> {
  const path = ServicePath.log;
  const text = textOf(view, path);
  if (text === undefined) return;
  const file = `${view.path}/${path}`;
  try {
    parseLogOrder(text);
  } catch (error) {
    yield {
      severity: "error",
      rule: "bad-options",
      file,
      message: `the output would not be logged as it says: ${(error as Error).message}`,
      fix: "write directives such as n20 s1000000 t, and then the directory",
    };
  }
  if (view.files.has(ServicePath.logger)) {
    yield {
      severity: "error",
      rule: "two-loggers",
      file,
      message: "it is not used: the service has a logger, log/",
      fix: "remove one of the two",
    };
  }
}

/** Finds what is wrong with the options in `data/sv`. */
export function* svOptionRules(view: DirectoryView): Iterable<Finding> {
  if (view.kind === "oneshot" || view.kind === "bundle") return;
  yield* pollingRules(view);
  yield* watchdogRules(view);
  yield* logRules(view);
}
