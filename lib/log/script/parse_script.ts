import { unsigned } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import { DEFAULT_SETTINGS, FILE_SIZE, type LogDirectorySettings } from "../directory/settings.ts";
import type { Action, Clause, Destination, LoggingScript, Selection } from "./script.ts";

const DEFAULT_ALERT = 200;
const DEFAULT_STATUS = 1001;
/** A size of more bytes than any file system holds. */
const MOST_BYTES = 2 ** 64 - 1;

type Settings = { -readonly [Name in keyof LogDirectorySettings]: LogDirectorySettings[Name] };

/** Reads one directive after the other. */
class ScriptReader {
  readonly #settings: Settings = { ...DEFAULT_SETTINGS };
  readonly #clauses: Clause[] = [];
  #selections: Selection[] = [];
  #actions: Action[] = [];
  #alert = DEFAULT_ALERT;
  #status = DEFAULT_STATUS;
  #prefix = "";
  #tai64n = false;
  #iso = false;
  /** Directives since the last action. */
  #since: string[] = [];

  read(directive: string): void {
    const argument = directive.slice(1);
    switch (directive[0]) {
      case "+":
        return this.#select(directive, { type: "select", regex: argument });
      case "-":
        return this.#select(directive, { type: "deselect", regex: argument });
      case "f":
        return this.#select(alone(directive), { type: "rest" });
      case "1":
        return this.#act(alone(directive), { type: "stdout" });
      case "2":
        return this.#act(alone(directive), { type: "alert", limit: this.#alert });
      case "=":
        if (argument === "") throw new UsageError("directive '=': it needs the path of a file");
        return this.#act(directive, { type: "status", file: argument, size: this.#status });
      case ".":
      case "/":
        return this.#act(directive, {
          type: "directory",
          path: directive,
          settings: { ...this.#settings },
        });
    }
    this.#control(directive, argument);
    this.#since.push(directive);
  }

  #control(directive: string, argument: string): void {
    const settings = this.#settings;
    const number = (what: string, most?: number) =>
      unsigned(argument, `directive '${directive}' takes ${what}`, most ? { most } : {});
    switch (directive[0]) {
      case "n":
        settings.archives = number("a number of archives");
        return;
      case "s": {
        const size = number("a number of bytes");
        settings.fileSize = Math.min(Math.max(size, FILE_SIZE.least), FILE_SIZE.most);
        return;
      }
      case "S":
        settings.totalSize = number("a number of bytes", MOST_BYTES);
        return;
      case "l":
        settings.tolerance = number("a number of bytes");
        if (settings.tolerance > Math.floor(settings.fileSize / 2)) {
          throw new UsageError(
            `directive '${directive}': the tolerance is more than half of the file's size, ` +
              `${settings.fileSize}; lower it, or put a larger s before it`,
          );
        }
        return;
      case "r":
        settings.cooldown = number("a number of milliseconds");
        return;
      case "R":
        settings.period = number("a number of seconds");
        return;
      case "E":
        this.#alert = number("a number of bytes");
        return;
      case "^":
        this.#status = number("a number of bytes");
        return;
      case "p":
        this.#prefix = argument;
        return;
      case "!":
      case "?":
        settings.processor = argument === ""
          ? undefined
          : { interpreter: directive[0] === "!" ? "execlineb" : "sh", script: argument };
        return;
      case "t":
        alone(directive);
        this.#tai64n = true;
        return;
      case "T":
        alone(directive);
        this.#iso = true;
        return;
      default:
        throw new UsageError(
          directive === ""
            ? "an empty string is no directive"
            : `'${directive}' is no directive; a log directory begins with / or .`,
        );
    }
  }

  #select(directive: string, selection: Selection): void {
    if (this.#actions.length > 0) this.#endClause();
    this.#selections.push(selection);
    this.#since.push(directive);
  }

  #act(_directive: string, destination: Destination): void {
    this.#actions.push({
      tai64n: this.#tai64n,
      iso: this.#iso,
      prefix: this.#prefix,
      destination,
    });
    this.#tai64n = false;
    this.#iso = false;
    this.#since = [];
  }

  #endClause(): void {
    this.#clauses.push({ selections: this.#selections, actions: this.#actions });
    this.#selections = [];
    this.#actions = [];
  }

  end(): LoggingScript {
    if (this.#actions.length > 0) this.#endClause();
    if (this.#clauses.length === 0) {
      throw new UsageError("the script has no action: no log directory, 1, 2 or =file");
    }
    return { clauses: this.#clauses, unused: this.#since };
  }
}

/** Returns a directive that takes no argument. */
function alone(directive: string): string {
  if (directive.length === 1) return directive;
  throw new UsageError(`directive '${directive}': nothing may follow its ${directive[0]}`);
}

/**
 * Reads a logging script, in the language of s6-log's.
 *
 * @param directives Its directives, each an argument of the command line.
 * @throws {UsageError} where one is wrong, or there is no action.
 */
export function parseScript(directives: readonly string[]): LoggingScript {
  const reader = new ScriptReader();
  for (const directive of directives) reader.read(directive);
  return reader.end();
}
