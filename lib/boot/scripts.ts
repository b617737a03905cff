/**
 * What starts a scan under an init that runs a script, or a line: runit, init with an inittab,
 * s6-linux-init.
 *
 * @module
 */

import { shellWord } from "../options/quote_words.ts";
import { type BootSettings, preparation, svLine } from "./boot_settings.ts";

/** Returns the `run` of a service of runit that is a scan. */
export function runitScript(settings: BootSettings): string {
  const { scandir } = settings;
  return `#!/bin/sh
# The services of ${scandir}, supervised by sv. Written by: sv boot runit
# Into /etc/sv-scan/run; then: chmod +x /etc/sv-scan/run; ln -s /etc/sv-scan /etc/service/
# The stop of runit sends SIGTERM: the services are brought down. To upgrade:
#   ${svLine(settings, "scanctl", "--upgrade", scandir)}
exec 2>&1
${preparation(settings).join("\n")}
exec ${svLine(settings, "scan", scandir)}
`;
}

/** How many bytes the command of a line of inittab may have under sysvinit. */
export const LONGEST_INITTAB_COMMAND = 127;

/**
 * Returns lines of /etc/inittab that start a scan.
 *
 * @returns The lines, and the command in them.
 */
export function inittabLines(settings: BootSettings): { text: string; command: string } {
  const { scandir } = settings;
  const script = [...preparation(settings), `exec ${svLine(settings, "svscanboot", scandir)}`];
  const command = `/bin/sh -c ${shellWord(script.join("; "))}`;
  const text = `# The services of ${scandir}, supervised by sv. Written by: sv boot inittab
# init starts a scan that was killed again; that takes the services over which run on. What nothing
# else logs is logged in /run/uncaught-logs, since init gives it the console alone.
# At the machine's end init sends SIGTERM and, soon after, SIGKILL, to all processes: have a script of
# that runlevel call before: ${svLine(settings, "scanctl", "-t", scandir)}
#
# sysvinit, into /etc/inittab; then: telinit q
SV:2345:respawn:${command}
#
# busybox, into /etc/inittab in the place of the line above; then: kill -HUP 1
#::respawn:${command}
`;
  return { text, command };
}

/** Returns the `run` of a service of s6-linux-init that is a scan. */
export function s6LinuxInitScript(settings: BootSettings): string {
  const { scandir } = settings;
  return `#!/bin/sh
# The services of ${scandir}, supervised by sv. Written by: sv boot s6-linux-init
# Into /etc/s6-linux-init/current/run-image/service/sv-scan/run, made executable; beside it:
#   echo 3 >notification-fd        the scan says that it takes commands
#   echo 300000 >timeout-kill      the services have five minutes to come down
# The process 1 stays s6-svscan, and supervises the scan. At the machine's end, in rc.shutdown:
#   s6-svc -wD -d /run/service/sv-scan
${preparation(settings).join("\n")}
exec ${svLine(settings, "scan", "-d", "3", scandir)}
`;
}
