import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, tryOpen } from "../../os/file.ts";
import { fstat, stat } from "../../os/file_status.ts";
import { openOwn } from "../../os/open_own.ts";
import { exists } from "../../os/path.ts";
import { decodeOs, encodeOs } from "../../os/os_string.ts";
import { Errno, isErrno, reasonOf } from "../../os/system_error.ts";
import { ExeclineError, parseExecline } from "./execline.ts";
import { quoted } from "./quoted.ts";
import { parseSetting } from "./file_values.ts";
import { findTreeFaults } from "./tree_faults.ts";

/** Names that begin like this are those of s6-rc's own services. */
export const RESERVED = /^s6-?rc-/;

/** How many bytes of a file are read. */
const LONGEST_FILE = 1 << 28;

/** A directory that defines one service. Reads its files, and reports what is wrong with them. */
export class SourceDirectory {
  /** Its path. */
  readonly path: string;
  readonly #report: (message: string) => void;
  readonly #warn: (message: string) => void;

  /**
   * @param path Its path.
   * @param report Called with each thing that is wrong.
   * @param warn Called with each thing that will be ignored.
   */
  constructor(
    path: string,
    report: (message: string) => void,
    warn: (message: string) => void,
  ) {
    this.path = path;
    this.#report = report;
    this.#warn = warn;
  }

  /** Returns the text of a file, or undefined where there is no such file. */
  text(file: string): string | undefined {
    try {
      return decodeOs(readFile(CWD, `${this.path}/${file}`, LONGEST_FILE));
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) this.#report(reasonOf(error));
      return undefined;
    }
  }

  /** Tells whether there is a file of that name, of whatever type. */
  has(file: string): boolean {
    try {
      return exists(CWD, `${this.path}/${file}`);
    } catch (error) {
      this.#report(reasonOf(error));
      return false;
    }
  }

  /** Reports a program that is there but can't be copied. */
  checkProgram(file: string): void {
    const path = `${this.path}/${file}`;
    if (!this.has(file)) return;
    try {
      // Not to read it: a FIFO would be opened, too.
      using opened = new Descriptor(openOwn(CWD, path, Open.READ | Open.NONBLOCK));
      if (fstat(opened.fd).type !== "file") this.#report(`${path} must be a regular file`);
    } catch (error) {
      this.#report(reasonOf(error));
    }
  }

  /** Warns of something that is no file, and ignored therefore. */
  checkText(file: string): void {
    if (this.#type(file) === "file" || !this.has(file)) return;
    this.#warn(`${this.path}/${file} is ignored: it is no regular file`);
  }

  /** Reports what is there but is no directory, or can't be copied. */
  checkTree(directory: string): void {
    const path = `${this.path}/${directory}`;
    if (!this.has(directory)) return;
    const type = this.#type(directory);
    if (type === "directory") findTreeFaults(path, this.#report, this.#warn);
    else if (type !== undefined) this.#report(`${path} must be a directory, not a ${type}`);
  }

  #type(file: string): string | undefined {
    try {
      return stat(CWD, `${this.path}/${file}`).type;
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT)) this.#report(reasonOf(error));
      return undefined;
    }
  }

  /**
   * Returns the unsigned integer in a file, or undefined where there is no such file.
   *
   * @param file The name of the file.
   * @param parse Returns the integer in a text; undefined where it has none.
   */
  unsigned(file: string, parse = parseSetting): number | undefined {
    const text = this.text(file);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined) {
      this.#report(
        `${this.path}/${file} must be an unsigned integer, not ${
          JSON.stringify(text.replace(/\n+$/, ""))
        }`,
      );
    }
    return value;
  }

  /** Returns the text of a script, or undefined where there is none; reports errors of syntax. */
  script(file: string): string | undefined {
    const text = this.text(file);
    if (text === undefined) return undefined;
    try {
      parseExecline(encodeOs(text));
    } catch (error) {
      if (!(error instanceof ExeclineError)) throw error;
      this.#report(`${this.path}/${file}, line ${error.line}: ${error.message}`);
    }
    return text;
  }

  #checkName(name: string, place: string): void {
    if (!RESERVED.test(name)) return;
    this.#report(`${place}: names must not start with s6rc- or s6-rc-, as ${quoted(name)} does`);
  }

  /** Returns the names in a file, one on a line, or undefined where there is no such file. */
  lines(file: string): string[] | undefined {
    const lines = this.text(file)?.split("\n")
      .map((line) => line.replace(/\0.*$/s, "").replace(/^[ \t]+/, ""))
      .filter((line) => line !== "" && !line.startsWith("#"));
    if (lines === undefined) return undefined;
    const names = [...new Set(lines)];
    for (const name of names) this.#checkName(name, `${this.path}/${file}`);
    return names;
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
      const names = readNames(opened.fd, path).filter((name) => !name.startsWith(".")).sort();
      for (const name of names) this.#checkName(name, path);
      return names;
    } catch (error) {
      this.#report(reasonOf(error));
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
