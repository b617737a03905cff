import type { Finding } from "../view/finding.ts";
import { interpreterOf } from "../view/script.ts";
import { type DirectoryView, textOf } from "../view/directory_view.ts";

/** Words that a shell takes for its syntax, and execline for arguments. */
const SHELL_WORDS =
  /(^|\s)(&&|\|\||;|\||then|fi|do|done|esac|\[\[)(\s|$)|\$\(|(^|\s)\d*>>?\s*[\w/&$.]/m;

/** Returns a text without what execline quotes. */
function unquoted(text: string): string {
  return text.replaceAll(/"(\\[^]|[^"\\])*"/g, '""').replaceAll(/(^|\s)#.*/g, "$1");
}

/** Finds scripts of oneshots that are written for a shell, which execline reads. */
export function* definitionRules(view: DirectoryView): Iterable<Finding> {
  if (view.kind !== "oneshot") return;
  for (const name of ["up", "down", "reload"]) {
    const text = textOf(view, name);
    if (text === undefined) continue;
    const file = `${view.path}/${name}`;
    const fix = `move it to data/${name} or elsewhere, and write the command that runs it here, ` +
      'as in: /bin/sh "/etc/scripts/NAME"';
    const interpreter = interpreterOf(text);
    const found = SHELL_WORDS.exec(unquoted(text));
    if (interpreter !== undefined && !interpreter.some((word) => /execlineb$/.test(word))) {
      yield {
        severity: "error",
        rule: "shell-script",
        file,
        line: 1,
        message: `${interpreter[0]} does not read this file: execline does, as one command line`,
        fix,
      };
    } else if (found !== null) {
      yield {
        severity: "error",
        rule: "shell-script",
        file,
        line: unquoted(text).slice(0, found.index).split("\n").length,
        message:
          `a shell knows ${JSON.stringify(found[0].trim())}, and execline, which reads this ` +
          "file as one command line, does not",
        fix: `use /bin/sh -c "…", or ${fix}`,
      };
    }
  }
}
