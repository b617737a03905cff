/**
 * The options of notifyoncheck, from a command line or from `data/sv/notifyoncheck`, as settings.
 *
 * @module
 */

import {
  type GivenOption,
  MILLISECONDS,
  type ParsedOptions,
  parseOptions,
} from "../../options/parse_options.ts";
import { splitWords } from "../../options/split_words.ts";
import { UsageError } from "../../options/usage_error.ts";
import { parseEndpoint } from "../checks/endpoint.ts";
import { parseExpected } from "../checks/expected_status.ts";
import type { PollOptions } from "./poll_until_ready.ts";

/** The options of polling, in the form that `parseOptions` takes. */
export const POLL_OPTIONS = {
  short: "s:T:t:w:n:c:",
  long: {
    "initial-sleep": "s",
    "global-timeout": "T",
    "local-timeout": "t",
    "waiting-time": "w",
    "tries": "n",
    "check-program": "c",
    "backoff": "backoff:",
    "tcp": "tcp:",
    "http": "http:",
    "expect": "expect:",
    "any-owner": "any-owner",
    "unix": "unix:",
    "file": "file:",
    "pid-file": "pid-file:",
  },
} as const;

/**
 * All options of `sv notifyoncheck`. `data/sv/notifyoncheck` may have those that are only about the command,
 * -d and -3, too: they change nothing there.
 */
export const NOTIFYONCHECK_OPTIONS = {
  short: `d3:${POLL_OPTIONS.short}`,
  long: { ...POLL_OPTIONS.long, "doublefork": "d", "notification-fd": "3" },
} as const;

/** A check that needs no process. */
export interface CheckSetting {
  /** The kind of check. */
  readonly kind: "tcp" | "http" | "unix" | "file" | "pid-file";
  /** The endpoint, URL or path that it checks. */
  readonly what: string;
}

/** How to poll. */
export interface PollSettings {
  /** How often and how long. */
  readonly polling: PollOptions;
  /** The checks that must succeed. */
  readonly checks: readonly CheckSetting[];
  /** The status codes that are expected of a web server; undefined: the default. */
  readonly expect: string | undefined;
  /** Whether a check by a connection also counts when another program answers it. */
  readonly anyOwner: boolean;
  /** The command line that must succeed as well; undefined: none. */
  readonly commandLine: string | undefined;
}

/** The default time limit for a check by a connection, which might never be answered. */
const PATIENCE = 5000;

function checkSetting({ name, value, spelling }: GivenOption): CheckSetting | undefined {
  switch (name) {
    case "tcp":
      if (parseEndpoint(value) === undefined) {
        throw new UsageError(
          `option ${spelling} takes a port, host:port or [address]:port, not '${value}'`,
        );
      }
      break;
    case "http":
      if (!/^https?:$/.test(URL.parse(value)?.protocol ?? "")) {
        throw new UsageError(
          `option ${spelling} takes a URL like http://127.0.0.1/health, not '${value}'`,
        );
      }
      break;
    case "unix":
    case "file":
    case "pid-file":
      if (value === "") {
        throw new UsageError(`option ${spelling} takes a path, not an empty string`);
      }
      break;
    default:
      return undefined;
  }
  return { kind: name, what: value };
}

function backoffFactor(value: string): number {
  const factor = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(factor >= 1 && factor < Infinity)) {
    throw new UsageError(`option --backoff takes a factor of at least 1, not '${value}'`);
  }
  return factor;
}

/** Reads the options of polling, and ignores others. */
export function pollSettings(options: ParsedOptions): PollSettings {
  const number = (name: keyof typeof POLL_OPTIONS.long, otherwise: number) =>
    options.number(
      POLL_OPTIONS.long[name],
      name === "tries" ? "a number of checks" : MILLISECONDS,
    ) ?? otherwise;
  const checks = options.options.map(checkSetting).filter((check) => check !== undefined);
  const expect = options.value("expect");
  if (expect !== undefined && parseExpected(expect) === undefined) {
    throw new UsageError(
      `option --expect takes status codes like 200-399 or 200,204, not '${expect}'`,
    );
  }
  if (expect !== undefined && !checks.some(({ kind }) => kind === "http")) {
    throw new UsageError("option --expect is about --http, which is not given");
  }
  const talks = checks.some(({ kind }) => kind === "tcp" || kind === "http" || kind === "unix");
  const anyOwner = options.has("any-owner");
  if (anyOwner && !talks) {
    throw new UsageError(
      "option --any-owner is about --tcp, --http and --unix, none of which is given",
    );
  }
  const backoff = options.value("backoff");
  return {
    polling: {
      initialSleep: number("initial-sleep", 10),
      waitingTime: number("waiting-time", 1000),
      tries: number("tries", 7),
      globalTimeout: number("global-timeout", 0),
      localTimeout: number("local-timeout", talks ? PATIENCE : 0),
      ...backoff !== undefined && { backoff: backoffFactor(backoff) },
    },
    checks,
    expect,
    anyOwner,
    commandLine: options.value("c"),
  };
}

/**
 * Reads the text of a file with options of polling: those of `sv notifyoncheck`, with quotes and
 * comments.
 *
 * @throws {UsageError} when it has anything else.
 */
export function parsePollFile(text: string): PollSettings {
  const { short, long } = NOTIFYONCHECK_OPTIONS;
  const options = parseOptions(splitWords(text), short, long);
  const [operand] = options.rest;
  if (operand !== undefined) {
    throw new UsageError(`it may contain options only, and ${operand} is none`);
  }
  return pollSettings(options);
}
