import { ServicePath } from "../../servicedir/protocol.ts";
import { commandsOf, type FinalCommand } from "../view/commands.ts";
import type { Finding } from "../view/finding.ts";
import { readScript } from "../view/script.ts";
import { type DirectoryView, type Machine, textOf } from "../view/directory_view.ts";

/** A daemon, and what of its command line decides whether it stays in the foreground. */
interface Daemon {
  /** It goes into the background unless an argument matches. */
  readonly stays?: RegExp;
  /** It goes into the background only where an argument matches. */
  readonly goes?: RegExp;
  /** What to write instead. */
  readonly fix: string;
  /** A file that may keep it in the foreground, too. */
  readonly configuration?: {
    /** The option that names the file. */
    readonly option: RegExp;
    /** The file without that option. */
    readonly path: string;
    /** What in it keeps the daemon in the foreground. */
    readonly stays: RegExp;
  };
}

const needs = (stays: RegExp, option: string): Daemon => ({ stays, fix: `add ${option}` });
const without = (goes: RegExp): Daemon => ({ goes, fix: "leave the option out" });

/** Daemons of which it is certain; each pattern is tried on every argument. */
const DAEMONS: Readonly<Record<string, Daemon>> = {
  nginx: {
    stays: /\bdaemon\s+off\b|^-(t|T|v|V|s|h)/,
    fix: "add -g 'daemon off;'",
    configuration: {
      option: /^-c$/,
      path: "/etc/nginx/nginx.conf",
      stays: /^\s*daemon\s+off\s*;/m,
    },
  },
  dnsmasq: {
    stays: /^(-[a-zA-Z0-9]*[kd]|--keep-in-foreground|--no-daemon|--test)$/,
    fix: "add --keep-in-foreground",
    configuration: {
      option: /^(-C|--conf-file)$/,
      path: "/etc/dnsmasq.conf",
      stays: /^\s*keep-in-foreground\b/m,
    },
  },
  unbound: {
    stays: /^-[a-z]*d/,
    fix: "add -d",
    configuration: {
      option: /^-c$/,
      path: "/etc/unbound/unbound.conf",
      stays: /^\s*do-daemonize:\s*"?no"?/m,
    },
  },
  sshd: needs(/^-[a-zA-Z0-9]*[DditT]/, "-D"),
  crond: needs(/^-[a-zA-Z]*[fndx]/, "-f (of cronie: -n)"),
  cron: needs(/^-[a-zA-Z]*[fn]/, "-f"),
  rsyslogd: needs(/^-[a-zA-Z]*[nN]/, "-n"),
  syslogd: needs(/^-[a-zA-Z]*[nFd]/, "-n"),
  klogd: needs(/^-[a-zA-Z]*[nd]/, "-n"),
  chronyd: needs(/^-[a-zA-Z0-9]*[dnqQ]/, "-d"),
  ntpd: needs(/^(-[a-zA-Z0-9]*[ndqw]|--nofork|--quit)/, "-n"),
  named: needs(/^-[a-zA-Z0-9]*[fg]/, "-f"),
  lighttpd: needs(/^-[a-zA-Z]*[Dtpvi]/, "-D"),
  apache2: needs(/^(-X|-D|-DFOREGROUND|-DNO_DETACH|-DONE_PROCESS|FOREGROUND)$/, "-DFOREGROUND"),
  httpd: needs(
    /^(-X|-D|-DFOREGROUND|-DNO_DETACH|-DONE_PROCESS|FOREGROUND|-[a-z]*f[a-z]*)$/,
    "-DFOREGROUND (of busybox: -f)",
  ),
  acpid: needs(/^(-[a-zA-Z]*[fd]|--foreground|--debug)$/, "-f"),
  proftpd: needs(/^(-[a-zA-Z]*[nt]|--nodaemon)$/, "-n"),
  snmpd: needs(/^-f$/, "-f"),
  dovecot: needs(/^-F$/, "-F"),
  "transmission-daemon": needs(/^(-f|--foreground)$/, "--foreground"),
  smartd: needs(/^(-n|--no-fork|-d|--debug)$/, "--no-fork"),
  postfix: { stays: /^start-fg$/, fix: "use postfix start-fg" },
  "redis-server": { goes: /^--daemonize$/, fix: "leave --daemonize out" },
  memcached: without(/^(-d|--daemon)$/),
  haproxy: without(/^-[a-zA-Z]*D$/),
  mosquitto: without(/^(-d|--daemon)$/),
  wpa_supplicant: without(/^-[a-zA-Z]*B$/),
  hostapd: without(/^-[a-zA-Z]*B$/),
  udevd: without(/^(-d|--daemon)$/),
  "systemd-udevd": without(/^(-d|--daemon)$/),
  gunicorn: without(/^(-D|--daemon)$/),
  openvpn: without(/^--daemon$/),
  "avahi-daemon": without(/^(-D|--daemonize)$/),
  icecast: without(/^-b$/),
  mongod: without(/^--fork$/),
};

