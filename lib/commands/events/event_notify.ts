import { notify } from "../../fifodir/notify.ts";
import { encodeOs } from "../../os/os_string.ts";
import type { Command } from "../../cli/command.ts";
import { operands } from "../../cli/command_line.ts";
import { parseOptions } from "../../options/parse_options.ts";

/** `sv event notify`: sends events to the listeners of a fifodir. */
export const eventNotifyCommand: Command = {
  usage: "fifodir message",
  help: `Sends each byte of the message as an event to everybody who listens to the fifodir. Never
waits for a listener: one that does not read what it is sent misses the rest.`,
  run(args) {
    const [fifodir, message] = operands(parseOptions(args, "").rest, ["fifodir", "message"]);
    notify(fifodir!, encodeOs(message!));
    return 0;
  },
};
