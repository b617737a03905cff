import type { Command } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { printJson } from "../../cli/json.ts";
import { say } from "../../cli/output.ts";
import { lintFaults } from "../../cli/rc/lint_faults.ts";
import { readAndCheck, sayFaults, UNSOUND } from "../../cli/rc/rc_sources.ts";
import { count } from "../../explain/words.ts";

/** `sv rc check`: finds everything that is wrong with definitions. */
export const rcCheckCommand: Command = {
  usage: "[ --json ] source...",
  help:
    `Reads the service definitions in source directories, as s6-rc-compile does, and says everything
that is wrong with them, not only the first thing: names that nobody defines, cycles, missing files,
bundles that contain themselves, pipelines that only one side declares. It warns of longruns on which
others depend but which never say that they are ready. It includes what sv lint finds in the files of
each definition: a oneshot's script for a shell, say, or a run that can't be started. Nothing is
written.

  --json  print one JSON object: docs/json.md

Exit codes: 0 nothing is wrong but what it warns of; 1 there are errors; 100 wrong usage.`,
  run(args) {
    const options = parseCommandLine(args, "", { json: "json" });
    const sources = operandList(options.rest, "source directory");
    const { set: { definitions }, faults: ownFaults } = readAndCheck(sources);
    const faults = [...ownFaults, ...lintFaults(definitions, ownFaults)];
    const errors = faults.filter(({ severity }) => severity === "error").length;
    if (options.has("json")) {
      const findings = faults.map(({ severity, message }) => ({ severity, message }));
      printJson({ definitions: definitions.length, findings });
      return errors === 0 ? 0 : UNSOUND;
    }
    sayFaults(faults);
    say(
      `${count(definitions.length, "definition")} read: ` +
        `${count(errors, "error")}, ${count(faults.length - errors, "warning")}`,
    );
    return errors === 0 ? 0 : UNSOUND;
  },
};
