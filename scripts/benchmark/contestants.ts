import { existsSync } from "@std/fs/exists";
import { join } from "@std/path";
import { interpreterOf, type Machine } from "../pack/elf.ts";
import { launcherFor } from "../pack/launcher/launcher.ts";
import { loadable } from "../pack/loadable.ts";
import { bundleOf, FLAGS } from "../pack/runtime_start.ts";

/** A form of `sv`, and an empty program in the same form. */
export interface Form {
  /** `packed`, `unpacked`, `compiled` or `source`. */
  readonly name: string;
  /** The command that runs `sv`. */
  readonly sv: readonly string[];
  /** The command that runs the empty program. */
  readonly empty: readonly string[];
}

/** An installation of s6. */
export interface S6 {
  /** Its name and version. */
  readonly name: string;
  /** The directory of its programs. */
  readonly bin: string;
}

/** The programs that are measured. */
export interface Contestants {
  readonly forms: readonly Form[];
  readonly s6: readonly S6[];
  /** A directory in memory, as /run is: on a disk, the time to make files would hide all other. */
  readonly scratch: string;
}

const root = new URL("../../", import.meta.url).pathname;

async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const { success, stderr } = await new Deno.Command(command, { args, env, stdout: "null" })
    .output();
  if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
}

async function isScript(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(2);
  await file.read(head);
  return new TextDecoder().decode(head) === "#!";
}

const exists = (path: string): boolean => existsSync(path, { isFile: true });

/** The commands of `sv` with a bundle of their own that are measured beside the empty program. */
const ALONE = ["stat", "notifyoncheck", "setuidgid"];

/** Makes a directory of bundles that do nothing, of which the packed form chooses as it does for `sv`. */
function emptyBundles(directory: string): string {
  Deno.mkdirSync(directory);
  const names = ALONE.map((name) => `${name} ${name}\n`).join("");
  Deno.writeTextFileSync(join(directory, "names"), names);
  for (const name of [...ALONE, "sv"]) {
    const { module, code } = loadable(name, NOTHING);
    Deno.writeTextFileSync(join(directory, `${name}.mjs`), module);
    Deno.writeTextFileSync(join(directory, `${name}.code`), code);
  }
  return directory;
}

/** A program that does nothing: it ends at once or, with the argument `idle`, never. */
const NOTHING = 'if (Deno.args[0] === "idle") setInterval(() => {}, 1e9);\n';

/** Makes an empty program in the form of the executable at `sv`. */
async function emptyLike(sv: string, scratch: string, program: string): Promise<string> {
  const target = join(scratch, "empty");
  if (await isScript(sv)) {
    const bundles = emptyBundles(join(scratch, "bundles"));
    const compressed = join(root, `.deno/runtime-${Deno.version.deno}.gz`);
    const pack = join(root, "scripts/pack/pack.ts");
    await run(join(root, "scripts/deno"), [
      "run",
      "-A",
      pack,
      Deno.build.arch,
      bundles,
      Deno.execPath(),
      compressed,
      target,
    ]);
    return target;
  }
  const image = join(root, ".deno/image/denort");
  const compiler = exists(image) ? join(root, ".deno/image/deno") : Deno.execPath();
  const options = ["--allow-all", "--no-check", "--no-code-cache", "--no-config", "--no-lock"];
  await run(
    compiler,
    ["compile", ...options, "--output", target, program],
    exists(image) ? { DENORT_BIN: image } : {},
  );
  return target;
}

/** Lays `sv`, and an empty program in the same form, out by hand. */
async function unpackedForm(sv: string, scratch: string): Promise<Form> {
  const laidOut = join(scratch, "laid-out");
  await run(sv, ["unpack", "-q", laidOut]);
  const empty = join(scratch, "laid-out-empty");
  Deno.mkdirSync(empty);
  Deno.symlinkSync(Deno.execPath(), join(empty, "runtime"));
  emptyBundles(join(empty, "program"));
  const launcher = launcherFor(Deno.build.arch as Machine, {
    runtime: "runtime",
    interpreter: interpreterOf(Deno.readFileSync(Deno.execPath())),
    flags: FLAGS,
    program: "program",
    bundles: [...ALONE.map((name) => bundleOf(name, [name])), bundleOf("sv", [])],
  });
  Deno.writeFileSync(join(empty, "sv"), launcher, { mode: 0o755 });
  return { name: "unpacked", sv: [join(laidOut, "sv")], empty: [join(empty, "sv")] };
}

async function forms(scratch: string): Promise<Form[]> {
  const program = join(scratch, "empty.mjs");
  Deno.writeTextFileSync(program, NOTHING);
  const found: Form[] = [];
  for (const file of ["sv", "sv-compiled"]) {
    const sv = join(root, "dist", file);
    if (!exists(sv)) continue;
    const directory = join(scratch, file);
    Deno.mkdirSync(directory);
    const name = await isScript(sv) ? "packed" : "compiled";
    if (found.some((form) => form.name === name)) continue;
    found.push({ name, sv: [sv], empty: [await emptyLike(sv, directory, program)] });
  }
  const packed = found.find(({ name }) => name === "packed")?.sv[0];
  if (packed !== undefined) found.push(await unpackedForm(packed, scratch));
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all"];
  found.push({
    name: "source",
    sv: [...deno, join(root, "cli.ts")],
    empty: [...deno, "--no-config", program],
  });
  return found;
}

/** Returns the directory of a program of s6. */
function directoryOf(program: string): string {
  for (const directory of Deno.env.get("PATH")!.split(":")) {
    if (exists(join(directory, program))) return directory;
  }
  throw new Error(`${program} is not in PATH`);
}

/** Finds, and makes, the programs that are measured. */
export async function contestants(scratch: string): Promise<Contestants> {
  const s6 = [{ name: "s6", bin: directoryOf("s6-supervise") }];
  const other = Deno.env.get("S6_BIN");
  if (other !== undefined) s6.push({ name: "s6 in S6_BIN", bin: other });
  return { forms: await forms(scratch), s6, scratch };
}
