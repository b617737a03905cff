import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSameToken, readToken } from "../../../lib/cli/serve/token_file.ts";
import { missingRoot, testNeeding } from "../../support/needs.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const TOKEN = "0123456789abcdef";

async function written(path: string, text: string, mode = 0o600): Promise<string> {
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
  return path;
}

Deno.test("a token is the content of a file that only its owner may use", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/token`;
  assertEquals(readToken(await written(path, `${TOKEN}\n`)), TOKEN);
  assertEquals(readToken(await written(path, TOKEN, 0o400)), TOKEN);
  for (const mode of [0o640, 0o604, 0o660, 0o622]) {
    await written(path, TOKEN, mode);
    assertThrows(
      () => readToken(path),
      Error,
      "so that others may use it: chmod 600",
      mode.toString(8),
    );
  }
});

Deno.test("what is no token is refused", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/token`;
  for (
    const text of ["", "\n", "short", `${TOKEN} ${TOKEN}`, "x".repeat(5000), `${TOKEN}\n${TOKEN}`]
  ) {
    await written(path, text);
    assertThrows(() => readToken(path), Error, "holds no token");
  }
  assertThrows(() => readToken(`${directory.path}/none`), Error, "No such file");
  assertThrows(() => readToken(directory.path), Error, "is no file");
});

testNeeding(
  [missingRoot("to give files away")],
  "another user's file, or link, is refused",
  async () => {
    await using directory = await temporaryDirectory();
    const path = await written(`${directory.path}/token`, TOKEN);
    await Deno.chown(path, 4321, 4321);
    assertThrows(() => readToken(path), Error, "belongs to user 4321");
    const own = await written(`${directory.path}/own`, TOKEN);
    const link = `${directory.path}/link`;
    await Deno.symlink(own, link);
    assertEquals(readToken(link), TOKEN);
    await new Deno.Command("chown", { args: ["-h", "4321", link] }).output();
    assertThrows(() => readToken(link), Error, "follow the symbolic link");
  },
);

Deno.test("tokens are compared as a whole", async () => {
  assert(await isSameToken(TOKEN, TOKEN));
  for (const other of ["", TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase()]) {
    assertEquals(await isSameToken(other, TOKEN), false);
  }
});
