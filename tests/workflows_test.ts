/** The workflows of .github are lists of calls: of scripts that are there, with options that they know. */
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { VERSION } from "../lib/cli/version.ts";
import { run } from "./support/run.ts";
import { temporaryDirectory } from "./support/temporary_directory.ts";

const root = fromFileUrl(new URL("../", import.meta.url));
const folder = `${root}.github/workflows`;

/** A line of a workflow. */
interface Line {
  readonly workflow: string;
  /** What follows the key. */
  readonly value: string;
}

/** Returns all lines of the workflows with a key. */
function linesOf(key: string): Line[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name: workflow }) =>
    [
      ...Deno.readTextFileSync(`${folder}/${workflow}`)
        .matchAll(new RegExp(`^ *(?:- )?${key}:(?: (.*))?$`, "gm")),
    ].map(([, value]) => ({ workflow, value: value ?? "" }))
  );
}

/** What stands before a call, so that it is made by root with the caller's PATH. */
const AS_ROOT = 'sudo env "PATH=$PATH" CI=true ';
const calls = linesOf("run").map(({ workflow, value }) => ({
  workflow,
  call: value.startsWith(AS_ROOT) ? value.slice(AS_ROOT.length) : value,
}));

Deno.test("each step calls a script that is there, with options that it knows", () => {
  assert(calls.length >= 8, "the calls were not found");
  for (const { workflow, call } of calls) {
    const [script, ...words] = call.split(" ");
    assert(/^\.\/(scripts\/\w+|\.ci\/run)$/.test(script!), `${workflow}: ${call}`);
    assert(Deno.statSync(root + script).mode! & 0o100, `${script} can't be run`);
    const usage = /^# usage: .*$/m.exec(Deno.readTextFileSync(root + script))?.[0] ?? "";
    for (const option of words.filter((word) => word.startsWith("-"))) {
      assert(usage.split(/[\s[\]|]+/).includes(option), `${script} knows no ${option}: ${usage}`);
    }
  }
});

Deno.test("each action has a version, and Deno is that of scripts/deno", () => {
  const used = linesOf("uses");
  assert(used.length >= 10, "the actions were not found");
  for (const { workflow, value } of used) {
    assert(
      /^(\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40}))$/.test(value),
      value,
    );
    if (value.startsWith("./")) Deno.statSync(root + value);
    else assertEquals(value.includes("@"), true, workflow);
  }
  const wanted = /^wanted=(.*)$/m.exec(
    Deno.readTextFileSync(`${root}scripts/bootstrap/versions.sh`),
  )![1];
  for (const { value } of linesOf("deno-version")) assertEquals(value, `v${wanted}`);
});

/** Runs a call of a workflow as it stands there, for a tag. */
function asInWorkflow(call: string, tag: string) {
  return run(["/bin/sh", "-c", call], {
    cwd: root,
    env: { GITHUB_REF_NAME: tag, IMAGE: "example/sv" },
  });
}

const versionCall = calls.find(({ call }) => call.startsWith("./scripts/version "))!.call;

Deno.test("a tag that is not the version in deno.json ends the release with one line", async () => {
  const right = await asInWorkflow(versionCall, `v${VERSION}`);
  assertEquals([right.code, right.stdout, right.stderr], [0, `${VERSION}\n`, ""]);
  for (const tag of ["v9.9.9", VERSION, `v${VERSION}-rc1`, "v0x1.0", ""]) {
    const wrong = await asInWorkflow(versionCall, tag);
    assertEquals([wrong.code, wrong.stdout], [1, ""], tag);
    assertEquals(
      wrong.stderr,
      `scripts/version: the tag ${tag} is not v${VERSION}, the version in deno.json: change one of them\n`,
    );
  }
});

const publishing = calls.filter(({ call }) => call.startsWith("./scripts/publish "))
  .map(({ call }) => call.replace("publish ", "publish --dry-run "));

/** Makes files with the names of a release's, and their sums. */
async function release(directory: string): Promise<string[]> {
  const names = ["x86_64", "aarch64"].flatMap((machine) =>
    ["", "-packed", "-unpacked.tar.gz"].map((form) => `sv-${VERSION}-${machine}-linux${form}`)
  ).sort();
  for (const name of names) await Deno.writeTextFile(`${directory}/${name}`, name);
  const { stdout } = await run(["sha256sum", ...names], { cwd: directory });
  await Deno.writeTextFile(`${directory}/SHA256SUMS`, stdout);
  return names;
}

Deno.test("what the workflow would publish: the library, all files of the release, and an image", async () => {
  await using place = await temporaryDirectory();
  const names = await release(place.path);
  const commands: string[] = [];
  for (const call of publishing) {
    const { code, stdout, stderr } = await asInWorkflow(
      call.replace("dist/release", place.path),
      `v${VERSION}`,
    );
    assertEquals([code, stderr], [0, ""], call);
    commands.push(stdout.replace(/\S*\/publishing\.\w+/, "CONTEXT"));
  }
  assertEquals(commands, [
    "./scripts/deno publish\n",
    `gh release create v${VERSION} --verify-tag --notes-from-tag ${names.join(" ")} SHA256SUMS\n`,
    "docker buildx build --platform linux/amd64,linux/arm64 --push " +
    `--tag example/sv:${VERSION} --tag example/sv:latest CONTEXT\n`,
  ]);
});

Deno.test("nothing is published that is not whole, or of another version", async () => {
  await using place = await temporaryDirectory();
  const names = await release(place.path);
  await Deno.writeTextFile(`${place.path}/${names[0]}`, "changed");
  for (const call of publishing) {
    const other = await asInWorkflow(call, "v9.9.9");
    assertEquals([other.code, other.stdout], [1, ""], call);
    assertEquals(other.stderr.split("\n").length, 2, other.stderr);
    if (!call.includes("dist/release")) continue;
    const damaged = await asInWorkflow(call.replace("dist/release", place.path), `v${VERSION}`);
    assertEquals([damaged.code, damaged.stdout], [1, ""], call);
    const missing = await asInWorkflow(call.replace("dist/release", "/nonexistent"), `v${VERSION}`);
    assertEquals([missing.code, missing.stdout], [1, ""], call);
    assertEquals(
      missing.stderr,
      "scripts/publish: cannot publish /nonexistent: it is not what a SHA256SUMS in it says\n",
    );
  }
});

Deno.test("the image consists of files that are made for it", () => {
  const dockerfile = Deno.readTextFileSync(`${root}scripts/image/Dockerfile`);
  const added = [...dockerfile.matchAll(/^(?:ADD|COPY) (\S+)/gm)].map(([, source]) => source);
  assertEquals(added, ["sv-$TARGETARCH.tar.gz"]);
  // A step that runs a program could not be done for another machine.
  assert(!/^RUN/m.test(dockerfile));
});
