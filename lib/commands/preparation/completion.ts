import { type Command, required } from "../../cli/command.ts";
import {
  complete,
  type CompletedCommand,
  type Completion,
  type Surroundings,
} from "../../cli/completion/complete.ts";
import { SCRIPTS, type Shell, SHELLS } from "../../cli/completion/shell_scripts.ts";
import type { RegisteredCommand } from "../../cli/registered_command.ts";
import { print } from "../../cli/output.ts";
import { visibleNames } from "../../cli/instance/list_instances.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";
import { scanDirectory, servicesOf } from "../../cli/status/service_names.ts";
import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Signal } from "../../os/signal.ts";
import { parseOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

/** Returns what a function returns; nothing where it fails: whoever completes sees no errors. */
function orNothing<Item>(list: () => readonly Item[]): readonly Item[] {
  try {
    return list();
  } catch {
    return [];
  }
}

const surroundings: Surroundings = {
  scanDirectory: scanDirectory(),
  templates: (directory) => orNothing(() => visibleNames(directory).filter(isTemplateName)),
  services: (directory) => orNothing(() => servicesOf(directory).map(({ name }) => name)),
  definitions: async (live) => {
    const { DEFAULT_LIVE, Live } = await import("../../rc/live/live.ts");
    return orNothing(() => {
      using opened = new Live(live ?? DEFAULT_LIVE, { purpose: "read" });
      const { graph } = opened;
      return graph.names;
    });
  },
  groups: () =>
    orNothing(() =>
      decodeOs(readFile(CWD, "/etc/group")).split("\n")
        .map((line) => line.split(":", 1)[0]!).filter((name) => name !== "")
    ),
  signals: Object.keys(Signal),
};

function lines({ candidates, also }: Completion): string {
  const words = candidates.map(({ value, about }) => `${value}\t${about}\n`).join("");
  return also === undefined ? words : `${words}:${also}\n`;
}

/** Returns what is known of a command before it is loaded. */
function known(
  { name, aliases = [], counterpart, summary, load }: RegisteredCommand,
): CompletedCommand {
  const others = [...aliases, ...counterpart === undefined ? [] : [counterpart]];
  return { name, others, summary, describe: load };
}

/**
 * `sv completion`: lets a shell complete command lines of sv.
 *
 * @param commands All commands.
 */
export const completionCommand = (commands: readonly RegisteredCommand[]): Command => ({
  usage: "bash|zsh|fish",
  help:
    `Prints a script that lets a shell complete command lines of sv: the names of commands, their
options and what these take, services of SVDIR or /run/service by their names or paths, services of
sv rc, and files. The script asks the sv that is typed, and so always knows what that can do.

Into the file that the shell reads when it starts (.bashrc, .zshrc after compinit, config.fish):

  eval "$(sv completion bash)"
  eval "$(sv completion zsh)"
  sv completion fish | source

Exit codes: 0 success; 100 wrong usage.`,
  async run(args) {
    const options = parseOptions(args, "", { complete: "complete" });
    if (options.has("complete")) {
      // Bash takes an equals sign for a word of its own.
      const words = options.rest.filter((word, index) =>
        word !== "=" || !options.rest[index - 1]?.startsWith("--")
      );
      print(lines(await complete(words, commands.map(known), surroundings)));
      return 0;
    }
    const shell = required(options.rest[0], "shell");
    if (options.rest.length > 1 || !SHELLS.includes(shell as Shell)) {
      throw new UsageError(
        `there is a script for ${SHELLS.join(", ")} only, not '${options.rest.join(" ")}'`,
      );
    }
    print(SCRIPTS[shell as Shell]);
    return 0;
  },
});
