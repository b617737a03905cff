/** Formats a number of milliseconds, in ms or s, with two or three digits. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds >= 995) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds >= 9.95) return `${milliseconds.toFixed(0)} ms`;
  return `${milliseconds.toFixed(1)} ms`;
}
