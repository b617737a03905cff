import { ServicePath } from "../../servicedir/protocol.ts";
import { commandsOf, type FinalCommand } from "../view/commands.ts";
import type { Finding } from "../view/finding.ts";
import type { Loader } from "../view/unchain.ts";
import { readScript } from "../view/script.ts";
import { type DirectoryView, textOf, valueOf } from "../view/directory_view.ts";

/** The helpers that write the newline of readiness, and need a notification descriptor for it. */
const HELPERS = /^(sv |s6-|sv s6-)(notifyoncheck|notify-fd-from-socket|notifyonline)$/;

/** Daemons that never write a newline of readiness by themselves. */
const SILENT =
  /^(nginx|redis-server|valkey-server|memcached|sshd|postgres|mysqld|mariadbd|apache2|httpd|dnsmasq|unbound|crond?|chronyd|named|lighttpd)$/;

/** Returns the descriptor that an option of a helper names. */
function givenFd({ args }: Loader): number | undefined {
  const at = args.findIndex((arg) => /^(-3|--notification-fd)$/.test(arg));
  const inline = args.map((arg) => /^(?:-3|--notification-fd=)(\d+)$/.exec(arg)?.[1]);
  const value = at < 0 ? inline.find((number) => number !== undefined) : args[at + 1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}

function* helperRules(
  view: DirectoryView,
  { line, loaders }: FinalCommand,
  fd: number | undefined,
): Iterable<Finding> {
  const helper = loaders.find(({ name }) => HELPERS.test(name));
  if (helper === undefined) return;
  const given = givenFd(helper);
  const file = `${view.path}/${ServicePath.run}`;
  if (!view.files.has(ServicePath.notificationFd)) {
    yield {
      severity: "error",
      rule: "no-notification-fd",
      file,
      line,
      message:
        `${helper.name} needs a file notification-fd, which is missing: nothing would hear it`,
      fix: `write ${given ?? 3} into notification-fd`,
    };
  } else if (given !== undefined && fd !== undefined && given !== fd) {
    yield {
      severity: "error",
      rule: "other-descriptor",
      file,
      line,
      message: `${helper.name} tells descriptor ${given}, and notification-fd says ${fd}`,
      fix: `leave the option out, or write ${given} into notification-fd`,
    };
  }
  const checks = helper.args.some((arg) => /^-[a-z]*c|^--(check|tcp|http|unix|file|pid)/.test(arg));
  if (helper.name.endsWith("notifyoncheck") && !checks && !view.files.has(ServicePath.check)) {
    yield {
      severity: "error",
      rule: "nothing-to-check",
      file,
      line,
      message: `${helper.name} is told no check, so that it runs data/check, which does not exist`,
      fix: helper.name.startsWith("sv ")
        ? "add an option such as --tcp PORT, or write data/check"
        : "write data/check, or add an option -c",
    };
  }
}

/** Returns the descriptor above 2 that a shell's script writes to, and has not opened itself. */
function descriptorWritten(text: string): { line: number; fd: number } | undefined {
  const script = readScript(text);
  if (script?.language !== "shell") return undefined;
  for (const { number, text: line } of script.lines) {
    const fd = /^\s*(?:echo|printf\b.*?)\s*(?:1?)>&([3-9])\s*$/.exec(line)?.[1];
    if (fd === undefined) continue;
    const opens = new RegExp(`\\b${fd}(>>?|<>?)(?!&-)`);
    return script.lines.some(({ text }) => opens.test(text))
      ? undefined
      : { line: number, fd: Number(fd) };
  }
  return undefined;
}

/** Finds services that never become ready although they are meant to. */
export function* readinessRules(view: DirectoryView): Iterable<Finding> {
  const text = textOf(view, ServicePath.run);
  if (text === undefined || readScript(text) === undefined) return;
  const value = valueOf(view, ServicePath.notificationFd);
  const fd = value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
  const commands = commandsOf(view);
  for (const command of commands) yield* helperRules(view, command, fd);

  const written = descriptorWritten(text);
  if (written !== undefined && written.fd !== fd && !view.files.has(ServicePath.lockFd)) {
    yield {
      severity: "error",
      rule: "other-descriptor",
      file: `${view.path}/${ServicePath.run}`,
      line: written.line,
      message: fd === undefined
        ? `it writes to descriptor ${written.fd}, which is not open without a file notification-fd`
        : `it writes to descriptor ${written.fd}, and notification-fd says ${fd}`,
      fix: `write ${written.fd} into notification-fd`,
    };
  }

  const isUsed = fd === undefined || new RegExp(`\\b${fd}\\b|notification-fd`).test(text);
  const [silent] = commands.filter(({ program, loaders }) =>
    SILENT.test(program) && !loaders.some(({ name }) => /notif|background-watch/.test(name))
  );
  if (!isUsed && silent !== undefined && !/notif/i.test(text)) {
    yield {
      severity: "warning",
      rule: "never-ready",
      file: `${view.path}/${ServicePath.notificationFd}`,
      message:
        `${silent.program} writes nothing to descriptor ${fd}, so that the service is never ready`,
      fix: "begin the last command of run with sv notifyoncheck, or remove the file",
    };
  }

  const isPolled = view.files.has(ServicePath.polling) || /notifyoncheck|data\/check/.test(text);
  if (view.files.has(ServicePath.check) && !isPolled) {
    const mentioned = [...view.files].some(([name, { text }]) =>
      name !== ServicePath.run && text?.includes("check") === true && name !== ServicePath.check
    );
    if (mentioned) return;
    yield {
      severity: "warning",
      rule: "unread-check",
      file: `${view.path}/${ServicePath.check}`,
      message:
        "nothing runs it: run does not use notifyoncheck, and there is no data/sv/notifyoncheck",
      fix: "begin the last command of run with sv notifyoncheck",
    };
  }
}
