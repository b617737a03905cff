import { assertEquals } from "@std/assert";
import { loggerScript, type LoggerSettings } from "../../../lib/cli/usertree/logger_script.ts";

const DEFAULT: LoggerSettings = {
  user: undefined,
  directory: "/var/log/web",
  stamps: 1,
  files: 10,
  fileSize: "1000000",
  size: "0",
  prefix: undefined,
};

for (
  const [settings, line] of [
    [{}, "exec sv log -bd3 -- t n10 s1000000 /var/log/web"],
    [{ stamps: 0 }, "exec sv log -bd3 -- n10 s1000000 /var/log/web"],
    [{ stamps: 2 }, "exec sv log -bd3 -- T n10 s1000000 /var/log/web"],
    [{ stamps: 3, size: "7" }, "exec sv log -bd3 -- t T n10 s1000000 S7 /var/log/web"],
    [{ user: "log" }, "exec sv setuidgid log sv log -bd3 -- t n10 s1000000 /var/log/web"],
    [
      { prefix: "it's: ", directory: "/a b" },
      "exec sv log -bd3 -- t n10 s1000000 'pit'\\''s: ' '/a b'",
    ],
  ] as const
) {
  Deno.test(`a logger with ${JSON.stringify(settings)}`, () => {
    assertEquals(loggerScript({ ...DEFAULT, ...settings }), `#!/bin/sh\n${line}\n`);
  });
}
