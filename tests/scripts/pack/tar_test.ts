import { assertEquals, assertThrows } from "@std/assert";
import { BLOCK, header } from "../../../scripts/pack/tar.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("tar(1) reads an archive: names, modes, lengths, owner and time", async () => {
  await using place = await temporaryDirectory();
  const content = new Uint8Array(BLOCK);
  content.set(new TextEncoder().encode("hello\n"));
  const blocks = [
    header({ name: "d/", mode: 0o755, directory: true }),
    header({ name: "d/f", mode: 0o644, length: 6 }),
    content,
    new Uint8Array(2 * BLOCK),
  ];
  await Deno.writeFile(`${place.path}/a.tar`, await new Blob(blocks).bytes());
  const list = await run(["tar", "-tvf", "a.tar", "--numeric-owner"], {
    cwd: place.path,
    env: { TZ: "UTC" },
  });
  assertEquals([list.code, list.stderr], [0, ""]);
  assertEquals(
    list.stdout.replaceAll(/ +/g, " "),
    "drwxr-xr-x 0/0 0 2000-01-01 00:00 d/\n-rw-r--r-- 0/0 6 2000-01-01 00:00 d/f\n",
  );
  const text = await run(["tar", "-xOf", "a.tar", "d/f"], { cwd: place.path });
  assertEquals(text.stdout, "hello\n");
});

Deno.test("a path that a header has no room for is refused", () => {
  assertThrows(() => header({ name: "x".repeat(101), mode: 0o644 }), Error, "too long");
});
