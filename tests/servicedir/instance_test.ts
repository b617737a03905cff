import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import {
  followTemplate,
  instanceName,
  linkTemplate,
  readInstanceRecord,
  writeInstanceRecord,
} from "../../lib/servicedir/instance.ts";
import { writeFiles } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const RECORD = { name: "one", template: "../t@", overrides: "../t@/data/sv/instances/one" };

/** Makes a template and an instance of it, and calls back with their parent and the open instance. */
async function withInstance(call: (path: string, directory: number) => void | Promise<void>) {
  await using parent = await temporaryDirectory();
  await writeFiles(parent.path, {
    "t@/run": "#!/bin/sh\n",
    "t@/env/A": "1",
    "t@/down": "",
    "t@/log/run": "#!/bin/sh\n",
    "t@one/supervise/.keep": "",
  });
  using opened = new Descriptor(open(CWD, `${parent.path}/t@one`, Open.PATH | Open.DIRECTORY));
  writeInstanceRecord(opened.fd, RECORD);
  linkTemplate(opened.fd, RECORD);
  await call(parent.path, opened.fd);
}

/** Returns the links in a directory. */
function linksIn(path: string): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(path)].filter(({ isSymlink }) => isSymlink).map(({ name }) => name).sort()
      .map((name) => [name, Deno.readLinkSync(`${path}/${name}`)]),
  );
}

Deno.test("an instance has links to what its template has, but not to what is its own", async () => {
  await withInstance((path, directory) => {
    assertEquals(linksIn(`${path}/t@one`), { env: "../t@/env", run: "../t@/run" });
    assertEquals(readInstanceRecord(directory), RECORD);
    assertEquals(instanceName(directory), "one");
  });
});

Deno.test("what is new in a template is linked; an instance's own files stay", async () => {
  await withInstance(async (path, directory) => {
    await writeFiles(path, {
      "t@/finish": "#!/bin/sh\n",
      "t@/config": "theirs",
      "t@one/config": "mine",
    });
    followTemplate(directory);
    followTemplate(directory);
    assertEquals(Object.keys(linksIn(`${path}/t@one`)), ["env", "finish", "run"]);
    assertEquals(Deno.readTextFileSync(`${path}/t@one/config`), "mine");
  });
});

Deno.test("a file for one instance stands in for the template's, for as long as it is there", async () => {
  await withInstance(async (path, directory) => {
    const own = "../t@/data/sv/instances/one";
    await writeFiles(path, { "t@/data/sv/instances/one/run": "#!/bin/sh\n" });
    followTemplate(directory);
    assertEquals(linksIn(`${path}/t@one`).run, `${own}/run`);
    await Deno.remove(`${path}/t@/data/sv/instances/one/run`);
    followTemplate(directory);
    assertEquals(linksIn(`${path}/t@one`).run, "../t@/run");
  });
});

Deno.test("a link that leads elsewhere is the user's", async () => {
  await withInstance(async (path, directory) => {
    await Deno.remove(`${path}/t@one/run`);
    await Deno.symlink("../elsewhere", `${path}/t@one/run`);
    followTemplate(directory);
    assertEquals(linksIn(`${path}/t@one`).run, "../elsewhere");
  });
});

Deno.test("a service that is no instance is left as it is", async () => {
  await using parent = await temporaryDirectory();
  await writeFiles(parent.path, { "t@/run": "#!/bin/sh\n", "t@one/run": "#!/bin/sh\n" });
  using opened = new Descriptor(open(CWD, `${parent.path}/t@one`, Open.PATH | Open.DIRECTORY));
  followTemplate(opened.fd);
  assertEquals(instanceName(opened.fd), undefined);
  assertEquals([...Deno.readDirSync(`${parent.path}/t@one`)].length, 1);
});
