/** Something in a directory that is wrong, or is not what it was meant to be. */
export interface Finding {
  /** An error keeps something from working; a warning tells of what has another effect than it seems. */
  readonly severity: "error" | "warning";
  /** Which rule found it: a word or two with dashes, which stays the same from version to version. */
  readonly rule: string;
  /** The path of the file, or of the directory where a file is missing. */
  readonly file: string;
  /** The line, from 1; absent where the finding is about the whole file. */
  readonly line?: number;
  /** What is wrong. */
  readonly message: string;
  /** What to write, or to do, instead. */
  readonly fix: string;
}

/** Returns a finding as a line of text. */
export function findingLine({ severity, rule, file, line, message, fix }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return `${place}: ${severity}: ${message}; ${fix} [${rule}]`;
}
