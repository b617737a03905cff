/** Whatever a text or a message is, its parser understands it, refuses it, or leaves it out. */
import { assert, assertEquals } from "@std/assert";
import { parseOptions } from "../../lib/options/parse_options.ts";
import { splitWords } from "../../lib/options/split_words.ts";
import { UsageError } from "../../lib/options/usage_error.ts";
import { finalCommands, readScript } from "../../lib/lint/view/script.ts";
import { unchain } from "../../lib/lint/view/unchain.ts";
import { Pattern } from "../../lib/os/pattern.ts";
import { parseStartNotes } from "../../lib/os/runtime/start_notes.ts";
import { isListener, newListenerName } from "../../lib/fifodir/names.ts";
import { statusIn } from "../../lib/readiness/checks/http_status.ts";
import { LineMatcher, LONGEST_LINE } from "../../lib/readiness/log_line/line_matcher.ts";
import { POLL_OPTIONS, pollSettings } from "../../lib/readiness/polling/poll_settings.ts";
import { settingsCheck } from "../../lib/readiness/polling/settings_check.ts";
import { parseNotification } from "../../lib/readiness/sd_notify/notification.ts";
import {
  hear,
  nothingSaid,
  type Said,
  silentAt,
} from "../../lib/readiness/sd_notify/sd_notify_said.ts";
import { type Random, seeded } from "../support/random.ts";
import { bytesOf, damaged, hostile, randomText, rounds } from "./bytes.ts";

/** Runs a parser; returns undefined where it refuses the text by its own kind of error. */
function orRefused<Result>(refusal: new (message: string) => Error, parse: () => Result) {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
    assert(error.message !== "");
    return undefined;
  }
}

Deno.test(
  "[fuzz] quoted words come back as they were, and any other text is words or an open quote",
  seeded(11, (random) => {
    const quoted = (word: string) => {
      const style = random.below(3);
      if (style === 0) return `'${word.replaceAll("'", `'"'"'`)}'`;
      if (style === 1) return `"${word.replace(/["\\$`]/g, "\\$&")}"`;
      return word === "" ? "''" : word.replace(/[^]/g, (one) => one === "\n" ? "'\n'" : `\\${one}`);
    };
    for (let round = 0; round < rounds(2000); round++) {
      const words = Array.from({ length: random.below(5) }, () => randomText(random, 12));
      const blank = () => random.pick([" ", "\n", "\t ", " # it's a comment\n"]);
      const text = words.map((word) => quoted(word) + blank()).join("");
      assertEquals(splitWords(text), words, JSON.stringify(text));
      const other = orRefused(UsageError, () => splitWords(damaged(random, text)));
      assert(other?.every((word) => typeof word === "string") ?? true);
    }
  }),
);

const POLL_LINES = [
  "-s 0 -T 0 -t 1000 -w 250 -n 3 --backoff 1.5 --tcp 127.0.0.1:80",
  "--http http://user:p%20w@[::1]:8080/health?a=b --expect 200-399,404",
  "--unix run/socket --file 'a b' --pid-file \"x y\" # all of them",
  "-w 1000 -n 0 -c 'test -e \"x\"'",
];

Deno.test(
  "[fuzz] the options of polling are refused, or are settings that can be used",
  seeded(12, (random) => {
    const surroundings = {} as Parameters<typeof settingsCheck>[1]["surroundings"];
    for (let round = 0; round < rounds(3000); round++) {
      const text = hostile(random, ...POLL_LINES);
      const settings = orRefused(UsageError, () => {
        const words = splitWords(text);
        return pollSettings(parseOptions(words, POLL_OPTIONS.short, POLL_OPTIONS.long));
      });
      if (settings === undefined) continue;
      for (const [name, value] of Object.entries(settings.polling)) {
        assert(Number.isFinite(value) && Number(value) >= 0, `${name} ${value} of ${text}`);
      }
      if (settings.checks.length === 0 || settings.commandLine !== undefined) continue;
      const service = { pid: 1, session: 1, controlGroups: undefined };
      settingsCheck(settings, { base: "", service, surroundings, report: () => {} });
    }
  }),
);

/** Where the answer of an HTTP server may begin. */
const ANSWERS = [
  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.0 404\n\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
];

Deno.test(
  "[fuzz] the status of an answer is three digits, and more bytes never change it",
  seeded(13, (random) => {
    for (let round = 0; round < rounds(2000); round++) {
      const answer = hostile(random, ...ANSWERS);
      let known: number | null | undefined;
      for (let length = 0; length <= answer.length; length++) {
        const status = statusIn(answer.slice(0, length));
        if (known !== undefined) assertEquals(status, known, JSON.stringify(answer));
        if (typeof status === "number") assert(status >= 0 && status <= 999);
        known = status;
      }
    }
    // As many interim answers as are ever read.
    assertEquals(statusIn("HTTP/1.1 100\n\n".repeat(4700)), undefined);
  }),
);

