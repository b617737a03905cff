/** Random scripts and inputs for loggers. */
import type { Random } from "../support/random.ts";

const WORDS = ["alpha", "beta", "fatal: gamma", "STAT ok", "", "x y z", "ümlaut", "[tag]", "0"];
const REGEXES = [
  "a",
  "^fatal",
  "ok$",
  "[0-9]+",
  "(alpha|beta)",
  "",
  "^$",
  "x.*z",
  "[[:alpha:]]{5}",
];

/** What two loggers get. */
export interface LogCase {
  /** Options and directives. */
  readonly args: readonly string[];
  /** What is written at once. */
  readonly pieces: readonly string[];
}

/** Returns a line without its end. */
function line(random: Random): string {
  const words = Array.from({ length: random.below(6) }, () => random.pick(WORDS));
  const long = random.chance(0.1) ? "long".repeat(random.below(120)) : "";
  return words.join(" ") + long;
}

function control(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `n${random.below(5)}`;
    case 1:
      return `s${random.pick([0, 4096, 5000, 8192])}`;
    case 2:
      return `S${random.pick([0, 5000, 12_000])}`;
    case 3:
      return `l${random.pick([0, 100, 2000])}`;
    case 4:
      return `E${random.pick([0, 5, 30])}`;
    case 5:
      return `^${random.pick([0, 5, 40, 200])}`;
    case 6:
      return random.pick(["p", "pweb:", "ptwo words"]);
    default:
      return random.pick(["t", "T"]);
  }
}

/**
 * Makes a case. No piece has more than one end of a line, at its own end: how many lines s6-log writes
 * at once, before it looks at the size of the file, depends on how many it has read at once.
 */
export function logCase(random: Random): LogCase {
  const args = random.chance(0.3) ? ["-b"] : [];
  const limit = random.chance(0.3) ? random.pick([48, 100]) : 0;
  if (limit > 0) args.push("-l", String(limit));
  args.push("--", "s4096", "l100");
  let directories = 0;
  for (let clauses = 1 + random.below(3); clauses > 0; clauses--) {
    for (let count = random.below(3); count > 0; count--) {
      args.push(random.chance(0.2) ? "f" : random.pick("+-") + random.pick(REGEXES));
    }
    for (let actions = 1 + random.below(2); actions > 0; actions--) {
      for (let count = random.below(3); count > 0; count--) args.push(control(random));
      args.push(random.pick([`./d${directories++}`, `./d${directories++}`, "1", "2", "=status"]));
    }
  }
  if (directories === 0) args.push("./d0");

  const pieces: string[] = [];
  for (let count = 20 + random.below(250); count > 0; count--) {
    let rest = line(random);
    const end = random.pick("\n\n\n\n\n\0");
    // With a limit, a piece may be the end of a line that is cut, and so may its newline.
    const size = limit > 0 ? limit / 4 : random.chance(0.2) ? 1 + random.below(60) : Infinity;
    while (rest.length > size) {
      pieces.push(rest.slice(0, size));
      rest = rest.slice(size);
    }
    if (limit === 0) pieces.push(rest + end);
    else pieces.push(...rest === "" ? [] : [rest], end);
  }
  pieces.push("the end\n");
  return { args, pieces };
}
