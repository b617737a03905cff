import type { Contestants } from "./contestants.ts";
import { chain, Dependent, fan, managers, type Shape, type Start } from "./dependent.ts";
import { inTurns, median } from "./measure.ts";
import type { Result, Row } from "./row.ts";

const ROUNDS = 7;

/** Measures starts of each form of `sv` and of each s6-rc, in turns. */
async function compareStarts(
  contestants: Contestants,
  shape: Shape,
  quantity: (start: Start) => number,
): Promise<Result[]> {
  const { forms, references } = managers(contestants, shape.size);
  if (references.length === 0) {
    console.error("bench: there is no s6-rc on PATH, or in S6_BIN, to compare with");
    return [];
  }
  using stack = new DisposableStack();
  const all: Dependent[] = [];
  for (const manager of [...forms, ...references]) {
    all.push(stack.use(await Dependent.make(contestants.scratch, shape, manager)));
  }
  const numbers = await inTurns(ROUNDS, all.map((one) => () => quantity(one.measure())));
  return forms.flatMap(({ name }, index) =>
    references.map((reference, which) => ({
      sv: name,
      value: numbers[index]!,
      against: reference.name,
      reference: numbers[forms.length + which]!,
    }))
  );
}

/** Compares the time of a start with the time of its critical path. */
async function overCriticalPath(contestants: Contestants, shape: Shape): Promise<Result[]> {
  const results: Result[] = [];
  for (const manager of managers(contestants, shape.size).forms) {
    using services = await Dependent.make(contestants.scratch, shape, manager);
    const starts = Array.from({ length: ROUNDS }, () => services.measure());
    results.push({
      sv: manager.name,
      value: median(starts.map(({ total }) => total)),
      against: "its critical path",
      reference: median(starts.map(({ critical }) => critical)),
    });
  }
  return results;
}

const CHAIN = chain(50);
const FAN = fan(500);

/** The rows of services that depend on each other. */
export const rcRows: readonly Row[] = [
  {
    name: "newline written → dependent spawned, in `sv rc`",
    unit: "µs",
    budget: 0.5,
    measure: (contestants) => compareStarts(contestants, CHAIN, ({ hop }) => hop * 1000),
  },
  {
    name: "`sv rc start`: a chain of 50",
    unit: "ms",
    budget: 1,
    measure: (contestants) => compareStarts(contestants, CHAIN, ({ total }) => total),
  },
  {
    name: "`sv rc start`: a fan of 500",
    unit: "ms",
    budget: 1,
    measure: (contestants) => compareStarts(contestants, FAN, ({ total }) => total),
  },
  {
    name: "`sv rc start`: a chain of 50, all in all",
    unit: "ms",
    measure: (contestants) => overCriticalPath(contestants, CHAIN),
  },
  {
    name: "`sv rc start`: a fan of 500, all in all",
    unit: "ms",
    measure: (contestants) => overCriticalPath(contestants, FAN),
  },
];
