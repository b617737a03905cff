import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { readNames } from "../../os/directory.ts";
import { tryStat } from "../../os/file_status.ts";
import { exists, mkdir, rename, rmdir } from "../../os/path.ts";
import { DATABASE_FORMAT, DATABASE_MARK, DATABASE_SOURCE } from "../definitions/database.ts";
import type { Definition } from "../definitions/definition.ts";
import { removeTree } from "../live/copy_tree.ts";
import { newPathBeside } from "../live/new_path.ts";
import { copyDefinitionFile, type FileKind, SERVICE_FILES } from "../live/service_files.ts";
import { writeText } from "../live/write_text.ts";

/** There is something at the path of a new database. */
export class DatabaseExistsError extends Error {
  override name = "DatabaseExistsError";
}

const COMMON: Readonly<Record<string, FileKind>> = {
  "type": "text",
  "flag-essential": "flag",
  "flag-recommended": "flag",
};

const STARTABLE: Readonly<Record<string, FileKind>> = {
  ...COMMON,
  "timeout-up": "text",
  "timeout-down": "text",
};

/** The files of a definition, by its type, without the lists of names. */
const FILES: Readonly<Record<Definition["type"], Readonly<Record<string, FileKind>>>> = {
  bundle: COMMON,
  oneshot: { ...STARTABLE, "up": "text", "down": "text", "reload": "text" },
  longrun: {
    ...STARTABLE,
    ...SERVICE_FILES,
    "producer-for": "text",
    "consumer-for": "text",
    "pipeline-name": "text",
  },
};

/** Copies a list of names: a directory with a file for each, or else a file with a line for each. */
function copyNames(list: string, from: string, to: string): void {
  const directory = `${from}/${list}.d`;
  if (exists(CWD, directory)) {
    using opened = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
    mkdir(CWD, `${to}/${list}.d`, 0o755);
    for (const name of readNames(opened.fd, directory)) {
      if (!name.startsWith(".")) writeText(`${to}/${list}.d/${name}`, "");
    }
  } else if (exists(CWD, `${from}/${list}`)) {
    copyDefinitionFile("text", `${from}/${list}`, `${to}/${list}`);
  }
}

function copyDefinition({ type, directory }: Definition, target: string): void {
  mkdir(CWD, target, 0o755);
  for (const [file, kind] of Object.entries(FILES[type])) {
    const from = `${directory}/${file}`;
    // A number is stored as it is written: `sv rc init` reads it again.
    const as = kind === "number" ? "text" : kind;
    if (exists(CWD, from)) copyDefinitionFile(as, from, `${target}/${file}`);
  }
  copyNames(type === "bundle" ? "contents" : "dependencies", directory, target);
}

/**
 * Makes a database: copies definitions into a new directory, with all that they need. It is complete
 * from the moment on at which it has its path. The source directories may then change or go.
 *
 * @param path Its path, at which there must be nothing.
 * @param definitions The definitions, without faults.
 * @throws {DatabaseExistsError} when there is something at that path.
 */
export function storeDefinitions(path: string, definitions: readonly Definition[]): void {
  const requireFree = (isFree: boolean) => {
    if (isFree) return;
    throw new DatabaseExistsError(
      `Cannot make the database ${path}: it exists; remove it, or choose another path`,
    );
  };
  requireFree(tryStat(CWD, path, false) === undefined);
  const fresh = newPathBeside(path);
  try {
    mkdir(CWD, fresh, 0o755);
    mkdir(CWD, `${fresh}/${DATABASE_SOURCE}`, 0o755);
    // Of an instance its template is stored, once: the instance is made of that again.
    const stored = new Map(definitions.map((one) => [one.instance?.template ?? one.name, one]));
    for (const [name, definition] of stored) {
      copyDefinition(definition, `${fresh}/${DATABASE_SOURCE}/${name}`);
    }
    writeText(`${fresh}/${DATABASE_MARK}`, `${DATABASE_FORMAT}\n`);
    // rename(2) replaces an empty directory: the one made here, so that nobody else's is replaced.
    requireFree(mkdir(CWD, path, 0o755));
    try {
      rename(CWD, fresh, path);
    } catch (error) {
      rmdir(CWD, path);
      throw error;
    }
  } catch (error) {
    removeTree(fresh);
    throw error;
  }
}
