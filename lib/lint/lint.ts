import { Errno, SystemError } from "../os/system_error.ts";
import { splitInstance } from "../servicedir/instance_name.ts";
import { ScanPath, ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import type { Finding } from "./view/finding.ts";
import {
  namesIn,
  readDirectoryView,
  readScanView,
  readText,
  thisMachine,
  typeOf,
} from "./read_view.ts";
import { backgroundRules } from "./rules/background.ts";
import { definitionRules } from "./rules/definitions.ts";
import { loggingRules } from "./rules/logging.ts";
import { nameRules } from "./rules/names.ts";
import { programRules } from "./rules/programs.ts";
import { readinessRules } from "./rules/readiness.ts";
import { scanRules } from "./rules/scans.ts";
import { svOptionRules } from "./rules/sv_options.ts";
import { valueRules } from "./rules/values.ts";
import {
  type DirectoryKind,
  type DirectoryView,
  type Machine,
  type Rule,
  UNKNOWN_MACHINE,
} from "./view/directory_view.ts";

const RULES: readonly Rule[] = [
  programRules,
  nameRules,
  valueRules,
  svOptionRules,
  readinessRules,
  backgroundRules,
  loggingRules,
  definitionRules,
];

/** What was looked at, and what was found. */
export interface LintReport {
  /** What was found, in the order of the files. */
  readonly findings: readonly Finding[];
  /** How many services and definitions were looked at. */
  readonly directories: number;
}

/** How to look at directories. */
export interface LintOptions {
  /** Whether the services are for another machine: programs and directories are not looked for. */
  readonly elsewhere?: boolean;
}

/** Finds everything that is wrong with a directory that was read. */
export function findingsIn(view: DirectoryView, machine: Machine): Finding[] {
  return RULES.flatMap((rule) => [...rule(view, machine)]);
}

/** Files of which one makes a directory a service's. */
const OF_SERVICE = [ServicePath.run, ServicePath.finish, ServicePath.notificationFd];

const NO_TYPE = {
  severity: "error",
  rule: "no-type",
  message: "there is no file type",
  fix: "write longrun, oneshot or bundle into one, or move the directory away",
} as const;

const NO_SERVICE = {
  severity: "error",
  rule: "no-service",
  message: "it is no service directory, with a program run in it, and contains none",
  fix: "sv new makes a service directory",
} as const;

const BAD_TYPE = {
  severity: "error",
  rule: "bad-value",
  fix: "write longrun, oneshot or bundle",
} as const;

class Linter {
  readonly findings: Finding[] = [];
  directories = 0;
  readonly #machine: Machine;
  readonly #here: boolean;

  constructor({ elsewhere = false }: LintOptions) {
    this.#here = !elsewhere;
    this.#machine = elsewhere ? UNKNOWN_MACHINE : thisMachine();
  }

  /** Looks at a directory of any kind. */
  look(path: string): void {
    const type = typeOf(path);
    if (type === undefined) throw new SystemError(`look at ${path}`, Errno.ENOENT);
    if (type !== "directory") throw new SystemError(`look at ${path}`, Errno.ENOTDIR);
    if (typeOf(`${path}/type`) === "file") return this.definition(path);
    if (this.#isService(path)) return this.#service(path);
    const folders = this.#folders(path);
    if (folders.some((folder) => this.#isDefinition(folder))) {
      for (const folder of folders) {
        if (typeOf(`${folder}/type`) === "file") this.definition(folder);
        else if (this.#here) this.findings.push({ ...NO_TYPE, file: folder });
      }
    } else if (
      typeOf(`${path}/${ScanPath.directory}`) === "directory" ||
      folders.some((folder) => this.#isService(folder))
    ) this.#scan(path, folders);
    else if (typeOf(`${path}/${ServicePath.run}`) !== undefined) this.#service(path);
    else this.findings.push({ ...NO_SERVICE, file: path });
  }

  /** Looks at a definition. */
  definition(path: string): void {
    const type = readText(`${path}/type`)?.replace(/\n$/, "");
    if (type === "longrun" || type === "oneshot" || type === "bundle") this.#add(path, type);
    else {
      const message = `${JSON.stringify(type ?? "")} is no type of a service`;
      this.findings.push({ ...BAD_TYPE, file: `${path}/type`, message });
    }
  }

  #add(path: string, kind: DirectoryKind): void {
    this.directories++;
    this.findings.push(...findingsIn(readDirectoryView(path, kind, this.#here), this.#machine));
  }

  #service(path: string): void {
    this.#add(path, "service");
    const logger = `${path}/${ServicePath.logger}`;
    if (typeOf(logger) === "directory") this.#add(logger, "logger");
  }

  #scan(path: string, folders: readonly string[]): void {
    this.findings.push(...scanRules(readScanView(path, this.#here)));
    for (const folder of folders) if (!isInstance(folder, folders)) this.#service(folder);
  }

  #folders(path: string): string[] {
    return namesIn(path).filter((name) => !name.startsWith("."))
      .map((name) => `${path}/${name}`).filter((folder) => typeOf(folder) === "directory");
  }

  #isDefinition(path: string): boolean {
    return ["type", "contents.d", "dependencies.d"].some((name) =>
      typeOf(`${path}/${name}`) !== undefined
    );
  }

  #isService(path: string): boolean {
    const found = OF_SERVICE.some((name) => {
      const type = typeOf(`${path}/${name}`);
      return type !== undefined && type !== "directory";
    });
    return found || typeOf(`${path}/${SupervisePath.directory}`) === "directory";
  }
}

/** Whether a service is an instance of a template beside it, where all its files are looked at. */
function isInstance(path: string, folders: readonly string[]): boolean {
  const slash = path.lastIndexOf("/") + 1;
  const parts = splitInstance(path.slice(slash));
  return parts !== undefined && folders.includes(path.slice(0, slash) + parts.template);
}

/**
 * Finds what is wrong with service directories, scan directories, and definitions for `sv rc`.
 *
 * @param paths The directories.
 * @throws {SystemError} when one can't be read.
 */
export function lint(paths: readonly string[], options: LintOptions = {}): LintReport {
  const linter = new Linter(options);
  for (const path of paths) linter.look(path.replace(/(?<=.)\/+$/, ""));
  return linter;
}

/** Finds what is wrong with definitions beyond what `sv rc check` finds by itself. */
export function lintDefinitions(paths: readonly string[]): readonly Finding[] {
  const linter = new Linter({});
  for (const path of paths) linter.definition(path);
  return linter.findings.filter(({ rule, file }) => !CHECKED.test(`${rule} ${file}`));
}

/** What `sv rc check` finds by itself. */
const CHECKED =
  /^(no-run|no-type|same-descriptor) |^(bad-value|bad-type) .*\/(type|notification-fd|lock-fd|timeout-[a-z]+|max-death-tally)$/;
