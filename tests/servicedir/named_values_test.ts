import { assertEquals } from "@std/assert";
import { CWD } from "../../lib/os/file.ts";
import { readNamedValues, writeNamedValues } from "../../lib/servicedir/named_values.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const LIMIT = 1000;

Deno.test("values are read as they were written, '=' and all", async () => {
  await using place = await temporaryDirectory();
  const file = `${place.path}/values`;
  writeNamedValues(CWD, file, { PID: 7, STATE: "a=b=c", EMPTY: "" });
  assertEquals(Deno.readTextFileSync(file), "PID=7\nSTATE=a=b=c\nEMPTY=\n");
  const values = readNamedValues(CWD, file, LIMIT, 7);
  assertEquals([values?.get("STATE"), values?.get("EMPTY")], ["a=b=c", ""]);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), ["values"]);
});

Deno.test("what is written of another process, or of none, counts for nothing", async () => {
  await using place = await temporaryDirectory();
  const file = `${place.path}/values`;
  assertEquals(readNamedValues(CWD, file, LIMIT, 7), undefined);
  for (const text of ["", "PID=8\nSTATE=up\n", "STATE=up\n", "no line of ours"]) {
    Deno.writeTextFileSync(file, text);
    assertEquals(readNamedValues(CWD, file, LIMIT, 7), undefined, text);
  }
});

Deno.test("a file that can't be read is as good as none", async () => {
  await using place = await temporaryDirectory();
  assertEquals(readNamedValues(CWD, place.path, LIMIT, 7), undefined);
});