/** Options that mean this in every program that has them. */
const GENERIC = /^--(daemoni[sz]e|background|detach)$/;
/** A value after such an option that turns it off. */
const DENIES = /^(no|off|false|0)$/;
const FOREGROUND = /^--(no-?daemon|no-?detach|no-?fork|foreground|nodaemoni[sz]e)$/;

/** Returns the text of the file that configures a daemon; undefined where it can't be read. */
function configurationOf(
  { option, path }: NonNullable<Daemon["configuration"]>,
  args: readonly string[],
  view: DirectoryView,
  machine: Machine,
): string | undefined {
  const at = args.findIndex((arg) => option.test(arg));
  const inline = args.find((arg) => arg.startsWith("--conf-file="))?.slice("--conf-file=".length);
  const given = at < 0 ? inline : args[at + 1];
  if (given === undefined) return machine.known ? machine.text(path) ?? "" : undefined;
  return given.startsWith("/")
    ? machine.text(given)
    : textOf(view, given.replace(/^\.\//, "")) ?? machine.text(`${view.path}/${given}`);
}

/** Returns how a command leaves the foreground, and what to write instead. */
function leaves(
  { program, args }: FinalCommand,
  view: DirectoryView,
  machine: Machine,
): { message: string; fix: string } | undefined {
  const name = program.replace(/^nginx-debug$/, "nginx");
  const daemon = Object.hasOwn(DAEMONS, name) ? DAEMONS[name]! : undefined;
  if (args.some((arg) => arg.includes("$"))) return undefined;
  if (daemon?.stays !== undefined) {
    const { stays, configuration, fix } = daemon;
    if (args.some((arg) => stays.test(arg))) return undefined;
    if (configuration !== undefined) {
      const text = configurationOf(configuration, args, view, machine);
      if (text === undefined || configuration.stays.test(text)) return undefined;
    }
    return { message: `${program} goes into the background when it is started like this`, fix };
  }
  if (args.some((arg) => FOREGROUND.test(arg))) return undefined;
  const option = args.find((arg, index) =>
    (daemon?.goes?.test(arg) || GENERIC.test(arg)) && !DENIES.test(args[index + 1] ?? "")
  );
  if (option === undefined) return undefined;
  return {
    message: `${option} sends ${program} into the background`,
    fix: daemon?.fix ?? "leave the option out",
  };
}

/** Returns the line at the end of a shell's script that leaves its command in the background. */
function lastInBackground(text: string): number | undefined {
  const script = readScript(text);
  if (script?.language !== "shell") return undefined;
  const last = script.lines.at(-1);
  if (last === undefined || !/(?<![&>|])&\s*$/.test(last.text)) return undefined;
  return last.number;
}

/** Finds daemons that leave the process which the supervisor knows. */
export function* backgroundRules(view: DirectoryView, machine: Machine): Iterable<Finding> {
  const text = textOf(view, ServicePath.run);
  if (text === undefined) return;
  const file = `${view.path}/${ServicePath.run}`;
  const severity = "error";
  const rule = "background";
  const why = "so that the supervisor takes it for dead, and starts it again and again";
  const line = lastInBackground(text);
  if (line !== undefined) {
    const message = `the script leaves its last command in the background and ends, ${why}`;
    yield { severity, rule, file, line, message, fix: "use exec COMMAND, without the &" };
  }
  for (const command of commandsOf(view)) {
    if (command.loaders.some(({ name }) => name.endsWith("background-watch"))) continue;
    const left = leaves(command, view, machine);
    if (left === undefined) continue;
    const message = `${left.message}, ${why}`;
    yield { severity, rule, file, line: command.line, message, fix: left.fix };
  }
}
