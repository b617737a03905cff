import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { mkdir } from "../../os/path.ts";
import { withoutUmask } from "../../os/umask.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import {
  type InstanceDefinitions,
  instanceDefinitions,
  type InstancedService,
  instancedService,
  type InstanceLogger,
} from "../../cli/instance/instanced_service.ts";
import { makeWithTemplate } from "../../cli/instance/make_instanced_service.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import type { ParsedOptions } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";

const MOST_INSTANCES = 90_000;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

function maxInstances(options: ParsedOptions): number {
  if (!isCalledAsS6()) {
    return options.number("c", "a number of instances", { least: 2, most: MOST_INSTANCES }) ?? 500;
  }
  const given = options.number("c", "a number of instances") ?? 500;
  return Math.min(Math.max(given, 1), MOST_INSTANCES);
}

function loggerOf(options: ParsedOptions): InstanceLogger | undefined {
  const directory = options.value("L");
  const stamps = options.number("t", "a kind of time stamp", { most: 3 });
  const files = options.number("n", "a number of files");
  const fileSize = options.number("s", "a number of bytes", { most: MOST_BYTES });
  const maxSize = options.number("S", "a number of bytes", { most: MOST_BYTES });
  const prefix = options.value("P");
  if (directory === undefined) {
    const about = options.lastOf("l", "t", "n", "s", "S", "P");
    if (about !== undefined && !isCalledAsS6()) {
      throw new UsageError(`option -${about} is about the logger, and there is none without -L`);
    }
    return undefined;
  }
  if (!directory.startsWith("/")) {
    throw new UsageError(
      `the directory of the logger must be an absolute path, not '${directory}'`,
    );
  }
  return {
    directory,
    user: options.value("l"),
    stamps: stamps ?? 1,
    files: files ?? 10,
    fileSize: fileSize ?? 1_000_000,
    maxSize: maxSize ?? 0,
    prefix,
  };
}

function definitionsOf(options: ParsedOptions): InstanceDefinitions | undefined {
  const given = options.value("r");
  if (given === undefined) return undefined;
  const [service = "", logger, pipeline, ...more] = given.split("/");
  if ([service, logger, pipeline].includes("") || more.length > 0 || given.includes("\n")) {
    throw new UsageError(
      `option -r takes SERVICE, SERVICE/LOGGER or SERVICE/LOGGER/PIPELINE, not '${given}'`,
    );
  }
  const logs = options.has("L");
  if (logger !== undefined && !logs) throw new UsageError("option -r names a logger: -L is needed");
  if (logger === undefined && logs) throw new UsageError("with -L, option -r must name a logger");
  return { service, logger, pipeline };
}

/** `sv instance maker`: a service whose scan runs instances, on s6's layout. */
export const instanceMakerCommand: Command = {
  usage: "[ -c max ] [ -r service[/logger[/pipeline]] ] [ -u user ] [ -l loguser ] [ -L logdir ] " +
    "[ -t stamptype ] [ -n nfiles ] [ -s filesize ] [ -S maxsize ] [ -P prefix ] template dir",
  help:
    `Writes a service directory on s6's layout: a scan of its own that runs instances, each a copy
of the template, a service directory. sv instance create DIR NAME adds an instance when it runs.
Where sv scan runs the services, a template web@ in the scan directory needs none of this, and no
second scan: sv help instance create.

  -c max      how many instances at most; 2 to 90000, default 500
  -r names    write definitions for sv rc into dir: a service; with its logger, SERVICE/LOGGER; with
              a name for both, SERVICE/LOGGER/PIPELINE
  -u user     run the scan and all instances as this user
  -L logdir   write what they print to this directory, an absolute path
  -l loguser  with -L: run the logger as this user
  -t type     with -L: time stamps; 0 none, 1 TAI64N (the default), 2 ISO 8601, 3 both
  -n nfiles   with -L: how many archives are kept; default 10
  -s size     with -L: how many bytes a file has; default 1000000
  -S size     with -L: how many bytes all archives have; default 0: no limit
  -P prefix   with -L: what each line begins with

Exit codes: 0 success; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "u:l:L:c:t:n:s:S:P:r:");
    const [template = "", dir = ""] = operands(options.rest, ["template", "new directory"]);
    const user = options.value("u");
    if (user !== undefined && /[ \t\n]/.test(user)) {
      throw new UsageError(`${JSON.stringify(user)} can't be the name of a user`);
    }
    const names = definitionsOf(options);
    const service: InstancedService = {
      // Each instance of a logged template is two services.
      max: maxInstances(options) * (tryStat(CWD, `${template}/log`) === undefined ? 1 : 2),
      user,
      logger: loggerOf(options),
      asS6: isCalledAsS6(),
    };
    if (tryStat(CWD, template)?.type !== "directory") {
      throw new Failure(
        `cannot make ${dir}: the template ${template} is no directory`,
        ExitCode.systemCall,
      );
    }
    if (names === undefined) {
      makeWithTemplate(dir, instancedService(service), template, ["instance", "instances"]);
      return 0;
    }
    withoutUmask(() => mkdir(CWD, dir, 0o755));
    for (const [name, files] of Object.entries(instanceDefinitions(service, names))) {
      makeWithTemplate(`${dir}/${name}`, files, name === names.service ? template : undefined, []);
    }
    return 0;
  },
};
