import { shellWord } from "../../options/quote_words.ts";

/**
 * Returns the run script of a logger: it becomes the first of the usual ones that is installed when it
 * starts, and without any it appends to a file.
 *
 * @param name The service's name.
 * @param directory Where the logger writes.
 */
export function loggerScript(name: string, directory: string): string {
  return `#!/bin/sh
# Writes what ${name} prints into a directory: the first of these loggers that is installed does.
# All but cat keep the newest lines in the file current, and a limited number of older files beside it;
# cat keeps everything in one file.
directory=${shellWord(directory)}
mkdir -p "$directory" || exit
has() {
  command -v "$1" >/dev/null
}
if has s6-log; then exec s6-log T s1000000 n20 "$directory"; fi
if has svlogd; then exec svlogd -tt "$directory"; fi
if has multilog; then exec multilog t s1000000 n20 "$directory"; fi
if sv help log >/dev/null 2>&1; then exec sv log T s1000000 n20 "$directory"; fi
exec cat >>"$directory/current"
`;
}
