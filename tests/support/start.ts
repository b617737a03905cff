/**
 * Starts a program without input, and drops its output.
 *
 * @param command The program and its arguments.
 * @param env Variables to add to its environment.
 * @returns The process, which the caller must end.
 */
export function start(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  const [program, ...args] = command;
  return new Deno.Command(program!, {
    args,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}
