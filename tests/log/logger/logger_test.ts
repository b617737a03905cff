import { assertEquals } from "@std/assert";
import { Logger } from "../../../lib/log/logger/logger.ts";
import { parseScript } from "../../../lib/log/script/parse_script.ts";
import { pipe } from "../../../lib/os/descriptor.ts";
import { close, CWD, Open, open, tryRead, writeAll } from "../../../lib/os/file.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { loggedIn } from "../directory/log_files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A logger of one directory that reads a pipe. */
async function withLogger(
  options: { readonly lastLineTimeout?: number; readonly lineLimit?: number },
  test: (logger: Logger, write: (text: string) => void, path: string) => void | Promise<void>,
): Promise<{ logged: string; left: string }> {
  await using temporary = await temporaryDirectory();
  const path = `${temporary.path}/log`;
  const { read, write } = pipe();
  const logger = new Logger({
    input: read,
    script: parseScript([path]),
    lineLimit: 8192,
    lastLineTimeout: 60_000,
    blocking: false,
    name: "test",
    report: (message) => console.error(message),
    ...options,
  });
  const ended = logger.run();
  let open = true;
  try {
    await test(logger, (text) => {
      if (text === "") {
        close(write);
        open = false;
      } else writeAll(write, bytes(text), "to a logger");
    }, path);
    await within(ended, "the logger's end");
    const room = new Uint8Array(1000);
    const count = Math.max(tryRead(read, room), 0);
    return { logged: loggedIn(path), left: new TextDecoder().decode(room.subarray(0, count)) };
  } finally {
    if (open) close(write);
    close(read);
  }
}

Deno.test("until the end of the input; a line without its end is logged, too", async () => {
  assertEquals(
    await withLogger({}, (_, write) => {
      write("one\ntwo");
      write("");
    }),
    { logged: "one\ntwo\n", left: "" },
  );
});

Deno.test("stopped between lines: what comes later stays in the pipe", async () => {
  assertEquals(
    await withLogger({}, async (logger, write, path) => {
      write("one\n");
      await until(() => loggedIn(path) === "one\n", "the line");
      logger.stop();
      write("two\n");
    }),
    { logged: "one\n", left: "two\n" },
  );
});

Deno.test("stopped within a line: its rest is waited for, and nothing after it is taken", async () => {
  assertEquals(
    await withLogger({}, async (logger, write, path) => {
      write("one\ntw");
      await until(() => loggedIn(path) === "one\n", "the line");
      logger.stop();
      write("o\nthree\n");
    }),
    { logged: "one\ntwo\n", left: "three\n" },
  );
});

Deno.test("stopped within a line whose rest does not come in time", async () => {
  assertEquals(
    await withLogger({ lastLineTimeout: 50 }, async (logger, write, path) => {
      write("one\ntw");
      await until(() => loggedIn(path) === "one\n", "the line");
      logger.stop();
    }),
    { logged: "one\ntw\n", left: "" },
  );
});

Deno.test("stopped within a line that is cut", async () => {
  assertEquals(
    await withLogger({ lineLimit: 48 }, async (logger, write, path) => {
      write(`${"x".repeat(50)}\n${"y".repeat(40)}`);
      await until(() => loggedIn(path).endsWith("xx\n"), "the line");
      logger.stop();
      write(`${"y".repeat(20)}\nnext\n`);
    }),
    {
      logged: `${"x".repeat(48)}\nxx\n${"y".repeat(48)}\n${"y".repeat(12)}\n`,
      left: "next\n",
    },
  );
});

Deno.test("a file, through many rotations", async () => {
  const lines = Array.from({ length: 60_000 }, (_, index) => `line ${index}\n`).join("");
  await using temporary = await temporaryDirectory();
  const path = `${temporary.path}/log`;
  await Deno.writeTextFile(`${temporary.path}/input`, lines);
  const input = open(CWD, `${temporary.path}/input`, Open.READ);
  const logger = new Logger({
    input,
    script: parseScript(["n1000", "s4096", "l0", path]),
    lineLimit: 8192,
    lastLineTimeout: 60_000,
    blocking: true,
    name: "test",
    report: (message) => console.error(message),
  });
  await within(logger.run(), "the logger's end");
  close(input);
  assertEquals(loggedIn(path), lines);
});
