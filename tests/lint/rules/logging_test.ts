import { loggingRules } from "../../../lib/lint/rules/logging.ts";
import type { Machine } from "../../../lib/lint/view/directory_view.ts";
import { type Case, testRule } from "../views.ts";

const runs = (line: string, found: string[] = [], machine: Partial<Machine> = {}): Case => [
  line.replaceAll("\n", "\\n"),
  { run: `#!/bin/sh\n${line}\n` },
  found,
  "logger",
  machine,
];
const nothing = { hasDirectory: () => false };

testRule(loggingRules, [
  runs("exec s6-log t /var/log/web"),
  runs("exec s6-log -b n20 s1000000 t", ["no-place-to-log run:2: s6-log t /var/log/NAME"]),
  runs("exec s6-log t 1"),
  runs("exec s6-log t $DIRECTORY"),
  runs("exec s6-setuidgid log s6-log -d 3 t ./main"),
  runs("exec svlogd -tt /var/log/web"),
  runs("exec svlogd -tt", ["no-place-to-log run:2: svlogd -tt"]),
  runs("exec multilog t s100000", ["no-place-to-log run:2"]),
  runs("exec multilog t ./main"),
  runs("exec sv log -d 3 t ./main"),
  runs("exec sv log t", ["no-place-to-log run:2: sv log t"]),
  runs("exec cat"),
  runs("exec svlogd -tt /var/log/web", ["no-place-to-log run:2: mkdir -p /var/log/web"], nothing),
  runs("exec svlogd -tt ./main", ["no-place-to-log run:2: mkdir -p web/./main"], nothing),
  runs("exec svlogd -tt /run/log/web", [], nothing),
  runs("mkdir -p /var/log/web\nexec svlogd -tt /var/log/web", [], nothing),
  runs("exec s6-log t /var/log/web", ["no-place-to-log run:2"], nothing),
  runs("exec s6-log t /var/log/web", [], { hasDirectory: (path) => path === "/var/log" }),
]);
