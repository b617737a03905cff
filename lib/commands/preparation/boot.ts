import type { BootSettings } from "../../boot/boot_settings.ts";
import { openrcScript } from "../../boot/openrc.ts";
import {
  inittabLines,
  LONGEST_INITTAB_COMMAND,
  runitScript,
  s6LinuxInitScript,
} from "../../boot/scripts.ts";
import { systemdUnit } from "../../boot/systemd.ts";
import { encodeOs } from "../../os/os_string.ts";
import { selfCommand } from "../../os/runtime/self_command.ts";
import { nearestWord } from "../../options/nearest_word.ts";
import { UsageError } from "../../options/usage_error.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { print } from "../../cli/output.ts";

/** Returns the lines of inittab, where init takes them. */
function inittab(settings: BootSettings): string {
  const { command, text } = inittabLines(settings);
  const { length } = encodeOs(command);
  if (length <= LONGEST_INITTAB_COMMAND) return text;
  throw new UsageError(
    `the command for inittab has ${length} bytes, and sysvinit takes ${LONGEST_INITTAB_COMMAND}: name ` +
      "sv by a shorter path (--sv), or have inittab start a file with what sv boot runit prints",
  );
}

/** What prints the text for an init, by its name. */
const INITS: Readonly<Record<string, (settings: BootSettings) => string>> = {
  "systemd": systemdUnit,
  "openrc": openrcScript,
  "runit": runitScript,
  "inittab": inittab,
  "s6-linux-init": s6LinuxInitScript,
};

/** What is only for systemd. */
const OF_SYSTEMD = ["watchdog", "ready-when"];

/** Checks a path that is read at another time and place than this one. */
function absolute(path: string, option: string): string {
  if (path.startsWith("/") && !path.includes("\n")) return path;
  throw new UsageError(`the value of ${option} must be an absolute path, not ${path}`);
}

function readyWhen(value: string): boolean {
  if (value !== "scanning" && value !== "services") {
    throw new UsageError(`the value of --ready-when must be scanning or services, not ${value}`);
  }
  return value === "services";
}

/** `sv boot`: prints what starts a scan when the machine boots. */
export const bootCommand: Command = {
  usage: "systemd|openrc|runit|inittab|s6-linux-init [ --scandir dir ] [ --services dir ]",
  help:
    `Prints what has an init start sv scan when the machine boots, with comments that say where it goes
and why it is as it is: a unit for systemd, a script for OpenRC, the run script of a service for runit
and s6-linux-init, a line of /etc/inittab for sysvinit and busybox.

      --scandir dir      the scan directory; default /run/service
      --services dir     link each service directory in dir into the scan directory first
      --sv path          the executable of sv; default: this one
      --watchdog s       for systemd: end a scan that gives no sign of life for so many seconds, and
                         start the next one, which takes the services over; default 60, 0 is never
      --ready-when what  for systemd: when the unit is active, and others go on that come after it:
                         when the scan is scanning (default), or when its services are ready

Under each init a scan that is killed is started again, and takes the services over; a stop brings
them down; and sv scanctl --upgrade, which is the reload of systemd and OpenRC, restarts none.

Exit codes: 0 success; 100 wrong usage.`,
  run(args) {
    const given = parseCommandLine(args, "", {
      "scandir": "scandir:",
      "services": "services:",
      "sv": "sv:",
      "watchdog": "watchdog:",
      "ready-when": "ready-when:",
    });
    const [init = ""] = operands(given.rest, ["name of an init"]);
    const make = Object.hasOwn(INITS, init) ? INITS[init] : undefined;
    if (make === undefined) {
      const names = Object.keys(INITS);
      const nearest = nearestWord(init, names);
      throw new UsageError(
        `no init is known as ${init}; ` +
          (nearest === undefined ? `there are ${names.join(", ")}` : `did you mean ${nearest}?`),
      );
    }
    const idle = given.lastOf(...OF_SYSTEMD);
    if (idle !== undefined && init !== "systemd") {
      throw new UsageError(`--${idle} is for systemd, not for ${init}`);
    }
    const path = (name: string) => {
      const value = given.value(name);
      return value === undefined ? undefined : absolute(value, `--${name}`);
    };
    const sv = path("sv");
    print(make({
      sv: sv === undefined ? selfCommand() : [sv],
      scandir: (path("scandir") ?? "/run/service").replace(/(?<=.)\/+$/, ""),
      services: path("services")?.replace(/(?<=.)\/+$/, ""),
      watchdog: given.number("watchdog", "a number of seconds") ?? 60,
      awaitServices: readyWhen(given.value("ready-when") ?? "scanning"),
    }));
    return 0;
  },
};
