import type { Example } from "../cli/documentation/example.ts";

const of = (...pairs: readonly (readonly [purpose: string, line: string])[]): readonly Example[] =>
  pairs.map(([purpose, line]) => ({ purpose, line }));

/** Examples of each command, by its name. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  "new": of(
    [
      "write a service that is ready when a URL answers",
      "sv new web --http http://127.0.0.1:8080/health -- /usr/bin/web --port 8080",
    ],
    [
      "write one that speaks systemd's protocol, and logs elsewhere",
      "sv new db --notify --logs /srv/log/db -- /usr/bin/db",
    ],
    ["write a definition for sv rc", "sv new --rc --depends db web --tcp 8080 -- /usr/bin/web"],
  ),
  "lint": of(
    ["check a service before it is started", "sv lint web"],
    ["check all services of a scan directory", "sv lint /run/service"],
    ["check those of an image that is being built", "sv lint --elsewhere rootfs/etc/services.d"],
  ),
  "completion": of(
    ["in .bashrc: complete with the tab key", 'eval "$(sv completion bash)"'],
    ["for all users of zsh", "sv completion zsh >/usr/share/zsh/site-functions/_sv"],
  ),
  "boot": of(
    ["a unit for systemd", "sv boot systemd --services /etc/sv"],
    ["the run script of a service of runit", "sv boot runit"],
  ),
  "unpack": of(
    ["in an image without a shell, or with a read-only root", "sv unpack /opt/sv"],
  ),
  "supervise": of(
    ["try a service in a terminal; Ctrl-C ends it", "sv supervise ./web"],
  ),
  "scan": of(
    ["supervise all services of a directory", "sv scan /run/service"],
    ["look for new ones each 5 seconds", "sv scan -t 5000 /run/service"],
    ["log what they write, without loggers", "sv scan --log /var/log /run/service"],
    ["run a program when all are ready", "sv scan /run/service -- ls /"],
  ),
  "svscanboot": of(
    [
      "have another service manager start it, and log as the user catchlog",
      "sv svscanboot -l catchlog -d 3 /run/service",
    ],
  ),
  "usertree-maker": of(
    [
      "give the user ska a tree of services",
      "sv usertree-maker -l catchlog ska /var/log/usertree/ska /etc/sv/usertree-ska",
    ],
    [
      "where the user's session has its files",
      "sv usertree-maker -d '/run/user/${UID}/service' ska /var/log/ska /etc/sv/usertree-ska",
    ],
  ),
  "usertree": of(
    [
      "in run: supervise the services of the user ska",
      "exec sv usertree ska '${HOME}/service'",
    ],
  ),
  "scanctl": of(
    ["start services that were added", "sv scanctl -a /run/service"],
    ["end those that were removed, too", "sv scanctl -h /run/service"],
    ["bring all down, and end the scan", "sv scanctl -t /run/service"],
    ["put a new version of sv in force", "sv scanctl --upgrade /run/service"],
  ),
  "link": of(
    ["add a service, and wait until it is supervised", "sv link /run/service /etc/sv/web"],
    ["add it, but don't start it", "sv link -d /run/service /etc/sv/web"],
  ),
  "unlink": of(
    ["take a service out, and wait until it is down", "sv unlink /run/service web"],
  ),
  "serve": of(
    [
      "in run: answer on a socket, for this user and root",
      "exec sv serve --listen unix:/run/sv.sock",
    ],
    [
      "in run: answer probes over TCP; changes need the token",
      "exec sv serve -d 3 --listen 127.0.0.1:9000 --token-file /etc/sv/token",
    ],
  ),
  "perms": of(
    ["show who may do what", "sv perms /run/service/web"],
    ["let a group control a service", "sv perms -G www-data /run/service/web"],
    ["let anyone wait for it", "sv perms -e /run/service/web"],
  ),
  "instance create": of(
    [
      "start an instance of the template web@, and wait until it is ready",
      "sv instance create -wU web@one",
    ],
    ["start several", "sv instance create web@8080 web@8081 web@8082"],
    ["one in the scan of a service, on s6's layout", "sv instance create /run/service/web one"],
  ),
  "instance delete": of(
    ["bring an instance down, and remove it", "sv instance delete web@one"],
    ["all instances of a template", "sv instance delete 'web@*'"],
  ),
  "instance control": of(
    [
      "restart all instances of a template, and wait until they are ready",
      "sv instance control -wR -r 'web@*'",
    ],
  ),
  "instance status": of(
    ["print the state of an instance", "sv instance status web@one"],
    ["print process ids", "sv instance status -p 'web@*'"],
  ),
  "instance list": of(
    ["print the instances of a template", "sv instance list web"],
  ),
  "instance maker": of(
    [
      "write a service with a scan for instances, on s6's layout",
      "sv instance maker template /etc/sv/web",
    ],
  ),
  "status": of(
    ["see how all services are, the most urgent first", "sv status"],
    ["see why one is as it is", "sv status web"],
    [
      "find those that are not ready, in a script",
      `sv status --json | jq -r '.services[] | select(.state != "ready").name'`,
    ],
    ["ask for the exit code only", "sv status -q web && echo well"],
  ),
  "watch": of(
    ["see how all services are, live", "sv watch"],
    ["note each change of some services in a file", "sv watch --json web db >changes.jsonl"],
  ),
  "ready": of(
    ["wait for nothing: is all ready?", "sv ready"],
    ["in a script", "if sv ready -q web db; then ./deploy; fi"],
  ),
  "list": of(["see which services there are", "sv list"]),
  "start": of(
    ["start services, and wait until they are ready", "sv start web db"],
    ["wait 60 seconds at most", "sv start -w 60 db"],
  ),
  "stop": of(["stop a service, and wait until it is down", "sv stop web"]),
  "restart": of(["put a new version of the program in force", "sv restart web"]),
  "reload": of(["have a service read its configuration again", "sv reload web"]),
  "check": of(["wait until what was said is done", "sv check web"]),
  "up": of(["have a service started, and don't wait", "sv up web"]),
  "hup": of(
    ["let a service reopen its logs", "sv hup web"],
  ),
  "shutdown": of(["stop a service and its supervisor", "sv shutdown web"]),
  "control": of(
    ["start a service", "sv control -u /run/service/web"],
    ["stop it, and wait until it is down", "sv control -wD -d /run/service/web"],
    ["restart it, and wait until it is ready again", "sv control -wR -T 10000 -r /run/service/web"],
    ["let it read its configuration again", "sv control -l /run/service/web"],
    ["keep it down after the next boot, too", "sv control -D /run/service/web"],
  ),
  "stat": of(
    ["see how a service is", "sv stat /run/service/web"],
    ["see how all are", "sv stat /run/service/*"],
    ["get its process id in a script", "sv stat -p /run/service/web"],
    ["get everything as JSON", "sv stat --json /run/service/web"],
  ),
  "wait": of(
    ["wait until two services are ready", "sv wait -U -t 5000 /run/service/web /run/service/db"],
    ["wait until one of them is down", "sv wait -o -d /run/service/web /run/service/db"],
  ),
  "listen": of(
    [
      "restart two services, and wait until both are up again",
      'sv listen -r web db "" sv control -r web db',
    ],
  ),
  "listen1": of(
    ["bring a service up by a program, and wait for it", "sv listen1 -U web ./start-web"],
  ),
  "ok": of(
    ["do something where a service is supervised", "sv ok /run/service/web && echo supervised"],
  ),
  "death-tally": of(
    ["see when a service died, and of what", "sv death-tally /run/service/web"],
  ),
  "clear-death-tally": of(
    ["forget the deaths after a repair", "sv clear-death-tally /run/service/web"],
  ),
  "event notify": of(["tell all that listen", "sv event notify /run/events x"]),
  "event wait": of(["wait for one event of two", "sv event wait -t 5000 /run/events 'x|y'"]),
  "event listen": of(
    [
      "start a program, and wait for what it brings about",
      'sv event listen /run/events x "" ./work',
    ],
  ),
  "event listen1": of(
    ["start a program, and wait for what it brings about", "sv event listen1 /run/events x ./work"],
  ),
  "event make": of(
    ["make a fifodir that any user may listen to", "sv event make /run/events"],
    ["make one for the members of a group", "sv event make -g 33 /run/events"],
  ),
  "event clean": of(["remove what was left", "sv event clean /run/events"]),
  "permafailon": of(
    [
      "in finish: give up after 5 crashes in a minute",
      "exec sv permafailon 60 5 1-255,SIGABRT,SIGSEGV true",
    ],
  ),
  "log": of(
    ["log to a directory that holds 20 files of 1 MB at most", "exec sv log n20 s1000000 t ./main"],
    [
      "compress what is archived, and show errors on standard error, too",
      "exec sv log T '?gzip -c' /var/log/web - +error 2",
    ],
  ),
  "logs": of(
    ["read the last lines of all services, and those that come", "sv logs -f"],
    ["read what a service printed last night", "sv logs --since yesterday --until 6:00 web"],
    ["read the log of a program that no supervisor runs any more", "sv logs /var/log/web/"],
    ["count the lines of each service", "sv logs --json | jq -r .service | sort | uniq -c"],
  ),
  "tai64n": of(
    ["note when each line was printed", "sv tai64n <pipe >log"],
  ),
  "tai64nlocal": of(
    ["read a log with the times of this machine's clock", "sv tai64nlocal <log/current | less"],
  ),
  "notifyoncheck": of(
    ["in run: ready when a port is open", "exec sv notifyoncheck --tcp 6379 redis-server"],
    [
      "ready when a URL answers; asked often, without an end",
      "exec sv notifyoncheck -w 100 -n 0 --http http://127.0.0.1/ nginx -g 'daemon off;'",
    ],
    ["ready when a program says so", "exec sv notifyoncheck -c 'pg_isready -q' postgres"],
  ),
  "notifywhenup": of(
    ["in run, without notification-fd: ready at a line on stdout", "exec sv notifywhenup web"],
  ),
  "notify-fd-from-socket": of(
    ["in run: ready when the daemon tells systemd", "exec sv notify-fd-from-socket caddy run"],
  ),
  "notify-socket-from-fd": of(
    [
      "in a unit of systemd: for a daemon that writes a newline",
      "sv notify-socket-from-fd -d 3 /usr/bin/web --ready-fd=3",
    ],
  ),
  "notifyonline": of(
    ["in run: ready at a line of the log", "exec sv notifyonline 'ready to accept' redis-server"],
  ),
  "background-watch": of(
    [
      "in run: for a daemon that always forks",
      "exec sv background-watch -d 3 /run/web.pid /usr/bin/web",
    ],
  ),
  "setlock": of(
    ["run a job unless it runs already", "sv setlock -n /run/backup.lock ./backup"],
  ),
  "setuidgid": of(
    ["in run: start a daemon as the user www", "exec sv setuidgid www /usr/bin/web"],
    ["by numbers, where no account is needed", "exec sv setuidgid 1000:100 /usr/bin/web"],
  ),
  "envuidgid": of(
    [
      "in run: tell a daemon that begins as root which user to become",
      "exec sv envuidgid www /usr/sbin/server",
    ],
    ["see the groups of a user", "sv envuidgid www printenv GIDLIST"],
  ),
  "applyuidgid": of(
    [
      "after 'sv envuidgid', and what else needs root: give up its rights",
      "sv applyuidgid -Uz /usr/bin/web",
    ],
    ["have one more group", "exec sv applyuidgid -u 1000 -g 100 -G 27 /usr/bin/web"],
  ),
  "envdir": of(
    ["in run: take variables from the files in env", "exec sv envdir env /usr/bin/web"],
  ),
  "softlimit": of(
    ["in run: let a daemon open 10,000 files", "exec sv softlimit -o 10000 /usr/bin/web"],
    ["let it write core files", "exec sv softlimit -c = /usr/bin/web"],
  ),
  "setsid": of(
    ["run a job that Ctrl-C does not reach", "sv setsid -b ./backup"],
  ),
  "rc check": of(["check definitions", "sv rc check /etc/s6-rc/source"]),
  "rc compile": of(
    [
      "store definitions for a boot script that is made for s6-rc",
      "sv rc compile /run/db /etc/s6-rc/source",
    ],
  ),
  "rc init": of(
    ["begin, with a scan that is running", "sv rc init /run/service /etc/s6-rc/source"],
  ),
  "rc start": of(
    ["start a service and all that it needs", "sv rc start web"],
    ["see what would be started", "sv rc start -n 0 web"],
    ["give up after 30 seconds", "sv rc start -t 30000 web"],
  ),
  "rc stop": of(
    ["stop a service and all that need it", "sv rc stop db"],
    ["stop everything", "sv rc stop -a"],
  ),
  "rc restart": of(["restart a service, and what depends on it", "sv rc restart db"]),
  "rc status": of(
    ["see what is not as it is wanted, and why", "sv rc status"],
    ["know in a script whether all is ready", "sv rc status -q"],
  ),
  "rc change": of(
    ["have only these up, and what they need", "sv rc change -p web db"],
  ),
  "rc list": of(["see what is up", "sv rc list -a"]),
  "rc listall": of(["see what a start would start", "sv rc listall web"]),
  "rc diff": of(["see what is not as it was left", "sv rc diff"]),
  "rc reload": of(["have services read their configuration again", "sv rc reload web"]),
  "rc update": of(
    ["see what new definitions would change", "sv rc update -n /etc/s6-rc/source"],
    ["put them in force", "sv rc update /etc/s6-rc/source"],
  ),
  "rc db": of(
    ["see what must be up for a service", "sv rc db all-dependencies web"],
    ["see what a bundle stands for", "sv rc db -c /etc/services contents default"],
  ),
  "rc graph": of(
    ["see what depends on what", "sv rc graph"],
    ["draw definitions that are not in force", "sv rc graph -f mermaid -c /etc/s6-rc/source"],
  ),
  "rc plot": of(["see what made the last start long", "sv rc plot"]),
  "rc": of(["start a service as s6-rc does", "sv rc -u change web"]),
};
