import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { say } from "../../cli/output.ts";
import { programName } from "../../cli/program.ts";
import { parseAddress } from "../../cli/serve/addresses.ts";
import { serve } from "../../cli/serve/serve.ts";
import { scanDirectory } from "../../cli/status/service_names.ts";
import { DESCRIPTOR } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import { userNamed } from "../../os/accounts.ts";
import { keepDebuggerShut } from "../../os/runtime/debugger.ts";
import { giveMemoryBackSoon } from "../../os/runtime/give_memory_back.ts";
import { setProcessTitle } from "../../os/runtime/process_title.ts";
import { NotificationFdError, requirePassed } from "../../readiness/newline/notification_fd.ts";

/** A socket that only its owner may connect to. */
const DEFAULT_MODE = 0o600;

/** The greatest user id. */
const MOST_UID = 0xffff_fffe;

function modeOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_MODE;
  if (!/^0?[0-7]{3}$/.test(text)) {
    throw new UsageError(`--mode takes an octal number such as 0660, not '${text}'`);
  }
  return parseInt(text, 8);
}

function userId(text: string): number {
  const uid = /^\d+$/.test(text) ? Number(text) : userNamed(text)?.uid;
  if (uid === undefined || uid > MOST_UID) {
    throw new UsageError(`--allow-user ${text}: there is no such user`);
  }
  return uid;
}

/** Refuses a notification descriptor that was not passed to this program. */
function checkNotificationFd(fd: number | undefined): void {
  try {
    if (fd !== undefined) requirePassed(fd);
  } catch (error) {
    if (!(error instanceof NotificationFdError)) throw error;
    throw new Failure(error.message, ExitCode.usage);
  }
}

/** `sv serve`: how services are, by HTTP. */
export const serveCommand: Command = {
  usage:
    "[ -d fd ] --listen address... [ --mode mode ] [ --allow-user user... ] [ --token-file file ] " +
    "[ --host name... ]",
  help:
    `Answers by HTTP how the services of the scan directory SVDIR (/run/service where that is not set) are.
It is itself a service like any other, and learns of changes as they happen: a probe costs it no more
than an answer.

  -d, --notification-fd N  write a newline to descriptor N when it answers
  --listen unix:PATH       answer on a UNIX socket
  --listen ADDRESS:PORT    answer on TCP: 127.0.0.1:9000, [::1]:9000, 0.0.0.0:9000
  --mode MODE              of UNIX sockets, which says who may connect; default 0600
  --allow-user USER        a name or number: may change services over UNIX sockets and read their logs, as
                           root and the user who runs this may
  --token-file FILE        its content allows the same, also over TCP: Authorization: Bearer TOKEN
  --host NAME              a name by which this server is asked over TCP, besides localhost and numbers

--listen, --allow-user and --host may be given several times.

  GET /                      a page for browsers
  GET /livez                 200: it answers
  GET /readyz                200 when each service is as it is wanted; else 503, and why
  GET /readyz?service=a,b    200 when these are up and ready; else 503, and why
  GET /services              how all are, and why, as JSON
  GET /services/NAME         how one is
  GET /services/NAME/logs    its last lines: ?lines=N, default 100
  GET /events                changes as they happen: server-sent events
  GET /metrics               OpenMetrics
  POST /services/NAME/VERB   start, stop, restart or reload it, as 'sv VERB' does: ?wait=SECONDS

All about them: docs/serve.md. Logs and changes need a user who may, or the token.

Signals: TERM and INT end it. Exits 0 then; 100 wrong usage, or where it can't listen safely; 111 system
call failed.`,

  async run(args) {
    const options = parseCommandLine(args, "d:", {
      "notification-fd": "d",
      "listen": "listen:",
      "mode": "mode:",
      "allow-user": "allow-user:",
      "token-file": "token-file:",
      "host": "host:",
    });
    operands(options.rest, []);
    const fd = options.number("d", DESCRIPTOR, { least: 3 });
    const addresses = options.values("listen").map(parseAddress);
    if (addresses.length === 0) {
      throw new UsageError("no address given: --listen unix:/run/sv.sock, say");
    }
    checkNotificationFd(fd);
    keepDebuggerShut();
    setProcessTitle([...programName().split(" "), ...args]);
    giveMemoryBackSoon();
    const given = scanDirectory();
    await serve({
      scandir: given.startsWith("/") ? given : `${Deno.cwd()}/${given}`,
      addresses,
      mode: modeOf(options.value("mode")),
      users: options.values("allow-user").map(userId),
      tokenFile: options.value("token-file"),
      hosts: options.values("host").map((name) => name.toLowerCase()),
      notificationFd: fd,
      report: say,
    });
    return 0;
  },
};
