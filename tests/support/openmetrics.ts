/** A sample of OpenMetrics text. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of samples. */
export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = `([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\\\"\\n]|\\\\[\\\\"n])*)"`;
const METADATA = new RegExp(`^# (TYPE|HELP|UNIT) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{((?:${LABEL})(?:,(?:${LABEL}))*)?\\})? (\\S+)(?: (\\S+))?$`,
);

/** What the samples of each type are called: the suffixes behind the family's name. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  counter: ["_total", "_created"],
  info: ["_info"],
};

function labelsOf(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of (text ?? "").matchAll(new RegExp(LABEL, "g"))) {
    if (name! in labels) throw new Error(`two labels ${name}: ${text}`);
    labels[name!] = value!.replace(
      /\\(.)/g,
      (_, character) => character === "n" ? "\n" : character,
    );
  }
  return labels;
}

/**
 * Reads OpenMetrics text strictly, as the specification of version 1.0 has it: families in one piece, their metadata
 * first and once, names that match types and units, no sample twice, the end marked.
 *
 * @throws {Error} where it is not valid.
 */
export function parseOpenMetrics(text: string): Map<string, MetricFamily> {
  if (!text.endsWith("\n# EOF\n")) throw new Error("the end is not marked");
  const families = new Map<
    string,
    { type: string; help: string; unit: string; samples: Sample[] }
  >();
  const seen = new Set<string>();
  let current: string | undefined;
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const metadata = METADATA.exec(line);
    if (metadata !== null) {
      const [, kind, name, value] = metadata as unknown as [string, string, string, string];
      if (name !== current) {
        if (families.has(name)) throw new Error(`${name} is in two pieces`);
        families.set(name, { type: "unknown", help: "", unit: "", samples: [] });
        current = name;
      }
      const family = families.get(name)!;
      const key = kind.toLowerCase() as "type" | "help" | "unit";
      if (family.samples.length > 0) throw new Error(`metadata behind samples: ${line}`);
      if (family[key] !== (key === "type" ? "unknown" : "")) throw new Error(`twice: ${line}`);
      if (kind === "TYPE" && !(value in SUFFIXES)) throw new Error(`no such type: ${line}`);
      if (kind === "UNIT" && !name.endsWith(`_${value}`)) {
        throw new Error(`not the name's unit: ${line}`);
      }
      family[key] = value;
      continue;
    }
    const found = SAMPLE.exec(line);
    if (found === null) throw new Error(`no sample: ${line}`);
    const [name, labels, value] = [found[1]!, labelsOf(found[2]), Number(found.at(-2))];
    const family = families.get(current ?? "");
    const suffixes = SUFFIXES[family?.type ?? ""] ?? [];
    if (family === undefined || !suffixes.some((suffix) => name === current + suffix)) {
      throw new Error(`a sample of no family: ${line}`);
    }
    if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
    if (family.type === "counter" && value < 0) throw new Error(`a counter below 0: ${line}`);
    if (family.type === "info" && value !== 1) throw new Error(`an info that is not 1: ${line}`);
    const key = JSON.stringify([name, Object.entries(labels).sort()]);
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    family.samples.push({ name, labels, value });
  }
  return families;
}
