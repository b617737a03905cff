import type { StepResult } from "./scenario.ts";

/** What one command of a scenario must bring about. */
export interface Expectation {
  /** The command. */
  readonly command: string;
  /** Its exit code. */
  readonly code: number;
  /** What it prints. */
  readonly output: readonly string[];
  /** The services that are up afterwards, sorted. */
  readonly up: readonly string[];
  /** What services log meanwhile, sorted. */
  readonly log: readonly string[];
  /** Pairs of lines in the log, of which the first comes before the second. */
  readonly order: readonly (readonly [string, string])[];
}

/** Seconds that must lie between two lines, in every observation, for their order to count. */
const APART = 0.06;

/** Returns what several observations of one command have in common. */
export function distill(observations: readonly StepResult[]): Expectation {
  const [first] = observations;
  const log = first!.log.map(({ text }) => text);
  for (const other of observations) {
    const differs = other.code !== first!.code || other.up.join() !== first!.up.join() ||
      other.output.join() !== first!.output.join() ||
      other.log.map(({ text }) => text).sort().join() !== [...log].sort().join();
    if (differs) {
      throw new Error(
        `${first!.command} does not always do the same: ${JSON.stringify(first)} and ` +
          JSON.stringify(other),
      );
    }
  }
  const always = (before: string, after: string) =>
    observations.every(({ log }) => {
      const a = log.find(({ text }) => text === before)!.time;
      const b = log.find(({ text }) => text === after)!.time;
      return b - a >= APART;
    });
  const pairs = log.flatMap((before) =>
    log.filter((after) => after !== before && always(before, after))
      .map((after) => [before, after] as const)
  );
  const known = new Set(pairs.map(String));
  // Pairs that follow from other pairs are left out.
  const order = pairs.filter(([before, after]) =>
    !log.some((between) => known.has(`${before},${between}`) && known.has(`${between},${after}`))
  );
  const { command, code, output, up } = first!;
  return { command, code, output, up, log: [...log].sort(), order };
}

/** Returns the text of an expectation file. */
export function formatExpectations(expectations: readonly Expectation[]): string {
  return expectations.map(({ command, code, output, up, log, order }) =>
    [
      `$ ${command}`,
      ...output.map((line) => `| ${line}`),
      `exit ${code}`,
      `up ${up.join(" ")}`.trimEnd(),
      ...log.map((line) => `log ${line}`),
      ...order.map(([before, after]) => `order ${before} < ${after}`),
      "",
    ].join("\n")
  ).join("\n");
}

/** Parses an expectation file. */
export function parseExpectations(text: string): Expectation[] {
  return text.split(/^\$ /m).slice(1).map((block) => {
    const [command, ...rest] = block.split("\n");
    const after = (word: string) =>
      rest.filter((line) => line === word || line.startsWith(`${word} `))
        .map((line) => line.slice(word.length + 1));
    return {
      command: command!,
      code: Number(after("exit")[0]),
      output: after("|"),
      up: after("up")[0]!.split(" ").filter((name) => name !== ""),
      log: after("log"),
      order: after("order").map((line) => line.split(" < ") as [string, string]),
    };
  });
}

/** Tells in words how a result differs from the expectation; empty where it does not. */
export function differences(expected: Expectation, result: StepResult): string[] {
  const log = result.log.map(({ text }) => text);
  const found: string[] = [];
  const compare = (what: string, wanted: unknown, got: unknown) => {
    const [a, b] = [JSON.stringify(wanted), JSON.stringify(got)];
    if (a !== b) found.push(`${what}: ${a} was expected, not ${b}`);
  };
  compare("exit code", expected.code, result.code);
  compare("output", expected.output, result.output);
  compare("up", expected.up, result.up);
  compare("log", expected.log, [...log].sort());
  for (const [before, after] of expected.order) {
    if (log.indexOf(before) > log.indexOf(after)) {
      found.push(`order: '${before}' was expected before '${after}'`);
    }
  }
  return found.map((difference) => `${expected.command}: ${difference}`);
}
