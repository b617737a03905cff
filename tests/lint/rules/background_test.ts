import { backgroundRules } from "../../../lib/lint/rules/background.ts";
import { type Case, testRule } from "../views.ts";
import type { Machine } from "../../../lib/lint/view/directory_view.ts";

const runs = (line: string, found: string[] = [], machine: Partial<Machine> = {}): Case => [
  line.replaceAll("\n", "\\n"),
  { run: `#!/bin/sh\n${line}\n` },
  found,
  "service",
  machine,
];
const found = (fix: string, line = 2) => [`background run:${line}: ${fix}`];
const known = { known: true };
const configured = (text: string) => ({ known: true, text: () => text });

testRule(backgroundRules, [
  runs("exec web"),
  runs("web &", found("use exec COMMAND")),
  runs("mkdir -p /run/web\nweb --port 80 >/dev/null 2>&1 &", found("use exec COMMAND", 3)),
  runs("web &\nwait"),
  runs("helper &\nexec web"),
  runs("test -d /run/web && exec web"),
  runs("exec web 2>&1"),
  runs("exec nginx", found("daemon off;"), known),
  runs(
    "exec /usr/sbin/nginx -c /etc/my.conf",
    found("daemon off;"),
    configured("worker_processes 1;"),
  ),
  runs("exec nginx -c /etc/my.conf", [], known),
  runs("exec nginx"),
  runs("exec nginx", [], configured("worker_processes 1;\ndaemon off;\n")),
  runs("exec nginx", found("daemon off;"), configured("# daemon off;\n")),
  runs("exec nginx -g 'daemon off;'", [], known),
  runs('exec nginx -g "daemon off; master_process on;"', [], known),
  runs("exec sv background-watch /run/nginx.pid nginx", [], known),
  runs("exec tail -F /var/log/nginx", [], known),
  runs("exec chpst -u nginx web", [], known),
  runs("exec sshd", found("add -D")),
  runs("exec /usr/sbin/sshd -De"),
  runs("exec sshd -e -D -f /etc/sshd_config"),
  runs("exec 2>&1\nexec chpst -e ./env sshd -e", found("add -D", 3)),
  runs("exec dnsmasq -C ./conf", [], known),
  runs("exec dnsmasq --keep-in-foreground"),
  runs("exec redis-server --daemonize yes", found("leave")),
  runs("exec redis-server --daemonize no --save ''"),
  runs("exec redis-server /etc/redis.conf"),
  runs("exec memcached -u www -d", found("leave")),
  runs("exec memcached -u www"),
  runs("exec web --daemonize", found("leave")),
  runs("exec web --daemonize --foreground"),
  runs("exec nix-daemon --daemon"),
  runs("exec crond $OPTIONS"),
  runs("if test -e a\nthen exec cron\nelse exec crond -n\nfi", found("add -f", 3)),
  runs("exec postfix start", found("start-fg")),
  runs("cat <<END\nexec sshd\nEND\nexec web"),
  ["an execline script", { run: "#!/bin/execlineb -P\nfdmove -c 2 1\nsshd -e\n" }, [
    "background run:2: add -D",
  ]],
  [
    "a configuration beside run",
    {
      "run": "#!/bin/sh\nexec nginx -c data/nginx.conf\n",
      "data/nginx.conf": "daemon off;\n",
    },
    [],
    "service",
    known,
  ],
  ["a script in another language", { run: "#!/usr/bin/python3\nexec sshd &\n" }, []],
]);
