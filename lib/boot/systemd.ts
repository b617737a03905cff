import { type BootSettings, preparation } from "./boot_settings.ts";

/** Returns a word as systemd reads it back in a command line. */
function unitWord(word: string): string {
  const escaped = word.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%$+=:,./-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** Returns the lines that make the scan directory, and link services into it. */
function preparing(settings: BootSettings): string {
  const { scandir, services } = settings;
  const underRun = /^\/run\/([\w.-]+(?:\/[\w.-]+)*)$/.exec(scandir)?.[1];
  const directory = underRun === undefined ? "" : "RuntimeDirectory=" + underRun + "\n";
  // A directory under /run is systemd's to make.
  if (services === undefined && underRun !== undefined) return directory;
  const script = preparation(settings).join("; ") + " || :";
  return directory + "ExecStartPre=/bin/sh -c " + unitWord(script) + "\n";
}

/** Returns the lines that have systemd watch over the scan. */
function watching({ watchdog }: BootSettings): string {
  if (watchdog === 0) return "";
  return "# A scan that gives no sign of life is ended by SIGABRT, which leaves the services alone.\n" +
    "WatchdogSec=" + watchdog + "\n";
}

/** Returns the unit of systemd that starts a scan. */
export function systemdUnit(settings: BootSettings): string {
  const { awaitServices, scandir, sv } = settings;
  const line = (...words: string[]) => [...sv, ...words].map(unitWord).join(" ");
  const scan = line("scan", ...awaitServices ? ["--ready-when", "services"] : [], scandir);
  const ready = awaitServices
    ? "here: that its services are.\nTimeoutStartSec=infinity"
    : "here: that it takes commands.";
  return `# The services of ${scandir}, supervised by sv. Written by: sv boot systemd
# Into /etc/systemd/system/sv.service; then: systemctl daemon-reload; systemctl enable --now sv
[Unit]
Description=sv, the supervisor of services
After=local-fs.target network.target
# It is started again after any number of failures: nothing else supervises the services.
StartLimitIntervalSec=0

[Service]
# The scan itself tells systemd that it is ready, ${ready}
Type=notify
NotifyAccess=main
ExecStart=${scan}
# Puts the sv on disk in the place of the running one, in the same process; no service is restarted.
# It fails, and nothing changes, where the new sv can't go on.
ExecReload=${line("scanctl", "--upgrade", scandir)}
# SIGTERM to the scan alone: it brings the services down in its own way. When the scan is killed,
# the services run on, and the next scan takes them over instead of starting them again.
KillMode=process
TimeoutStopSec=5min
Restart=on-failure
RestartSec=1
${
    watching(settings)
  }# The scan directory stays when the scan ends: what it left running is found by it.
${preparing(settings)}RuntimeDirectoryPreserve=yes
# The services may make control groups of their own.
Delegate=yes
# One service that needs too much memory is killed, and not all of them.
OOMPolicy=continue
TasksMax=infinity
# As everywhere else a program ends when nobody reads what it writes.
IgnoreSIGPIPE=no

[Install]
WantedBy=multi-user.target
`;
}
