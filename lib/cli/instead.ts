/**
 * How that is done with `sv` for which people type a command that it doesn't have: the words of other
 * supervisors and init systems. This table is the only place where they are.
 *
 * @module
 */

import { nearestWord } from "../options/nearest_word.ts";

/**
 * What to do instead: command lines in quotes, or a sentence. What was given after the word is put in the
 * place of `<servicedir>`, `<name>` and `<bundle>`.
 */
type Advice = string;

const OPERANDS = /<[a-z ]+>/;

const STAT = "'sv status <name>'";
const LIST =
  "use 'sv status' for all services with their states, 'sv list' for the names alone, or " +
  "'sv rc list -a' for the services of sv rc";
const LOG = "'sv logs <name>'";
const END = "'sv scanctl -t <scandir>'";
const SETUIDGID = "'sv setuidgid <account and program>'";
const LINT = "'sv lint <servicedir>', or 'sv rc check' for definitions";

/** What to do instead of `sv WORD`. */
const SERVICES: Readonly<Record<string, Advice>> = {
  "add": "'sv link <scandir and servicedir>'",
  "cat": "'sv status <name>'",
  "chpst": "'sv setuidgid', 'sv envdir', 'sv softlimit' or 'sv setsid', one before the other",
  "continue": "'sv cont <name>'",
  "configtest": LINT,
  "create": "'sv new <name>'",
  "daemon-reload": "'sv scanctl -a <scandir>'",
  "deaths": "'sv death-tally <servicedir>'",
  "disable": "'sv control -D <servicedir>'",
  "enable": "'sv control -U <servicedir>'",
  "gosu": SETUIDGID,
  "history": "'sv death-tally <servicedir>'",
  "info": STAT,
  "int": "'sv interrupt <name>'",
  "is-active": "'sv stat -u <servicedir>'",
  "is-ready": "'sv stat -r <servicedir>'",
  "is-enabled": "'sv stat -N <servicedir>'",
  "journal": LOG,
  "lock": "'sv setlock <file and program>'",
  "ls": LIST,
  "monitor": "'sv supervise <servicedir>'",
  "notify": "'sv event notify <fifodir and message>'",
  "poweroff": END,
  "ps": LIST,
  "remove": "'sv unlink <scandir and name>'",
  "rescan": "'sv scanctl -a <scandir>'",
  "resume": "'sv cont <name>'",
  "rm": "'sv unlink <scandir and name>'",
  "run": "'sv supervise <servicedir>'",
  "show": STAT,
  "signal": "'sv control -s <signal and servicedir>'",
  "state": STAT,
  "su-exec": SETUIDGID,
  "tail": "'sv logs -f <name>'",
  "terminate": "'sv term <name>'",
  "update": "'sv rc update <source>'",
  "upgrade": "'sv scanctl --upgrade <scandir>'",
  "usr1": "'sv 1 <name>'",
  "usr2": "'sv 2 <name>'",
  "validate": LINT,
  "verify": LINT,
  "version": "'sv --version'",
};

const BUNDLES =
  "a set of services is a bundle in the definitions; 'sv rc change -p <bundle>' brings up that alone";

/** What to do instead of `sv rc WORD`. */
const RC: Readonly<Record<string, Advice>> = {
  "deps": "'sv rc listall <name>', or 'sv rc graph <name>'",
  "disable": BUNDLES,
  "down": "'sv rc stop <name>'",
  "enable": BUNDLES,
  "kill": "'sv kill <livedir>/servicedirs/NAME'",
  "ls": "'sv rc list -a'",
  "log": LOG,
  "logs": LOG,
  "ps": "'sv rc list -a'",
  "show": "'sv rc graph <name>'",
  "stat": "'sv rc status <name>'",
  "state": "'sv rc status <name>'",
  "tree": "'sv rc graph <name>'",
  "up": "'sv rc start <name>'",
  "wait": "'sv rc start <name>' waits until it is ready",
};

/** All advice, by the command for which it is. */
export const allAdvice: ReadonlyMap<string, Advice> = new Map([
  ...Object.entries(SERVICES),
  ...Object.entries(RC).map(([word, advice]) => [`rc ${word}`, advice] as const),
]);

const own = (table: Readonly<Record<string, Advice>>, word: string) =>
  Object.hasOwn(table, word) ? table[word] : undefined;

