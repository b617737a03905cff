import { readinessRules } from "../../../lib/lint/rules/readiness.ts";
import { RUN, testRule } from "../views.ts";

const script = (line: string) => `#!/bin/sh\n${line}\n`;
const FD = { "notification-fd": "3\n" };

testRule(readinessRules, [
  ["a service that does not notify", { run: RUN }, []],
  ["a helper with a descriptor", {
    ...FD,
    run: script("exec sv notifyoncheck --tcp 80 web"),
  }, []],
  ["a helper without a descriptor", { run: script("exec sv notifyoncheck --tcp 80 web") }, [
    "no-notification-fd run:2: write 3",
  ]],
  ["a helper behind others", {
    run: script("exec 2>&1\nexec s6-setuidgid www sv notify-fd-from-socket -t 500 web"),
  }, ["no-notification-fd run:3"]],
  ["s6's helper", { "run": script("exec s6-notifyoncheck -d web"), "data/check": RUN }, [
    "no-notification-fd run:2",
  ]],
  ["a helper in execline", {
    run: "#!/command/execlineb -P\nfdmove -c 2 1\ns6-notifyoncheck -c true\nweb\n",
  }, ["no-notification-fd run:2"]],
  ["a helper that needs none", { run: script("exec sv notifywhenup -d 4 web") }, []],
  ["a helper with another descriptor", {
    ...FD,
    run: script("exec sv notifyonline -3 4 ready web"),
  }, ["other-descriptor run:2: write 4"]],
  ["a helper with the same descriptor", {
    ...FD,
    run: script("exec sv notifyonline --notification-fd=3 ready web"),
  }, []],
  ["a helper without a check", { ...FD, run: script("exec sv notifyoncheck -w 50 web") }, [
    "nothing-to-check run:2: --tcp",
  ]],
  ["a helper that a word only names", { run: script("exec echo sv notifyoncheck") }, []],
  ["a newline to the descriptor", { ...FD, run: script("echo >&3\nexec web") }, []],
  ["a newline to another descriptor", { ...FD, run: script("echo >&4\nexec web") }, [
    "other-descriptor run:2: write 4",
  ]],
  ["a newline without a descriptor", { run: script("echo >&3\nexec web") }, [
    "other-descriptor run:2: write 3",
  ]],
  ["a newline to what run has opened", { run: script("exec 4>lines\necho >&4\nexec web") }, []],
  ["a daemon that never notifies", { ...FD, run: script("exec nginx -g 'daemon off;'") }, [
    "never-ready notification-fd: notifyoncheck",
  ]],
  ["the same with a process that does it", {
    ...FD,
    run: script("{ sleep 1; echo >&3; } &\nexec nginx -g 'daemon off;'"),
  }, []],
  ["a user of a daemon's name", { ...FD, run: script("exec s6-setuidgid nginx web") }, []],
  ["a daemon that may notify", { ...FD, run: RUN }, []],
  ["a check that nothing runs", { "run": RUN, "data/check": RUN }, ["unread-check data/check"]],
  ["a check that the supervisor runs", {
    "run": RUN,
    "data/check": RUN,
    "data/sv/notifyoncheck": "",
  }, []],
  ["a check that run runs", { "run": script("./data/check && exec web"), "data/check": RUN }, []],
]);
