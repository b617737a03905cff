import { NOTIFYONCHECK_OPTIONS } from "../../readiness/polling/poll_settings.ts";

/** A program that starts another one in its place, with its own arguments. */
export interface Loader {
  /** Its name, without a path. */
  readonly name: string;
  /** Its own arguments. */
  readonly args: readonly string[];
}

/** A command, taken apart. */
export interface Unchained {
  /** The programs that become one another, but for the last. */
  readonly loaders: readonly Loader[];
  /** The name of the program that runs in the end, without a path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/** How the arguments of a loader end, and the next program begins. */
interface Syntax {
  /** The letters of its options that take an argument. */
  readonly valued?: string;
  /** Its long options that take an argument as the next word. */
  readonly long?: readonly string[];
  /** How many arguments follow the options. */
  readonly operands?: number;
}

/** Returns the syntax of options that are given in the form of `parseOptions`. */
function syntaxOf(
  { short, long }: { short: string; long: Readonly<Record<string, string>> },
): Syntax {
  const isValued = (name: string) => name.endsWith(":") || short.includes(`${name}:`);
  return {
    valued: [...short].filter((letter) => letter !== ":" && isValued(letter)).join(""),
    long: Object.keys(long).filter((name) => isValued(long[name]!)),
  };
}

const notifyoncheck = syntaxOf(NOTIFYONCHECK_OPTIONS);
const fromSocket = { valued: "3t", long: ["notification-fd", "timeout", "socket"] };

const envuidgid = { valued: "D", operands: 1 };
const applyuidgid = { valued: "ugG" };
const envdir = { valued: "c", operands: 1 };
const softlimit = { valued: "acdflmoPprst" };
const setsid = { valued: "d", long: ["ctty"] };

/** The loaders of services' scripts; what is none of these is taken for the daemon. */
const LOADERS: Readonly<Record<string, Syntax>> = {
  "exec": {},
  "env": { valued: "uSC", long: ["unset", "chdir"] },
  "nice": { valued: "n", long: ["adjustment"] },
  "ionice": { valued: "cn", long: ["class", "classdata"] },
  "nohup": {},
  "setsid": {},
  "stdbuf": { valued: "ioe", long: ["input", "output", "error"] },
  "chpst": { valued: "uUbe/nlLmdopfcrt" },
  "setpriv": {
    long: ["reuid", "regid", "groups", "inh-caps", "ambient-caps", "bounding-set", "securebits"],
  },
  "s6-setuidgid": { operands: 1 },
  "setuidgid": { operands: 1 },
  "su-exec": { operands: 1 },
  "gosu": { operands: 1 },
  "envuidgid": { operands: 1 },
  "sv setuidgid": { operands: 1 },
  "sv s6-setuidgid": { operands: 1 },
  "s6-envuidgid": envuidgid,
  "sv envuidgid": envuidgid,
  "sv s6-envuidgid": envuidgid,
  "s6-applyuidgid": applyuidgid,
  "sv applyuidgid": applyuidgid,
  "sv s6-applyuidgid": applyuidgid,
  "envdir": { operands: 1 },
  "s6-envdir": envdir,
  "sv envdir": envdir,
  "sv s6-envdir": envdir,
  "s6-softlimit": softlimit,
  "sv softlimit": softlimit,
  "sv s6-softlimit": softlimit,
  "softlimit": { valued: "adflmoprsct" },
  "s6-setsid": setsid,
  "sv setsid": setsid,
  "sv s6-setsid": setsid,
  "with-contenv": {},
  "s6-fdclose": { operands: 1 },
  "fdclose": { operands: 1 },
  "fdmove": { operands: 2 },
  "fdswap": { operands: 2 },
  "cd": { operands: 1 },
  "s6-cd": { operands: 1 },
  "s6-chdir": { operands: 1 },
  "umask": { operands: 1 },
  "s6-umask": { operands: 1 },
  "s6-notifyoncheck": notifyoncheck,
  "sv notifyoncheck": notifyoncheck,
  "s6-notify-fd-from-socket": { valued: "3t" },
  "sv notify-fd-from-socket": fromSocket,
  "sv s6-notifyoncheck": notifyoncheck,
  "sv notifyonline": { valued: "3t", long: ["notification-fd", "timeout"], operands: 1 },
  "sv notifywhenup": { valued: "det" },
  "s6-notifywhenup": { valued: "det" },
  "sv background-watch": {
    valued: "td",
    long: ["timeout-ready", "notification-fd"],
    operands: 1,
  },
  "s6-background-watch": { valued: "td", operands: 1 },
};

const basename = (word: string) => word.slice(word.lastIndexOf("/") + 1);

/** Returns how many words from `at` on are options of a loader and their arguments. */
function optionsLength(words: readonly string[], at: number, syntax: Syntax): number {
  const start = at;
  while (at < words.length && words[at]!.startsWith("-") && words[at] !== "-") {
    const word = words[at++]!;
    if (word === "--") break;
    if (word.startsWith("--")) {
      if (syntax.long?.includes(word.slice(2))) at++;
      continue;
    }
    const letters = [...word.slice(1)];
    const valued = letters.findIndex((letter) => syntax.valued?.includes(letter));
    // The argument of the last letter is the next word.
    if (valued === letters.length - 1 && valued >= 0) at++;
  }
  return at - start;
}

/** Takes a command apart; undefined where it has no program, or begins with what only a shell knows. */
export function unchain(words: readonly string[]): Unchained | undefined {
  const loaders: Loader[] = [];
  for (let at = 0; at < words.length;) {
    const name = basename(words[at]!);
    const two = `${name} ${words[at + 1] ?? ""}`;
    const [known, length] = name === "sv" && two in LOADERS ? [two, 2] : [name, 1];
    if (!Object.hasOwn(LOADERS, known)) {
      if (!/^[\w./+@-]+$/.test(words[at]!)) return undefined;
      return { loaders, program: name, args: words.slice(at + 1) };
    }
    const syntax = LOADERS[known]!;
    const start = at + length;
    at = start + optionsLength(words, start, syntax) + (syntax.operands ?? 0);
    if (words[at] === "--") at++;
    if (known === "env") { while (/^\w+=/.test(words[at] ?? "")) at++; }
    loaders.push({ name: known, args: words.slice(start, at) });
  }
  return undefined;
}
