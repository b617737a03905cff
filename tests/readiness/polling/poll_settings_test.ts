import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "../../../lib/options/parse_options.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";
import { POLL_OPTIONS, pollSettings } from "../../../lib/readiness/polling/poll_settings.ts";

const settings = (...args: string[]) =>
  pollSettings(parseOptions(args, POLL_OPTIONS.short, POLL_OPTIONS.long));

Deno.test("without options the settings are those of s6-notifyoncheck", () => {
  assertEquals(settings(), {
    polling: {
      initialSleep: 10,
      waitingTime: 1000,
      tries: 7,
      globalTimeout: 0,
      localTimeout: 0,
    },
    checks: [],
    expect: undefined,
    anyOwner: false,
    commandLine: undefined,
  });
});

Deno.test("of an option that is given twice the last one counts, and every check counts", () => {
  const { polling, checks, commandLine } = settings(
    ...["-n", "1", "--tries=2", "-c", "a", "-c", "b", "--backoff", "1.5"],
    ...["--tcp", "80", "--file", "x", "--tcp", "[::1]:81"],
  );
  assertEquals([polling.tries, polling.backoff, commandLine], [2, 1.5, "b"]);
  assertEquals(checks, [
    { kind: "tcp", what: "80" },
    { kind: "file", what: "x" },
    { kind: "tcp", what: "[::1]:81" },
  ]);
});

Deno.test("a check that talks to a server has a time limit of its own", () => {
  assertEquals(settings("--unix", "socket").polling.localTimeout, 5000);
  assertEquals(settings("--unix", "socket", "-t", "7").polling.localTimeout, 7);
  assertEquals(settings("--file", "x", "--pid-file", "y").polling.localTimeout, 0);
});

Deno.test("a value that is wrong is named, with what it should be", () => {
  const wrong: readonly (readonly [string[], string])[] = [
    [["--tcp", "http"], "option --tcp takes a port, host:port or [address]:port, not 'http'"],
    [
      ["--http", "localhost"],
      "option --http takes a URL like http://127.0.0.1/health, not 'localhost'",
    ],
    [["--file", ""], "option --file takes a path, not an empty string"],
    [["--backoff", "0.5"], "option --backoff takes a factor of at least 1, not '0.5'"],
    [["--expect", "200"], "option --expect is about --http, which is not given"],
    [
      ["--any-owner", "--file", "x"],
      "option --any-owner is about --tcp, --http and --unix, none of which is given",
    ],
    [
      ["--http", "http://localhost/", "--expect", "2xx"],
      "option --expect takes status codes like 200-399 or 200,204, not '2xx'",
    ],
  ];
  for (const [args, message] of wrong) assertThrows(() => settings(...args), UsageError, message);
  assertThrows(() => settings("-n", "many"), UsageError, "option -n takes");
});
