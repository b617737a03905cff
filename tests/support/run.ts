/** What a finished program left behind. */
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
 * Runs a program to its end, in the C locale, and kills it if that doesn't come.
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
  const { deadline = 20_000 } = options;
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
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, deadline);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const finished = { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  if (late) {
    throw new Error(
      `${command.join(" ")} was still running after ${deadline} ms, having written:\n` +
        finished.stdout + finished.stderr,
    );
  }
  return finished;
}
