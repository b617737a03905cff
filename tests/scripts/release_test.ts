/** scripts/release: the same bytes from the same sources, wherever they lie, and they run; dist/sv is another. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { copy } from "@std/fs/copy";
import { existsSync } from "@std/fs/exists";
import { fromFileUrl } from "@std/path";
import { VERSION } from "../../lib/cli/version.ts";
import { publicDirectory } from "../compiled/forms.ts";
import { DEADLINE } from "../support/deadline.ts";
import { run } from "../support/run.ts";

const repository = fromFileUrl(new URL("../../", import.meta.url));
const machine = Deno.build.arch;
const image = `${repository}.deno/image`;
const hasImage = existsSync(`${image}/denort`);
const forms = ["packed", "unpacked", ...hasImage ? ["compiled"] : []];
const prefix = `sv-${VERSION}-${machine}-linux`;
const names = [...hasImage ? [prefix] : [], `${prefix}-packed`, `${prefix}-unpacked.tar.gz`];

/** Copies the sources, with the Deno that is installed for them. */
async function copySources(to: string): Promise<void> {
  await Deno.mkdir(`${to}/.deno`, { recursive: true });
  for (const name of ["lib", "scripts", "cli.ts", "mod.ts", "deno.json"]) {
    await copy(repository + name, `${to}/${name}`);
  }
  for (const { name } of Deno.readDirSync(`${repository}.deno`)) {
    // What is only for this build stays there.
    if (!/^(deno-[\d.]+|runtime-[\d.]+gz|network|std)$/.test(name)) continue;
    await Deno.symlink(`${repository}.deno/${name}`, `${to}/.deno/${name}`);
  }
}

/** Makes a release from a copy of the sources; returns its sums. */
async function release(at: string): Promise<string> {
  await copySources(at);
  const options = ["--target", machine, ...forms.flatMap((form) => ["--form", form])];
  const { code, stderr } = await run([`${at}/scripts/release`, ...options, `${at}/made`], {
    deadline: 4 * DEADLINE,
    env: hasImage ? { DENORT_BIN: `${image}/denort`, SV_COMPILE_DENO: `${image}/deno` } : {},
  });
  assertEquals(code, 0, stderr);
  return await Deno.readTextFile(`${at}/made/SHA256SUMS`);
}

Deno.test("two copies of the sources give the same bytes, and these run", async () => {
  using place = publicDirectory();
  const first = await release(`${place.path}/first`);
  const second = await release(`${place.path}/elsewhere/a second`);
  assertEquals(second, first);
  assertEquals(first.trimEnd().split("\n").map((line) => line.split("  ")[1]), names);
  for (const line of first.trimEnd().split("\n")) assertMatch(line, /^[0-9a-f]{64} {2}sv-/);

  const made = `${place.path}/first/made`;
  // An archive of a workflow keeps no modes.
  for (const name of names) await Deno.chmod(`${made}/${name}`, 0o644);
  const check = () =>
    run([`${repository}scripts/release`, "--check", made], { deadline: 4 * DEADLINE });
  const { code, stderr } = await check();
  assertEquals(
    [code, stderr],
    [0, names.map((name) => `scripts/release: ${name} runs\n`).join("")],
  );

  await Deno.writeTextFile(`${made}/${prefix}-packed`, "x", { append: true });
  const damaged = await check();
  assertEquals(damaged.code, 1);
  assert(
    damaged.stderr.endsWith(`scripts/release: ${made} is not what its SHA256SUMS says\n`),
    damaged.stderr,
  );
});
