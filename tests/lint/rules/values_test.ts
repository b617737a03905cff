import { valueRules } from "../../../lib/lint/rules/values.ts";
import type { FileView } from "../../../lib/lint/view/directory_view.ts";
import { type Case, testRule } from "../views.ts";

const folder: FileView = { type: "directory" };

const one = (file: string, value: string, ...found: string[]): Case => [
  `${file} is ${JSON.stringify(value)}`,
  { [file]: value },
  found,
];

testRule(valueRules, [
  one("notification-fd", "3\n"),
  one("notification-fd", "3"),
  one("notification-fd", "1\n"),
  one("notification-fd", "0\n", "bad-value notification-fd: from 1"),
  one("notification-fd", " 3\n", "bad-value notification-fd: write 3 without blanks"),
  one("notification-fd", "3\r\n", "bad-value notification-fd: write 3 without the carriage return"),
  one("notification-fd", "three\n", "bad-value notification-fd"),
  one("notification-fd", "", "bad-value notification-fd"),
  one("lock-fd", "-1\n", "bad-value lock-fd"),
  one("timeout-kill", "5s\n", "bad-value timeout-kill: 5000"),
  one("timeout-kill", "300 ms\n", "bad-value timeout-kill: without a unit: 300"),
  one("timeout-kill", "1m\n", "bad-value timeout-kill: 60000"),
  one("timeout-kill", "5000\n# five seconds\n"),
  one("timeout-kill", "10\n", "milliseconds timeout-kill: 10000"),
  one("timeout-kill", "0\n"),
  one("timeout-finish", "4294967296\n", "bad-value timeout-finish"),
  one("max-death-tally", "100\n"),
  one("max-death-tally", "5000\n", "bad-value max-death-tally: 4096"),
  one("down-signal", "SIGINT\n"),
  one("down-signal", "2\n"),
  one("down-signal", "sigquit\n"),
  one("down-signal", "SIGTEMR\n", "bad-value down-signal: such as INT"),
  one("down-signal", "INT \n", "bad-value down-signal: write INT without blanks"),
  one("reload-signal", "0\n", "bad-value reload-signal: such as HUP"),
  one("reload-signal", "65\n", "bad-value reload-signal"),
  one("down", ""),
  one("down", "no\n", "flag-with-value down: remove"),
  one("flag-timeout-killpg", "0\n", "flag-with-value flag-timeout-killpg"),
  one("flag-newpidns", "true\n"),
  ["a directory in the place of a value", { "timeout-kill": folder }, ["bad-type timeout-kill"]],
  ["a file in the place of a directory", { log: "" }, ["bad-type log"]],
  ["both descriptors are one", { "notification-fd": "5", "lock-fd": "05" }, [
    "same-descriptor lock-fd: such as 6",
  ]],
  ["two descriptors", { "notification-fd": "5", "lock-fd": "6" }, []],
  ["a time of a definition", { "timeout-up": "30\n" }, ["milliseconds timeout-up"], "oneshot"],
  ["a time that no service has", { "timeout-up": "x" }, []],
  ["the script down of a oneshot", { down: "no\n" }, [], "oneshot"],
]);
