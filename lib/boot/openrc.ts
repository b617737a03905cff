import { shellWord } from "../options/quote_words.ts";
import { type BootSettings, preparation, svLine } from "./boot_settings.ts";

/** Returns the script of OpenRC that starts a scan. */
export function openrcScript(settings: BootSettings): string {
  const { scandir, sv } = settings;
  const [program = "", ...words] = sv;
  return `#!/sbin/openrc-run
# The services of ${scandir}, supervised by sv. Written by: sv boot openrc
# Into /etc/init.d/sv; then: chmod +x /etc/init.d/sv; rc-update add sv default; rc-service sv start

description="sv, the supervisor of services"
# supervise-daemon starts a scan that was killed again; that takes the services over which run on.
supervisor=supervise-daemon
respawn_delay=1
respawn_max=0
command=${shellWord(program)}
command_args=${shellWord([...words, "scan", scandir].map(shellWord).join(" "))}
# SIGTERM brings the services down; it waits for them.
retry="TERM/300"
extra_started_commands="reload"
description_reload="Put the sv on disk in the place of the running one; no service is restarted"

depend() {
	need localmount
	after bootmisc net
}

start_pre() {
${preparation(settings).map((line) => `	${line}\n`).join("")}	true
}

start_post() {
	# What needs this script is started when the scan takes commands.
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		${svLine(settings, "scanctl", "-z", scandir)} 2>/dev/null && return 0
		sleep 0.5
	done
	eerror "the scan takes no commands"
	return 1
}

reload() {
	ebegin "Upgrading sv"
	${svLine(settings, "scanctl", "--upgrade", scandir)}
	eend $?
}
`;
}
