/** scripts/compile and scripts/release for other machines, and what they refuse; dist/sv has this one's. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { executable, machineOf } from "../../scripts/pack/elf.ts";
import { DEADLINE } from "../support/deadline.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const scripts = fromFileUrl(new URL("../../scripts/", import.meta.url));

for (const script of ["compile", "release"]) {
  Deno.test(`${script} says in one line what there is no runtime for`, async () => {
    const refusals: readonly (readonly [args: string[], stderr: string])[] = [
      [
        ["--libc", "musl"],
        "there is no runtime for musl: Deno is made for glibc only (--libc gnu)",
      ],
      [
        ["--libc", "uclibc"],
        "there is no runtime for the C library 'uclibc'; there is one for gnu",
      ],
      [
        ["--libc", "gnu", "--target", "riscv64"],
        "there is no runtime for the machine 'riscv64'; there is one for x86_64 and for aarch64",
      ],
    ];
    for (const [args, stderr] of refusals) {
      assertEquals(
        await run([scripts + script, ...args]).then(({ code, stdout, stderr }) => ({
          code,
          stdout,
          stderr,
        })),
        { code: 100, stdout: "", stderr: `scripts/${script}: ${stderr}\n` },
      );
    }
  });

  Deno.test(`${script}: wrong usage is one line, and --help tells of each option`, async () => {
    const { code, stdout, stderr } = await run([scripts + script, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    const usage = stdout.split("\n").at(-2)!;
    for (const [option] of usage.matchAll(/--\w+/g)) {
      assertMatch(stdout, new RegExp(`^ +${option} `, "m"));
    }
    for (const args of [["--no-such"], ["--target"], ["one", "two"]]) {
      const wrong = await run([scripts + script, ...args]);
      assertEquals(
        [wrong.code, wrong.stdout, wrong.stderr],
        [100, "", `${usage}\n`],
        args.join(" "),
      );
    }
  });
}

const other = Deno.build.arch === "x86_64" ? "aarch64" : "x86_64";
const ELF_NUMBER = { x86_64: 62, aarch64: 183 };
const INTERPRETER = "/lib/ld-linux-of-another-machine.so.1";

/** Makes an executable for another machine that asks for a dynamic linker, and does nothing. */
function runtimeOfOther(): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`${INTERPRETER}\0`);
  // The second segment, which is not used, becomes the one that names the linker.
  const bytes = executable(ELF_NUMBER[other], text, { address: 0x1000_0000, length: 8 });
  const view = new DataView(bytes.buffer);
  const second = 64 + 56;
  view.setUint32(second, 3, true);
  view.setBigUint64(second + 8, BigInt(bytes.length - text.length), true);
  return bytes;
}

Deno.test("the packed and the unpacked form are made for another machine", async () => {
  await using place = await temporaryDirectory();
  const runtime = `${place.path}/runtime`;
  await Deno.writeFile(runtime, runtimeOfOther());
  const options = ["--target", other, "--runtime", runtime];
  const packed = `${place.path}/packed`;
  const unpacked = `${place.path}/unpacked`;
  for (const args of [[packed], ["--unpacked", unpacked]]) {
    const { code, stderr } = await run([`${scripts}compile`, ...options, ...args], {
      deadline: 4 * DEADLINE,
    });
    assertEquals(code, 0, stderr);
  }
  const script = new TextDecoder().decode(await Deno.readFile(packed));
  const started = await run([packed, "--version"]);
  assertEquals({ code: started.code, stdout: started.stdout, stderr: started.stderr }, {
    code: 100,
    stdout: "",
    stderr: `packed: fatal: cannot start: this executable is for ${other}, and this machine is ` +
      `${Deno.build.arch}; take the one that is for ${Deno.build.arch}, if there is one (x86_64, aarch64)\n`,
  });

  assertEquals(machineOf(await Deno.readFile(`${unpacked}/sv`)), other);
  const directories = [...Deno.readDirSync(unpacked)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `${unpacked}/${name}`);
  assertEquals(directories.length, 2);
  const files = new Map(
    directories.flatMap((directory) =>
      [...Deno.readDirSync(directory)].map(({ name }) => [name, `${directory}/${name}`] as const)
    ),
  );
  assertEquals(await Deno.readFile(files.get("sv")!), await Deno.readFile(runtime));
  // What the packed form lists is what lies there, with the modes that `sv unpack` gives.
  const list = /<<END\n([^]*?)\nEND\n/.exec(script)![1]!;
  const listed = list.split("\n").map((line) => line.split(" ") as [string, string])
    .map(([name, length]) => [name, Number(length)] as const);
  assert(listed.length > 10);
  assertEquals(
    listed.map(([name]) => name).sort(),
    [...files.keys()].filter((name) => name !== "sv").sort(),
  );
  for (const [name, length] of listed) {
    const { size, mode } = await Deno.stat(files.get(name)!);
    assertEquals(
      [size, mode! & 0o7777],
      [length, /\.(mjs|code)$/.test(name) ? 0o644 : 0o755],
      name,
    );
  }

  const again = await run([`${scripts}compile`, ...options, "--unpacked", unpacked], {
    deadline: 4 * DEADLINE,
  });
  assertEquals(again.code, 1);
  assertMatch(
    again.stderr,
    /^scripts\/compile: cannot lay sv out in .*, which exists: remove it first$/m,
  );
});

Deno.test("a runtime that can't be packed is refused in one line", async () => {
  await using place = await temporaryDirectory();
  await Deno.writeTextFile(`${place.path}/text`, "no executable\n");
  const { code, stderr } = await run(
    [`${scripts}compile`, "--runtime", `${place.path}/text`, `${place.path}/sv`],
  );
  assertEquals(code, 1);
  assertEquals(
    stderr.trimEnd().split("\n").at(-1),
    "scripts/compile: Cannot pack a runtime that is no executable for x86_64 or aarch64",
  );
});

Deno.test("what `using` ends in the sources is ended in a bundle, too", async () => {
  // The bundler puts the value of a variable that is used once in the place of its use, also where `using`
  // declares it: `using file = open(); const fd = file.fd;`. Then nothing closes the file. Such a variable
  // is to be used twice, or not at all.
  await using directory = await temporaryDirectory();
  const bundled = async (...options: string[]) => {
    const output = `${directory.path}/sv.js`;
    const args = ["bundle", "--quiet", "--platform", "deno", ...options, "--output", output];
    const { code, stderr } = await run([`${scripts}deno`, ...args, `${scripts}../cli.ts`]);
    assertEquals([code, stderr], [0, ""]);
    return [...Deno.readTextFileSync(output).matchAll(/\busing ([\w$]+) ?=/g)].map(([, name]) =>
      name
    );
  };
  const declared = await bundled();
  assert(declared.length > 100);
  assertEquals((await bundled("--minify")).length, declared.length);
});
