import { existsSync } from "@std/fs/exists";
import { fromFileUrl } from "@std/path";
import { type Missing, testNeeding } from "../support/needs.ts";

const root = new URL("../../", import.meta.url);

/** A way in which the program can be run. */
export interface Form {
  readonly name: string;
  /** The command line, to which subcommand and arguments are added. */
  readonly command: readonly string[];
  /** Why it is not there, if it isn't: it can't be made on every machine. */
  readonly missing?: Missing;
}

function file(path: string): string {
  return fromFileUrl(new URL(path, root));
}

function executable(name: string, path: string): Form {
  const built = existsSync(file(path), { isFile: true });
  return { name, command: [file(path)], missing: built ? undefined : `${path} has not been built` };
}

/** `dist/sv-packed`: a shell script with the runtime behind it. */
export const packed: Form = executable("packed", "dist/sv-packed");

/** The forms that are one executable file, which can have other names too. */
export const executables: readonly Form[] = [
  packed,
  executable("compiled", "dist/sv-compiled"),
];

/** All forms. */
export const forms: readonly Form[] = [
  ...executables,
  { name: "source", command: [file("scripts/deno"), "run", "--quiet", "-A", file("cli.ts")] },
];

/** Registers a test of one form. */
export function testForm(form: Form, promise: string, test: () => Promise<void>): void {
  testNeeding([form.missing], `${form.name}: ${promise}`, test);
}

/** How a program ended and what it wrote. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of {@linkcode run}. */
export interface RunOptions {
  /** The whole environment; default: this process's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
}

/** Runs a program to its end, which has to come within a minute. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [program, ...args] = options.env
    ? ["/usr/bin/env", "-i", ...assignments(options.env), ...command]
    : command;
  const child = new Deno.Command(program!, {
    args,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const deadline = setTimeout(() => child.kill("SIGKILL"), 60_000);
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  clearTimeout(deadline);
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}

/** A directory that is gone after the test. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "sv-test-" });
  Deno.chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
