import { definitionRules } from "../../../lib/lint/rules/definitions.ts";
import { type Case, testRule } from "../views.ts";

const up = (text: string, ...found: string[]): Case => [
  JSON.stringify(text),
  { type: "oneshot\n", up: text },
  found,
  "oneshot",
];

testRule(definitionRules, [
  up("mkdir -p /run/web\n"),
  up("/etc/scripts/web up\n"),
  up('#!/bin/execlineb -P\nif { test -d /run }\nmkdir "/run/a"\n'),
  up('/bin/sh -c "mkdir -p /run/a && chown www /run/a"\n'),
  up("# a && b\ntrue\n"),
  up("#!/bin/sh\nmkdir -p /run/a\n", "shell-script up:1: /bin/sh"),
  up("mkdir /run/a && chown www /run/a\n", "shell-script up:1: /bin/sh -c"),
  up("mkdir /run/a\necho a > /run/a/b\n", "shell-script up:2"),
  up("/bin/sh -c 'a && b'\n", "shell-script up:1"),
  up('/bin/sh -c "a \\" && b"\n'),
  ["down", { type: "oneshot", up: "true", down: "#!/bin/bash\nrm a\n" }, [
    "shell-script down:1",
  ], "oneshot"],
  ["a longrun", { type: "longrun", run: "#!/bin/sh\na && b\n" }, [], "longrun"],
]);
