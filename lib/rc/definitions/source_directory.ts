import { MAX_UNSIGNED } from "../../os/limits.ts";
import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, tryOpen } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import { exists } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Errno, isErrno } from "../../os/system_error.ts";

/** A directory that defines one service. Reads its files, and reports what is wrong with them. */
export class SourceDirectory {
  /** Its path. */
  readonly path: string;
  readonly #report: (message: string) => void;

  /**
   * @param path Its path.
   * @param report Called with each thing that is wrong.
   */
  constructor(path: string, report: (message: string) => void) {
    this.path = path;
    this.#report = report;
  }

  /** Returns the text of a file, or undefined where there is no such file. */
  text(file: string): string | undefined {
    try {
      return decodeOs(readFile(CWD, `${this.path}/${file}`));
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) this.#report((error as Error).message);
      return undefined;
    }
  }

  /** Tells whether there is a file of that name, of whatever type. */
  has(file: string): boolean {
    try {
      return exists(CWD, `${this.path}/${file}`);
    } catch (error) {
      this.#report((error as Error).message);
      return false;
    }
  }

  /** Tells whether there is a regular file of that name. */
  hasFile(file: string): boolean {
    try {
      return this.has(file) && stat(CWD, `${this.path}/${file}`).type === "file";
    } catch (error) {
      this.#report((error as Error).message);
      return false;
    }
  }

  /** Returns the unsigned integer in a file, or undefined where there is no such file. */
  unsigned(file: string): number | undefined {
    const value = this.text(file)?.replace(/\n+$/, "");
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value) && Number(value) <= MAX_UNSIGNED) return Number(value);
    this.#report(
      `${this.path}/${file} must be an unsigned integer, not ${JSON.stringify(value)}`,
    );
    return undefined;
  }

  /** Returns the names in a file, one on a line, or undefined where there is no such file. */
  lines(file: string): string[] | undefined {
    const names = this.text(file)?.split("\n")
      .map((line) => line.replace(/^[ \t]+/, ""))
      .filter((line) => line !== "" && !line.startsWith("#"));
    return names && [...new Set(names)];
  }

  /** Returns the only name in a file, or undefined where there is no such file. */
  oneName(file: string): string | undefined {
    const names = this.lines(file);
    if (names === undefined || names.length === 1) return names?.[0];
    this.#report(`${this.path}/${file} must contain one name, not ${names.length}`);
    return undefined;
  }

  /** Returns the names in a subdirectory, or undefined where there is none. */
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

  /**
   * Returns the names in `dependencies.d` or, without that, in `dependencies`; so for `contents`.
   */
  nameList(list: "dependencies" | "contents"): string[] | undefined {
    return this.entries(`${list}.d`) ?? this.lines(list);
  }
}
