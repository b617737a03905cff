import { all } from "../checks/all.ts";
import { file } from "../checks/file.ts";
import { httpOf } from "../checks/http.ts";
import { StrangerError } from "../checks/owner.ts";
import { pidFile } from "../checks/pid_file.ts";
import { tcpOf } from "../checks/tcp.ts";
import { unixOf } from "../checks/unix.ts";
import {
  type CheckSurroundings,
  commandLineCheck,
  DATA_CHECK,
  execCheck,
  type Printed,
} from "../checks/exec_check.ts";
import type { CheckSetting, PollSettings } from "./poll_settings.ts";
import type { ReadinessCheck } from "../checks/readiness_check.ts";
import type { ServiceProcesses } from "../service_processes.ts";

/** What the checks need besides the settings. */
export interface SettingsCheckOptions {
  /** The directory that relative paths start from; empty: the working directory. */
  readonly base: string;
  /** The processes whose servers count. */
  readonly service: ServiceProcesses;
  /** What a program that checks is started with. */
  readonly surroundings: CheckSurroundings;
  /** Gets what a program that checks prints; default: it prints by itself. */
  readonly printed?: Printed;
  /** Prints a warning. */
  readonly report: (message: string) => void;
}

/** Wraps a check so that it warns when it can't even be run, once for each reason. */
function warnOfFailures(check: ReadinessCheck, report: (message: string) => void): ReadinessCheck {
  const warned = new Set<string>();
  return async (signal) => {
    try {
      return await check(signal);
    } catch (error) {
      const { message, name } = error as Error;
      if (name === "SystemError" && !warned.has(message)) {
        warned.add(message);
        report(message);
      }
      throw error;
    }
  };
}

/** Wraps a check so that the reason for which it refuses a stranger names the option that allows it. */
function nameOption(check: ReadinessCheck): ReadinessCheck {
  return async (signal) => {
    try {
      return await check(signal);
    } catch (error) {
      if (!(error instanceof StrangerError)) throw error;
      throw new Error(`${error.message}; --any-owner would allow that`);
    }
  };
}

/** Returns the check that the settings describe: all that they name must hold; a program runs last. */
export function settingsCheck(
  { checks, expect, anyOwner, commandLine }: PollSettings,
  { base, service, surroundings, printed, report }: SettingsCheckOptions,
): ReadinessCheck {
  const path = (what: string) => base === "" || /^[/@]/.test(what) ? what : `${base}/${what}`;
  const owner = anyOwner ? undefined : service;
  const single = ({ kind, what }: CheckSetting): ReadinessCheck => {
    switch (kind) {
      case "tcp":
        return nameOption(tcpOf(owner, what));
      case "http":
        return nameOption(httpOf(owner, what, expect));
      case "unix":
        return nameOption(unixOf(owner, path(what)));
      case "file":
        return file(path(what));
      case "pid-file":
        return pidFile(path(what));
    }
  };
  const wanted = checks.map(single);
  if (commandLine !== undefined || wanted.length === 0) {
    const program = commandLine === undefined
      ? DATA_CHECK
      : commandLineCheck(commandLine, Deno.env.get("PATH"));
    wanted.push(warnOfFailures(execCheck(program, surroundings, printed), report));
  }
  return wanted.length === 1 ? wanted[0]! : all(...wanted);
}
