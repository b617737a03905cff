import { nearestWord } from "../../options/nearest_word.ts";
import { ScanPath } from "../../servicedir/protocol.ts";
import { encodeOs } from "../../os/os_string.ts";
import type { Finding } from "../view/finding.ts";
import type { FileView } from "../view/directory_view.ts";

/** A scan directory. */
export interface ScanView {
  /** Its path. */
  readonly path: string;
  /** The files in `.s6-svscan`, by their names. */
  readonly control: ReadonlyMap<string, FileView>;
  /** The directories in it, and links to some, with the identity of each. */
  readonly services: ReadonlyMap<string, string>;
}

/** The signals that a scan starts a program of that name for. */
const SIGNALS = ["HUP", "INT", "TERM", "QUIT", "USR1", "USR2", "PWR", "WINCH"];

/** The programs of a scan, by their names in its control directory. */
export const SCAN_PROGRAMS: readonly string[] = [
  ...[ScanPath.finish, ScanPath.crash].map((path) => path.slice(path.lastIndexOf("/") + 1)),
  ...SIGNALS.map((signal) => `SIG${signal}`),
];

/** How many bytes the name of a service has at most, unless the scan is told otherwise. */
const NAME_MAX = 251;

/** Finds what is wrong with a scan directory, besides its services. */
export function* scanRules({ path, control, services }: ScanView): Iterable<Finding> {
  for (const [name, { whyNotRun }] of control) {
    const file = `${path}/${ScanPath.directory}/${name}`;
    if (SCAN_PROGRAMS.includes(name)) {
      if (whyNotRun === undefined) continue;
      yield {
        severity: "error",
        rule: "not-runnable",
        file,
        message: `it can't be started: ${whyNotRun.split("; ", 1)[0]}`,
        fix: whyNotRun.split("; ").slice(1).join("; ") || "put a program there, or remove it",
      };
      continue;
    }
    const near = nearestWord(name, SCAN_PROGRAMS);
    if (near === undefined || control.has(near)) continue;
    yield {
      severity: "error",
      rule: "misspelt-file",
      file,
      message: "no scan starts a program of this name",
      fix: `did you mean ${near}?`,
    };
  }
  const names = new Map<string, string>();
  for (const [name, identity] of services) {
    const length = encodeOs(name).length;
    if (length > NAME_MAX) {
      yield {
        severity: "error",
        rule: "long-name",
        file: `${path}/${name}`,
        message: `a scan skips names of more than ${NAME_MAX} bytes, and this has ${length}`,
        fix: "rename it",
      };
    }
    const other = names.get(identity);
    if (other !== undefined) {
      yield {
        severity: "error",
        rule: "same-directory",
        file: `${path}/${name}`,
        message: `it is the same directory as ${other}, and only one supervisor can have it`,
        fix: "remove one of the two, or copy the directory",
      };
    } else names.set(identity, name);
  }
}
