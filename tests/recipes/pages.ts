import { walkSync } from "@std/fs/walk";
import { fromFileUrl, relative } from "@std/path";

const root = fromFileUrl(new URL("../../", import.meta.url));

/** A piece of code in a page. */
export interface Block {
  /** The page's path. */
  readonly page: string;
  /** Its language; empty where the page names none. */
  readonly language: string;
  /** Its text, as it stands there. */
  readonly text: string;
}

/** Languages of pictures. */
const DRAWN = ["mermaid"];

/** Returns the paths of README.md and of the pages in docs and examples. */
function pages(): string[] {
  const below = ["docs", "examples"].flatMap((folder) =>
    [...walkSync(root + folder, { exts: ["md"] })].map(({ path }) => relative(root, path))
  );
  return ["README.md", ...below.sort()];
}

/** Returns all code in README.md, docs and examples, but for pictures. */
export function blocks(): Block[] {
  return pages().flatMap((page) =>
    [...Deno.readTextFileSync(root + page).matchAll(/^```(\w*)\n(.*?)^```$/gms)]
      .map(([, language, text]) => ({ page, language: language!, text: text! }))
      .filter(({ language }) => !DRAWN.includes(language))
  );
}

/** Returns the last lines of `run` in the table at the top of docs/readiness.md. */
export function lastLines(): string[] {
  const page = Deno.readTextFileSync(`${root}docs/readiness.md`);
  return [...page.matchAll(/^\| .*?\| \[`(exec .*?)`/gm)].map(([, line]) => line!);
}

/** The page that tells of commands of other versions. */
const HISTORY = "docs/changes.md";

/** Returns the pieces of code within sentences and tables that begin with `sv`, with their pages. */
export function mentions(): { readonly page: string; readonly words: readonly string[] }[] {
  return pages().filter((page) => page !== HISTORY).flatMap((page) =>
    [
      ...Deno.readTextFileSync(root + page).replaceAll(/^```.*?^```$/gms, "")
        .matchAll(/`sv ([^`]*)`/g),
    ]
      .map(([, text]) => ({ page, words: text!.split(/\s+/) }))
  );
}
