import { existsSync } from "@std/fs/exists";
import { fromFileUrl } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { type Missing, testNeeding } from "../support/needs.ts";
import { run as runProgram } from "../support/run.ts";

const root = new URL("../../", import.meta.url);

/** A way in which the program can be run. */
export interface Form {
  /** What tests call it. */
  readonly name: string;
  /** The command line, to which subcommand and arguments are added. */
  readonly command: readonly string[];
  /** Why it is not there, where it isn't. */
  readonly missing?: Missing;
}

/** Returns the path of a file of the repository. */
function file(path: string): string {
  return fromFileUrl(new URL(path, root));
}

/** A form that is a file, which can be made on some machines only. */
function executable(name: string, path: string): Form {
  const built = existsSync(file(path), { isFile: true });
  return { name, command: [file(path)], missing: built ? undefined : `${path} has not been built` };
}

/** `dist/sv-packed`: a shell script with the runtime behind it. */
export const packed: Form = executable("packed", "dist/sv-packed");

/** `dist/sv-unpacked/sv`: a program that starts the runtime beside it. */
export const unpacked: Form = executable("unpacked", "dist/sv-unpacked/sv");

/** The forms that are executables, which can have other names too. */
export const executables: readonly Form[] = [
  packed,
  unpacked,
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
  /** Its exit code. */
  readonly code: number;
  /** Everything it wrote on descriptor 1. */
  readonly stdout: string;
  /** Everything it wrote on descriptor 2. */
  readonly stderr: string;
}

/** Options of {@linkcode run}. */
export interface RunOptions {
  /** The whole environment; default: this process's. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory. */
  readonly cwd?: string;
  /** Text for its stdin, which is empty otherwise. */
  readonly stdin?: string;
}

/** Runs a program to its end. The packed form has to unpack itself first, which takes a slow host minutes. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { env, ...others } = options;
  const assignments = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
  const { code, stdout, stderr } = await runProgram(
    env === undefined ? command : ["/usr/bin/env", "-i", ...assignments, ...command],
    { ...others, deadline: 4 * DEADLINE },
  );
  return { code, stdout, stderr };
}

/** Makes a directory, on a disk rather than in memory, that every user can enter. */
export function publicDirectory(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "sv-test-" });
  Deno.chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}
