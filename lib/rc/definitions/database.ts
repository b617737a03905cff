import { CWD, readFile } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";

/**
 * The file that makes a directory a database: it is written last, and holds the number of the format.
 * A later format gets a higher number. A program that knows only lower ones refuses it, and one that
 * knows it still reads those below.
 */
export const DATABASE_MARK = "sv-rc-database";

/** The number of the format: a directory `source`, with a directory for each service. */
export const DATABASE_FORMAT = 1;

/** The source directory in a database. */
export const DATABASE_SOURCE = "source";

/** The files that only a database compiled by s6-rc has, and all together only that. */
const COMPILED_BY_S6_RC = ["n", "db", "resolve.cdb"];

/** A path leads to a database that this program can't read. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
}

/** Where definitions are read from. */
export interface Origin {
  /** The source directory. */
  readonly directory: string;
  /** Whether it is that of a database: it was checked when that was made. */
  readonly isDatabase: boolean;
}

function hasFile(path: string): boolean {
  try {
    return tryStat(CWD, path)?.type === "file";
  } catch (error) {
    if (isErrno(error, Errno.ENOTDIR)) return false;
    throw error;
  }
}

/**
 * Finds the source directory to which a path leads: the path itself, or the directory in a database.
 *
 * @param path A source directory, or a database that `sv rc compile` has made.
 * @throws {DatabaseError} when it is a database compiled by s6-rc, or has a format that is not known.
 */
export function originOf(path: string): Origin {
  if (COMPILED_BY_S6_RC.every((file) => hasFile(`${path}/${file}`))) {
    throw new DatabaseError(
      `Cannot use ${path}: s6-rc has compiled this database, and sv does not read its format; name ` +
        `the source directories that it was compiled from, or compile them with sv rc compile`,
    );
  }
  const mark = `${path}/${DATABASE_MARK}`;
  if (!hasFile(mark)) return { directory: path, isDatabase: false };
  const format = decodeOs(readFile(CWD, mark)).trim();
  if (format !== String(DATABASE_FORMAT)) {
    throw new DatabaseError(
      `Cannot use ${path}: its format is ${JSON.stringify(format)}, and this sv reads only ` +
        `${DATABASE_FORMAT}; compile the source directories again`,
    );
  }
  return { directory: `${path}/${DATABASE_SOURCE}`, isDatabase: true };
}
