import { nearestWord } from "../../options/nearest_word.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import type { Finding } from "../view/finding.ts";
import { KNOWN_FILES, KNOWN_OPTIONS } from "../view/known_files.ts";
import { type DirectoryKind, type DirectoryView, isDefinition } from "../view/directory_view.ts";

/** Files for people, and what editors and packages leave behind. */
const FOR_PEOPLE = /^(README|LICEN[SC]E|COPYING|CHANGELOG|NOTES?|TODO|Makefile)\b|\.(md|txt|rst)$/i;

/** Files that other supervisors read, and what stands in for them. */
const OTHERS: Readonly<Record<string, { readonly message: string; readonly fix: string }>> = {
  check: {
    message: "only runit runs a program of this name",
    fix: "move it to data/check, and begin the last command of run with sv notifyoncheck",
  },
  control: {
    message: "only runit runs the programs in a directory of this name",
    fix: "write the signal into down-signal or reload-signal, or let run handle the signal",
  },
  nosetsid: {
    message: "s6 has not read a file of this name for years, nor does sv",
    fix: "remove it: each service is in a session of its own",
  },
  timeout: {
    message: "nothing reads a file of this name",
    fix: "write milliseconds into timeout-kill or timeout-finish",
  },
};

/** What belongs in another kind of directory, and what to do then. */
function misplaced(view: DirectoryView, name: string): string | undefined {
  const { kind } = view;
  if (kind === "longrun" && name === ServicePath.logger) {
    return "make the logger a longrun of its own, and join them with producer-for and consumer-for";
  }
  if (kind === "longrun" && name === ServicePath.down) {
    return "remove it: sv rc alone decides what is up";
  }
  const kinds = (Object.keys(KNOWN_FILES) as DirectoryKind[])
    .filter((other) => other !== kind && KNOWN_FILES[other].includes(name));
  const home = isDefinition(view)
    ? kinds.filter((other) => other !== "service" && other !== "logger")
    : kinds;
  if (home.length === 0) return undefined;
  const where = home.includes("service")
    ? "a service"
    : home.includes("oneshot") && home.includes("longrun")
    ? "longruns and oneshots"
    : `a ${home[0]}`;
  if (isDefinition(view)) return `remove it, or change type: ${where} has it`;
  return home.includes("service")
    ? `remove it: ${where} has it, not its logger`
    : "remove it, or write longrun into a file 'type' and put the directory where sv rc init finds it";
}

function isMentioned(view: DirectoryView, name: string): boolean {
  const word = new RegExp(`(?<![\\w-])${RegExp.escape(name)}(?![\\w-])`);
  return [...view.files].some(([file, { text }]) =>
    file !== name && text !== undefined && word.test(text)
  );
}

function describe(view: DirectoryView, name: string): Omit<Finding, "file"> | undefined {
  const known = KNOWN_FILES[view.kind];
  if (known.includes(name) || name.startsWith(".") || FOR_PEOPLE.test(name)) return undefined;
  if (isMentioned(view, name)) return undefined;
  const other = OTHERS[name];
  if (other !== undefined) return { severity: "warning", rule: "other-supervisor", ...other };
  const fix = misplaced(view, name);
  if (fix !== undefined) {
    return {
      severity: "warning",
      rule: "misplaced-file",
      message: `it has no effect in a ${view.kind}`,
      fix,
    };
  }
  const near = nearestWord(name, known);
  if (near !== undefined && !view.files.has(near)) {
    return {
      severity: "error",
      rule: "misspelt-file",
      message: "nothing reads a file of this name",
      fix: `did you mean ${near}?`,
    };
  }
  return {
    severity: "warning",
    rule: "unknown-file",
    message: "neither sv nor s6 reads a file of this name, and no script here names it",
    fix: "remove it, or move it into data, which is the service's own",
  };
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Finds files that nothing reads: misspelt ones, and those of other kinds and supervisors. */
export function* nameRules(view: DirectoryView): Iterable<Finding> {
  for (const path of view.files.keys()) {
    if (path.startsWith("data/sv/")) {
      const name = path.slice("data/sv/".length);
      if (KNOWN_OPTIONS.includes(name)) continue;
      if (path === ServicePath.overrides && isTemplateName(basename(view.path))) continue;
      const near = nearestWord(name, KNOWN_OPTIONS);
      yield {
        severity: "warning",
        rule: near === undefined ? "unknown-file" : "misspelt-file",
        file: `${view.path}/${path}`,
        message: "sv reads no file of this name in data/sv",
        fix: near === undefined
          ? `the files there are ${KNOWN_OPTIONS.join(" and ")}`
          : `did you mean ${near}?`,
      };
    } else if (!path.includes("/")) {
      const finding = describe(view, path);
      if (finding !== undefined) yield { ...finding, file: `${view.path}/${path}` };
    }
  }
}
