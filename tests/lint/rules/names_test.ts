import { nameRules } from "../../../lib/lint/rules/names.ts";
import type { FileView } from "../../../lib/lint/view/directory_view.ts";
import { RUN, testRule } from "../views.ts";

const folder: FileView = { type: "directory" };

testRule(nameRules, [
  ["all that a service may have", {
    "run": RUN,
    "finish": RUN,
    "notification-fd": "3",
    "down-signal": "INT",
    "data": folder,
    "data/check": RUN,
    "data/anything": "",
    "data/sv": folder,
    "data/sv/notifyoncheck": "",
    "env": folder,
    "log": folder,
    "event": folder,
    "supervise": folder,
    ".gitignore": "",
    "README.md": "",
  }, []],
  ["notificationfd", { run: RUN, notificationfd: "3" }, [
    "misspelt-file notificationfd: did you mean notification-fd?",
  ]],
  ["notification_fd", { run: RUN, notification_fd: "3" }, [
    "misspelt-file notification_fd: did you mean notification-fd?",
  ]],
  ["dependecies.d in a definition", { "run": RUN, "type": "longrun\n", "dependecies.d": folder }, [
    "misspelt-file dependecies.d: did you mean dependencies.d?",
  ], "longrun"],
  ["a copy beside the right file is not misspelt", {
    "run": RUN,
    "timeout-kill": "500",
    "timeout-kil": "500",
  }, ["unknown-file timeout-kil"]],
  ["a file that run names is its own", { run: "#!/bin/sh\n. ./conf\nexec web\n", conf: "" }, []],
  ["a file that nothing names", { run: RUN, conf: "" }, ["unknown-file conf: data"]],
  ["runit's check", { run: RUN, check: RUN }, ["other-supervisor check: data/check"]],
  ["runit's control", { run: RUN, control: folder }, ["other-supervisor control: down-signal"]],
  ["dependencies.d in a service directory", { "run": RUN, "dependencies.d": folder }, [
    "misplaced-file dependencies.d: longrun",
  ]],
  [
    "dependencies.d in a bundle",
    {
      "type": "bundle",
      "contents.d": folder,
      "dependencies.d": folder,
    },
    ["misplaced-file dependencies.d: longruns and oneshots"],
    "bundle",
  ],
  ["contents.d in a longrun", { "type": "longrun", "run": RUN, "contents.d": folder }, [
    "misplaced-file contents.d: a bundle has it",
  ], "longrun"],
  ["run in a oneshot", { type: "oneshot", up: "true", run: RUN }, [
    "misplaced-file run: a longrun has it",
  ], "oneshot"],
  [
    "run in a oneshot that up names",
    { type: "oneshot", up: "/etc/rc/a/run", run: RUN },
    [],
    "oneshot",
  ],
  ["a logger in a longrun", { type: "longrun", run: RUN, log: folder }, [
    "misplaced-file log: producer-for",
  ], "longrun"],
  ["down in a longrun", { type: "longrun", run: RUN, down: "" }, [
    "misplaced-file down: sv rc",
  ], "longrun"],
  ["a logger of a logger", { run: RUN, log: folder }, ["misplaced-file log: a service"], "logger"],
  ["a misspelt option", { "run": RUN, "data/sv/notifyoncheks": "" }, [
    "misspelt-file data/sv/notifyoncheks: did you mean notifyoncheck?",
  ]],
  ["an unknown option", { "run": RUN, "data/sv/colour": "" }, [
    "unknown-file data/sv/colour: notifyoncheck and watchdog",
  ]],
]);
