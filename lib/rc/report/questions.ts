import { decodeOs, encodeOs } from "../../os/os_string.ts";
import type { Definition, Longrun } from "../definitions/definition.ts";
import { parseExecline } from "../definitions/execline.ts";
import type { Direction, Graph, Node } from "../definitions/graph.ts";

/** A question does not fit the kind of service that was named. */
export class WrongTypeError extends Error {
  override name = "WrongTypeError";
}

/** What questions are about. */
export interface Subject {
  /** The graph of the definitions. */
  readonly graph: Graph;
  /** The definitions. */
  readonly definitions: readonly Definition[];
  /** The direction, where the answer depends on it. */
  readonly direction: Direction;
  /** Whether answers leave out essential services. */
  readonly withoutEssentials: boolean;
}

/** The kinds of services that can be listed. */
export const LISTS = ["all", "services", "oneshots", "longruns", "bundles"] as const;

/** A question about definitions. */
export interface Question {
  /** What is asked about. */
  readonly about: "nothing" | "list" | "name" | "names";
  /** Answers in lines, or in words that each end with a NUL. */
  answer(subject: Subject, names: readonly string[]): string;
}

const lines = (words: readonly string[]) => words.map((word) => `${word}\n`).join("");

/** Returns the names of nodes, in their order. */
function namesOf({ graph, withoutEssentials }: Subject, nodes: ReadonlySet<number>): string {
  return lines(
    graph.nodes.filter(({ index, essential }) =>
      nodes.has(index) && !(withoutEssentials && essential)
    ).map(({ definition }) => definition.name),
  );
}

function resolveAll({ graph }: Subject, names: readonly string[]): number[] {
  return names.flatMap((name) => graph.resolve(name));
}

/** Returns the node of an atomic service. */
function atomic({ graph }: Subject, name: string): Node {
  graph.resolve(name);
  const node = graph.find(name);
  if (node === undefined) throw new WrongTypeError(`'${name}' is a bundle, no single service`);
  return node;
}

function bundlesOf({ graph }: Subject): string[] {
  return graph.names.filter((name) => graph.find(name) === undefined);
}

function list(subject: Subject, kind: (typeof LISTS)[number]): string {
  const { graph } = subject;
  const all = graph.nodes.map(({ index }) => index);
  if (kind === "bundles") return lines(bundlesOf(subject));
  if (kind === "all") {
    const names = graph.nodes.map(({ definition }) => definition.name);
    return lines([...names, ...bundlesOf(subject)]);
  }
  return namesOf(
    subject,
    new Set(
      all.filter((index) =>
        kind === "services" || `${graph.nodes[index]!.definition.type}s` === kind
      ),
    ),
  );
}

function contents(subject: Subject, name: string): string {
  const nodes = subject.graph.resolve(name);
  if (subject.graph.find(name) !== undefined) {
    throw new WrongTypeError(`'${name}' is a single service, no bundle`);
  }
  return namesOf(subject, new Set(nodes));
}

/** Returns a line `producer/consumer` for each pipe of a pipeline, the first producers first. */
function pipeline(subject: Subject, name: string): string {
  const longrun = (name: string): Longrun => {
    const { definition } = atomic(subject, name);
    if (definition.type === "longrun") return definition;
    throw new WrongTypeError(`'${name}' is a oneshot; only longruns have pipes`);
  };
  let last = longrun(name);
  while (last.producerFor !== undefined) last = longrun(last.producerFor);
  const pipes: string[] = [];
  // No recursion: a pipeline may be longer than the JavaScript stack is deep.
  const path = [{ name: last.name, rest: [...last.consumerFor] }];
  while (path.length > 0) {
    const { name, rest } = path.at(-1)!;
    const producer = rest.shift();
    if (producer !== undefined) {
      path.push({ name: producer, rest: [...longrun(producer).consumerFor] });
      continue;
    }
    path.pop();
    const consumer = path.at(-1);
    if (consumer !== undefined) pipes.push(`${name}/${consumer.name}`);
  }
  return lines(pipes);
}

function script(subject: Subject, name: string): string {
  const { definition } = atomic(subject, name);
  if (definition.type !== "oneshot") {
    throw new WrongTypeError(`'${name}' is a longrun; only oneshots have scripts`);
  }
  const text = definition.scripts[subject.direction] ?? "";
  return parseExecline(encodeOs(text)).words.map((word) => `${decodeOs(word)}\0`).join("");
}

const ESSENTIAL = 1;
const RECOMMENDED = 2;

/** Returns the flags of a service, among them those of bundles that it is in. */
function flags(subject: Subject, name: string): string {
  const { index, essential } = atomic(subject, name);
  const recommended = subject.definitions.some((definition) =>
    definition.recommended === true && subject.graph.resolve(definition.name).includes(index)
  );
  const bits = (essential ? ESSENTIAL : 0) | (recommended ? RECOMMENDED : 0);
  return `${bits.toString(16).padStart(8, "0")}\n`;
}

const about = (
  what: Question["about"],
  answer: (subject: Subject, names: readonly string[]) => string,
): Question => ({ about: what, answer });

const aboutOne = (answer: (subject: Subject, name: string) => string): Question =>
  about("name", (subject, [name = ""]) => answer(subject, name));

/** The questions that s6-rc-db answers, by their names. */
export const questions: Readonly<Record<string, Question>> = {
  "check": about("nothing", () => ""),
  "list": about("list", (subject, [kind]) => list(subject, kind as (typeof LISTS)[number])),
  "type": aboutOne((subject, name) => {
    subject.graph.resolve(name);
    return `${subject.graph.find(name)?.definition.type ?? "bundle"}\n`;
  }),
  "timeout": aboutOne((subject, name) => {
    const { timeoutUp, timeoutDown } = atomic(subject, name).definition;
    return `${subject.direction === "up" ? timeoutUp : timeoutDown}\n`;
  }),
  "contents": aboutOne(contents),
  "pipeline": aboutOne(pipeline),
  "script": aboutOne(script),
  "flags": aboutOne(flags),
  "dependencies": about("names", (subject, names) => {
    const { graph, direction } = subject;
    const nodes = resolveAll(subject, names).flatMap((node) => graph.before(node, direction));
    return namesOf(subject, new Set(nodes));
  }),
  "atomics": about(
    "names",
    (subject, names) => namesOf(subject, new Set(resolveAll(subject, names))),
  ),
  "all-dependencies": about("names", (subject, names) => {
    const { graph, direction } = subject;
    return namesOf(subject, graph.closure(resolveAll(subject, names), direction));
  }),
};
