import { loggerScript } from "./logger_template.ts";
import { execlineWord, shellWord } from "../../options/quote_words.ts";

/** How a service shows that it is ready. */
export type Readiness =
  /** It does not. */
  | { readonly kind: "none" }
  /** It writes a newline to the notification descriptor. */
  | { readonly kind: "newline" }
  /** A program that is put before it tells it: the program's words. */
  | { readonly kind: "helper"; readonly words: readonly string[] }
  /** The supervisor asks: the options of polling, as words. */
  | { readonly kind: "polled"; readonly options: readonly string[] };

/** What a new service is to be. */
export interface NewService {
  /** Its name. */
  readonly name: string;
  /** What is started, as words. */
  readonly command: readonly string[];
  /** How it shows that it is ready. */
  readonly readiness: Readiness;
  /** The notification descriptor. */
  readonly descriptor: number;
  /** Where its logger writes; undefined: it has no logger. */
  readonly logs: string | undefined;
  /** Whether it is a definition for `sv rc`. */
  readonly definition: boolean;
  /** What it depends on; only of a definition. */
  readonly dependencies: readonly string[];
  /** Whether it is a oneshot; only of a definition. */
  readonly oneshot: boolean;
}

/** A file of a new directory. */
export interface NewFile {
  /** Its content. */
  readonly text: string;
  /** Whether it is executable. */
  readonly program?: boolean;
}

/** Directories by their names, each with its files by their paths in it. */
export type NewDirectories = Readonly<Record<string, Readonly<Record<string, NewFile>>>>;

/** Returns a line for each thing that the person who reads a run script ought to know. */
function comments({ name, readiness, descriptor, definition }: NewService): string[] {
  const about = {
    none: ["It does not say when it is ready: sv help new lists the ways in which it could."],
    newline: [`It is ready when the command writes a newline to descriptor ${descriptor}.`],
    helper: ["The program before the command tells the supervisor when the service is ready."],
    polled: ["The supervisor asks whether it is ready, as data/sv/notifyoncheck says."],
  }[readiness.kind];
  return [
    `${name}: what this script becomes is the service. It has to stay in the foreground.`,
    ...about,
    `Other files that ${
      definition ? "a definition" : "this directory"
    } may have, such as finish, ` +
    "timeout-kill and",
    `down-signal: sv help supervise${definition ? ", and docs/rc.md of sv" : ""}.`,
  ];
}

function runScript(service: NewService): string {
  const { command, readiness, logs } = service;
  const helper = readiness.kind === "helper" ? readiness.words.map(shellWord).join(" ") : "";
  const words = command.map(shellWord).join(" ");
  return [
    "#!/bin/sh",
    ...comments(service).map((line) => `# ${line}`),
    ...logs === undefined ? [] : ["# Errors go where the output goes, to the logger."],
    ...logs === undefined ? [] : ["exec 2>&1"],
    ...helper === "" ? [`exec ${words}`] : [`exec ${helper} \\`, `  ${words}`],
    "",
  ].join("\n");
}

function notifies({ readiness: { kind } }: NewService): boolean {
  return kind === "newline" || kind === "helper";
}

function longrunFiles(service: NewService): Record<string, NewFile> {
  const { name, readiness, descriptor } = service;
  return {
    run: { text: runScript(service), program: true },
    ...notifies(service) && { "notification-fd": { text: `${descriptor}\n` } },
    ...readiness.kind === "polled" && {
      "data/sv/notifyoncheck": {
        text:
          `# Options of sv notifyoncheck, with which the supervisor asks whether ${name} is ready.\n` +
          `${readiness.options.map(shellWord).join(" ")}\n`,
      },
    },
  };
}

function dependencyFiles({ dependencies }: NewService): Record<string, NewFile> {
  return Object.fromEntries(dependencies.map((name) => [`dependencies.d/${name}`, { text: "" }]));
}

function oneshotFiles(service: NewService): Record<string, NewFile> {
  const { name, command } = service;
  const text =
    `# Run to bring ${name} up. execline reads this file: it is one command line, with double
# quotes; write /bin/sh -c "..." around what is meant for a shell. A file down beside this one, of the
# same kind, is run to bring ${name} down.
${command.map(execlineWord).join(" ")}
`;
  return { type: { text: "oneshot\n" }, up: { text }, ...dependencyFiles(service) };
}

/** Returns the directories of a new service, with all their files. */
export function newService(service: NewService): NewDirectories {
  const { name, logs, definition, oneshot } = service;
  if (oneshot) return { [name]: oneshotFiles(service) };
  const logger = logs === undefined ? undefined : { text: loggerScript(name, logs), program: true };
  if (!definition) {
    return { [name]: { ...longrunFiles(service), ...logger && { "log/run": logger } } };
  }
  const type = { text: "longrun\n" };
  const main = { type, ...longrunFiles(service), ...dependencyFiles(service) };
  if (logger === undefined) return { [name]: main };
  return {
    [`${name}-log`]: { type, "run": logger, "consumer-for": { text: `${name}\n` } },
    [name]: { ...main, "producer-for": { text: `${name}-log\n` } },
  };
}
