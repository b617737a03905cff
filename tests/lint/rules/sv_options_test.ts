import { svOptionRules } from "../../../lib/lint/rules/sv_options.ts";
import { RUN, testRule } from "../views.ts";

const FILE = "data/sv/notifyoncheck";
const NOTIFYING = "#!/bin/sh\nexec sv notify-fd-from-socket web\n";

testRule(svOptionRules, [
  ["options", { run: RUN, [FILE]: "-w 50 --http http://127.0.0.1:80/ # comment\n" }, []],
  ["no options, and a check", { "run": RUN, [FILE]: "", "data/check": RUN }, []],
  ["no options, and no check", { run: RUN, [FILE]: "-n 0\n" }, [
    `nothing-to-check ${FILE}: --tcp`,
  ]],
  ["an unknown option", { run: RUN, [FILE]: "--htp http://a/\n" }, [`bad-options ${FILE}`]],
  ["a bad value", { run: RUN, [FILE]: "--tcp 99999\n" }, [`bad-options ${FILE}`]],
  ["a quote that is not closed", { run: RUN, [FILE]: "-c 'true\n" }, [`bad-options ${FILE}`]],
  ["a program", { run: RUN, [FILE]: "--tcp 80 web\n" }, [`bad-options ${FILE}`]],
  ["the former place", { "run": RUN, "data/notifyoncheck": "--tcp 80\n" }, [
    `former-place data/notifyoncheck: ${FILE}`,
  ]],
  ["another file in the former place", { "run": RUN, "data/notifyoncheck": "hello\n" }, []],
  ["a watchdog", { "run": NOTIFYING, "data/sv/watchdog": "30000\n" }, []],
  ["a watchdog that is no number", { "run": NOTIFYING, "data/sv/watchdog": "30s\n" }, [
    "bad-value data/sv/watchdog",
  ]],
  ["a watchdog that nothing reads", { "run": RUN, "data/sv/watchdog": "30000\n" }, [
    "unread-watchdog data/sv/watchdog",
  ]],
  ["the watchdog's former place", { "run": NOTIFYING, "data/watchdog": "30000\n" }, [
    "former-place data/watchdog",
  ]],
  ["a user's own watchdog", { "run": RUN, "data/watchdog": "30000\n" }, []],
]);