Deno.test(
  "[fuzz] a notification is read line by line, and what a daemon has said stays a number",
  seeded(14, (random) => {
    let said: Said = nothingSaid(1000);
    for (let round = 0; round < rounds(3000); round++) {
      const text = hostile(
        random,
        "READY=1\nSTATUS=all is well\nMAINPID=7",
        "RELOADING=1\nMONOTONIC_USEC=5\n",
        "WATCHDOG=1\nWATCHDOG_USEC=3000000",
        "STOPPING=1\nEXTEND_TIMEOUT_USEC=1000000\n",
      );
      const fields = parseNotification(bytesOf(text));
      for (const [name, value] of fields) {
        assert(name !== "" && !/[\n=]/.test(name) && !value.includes("\n"));
      }
      if (random.chance(0.05)) said = nothingSaid(random.chance(0.5) ? 1000 : undefined);
      said = hear(said, fields, round);
      const { state, extendedUntil, aliveAt, watchdog = 0 } = said;
      assert(["starting", "running", "reloading", "stopping"].includes(state));
      for (const time of [extendedUntil, aliveAt, watchdog, silentAt(said) ?? 0]) {
        assert(Number.isFinite(time) && time >= 0, `${time}`);
      }
    }
  }),
);

/** Returns a pattern of POSIX, mostly a valid one; its repetitions are small. */
function randomPattern(random: Random): string {
  const atoms = ["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(ab)", "^", "$", "[[:alpha:]]", "\\."];
  const ends = ["", "", "", "*", "+", "?", "{1,3}"];
  const length = 1 + random.below(5);
  const pattern = Array.from({ length }, () => random.pick(atoms) + random.pick(ends)).join("");
  return random.chance(0.3) ? damaged(random, pattern).replace(/[\d\0]/g, "2") : pattern;
}

Deno.test(
  "[fuzz] a pattern is refused, or finds a line however the text is cut into pieces",
  seeded(15, (random) => {
    for (let round = 0; round < rounds(1000); round++) {
      const source = randomPattern(random);
      using pattern = orRefused(TypeError, () => new Pattern(source, true));
      if (pattern === undefined) continue;
      const text = Array.from({ length: random.below(60) }, () => random.pick("aab.\n\0\xff"));
      const bytes = bytesOf(text.join(""));
      const lines = text.join("").split("\n");
      if (lines.at(-1) === "") lines.pop();
      const expected = lines.some((line) =>
        pattern.matches(bytesOf(line.replaceAll("\0", "\x01")))
      );
      const matcher = new LineMatcher(pattern);
      let found = false;
      for (let at = 0; at < bytes.length;) {
        const next = at + 1 + random.below(12);
        found = matcher.feed(bytes.subarray(at, next)) || found;
        at = next;
      }
      found = matcher.end() || found;
      assertEquals(found, expected, JSON.stringify([source, text.join("")]));
    }
    using pattern = new Pattern("needle$", true);
    const matcher = new LineMatcher(pattern);
    assertEquals(matcher.feed(new Uint8Array(LONGEST_LINE * 3).fill(0x61)), false);
    assertEquals(matcher.feed(bytesOf("needle\nneedle\n")), true);
  }),
);

Deno.test(
  "[fuzz] only the name of a listener is one",
  seeded(16, (random) => {
    for (let round = 0; round < rounds(2000); round++) {
      const name = newListenerName(BigInt(random.below(2 ** 48)));
      assert(isListener(bytesOf(`${name}\0`)));
      const other = damaged(random, name);
      const listener = isListener(bytesOf(`${other}\0`));
      assertEquals(listener, other.length === name.length && other.startsWith("ftrig1:@"));
    }
  }),
);

const SCRIPTS = [
  "#!/bin/sh\nexec 2>&1\nexec s6-setuidgid www sv notifyoncheck --tcp 80 nginx -g 'daemon off;' &\n",
  '#!/usr/bin/env bash\ncat <<E\n"\nE\nif a; then exec b \\\n -c; else\nexec env A=1 c | d; fi\n',
  '#!/command/execlineb -P\nfdmove -c 2 1 if { s6-envdir "env" a }\nsv notifyonline -3 4 x y\n',
];

Deno.test(
  "[fuzz] of any script it is told what it runs, or nothing, and soon",
  seeded(17, (random) => {
    for (let round = 0; round < rounds(2000); round++) {
      const script = readScript(damaged(random, random.pick(SCRIPTS)));
      const commands = script === undefined ? [] : finalCommands(script);
      for (const { line, words } of commands) {
        assert(line >= 1 && words.length > 0);
        assert(unchain(words)?.program !== "");
      }
    }
  }),
);

Deno.test(
  "[fuzz] the notes on a start give the limit and the environment as they were, or nothing",
  seeded(18, (random) => {
    for (let round = 0; round < rounds(2000); round++) {
      const limit = random.pick(["1024", "unlimited", "0", String(random.below(2 ** 30))]);
      // Entries may lack a name, or be empty, and have any byte but NUL.
      const entries = Array.from(
        { length: random.below(6) },
        () =>
          `${random.pick(["", "A=", "=", "."])}${randomText(random, 20).replaceAll("\0", "\n")}\0`,
      );
      const notes = `${limit}\n${entries.join("")}.`;
      const parsed = parseStartNotes(bytesOf(notes));
      assertEquals(parsed?.environment, bytesOf(entries.join("")), JSON.stringify(notes));
      assertEquals(parsed?.softNofile, limit === "unlimited" ? undefined : Number(limit));

      const cut = notes.slice(0, random.below(notes.length));
      const rest = parseStartNotes(bytesOf(cut));
      // What is cut off between two entries of which the second begins with a full stop looks whole.
      if (!/\n(?:[^]*\0)?\.$/.test(cut)) assertEquals(rest, undefined, JSON.stringify(cut));

      const other = parseStartNotes(bytesOf(damaged(random, notes)));
      if (other === undefined) continue;
      assert(other.softNofile === undefined || Number.isSafeInteger(other.softNofile));
      assert(other.environment.length === 0 || other.environment.at(-1) === 0);
    }
  }),
);
