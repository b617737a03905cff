import { DatabaseExistsError, storeDefinitions } from "../../rc/database/store.ts";
import { type Command, ExitCode, Failure, required } from "../../cli/command.ts";
import { operandList, parseCommandLine } from "../../cli/command_line.ts";
import { say } from "../../cli/output.ts";
import { readAndCheck, requireSound, sayFaults } from "../../cli/rc/rc_sources.ts";
import { count } from "../../explain/words.ts";

/** `sv rc compile`: checks definitions, and stores them where `sv rc init` finds them. */
export const rcCompileCommand: Command = {
  usage: "[ -v verbosity ] [ -h user ] [ -b ] database source...",
  help:
    `Checks the definitions in source directories as 'sv rc check' does, and stores copies of them in
a new directory, with the files that they need: a database. 'sv rc init', 'update', 'db' and 'graph' take
it in the place of source directories, which may then change or go. It is complete as soon as it has its
path, and is not made if there are errors. Definitions need not be compiled: this is for scripts that do.

  -v, --verbosity n        0: errors only; 1: warnings, too (default); 2: also longruns on which others
                           depend but which never say that they are ready, and what was stored
  -h, --fdholder-user u    without effect, for scripts made for s6-rc: sv has no fd-holder
  -b, --block              without effect: no oneshot waits for another

Exit codes: 0 success; 1 the definitions have errors; 4 a source is a database that s6-rc has compiled; 100
wrong usage; 111 system call failed, or there is something at the path of the database.`,
  run(args) {
    const options = parseCommandLine(args, "v:h:b", {
      "verbosity": "v",
      "fdholder-user": "h",
      "block": "b",
    });
    const verbosity = options.number("v", "a verbosity") ?? 1;
    const [database, ...sources] = options.rest;
    const path = required(database, "database").replace(/(?<=.)\/+$/, "");
    operandList(sources, "source directory");
    const { set: { definitions }, faults } = readAndCheck(sources);
    sayFaults(
      faults.filter(({ severity, isAdvice = false }) =>
        severity === "error" || verbosity >= (isAdvice ? 2 : 1)
      ),
    );
    requireSound({ faults });
    try {
      storeDefinitions(path, definitions);
    } catch (error) {
      if (!(error instanceof DatabaseExistsError)) throw error;
      throw new Failure(error.message, ExitCode.systemCall);
    }
    if (verbosity >= 2) {
      say(`${count(definitions.length, "definition")} stored in ${path}`);
    }
    return 0;
  },
};
