import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { parseCommandLine, requireText } from "../../cli/command_line.ts";
import { LineWriter } from "../../cli/logs/line_writer.ts";
import { isPattern, namedLogs } from "../../cli/logs/named_logs.ts";
import { showLogs, tryOpenLog, warningOnce } from "../../cli/logs/show_logs.ts";
import { scanDirectory } from "../../cli/status/service_names.ts";
import { terminal } from "../../cli/terminal.ts";
import { warn } from "../../cli/output.ts";
import { parseTime } from "../../log/reading/parse_time.ts";
import { StampReader } from "../../log/reading/stamps.ts";
import { UsageError } from "../../options/usage_error.ts";
import { wallClock } from "../../os/clock.ts";
import { calendarTime, secondsOfLocalTime } from "../../os/local_time.ts";

/** How many lines are shown first where a log is followed, as with tail(1). */
const LINES_BEFORE = 10;

function readSettings(args: readonly string[]) {
  const options = parseCommandLine(args, "fn:", {
    "follow": "f",
    "lines": "n",
    "since": "since:",
    "until": "until:",
    "json": "json",
    "utc": "utc",
    "raw": "raw",
  });
  const [json, raw, utc] = [options.has("json"), options.has("raw"), options.has("utc")];
  if (json && raw) throw new UsageError("--json and --raw are two forms of a line: use one");
  if (utc && (json || raw)) {
    throw new UsageError(
      "--utc is for times that people read; --json has UTC, --raw what the log has",
    );
  }
  const clock = {
    now: wallClock(),
    show: (seconds: number) => calendarTime(seconds)!,
    secondsOf: secondsOfLocalTime,
  };
  const time = (name: string) => {
    const given = options.value(name);
    return given === undefined ? undefined : parseTime(given, `--${name}`, clock);
  };
  const [since, until] = [time("since"), time("until")];
  for (const word of options.rest) requireText(word, "name of a service");
  const follow = options.has("f");
  if (follow && until !== undefined) {
    throw new UsageError("--until ends what is shown, and --follow does not: use one");
  }
  const lines = options.number("n", "a number of lines");
  return {
    follow,
    most: lines ?? (follow && since === undefined ? LINES_BEFORE : undefined),
    range: { ...since === undefined ? {} : { since }, ...until === undefined ? {} : { until } },
    form: json ? "json" as const : raw ? "raw" as const : "text" as const,
    utc,
    words: options.rest,
  };
}

/** `sv logs`: what services have printed. */
export const logsCommand: Command = {
  usage: "[ -f ] [ -n N ] [ --since T ] [ --until T ] [ --json | --raw | --utc ] [ name... ]",
  help: `Prints the lines of logs, of all in the order of their times, archives included.

A name is that of a service in the scan directory SVDIR (/run/service where that is not set), or a pattern
such as 'web@*'; one that begins with a dot or a slash, or ends with a slash, is the path of a service
directory, of a log directory or of a file. Without a name, prints the logs of all services.

Before a line stands its time, on this machine's clock, and, where there may be several logs, its name.

  -f, --follow   go on with the lines that come, through rotations, also of services that come; shows the
                 last 10 lines first, unless -n or --since says which
  -n, --lines N  only the last N lines, of all logs together
  --since T      only lines from then on
  --until T      only lines until then
  --json         a JSON object for each line: version (1), time, service, line; docs/logs.md
  --utc          UTC instead of the local time
  --raw          lines as they stand in the log, without names

T is '2026-11-21 20:05:10', a part of it ('2026-11-21', '20:05'), 'today', 'yesterday', with 'Z' or '+01:00'
behind it where it is not local; '10 min', '2h', '1 day': so long ago; or a stamp, '@4000…'.

A service's log is the directory that its logger writes, or the scan's log process (data/sv/log, sv scan
--log); where it has none of these, the file that it prints to. Stamps are TAI64N, or the times that
s6-log and svlogd write; lines without one have the time of the line before. Archives may be compressed
by gzip; others are named and left out.

Exits 0; 1 where a log is not found or can't be read.`,

  async run(args) {
    const { follow, form, most, range: times, utc, words } = readSettings(args);
    const logs = namedLogs(words);
    let isMissing = false;
    for (const { name, place } of logs) {
      if (place !== undefined || !words.some((word) => !isPattern(word))) continue;
      isMissing = true;
      warn(
        `${name}: cannot find its log: it has no logger that is up or whose directory run names, ` +
          "and prints to no file",
      );
    }
    if (!follow && !isMissing && logs.every(({ place }) => place === undefined)) {
      throw new Failure(
        words.length === 0
          ? `no service in ${scanDirectory()} has a log that can be found`
          : `no service in ${scanDirectory()} matches ${words.join(" ")} and has a log`,
        ExitCode.failed,
      );
    }
    const { colors, width } = terminal();
    const writer = new LineWriter({
      form,
      utc,
      names: words.length !== 1 || words.some((word) => isPattern(word)),
      colors,
      terminal: width !== undefined,
    }, logs.filter(({ place }) => place !== undefined).map(({ name }) => name));
    const stamps = new StampReader(secondsOfLocalTime);
    const warnOnce = warningOnce();
    const range = { ...times, stamps, warn: warnOnce };
    if (follow) {
      const { followOn } = await import("../../cli/logs/follow_on.ts");
      await followOn(logs, { words, most, range, stamps, writer, warn: warnOnce });
    }
    const opened = logs.filter(({ place }) => place !== undefined).flatMap((log) => {
      const open = tryOpenLog(log);
      if (open === undefined) isMissing = true;
      return open === undefined ? [] : [{ name: log.name, open, range }];
    });
    await showLogs(opened, most, writer);
    return isMissing ? ExitCode.failed : 0;
  },
};
