import { DEADLINE } from "./deadline.ts";

/** How a program ended and what it wrote. */
export interface Finished {
  /** Its exit code; 128 + signal when a signal ended it. */
  readonly code: number;
  /** The signal that ended it, if one did. */
  readonly signal: Deno.Signal | null;
  /** Everything it wrote on descriptor 1. */
  readonly stdout: string;
  /** Everything it wrote on descriptor 2. */
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  /** Its working directory. */
  readonly cwd?: string;
  /** Variables to add to its environment. */
  readonly env?: Record<string, string>;
  /** Text for its stdin, which is empty otherwise. */
  readonly stdin?: string;
  /** Milliseconds until it is killed. */
  readonly deadline?: number;
}

/**
 * Runs a program to its end, in the C locale, and kills it at the deadline.
 *
 * @param command The program and its arguments.
 * @param options How to run it.
 * @returns Its exit code and output.
 * @throws {Error} When the deadline has passed; what it wrote until then is in the message.
 */
export async function run(
  command: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const { deadline = DEADLINE } = options;
  const [program, ...args] = command;
  if (program === undefined) throw new Error("There is no program to run");
  const child = new Deno.Command(program, {
    args,
    env: { LC_ALL: "C", ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  }).spawn();
  if (options.stdin !== undefined) {
    await new Blob([options.stdin]).stream().pipeTo(child.stdin).catch(() => {});
  }
  const written = [collect(child.stdout), collect(child.stderr)] as const;
  // A process that the program started may keep its output open: the deadline ends that wait, too.
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // The program has ended, but a process that it started keeps its output open.
    }
    late.reject(
      new Error(
        `${command.join(" ")} was still running after ${deadline} ms, having written:\n` +
          written.map(({ text }) => text()).join(""),
      ),
    );
  }, deadline);
  try {
    const ended = Promise.all([child.status, ...written.map(({ end }) => end)]);
    const [{ code, signal }] = await Promise.race([ended, late.promise]);
    return { code, signal, stdout: written[0].text(), stderr: written[1].text() };
  } finally {
    clearTimeout(timer);
    for (const { cancel } of written) await cancel();
  }
}

/** Reads a stream piece by piece. */
function collect(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const end = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      text += decoder.decode(next.value, { stream: true });
    }
    text += decoder.decode();
  })();
  return { end, text: () => text, cancel: () => reader.cancel().catch(() => {}) };
}
