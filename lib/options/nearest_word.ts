/**
 * Counts the single-character edits (insert, delete, replace, swap) that turn one word into
 * another.
 */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      ));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/**
 * Returns the word of a list that a misspelt one is most likely meant to be.
 *
 * @param word The misspelt word.
 * @param words The words to choose from.
 * @returns The nearest, or undefined where it takes too many edits: more than one in a word of up to five
 * letters (none of two letters is like another), more than two and than a third of the letters in others.
 */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const [best] = words.map((candidate) => ({ candidate, distance: distance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const limit = word.length < 3 ? 0 : word.length < 6 ? 1 : Math.max(2, word.length / 3);
  return best && best.distance <= limit ? best.candidate : undefined;
}
