import { selfCommand } from "../../os/runtime/self_command.ts";
import type { ChangeVerb } from "./routes.ts";

/** The bytes of a command's output that are answered. */
const LONGEST_OUTPUT = 16_384;

/** How a change ended. */
export interface ChangeOutcome {
  readonly done: boolean;
  readonly timedOut: boolean;
  /** What the command has printed. */
  readonly lines: readonly string[];
}

/** Reads a stream to its end, of which only the beginning is kept. */
async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    if (text.length < LONGEST_OUTPUT) text += part;
  }
  return text.slice(0, LONGEST_OUTPUT);
}

/**
 * Carries a verb out on a service, through `sv rc` where the service belongs to it, in a process of its own: that
 * one may wait, and its end harms nothing.
 *
 * @param verb The verb.
 * @param dir The service directory, an absolute path.
 * @param seconds How long to wait for what it brings about.
 */
export async function changeService(
  verb: ChangeVerb,
  dir: string,
  seconds: number,
): Promise<ChangeOutcome> {
  const [program, ...args] = [...selfCommand(), verb, "-w", String(seconds), "--", dir];
  const child = new Deno.Command(program!, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [out, error, { success }] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    child.status,
  ]);
  const lines = `${out}${error}`.split("\n").filter((line) => line !== "");
  return { done: success, timedOut: lines.some((line) => line.startsWith("timeout: ")), lines };
}
