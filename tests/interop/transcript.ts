/** A line that only one of two transcripts has. */
export interface Difference {
  /** `-`: only the first has it; `+`: only the second. */
  readonly side: "-" | "+";
  /** The line. */
  readonly line: string;
}

/**
 * Compares two transcripts line by line.
 *
 * @param first The one transcript.
 * @param second The other.
 * @returns The lines that only one of them has, in order, as few as possible.
 */
export function compareTranscripts(first: string, second: string): Difference[] {
  const a = lines(first);
  const b = lines(second);
  // common[i][j]: how many lines the transcripts can have in common from lines i and j on.
  const common = a.map(() => new Array<number>(b.length + 1).fill(0));
  common.push(new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = common[i];
      if (!row) continue;
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const differences: Difference[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      differences.push({ side: "-", line: a[i++] ?? "" });
    } else {
      differences.push({ side: "+", line: b[j++] ?? "" });
    }
  }
  return differences;
}

/**
 * Reads a `differences` file: lines that begin with `#` say why, the others are the differences that
 * are expected, in order, each with its side before it.
 *
 * @param text The file.
 * @returns The expected differences.
 */
export function parseDifferences(text: string): Difference[] {
  return lines(text).filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
    const side = line[0];
    if (side !== "-" && side !== "+") {
      throw new Error(`Neither a comment nor a difference: ${line}`);
    }
    return { side, line: line.slice(1) };
  });
}

/**
 * Writes differences as {@linkcode parseDifferences} reads them.
 *
 * @param differences The differences.
 * @returns One a line.
 */
export function formatDifferences(differences: readonly Difference[]): string {
  return differences.map(({ side, line }) => `${side}${line}\n`).join("");
}

function lines(text: string): string[] {
  const all = text.split("\n");
  if (all.at(-1) === "") all.pop();
  return all;
}
