import { formatTai64n, type Instant } from "../../../lib/tai/tai64n.ts";

/** An instant in seconds after 2026-11-21 20:00 UTC. */
export function after(seconds: number): Instant {
  return BigInt(Date.parse("2026-11-21T20:00:00Z")) * 1_000_000n +
    BigInt(Math.round(seconds * 1e9));
}

/** Returns a line with its stamp. */
export function stamped(seconds: number, text: string): string {
  return `${formatTai64n(after(seconds))} ${text}\n`;
}

/** Writes the files of a log directory; archives by the seconds at which they were made. */
export function writeLog(
  directory: string,
  current: string,
  archives: Readonly<Record<number, string | Uint8Array>> = {},
): void {
  Deno.mkdirSync(directory, { recursive: true });
  for (const [seconds, content] of Object.entries(archives)) {
    const path = `${directory}/${formatTai64n(after(Number(seconds)))}.s`;
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  }
  Deno.writeTextFileSync(`${directory}/current`, current);
}

/** Returns a text compressed by gzip. */
export async function gzipped(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