/** Puts what the user has given into the place where it belongs, if that is what is needed there. */
function fillIn(advice: Advice, operands: readonly string[]): string {
  const plain = operands.filter((operand) => /^[\w@%+=:,./-]+$/.test(operand));
  const known = plain.length > 0 && plain.length === operands.length &&
    !plain.some((operand) => operand.startsWith("-"));
  return advice.replaceAll(
    new RegExp(OPERANDS, "g"),
    (what) =>
      known && /^<(servicedir|name|bundle)>$/.test(what)
        ? plain.join(" ")
        : what.slice(1, -1).replace(/^\w+$/, (word) => word.toUpperCase()),
  );
}

/** Returns the advice as the end of a sentence. */
function inWords(advice: string): string {
  return advice.startsWith("'sv") && !/^'[^']*' \w+ /.test(advice) ? `use ${advice}` : advice;
}

/**
 * Says that there is no such command, and what to use instead.
 *
 * @param words What was given: words that name no command, and what came after them.
 * @param names The names of all commands.
 */
export function noSuchCommand(words: readonly string[], names: readonly string[]): string {
  const [first = "", second] = words;
  const seconds = names.filter((name) => name.startsWith(`${first} `))
    .map((name) => name.slice(first.length + 1));
  if (seconds.length > 0) {
    return second === undefined
      ? `'sv ${first}' needs another word; use one of: ${seconds.join(", ")}`
      : noneOf(`${first} ${second}`, seconds);
  }
  if (/^s6-|^execlineb?$/.test(first)) return notInSv(first, names);
  const there = `there is no command '${first}'`;
  const advice = own(SERVICES, first.toLowerCase());
  if (advice !== undefined) return `${there}; ${inWords(fillIn(advice, words.slice(1)))}`;
  const suggestion =
    (second === undefined ? undefined : nearestWord(`${first} ${second}`, names)) ??
      nearestWord(first, names) ?? nearestWord(`rc ${first}`, names);
  return suggestion === undefined ? there : `${there}; did you mean 'sv ${suggestion}'?`;
}

/**
 * Says that there is no such verb of `sv rc`, and what to use instead.
 *
 * @param words The verb, and what came after it.
 * @param verbs All verbs.
 */
export function noSuchVerb(words: readonly string[], verbs: readonly string[]): string {
  const [verb = ""] = words;
  const advice = own(RC, verb.toLowerCase());
  if (advice === undefined) return noneOf(`rc ${verb}`, verbs);
  return `there is no command 'rc ${verb}'; ${inWords(fillIn(advice, words.slice(1)))}`;
}

/** Says that the second of two words is none of those that follow the first. */
function noneOf(words: string, seconds: readonly string[]): string {
  const [first, second = ""] = words.split(" ");
  const meant = nearestWord(second, seconds);
  return `there is no command '${words}'; ` +
    (meant === undefined
      ? `use one of: ${seconds.join(", ")}`
      : `did you mean 'sv ${first} ${meant}'?`);
}

/** What to do instead of calling a program of s6-rc that `sv` does not stand in for. */
const PROGRAMS_OF_S6_RC: readonly (readonly [form: RegExp, advice: string])[] = [
  [
    /^s6-rc-bundle(-update)?$/,
    "define the bundle by a directory with the files type and contents.d, and use 'sv rc update'",
  ],
  [/^s6-rc-(repo|set)-/, "give directories of definitions to 'sv rc init' and 'sv rc update'"],
  [/^s6-rc-dryrun$/, "use 'sv rc change -n 0'"],
  [/^s6-rc-(oneshot-run|fdholder-filler|format-upgrade)$/, "sv rc needs no such program"],
];

/** Says that `sv` does not stand in for a program of s6, or for execline. */
export function notInSv(program: string, names: readonly string[]): string {
  if (/^execlineb?$/.test(program)) {
    return "sv has none of execline's programs; install execline for them, or write the script for /bin/sh";
  }
  const advice = PROGRAMS_OF_S6_RC.find(([form]) => form.test(program))?.[1];
  const meant = nearestWord(program, names);
  return `sv has nothing that stands in for ${program}; ` +
    (advice ?? (meant === undefined ? "install s6 for it" : `did you mean ${meant}?`));
}
