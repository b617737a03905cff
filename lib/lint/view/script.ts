/**
 * What a script does, as far as it can be told without running it.
 *
 * @module
 */

import { splitWords } from "../../options/split_words.ts";

/** The language of a script. */
export type Language = "shell" | "execline" | "other";

/** A line of a script, with those that it is continued on by backslashes. */
export interface ScriptLine {
  /** Where it begins, from 1. */
  readonly number: number;
  /** Its text, without a comment that is the whole line. */
  readonly text: string;
}

/** A script, read. */
export interface Script {
  /** Its language. */
  readonly language: Language;
  /** Its lines that are neither blank nor comments, without here-documents. */
  readonly lines: readonly ScriptLine[];
}

/** A command of a script, as words. */
export interface ScriptCommand {
  /** The line on which it stands. */
  readonly line: number;
  /** Its words, the first of which is a program or a program that starts another. */
  readonly words: readonly string[];
}

/** Returns the program in the first line of a script, and what follows it there. */
export function interpreterOf(text: string): readonly string[] | undefined {
  const line = /^#![ \t]*(.*)/.exec(text)?.[1]?.trim();
  return line === undefined || line === "" ? undefined : line.split(/[ \t]+/);
}

function languageOf(text: string): Language {
  const names = (interpreterOf(text) ?? []).map((word) => word.slice(word.lastIndexOf("/") + 1));
  if (names.includes("execlineb")) return "execline";
  return names.some((name) => /^(sh|ash|dash|bash|ksh|mksh|zsh|bashio)$/.test(name))
    ? "shell"
    : "other";
}

/** Reads a script; undefined where a text has no interpreter in its first line. */
export function readScript(text: string): Script | undefined {
  if (interpreterOf(text) === undefined) return undefined;
  const lines: ScriptLine[] = [];
  const language = languageOf(text);
  const all = text.split("\n");
  for (let at = 1; at < all.length; at++) {
    const number = at + 1;
    let line = all[at]!;
    if (/^\s*(#|$)/.test(line)) continue;
    while (line.endsWith("\\") && at + 1 < all.length) line = line.slice(0, -1) + all[++at];
    lines.push({ number, text: line });
    const end = language === "shell" ? /<<-?\s*(['"]?)(\w+)\1/.exec(line)?.[2] : undefined;
    if (end === undefined || line.includes("<<<")) continue;
    while (at + 1 < all.length && all[++at]!.trim() !== end);
  }
  return { language, lines };
}

/** Words of a shell that change a descriptor of the command: with the file in one word, and before it. */
const REDIRECTION = /^\d*(>>?|<|>&|<&|>\|)[^>&<\s]+$|^&>>?\S+$|^\d*[<>]&[\d-]+$/;
const REDIRECTION_ALONE = /^\d*(>>?|<|>\|)$|^&>>?$/;

function plainWords(text: string): string[] | undefined {
  try {
    return splitWords(text);
  } catch {
    return undefined;
  }
}

/** Returns a text of the same length in which what a shell has in quotes is blanked out. */
function withoutQuoted(text: string): string {
  return text.replaceAll(/'[^']*'|"(?:\\[^]|[^"\\])*"/g, (quoted) => "x".repeat(quoted.length));
}

/** Returns the words of a command of a shell, without its redirections and assignments. */
function shellCommand(text: string): string[] | undefined {
  const words = plainWords(text);
  if (words === undefined) return undefined;
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (REDIRECTION_ALONE.test(word)) at++;
    else if (!REDIRECTION.test(word) && !(rest.length === 0 && /^\w+=/.test(word))) rest.push(word);
  }
  return rest;
}

/**
 * Returns the commands that a script becomes: those after `exec`, and the last. A command is left out
 * where it can't be told which it is, in a loop or a pipeline say.
 */
export function finalCommands({ language, lines }: Script): ScriptCommand[] {
  if (language === "other") return [];
  if (language === "execline") {
    const words = plainWords(lines.map(({ text }) => text).join("\n"));
    return words === undefined || lines.length === 0 ? [] : [{ line: lines[0]!.number, words }];
  }
  const commands: ScriptCommand[] = [];
  lines.forEach(({ number, text }, index) => {
    const last = index === lines.length - 1;
    const bare = withoutQuoted(text);
    const exec = /^(?:.*?(?:&&|\|\||;|\bthen|\belse)\s*)?\s*exec\s+/.exec(bare)?.[0];
    if (exec === undefined && !(last && /^[\w./-]+(\s|$)/.test(bare))) return;
    const start = exec?.length ?? 0;
    const end = /\s*(?:;|\|\||&&|\s&$)/.exec(bare.slice(start))?.index;
    const command = text.slice(start, end === undefined ? undefined : start + end);
    if (/\s\|\s/.test(withoutQuoted(command))) return;
    const words = shellCommand(command);
    if (words !== undefined && words.length > 0) commands.push({ line: number, words });
  });
  return commands;
}
