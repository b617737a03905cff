import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, tryOpen } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import { exists } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";

const MAX_UNSIGNED = 0xffffffff;

/** The files of a directory that defines one service. What is wrong with them is reported. */
export class SourceDirectory {
  /** Its path. */
  readonly path: string;
  readonly #report: (message: string) => void;

  /**
   * @param path Its path.
   * @param report Gets what is wrong.
   */
  constructor(path: string, report: (message: string) => void) {
    this.path = path;
    this.#report = report;
  }

  /** The text of a file, or undefined where there is none. */
  text(file: string): string | undefined {
    try {
      return decodeOs(readFile(CWD, `${this.path}/${file}`));
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) this.#report((error as Error).message);
      return undefined;
    }
  }

  /** Whether something of that name is there. */
  has(file: string): boolean {
    try {
      return exists(CWD, `${this.path}/${file}`);
    } catch (error) {
      this.#report((error as Error).message);
      return false;
    }
  }

  /** Whether a regular file of that name is there. */
  hasFile(file: string): boolean {
    try {
      return this.has(file) && stat(CWD, `${this.path}/${file}`).type === "file";
    } catch (error) {
      this.#report((error as Error).message);
      return false;
    }
  }

  /** An unsigned integer, or undefined where there is no such file. */
  unsigned(file: string): number | undefined {
    const value = this.text(file)?.replace(/\n+$/, "");
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value) && Number(value) <= MAX_UNSIGNED) return Number(value);
    this.#report(
      `${this.path}/${file} must be an unsigned integer, not ${JSON.stringify(value)}`,
    );
    return undefined;
  }

  /** The names in a file, one a line; undefined where there is none. */
  lines(file: string): string[] | undefined {
    const names = this.text(file)?.split("\n")
      .map((line) => line.replace(/^[ \t]+/, ""))
      .filter((line) => line !== "" && !line.startsWith("#"));
    return names && [...new Set(names)];
  }

  /** The name in a file that has one; undefined where there is no such file. */
  oneName(file: string): string | undefined {
    const names = this.lines(file);
    if (names === undefined || names.length === 1) return names?.[0];
    this.#report(`${this.path}/${file} must contain one name, not ${names.length}`);
    return undefined;
  }

  /** The names of the files in a subdirectory; undefined where there is none. */
  entries(directory: string): string[] | undefined {
    const path = `${this.path}/${directory}`;
    const fd = tryOpen(CWD, path, Open.READ | Open.DIRECTORY);
    if (fd === -Errno.ENOENT) return undefined;
    try {
      using opened = new Descriptor(fd < 0 ? open(CWD, path, Open.READ | Open.DIRECTORY) : fd);
      return readNames(opened.fd, path).filter((name) => !name.startsWith(".")).sort();
    } catch (error) {
      this.#report((error as Error).message);
      return undefined;
    }
  }

  /** The names in `dependencies.d`, or else in `dependencies`; and so for `contents`. */
  nameList(list: "dependencies" | "contents"): string[] | undefined {
    return this.entries(`${list}.d`) ?? this.lines(list);
  }
}
