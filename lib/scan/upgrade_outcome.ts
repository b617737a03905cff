/** The outcome of an upgrade. */
export type UpgradeOutcome =
  /** Another program goes on with the scan. `from` is undefined where that version did not tell. */
  | { readonly upgraded: true; readonly from: string | undefined; readonly to: string }
  /** The scan goes on as before, or ends. */
  | { readonly upgraded: false; readonly reason: string };

/** Keeps the line below PIPE_BUF bytes, escaped as JSON: the kernel then writes it in one piece. */
const LONGEST_REASON = 500;

/** Returns the line that tells an asker the outcome. */
export function formatOutcome(outcome: UpgradeOutcome): string {
  const short = outcome.upgraded
    ? outcome
    : { ...outcome, reason: outcome.reason.slice(0, LONGEST_REASON) };
  return `${JSON.stringify(short)}\n`;
}

/** Reads such a line; undefined where it is none. */
export function parseOutcome(line: string): UpgradeOutcome | undefined {
  let value: Record<string, unknown> | null;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { upgraded, from, to, reason } = value ?? {};
  if (upgraded === false && typeof reason === "string") return { upgraded, reason };
  if (upgraded !== true || typeof to !== "string") return undefined;
  return { upgraded, from: typeof from === "string" ? from : undefined, to };
}
