import { assertEquals } from "@std/assert";
import { checkDefinitions } from "../../../lib/rc/definitions/check.ts";
import { readSources } from "../../../lib/rc/definitions/source.ts";
import { definitions, longrun } from "../definitions_folder.ts";

/** Returns all messages on a source directory, with SOURCE in place of its path. */
async function faults(files: Record<string, string>): Promise<string[]> {
  await using source = await definitions(files);
  const sources = readSources([source.path]);
  return [...sources.faults, ...checkDefinitions(sources.definitions)].map(
    ({ severity, message }) => `${severity}: ${message.replaceAll(source.path, "SOURCE")}`,
  );
}

Deno.test("definitions without faults have none", async () => {
  assertEquals(
    await faults({
      ...longrun("a"),
      ...longrun("b", ["a"]),
      "o/type": "oneshot",
      "o/up": "true",
      "o/dependencies": "# a comment\n  b\n",
      "all/type": "bundle\n",
      "all/contents": "o\na\n",
      ".hidden/type": "nonsense",
      "a-file": "is no definition",
    }),
    [],
  );
});

Deno.test("everything that is wrong is said at once", async () => {
  assertEquals(
    await faults({
      "a/type": "longrun\n",
      "b/run": "#!/bin/sh\n",
      "c/type": "long run\n",
      "d/type": "oneshot\n",
      "e/type": "bundle\n",
      ...longrun("f", ["nobody"]),
      "f/timeout-up": "soon\n",
      "f/lock-fd": "3",
      "s6rc-x/type": "oneshot\n",
    }),
    [
      "error: SOURCE/s6rc-x: names must not start with s6rc- or s6-rc-; rename it",
      "error: SOURCE/a has no file 'run', which a longrun needs",
      "error: SOURCE/b has no file 'type'; write longrun, oneshot or bundle into one",
      'error: SOURCE/c/type must be longrun, oneshot or bundle, not "long run"',
      "error: SOURCE/d has no file 'up', which a oneshot needs",
      "error: SOURCE/e has no contents.d, which a bundle needs",
      "error: SOURCE/f: notification-fd and lock-fd must not be the same descriptor",
      'error: SOURCE/f/timeout-up must be an unsigned integer, not "soon"',
      "error: 'f' depends on 'nobody', which nobody defines (in SOURCE/f)",
    ],
  );
});

Deno.test("a cycle is printed as the cycle, also where it leads through a bundle", async () => {
  assertEquals(
    await faults({
      ...longrun("a", ["both"]),
      ...longrun("b"),
      ...longrun("c", ["d"]),
      ...longrun("d", ["e"]),
      ...longrun("e", ["c", "b"]),
      ...longrun("f", ["a"]),
      "both/type": "bundle\n",
      "both/contents.d/b": "",
      "both/contents.d/f": "",
    }),
    [
      "error: a service depends on itself: a → f → a",
      "error: a service depends on itself: c → d → e → c",
    ],
  );
});

Deno.test("a bundle that contains itself is printed as the cycle", async () => {
  const bundle = (name: string, content: string) => ({
    [`${name}/type`]: "bundle\n",
    [`${name}/contents.d/${content}`]: "",
  });
  assertEquals(
    await faults({ ...bundle("x", "x"), ...bundle("y", "z"), ...bundle("z", "y") }),
    ["error: a bundle contains itself: x → x", "error: a bundle contains itself: y → z → y"],
  );
});

Deno.test("a pipeline that only one side declares is said, and what to do about it", async () => {
  assertEquals(
    await faults({
      ...longrun("a"),
      "a/producer-for": "b\n",
      ...longrun("b"),
      ...longrun("c"),
      ...longrun("d"),
      "d/consumer-for": "c\n",
      ...longrun("e"),
      "e/producer-for": "o\n",
      "o/type": "oneshot\n",
      "o/up": "",
    }),
    [
      "error: 'a' is a producer for 'b', which does not say so; add a to SOURCE/b/consumer-for",
      "error: 'd' is a consumer for 'c', which does not say so; write d into SOURCE/c/producer-for",
      "error: SOURCE/e/producer-for names 'o', which is a oneshot; only longruns can be in a pipeline",
    ],
  );
});

Deno.test("a pipeline that feeds itself is printed as the cycle", async () => {
  assertEquals(
    await faults({
      ...longrun("a"),
      "a/producer-for": "b\n",
      "a/consumer-for": "b\n",
      ...longrun("b"),
      "b/producer-for": "a\n",
      "b/consumer-for": "a\n",
    }),
    ["error: a pipeline feeds itself: a → b → a"],
  );
});

Deno.test("what init could not use is said, and where it stands", async () => {
  assertEquals(
    await faults({
      ...longrun("a"),
      "a/finish/x": "",
      "a/data": "",
      "a/env": "",
      "a/down-signal/x": "",
      "b/type": "oneshot\n",
      "b/up": "if {\n  true\n",
      "b/down": "true\n}\nx",
      "b/reload": 'echo\n"open\n',
      [`${"n".repeat(252)}/type`]: "bundle\n",
      [`${"n".repeat(252)}/contents`]: "a \r\n",
    }),
    [
      `error: SOURCE/${"n".repeat(252)}: a scan ignores names of more than 251 bytes, prefix ` +
      "included; rename it",
      "error: SOURCE/a/finish must be a regular file",
      "warning: SOURCE/a/down-signal is ignored: it is no regular file",
      "error: SOURCE/a/data must be a directory, not a file",
      "error: SOURCE/a/env must be a directory, not a file",
      'error: SOURCE/b/up, line 1: a "{" is never closed',
      'error: SOURCE/b/down, line 2: a "}" closes nothing',
      "error: SOURCE/b/reload, line 2: a double quote is never closed",
      `error: the bundle '${"n".repeat(252)}' contains "a \\r", which nobody defines (in SOURCE/${
        "n".repeat(252)
      })`,
    ],
  );
});

Deno.test("a longrun that others depend on and that never notifies is warned of", async () => {
  const silent = longrun("a");
  delete silent["a/notification-fd"];
  assertEquals(
    await faults({ ...silent, ...longrun("b", ["a"]), ...longrun("c", ["a"]) }),
    [
      "warning: 'a' never says that it is ready: 'b' and 1 more will start as soon as its run " +
      "script does; write a number into SOURCE/a/notification-fd and let it notify",
    ],
  );
});
