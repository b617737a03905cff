import { directoriesByName, findLog } from "../../log/reading/find_log.ts";
import { logDirectoryAt, logFileAt, type LogPlace } from "../../log/reading/open_log.ts";
import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { ExitCode, Failure } from "../command.ts";
import { namedService, scanDirectory, servicesOf } from "../status/service_names.ts";

/** A log that was asked for. */
export interface NamedLog {
  /** What its lines are said to be of. */
  readonly name: string;
  /** Where it is; undefined where that can't be found. */
  readonly place: LogPlace | undefined;
  /** The service directory; undefined for a log that was named by its path. */
  readonly dir: string | undefined;
}

/** Whether a word is a pattern for names of services. */
export function isPattern(word: string): boolean {
  return /[*?[]/.test(word) && !word.includes("/");
}

/** Returns a pattern of the shell as a regular expression. */
export function patternOf(word: string): RegExp {
  const source = word.replaceAll(
    /\[(!|\^)?(\]?[^\]]*)\]|[\\^$.|+(){}*?[\]]/g,
    (found, not: string | undefined, set: string | undefined) => {
      if (set !== undefined) return `[${not ? "^" : ""}${set.replaceAll(/[\\\]]/g, "\\$&")}]`;
      return found === "*" ? "[^]*" : found === "?" ? "[^]" : `\\${found}`;
    },
  );
  return new RegExp(`^${source}$`, "u");
}

/** Returns a log directory, or a file, that was named by its path; undefined where it is neither. */
function logByPath(path: string): LogPlace | undefined {
  const type = tryStat(CWD, path)?.type;
  if (type === "file") return logFileAt(path);
  if (type !== "directory" || accessErrno(CWD, `${path}/${ServicePath.run}`, Access.EXISTS) === 0) {
    return undefined;
  }
  return logDirectoryAt(path);
}

/** Finds the logs of services, and reads what all of them need only once. */
export class LogFinder {
  readonly #scandir = scanDirectory();
  readonly #directories = new Map<number, ReadonlyMap<string, string>>();

  readonly #writtenBy = (logProcess: number) => {
    const known = this.#directories.get(logProcess) ?? directoriesByName(logProcess);
    this.#directories.set(logProcess, known);
    return known;
  };

  /** Returns the log of a service. */
  ofService(name: string, dir: string): NamedLog {
    return { name, dir, place: findLog(dir, this.#writtenBy) };
  }

  /** Returns the logs of the services in the scan directory. */
  ofScan(isWanted: (name: string) => boolean = () => true): NamedLog[] {
    const logger = `/${ServicePath.logger}`;
    return servicesOf(this.#scandir)
      .filter(({ name }) => !name.endsWith(logger) && isWanted(name))
      .map(({ name, dir }) => this.ofService(name, dir));
  }

  /**
   * Returns the logs that a word means: a pattern those of services, a path that of a log directory, a file
   * or a service, any other word that of a service.
   *
   * @throws {Failure} where there is no such thing.
   */
  named(word: string): NamedLog[] {
    if (isPattern(word)) {
      const pattern = patternOf(word);
      return this.ofScan((name) => pattern.test(name));
    }
    const { dir, name } = namedService(word);
    const place = /^[./]|\/$/.test(word) ? logByPath(dir) : undefined;
    if (place !== undefined) return [{ name, dir: undefined, place }];
    if (accessErrno(CWD, `${dir}/.`, Access.EXISTS) !== 0) {
      throw new Failure(`there is no service, log directory or file ${dir}`, ExitCode.failed);
    }
    return [this.ofService(name, dir)];
  }
}

/** Returns the logs that words mean, each once; without words, those of all services. */
export function namedLogs(words: readonly string[]): NamedLog[] {
  const finder = new LogFinder();
  const logs = words.length === 0 ? finder.ofScan() : words.flatMap((word) => finder.named(word));
  return [...new Map(logs.map((log) => [`${log.name}/${log.dir}`, log])).values()];
}
