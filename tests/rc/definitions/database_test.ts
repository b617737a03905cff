import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseError, originOf } from "../../../lib/rc/definitions/database.ts";
import { definitions, longrun } from "../definitions_folder.ts";

Deno.test("the definitions of a database are in its directory source", async () => {
  await using place = await definitions({ "sv-rc-database": "1\n", ...longrun("source/a") });
  assertEquals(originOf(place.path), { directory: `${place.path}/source`, isDatabase: true });
});

Deno.test("a database of a later format is refused, with the format that is known", async () => {
  for (const text of ["2\n", "", "1\n2\n", "one\n"]) {
    await using place = await definitions({ "sv-rc-database": text });
    const error = assertThrows(() => originOf(place.path), DatabaseError);
    assertEquals(
      error.message,
      `Cannot use ${place.path}: its format is ${JSON.stringify(text.trim())}, and this sv reads ` +
        "only 1; compile the source directories again",
    );
  }
});

Deno.test("a database that s6-rc has compiled is refused, with what to do", async () => {
  await using place = await definitions({
    "db": "",
    "lock": "",
    "n": "",
    "resolve.cdb": "",
    "servicedirs/a/run": "#!/bin/sh\n",
  });
  const error = assertThrows(() => originOf(place.path), DatabaseError);
  assertEquals(
    error.message,
    `Cannot use ${place.path}: s6-rc has compiled this database, and sv does not read its format; ` +
      "name the source directories that it was compiled from, or compile them with sv rc compile",
  );
});

Deno.test("services with the names of a database's files make no database", async () => {
  await using place = await definitions({
    ...longrun("db"),
    ...longrun("n"),
    ...longrun("resolve.cdb"),
    ...longrun("servicedirs"),
    ...longrun("sv-rc-database"),
    ...longrun("source"),
  });
  assertEquals(originOf(place.path), { directory: place.path, isDatabase: false });
});

Deno.test("what does not exist is left for the reader of definitions to report", () => {
  for (const path of ["/does/not/exist", "/dev/null", "/dev/null/x"]) {
    assertEquals(originOf(path), { directory: path, isDatabase: false });
  }
});
