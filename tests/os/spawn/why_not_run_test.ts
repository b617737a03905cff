import { assertEquals, assertStringIncludes } from "@std/assert";
import { CWD } from "../../../lib/os/file.ts";
import { PosixSpawner } from "../../../lib/os/spawn/posix_spawner.ts";
import { whyNotRun } from "../../../lib/os/spawn/why_not_run.ts";
import { SystemError } from "../../../lib/os/system_error.ts";
import { missingRoot, refused, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { sv } from "../../support/program.ts";
import { quoted } from "../../support/quoted.ts";

/** Tries to start a program, and returns why that failed. */
function reason(path: string): string {
  try {
    new PosixSpawner().spawn({ argv: [path] });
  } catch (error) {
    if (error instanceof SystemError) return whyNotRun(CWD, path, error.errno);
    throw error;
  }
  throw new Error(`${path} was started`);
}

for (
  const [what, content, mode, expected] of [
    ["a file that is not executable", "#!/bin/sh\n", 0o644, "it is not executable; use chmod +x"],
    [
      "a script without a first line",
      "exec sleep 1\n",
      0o755,
      "neither a program nor a script that",
    ],
    ["an empty file", "", 0o755, "it is empty"],
    [
      "a script with the line ends of DOS",
      "#!/bin/sh\r\nexit\r\n",
      0o755,
      'its first line, "#!/bin/sh\\r", ends in a carriage return',
    ],
    [
      "a script without its interpreter",
      "#! /no/such/shell -e\n",
      0o755,
      "its interpreter, /no/such/shell, does not exist",
    ],
    ["a script whose interpreter can't be run", "#!/etc/passwd\n", 0o755, "Permission denied"],
    ["a script that names no interpreter", "#!\n", 0o755, "names no interpreter"],
    ["a byte order mark before #!", "\ufeff#!/bin/sh\n", 0o755, "it begins with a byte order mark"],
    ["a damaged program", "\x7fELF\x02\x01\x01", 0o755, "for another kind of machine"],
  ] as const
) {
  Deno.test(`${what} is named as the reason why it can't be run`, () => {
    const path = Deno.makeTempFileSync();
    try {
      Deno.writeTextFileSync(path, content);
      Deno.chmodSync(path, mode);
      assertStringIncludes(reason(path), expected);
    } finally {
      Deno.removeSync(path);
    }
  });
}

Deno.test("a file that is missing, a link that leads nowhere and a directory are told apart", () => {
  const directory = Deno.makeTempDirSync();
  try {
    assertEquals(reason(`${directory}/run`), "there is no such file");
    Deno.symlinkSync("nowhere", `${directory}/run`);
    assertEquals(
      reason(`${directory}/run`),
      "it is a symbolic link to nowhere, which does not exist",
    );
    assertEquals(reason(directory), "it is a directory");
    assertEquals(whyNotRun(CWD, "/bin/sh", 7), "Argument list too long");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

/** With mounts of its own; no process outlives it. */
const ALONE = ["unshare", "-m", "-p", "-f", "--kill-child", "--mount-proc"];

const mounts = [missingRoot("to mount"), await refused(...ALONE, "true")];

testNeeding(mounts, "a file system that is mounted noexec is named as the reason", async () => {
  const place = await Deno.makeTempDir();
  try {
    const script = `
mount -t tmpfs -o noexec none ${quoted([place])} && cd ${quoted([place])} && mkdir web && cd web &&
printf '#!/bin/sh\\nexit 0\\n' >run && chmod +x run && touch down
"$@" supervise . 2>messages & supervisor=$!
until "$@" control -u . 2>/dev/null; do sleep 0.05; done
until grep -q noexec messages; do sleep 0.05; done
"$@" stat .
kill "$supervisor"; wait "$supervisor"; cat messages`;
    const { stdout } = await run([...ALONE, "sh", "-c", script, "sh", ...sv]);
    const why = "cannot start ./run: it is on a file system that is mounted noexec";
    assertStringIncludes(stdout.split("\n")[0]!, `, want up, ${why}`);
    assertStringIncludes(stdout, `sv supervise .: warning: ${why}; trying again in 60 seconds\n`);
  } finally {
    await Deno.remove(place, { recursive: true });
  }
});
