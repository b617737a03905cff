import { shellWord } from "../../options/quote_words.ts";
import type { NewFile } from "../new/service_template.ts";

/** What the logger of an instanced service is like. */
export interface InstanceLogger {
  /** The directory that it writes to. */
  readonly directory: string;
  /** The user that it runs as. */
  readonly user: string | undefined;
  /** Time stamps: 0 none, 1 TAI64N, 2 ISO 8601, 3 both. */
  readonly stamps: number;
  /** How many archives it keeps. */
  readonly files: number;
  /** The size of a file, in bytes. */
  readonly fileSize: number;
  /** The size of all archives; 0: no limit. */
  readonly maxSize: number;
  /** What each line begins with. */
  readonly prefix: string | undefined;
}

/** An instanced service that is to be written. */
export interface InstancedService {
  /** How many instances there may be. */
  readonly max: number;
  /** The user that the scan and all instances run as. */
  readonly user: string | undefined;
  /** Its logger. */
  readonly logger: InstanceLogger | undefined;
  /** Whether its scripts start programs by their names of s6. */
  readonly asS6: boolean;
}

/** The names of definitions for `sv rc`. */
export interface InstanceDefinitions {
  /** The service. */
  readonly service: string;
  /** Its logger. */
  readonly logger: string | undefined;
  /** The bundle of both. */
  readonly pipeline: string | undefined;
}

function words(...parts: readonly (string | readonly string[])[]): string {
  return parts.flat().map(shellWord).join(" ");
}

function asUser(user: string | undefined, asS6: boolean): string[] {
  if (user === undefined) return [];
  return asS6 ? ["s6-setuidgid", user] : ["sv", "setuidgid", user];
}

function runScript({ user, max, asS6 }: InstancedService): string {
  const scan = asS6 ? ["s6-svscan"] : ["sv", "scan"];
  const command = words(asUser(user, asS6), scan, "-d3", `-c${max}`, "--", "instance");
  return `#!/bin/sh\n# The scan of the instances: it is ready when it takes commands.\nexec 2>&1\nexec ${command}\n`;
}

function logScript(logger: InstanceLogger, asS6: boolean): string {
  const { stamps, files, fileSize, maxSize, prefix, directory, user } = logger;
  const script = [
    ...(stamps & 1) !== 0 ? ["t"] : [],
    ...(stamps & 2) !== 0 ? ["T"] : [],
    `n${files}`,
    `s${fileSize}`,
    ...maxSize > 0 ? [`S${maxSize}`] : [],
    ...prefix !== undefined ? [`p${prefix}`] : [],
    directory,
  ];
  const log = asS6 ? ["s6-log"] : ["sv", "log"];
  return `#!/bin/sh\nexec ${words(asUser(user, asS6), log, "-bd3", "--", script)}\n`;
}

const THREE = { text: "3\n" };

/** Returns the files of a service directory whose scan runs instances, but for the template. */
export function instancedService(service: InstancedService): Record<string, NewFile> {
  const { logger, asS6 } = service;
  return {
    "notification-fd": THREE,
    run: { text: runScript(service), program: true },
    ...logger && {
      "log/notification-fd": THREE,
      "log/run": { text: logScript(logger, asS6), program: true },
    },
  };
}

/** Returns the files of definitions for `sv rc`, by directory. */
export function instanceDefinitions(
  service: InstancedService,
  names: InstanceDefinitions,
): Record<string, Record<string, NewFile>> {
  const type = { text: "longrun\n" };
  const main = {
    type,
    "notification-fd": THREE,
    run: { text: runScript(service) },
    ...names.logger !== undefined && { "producer-for": { text: `${names.logger}\n` } },
  };
  if (names.logger === undefined || service.logger === undefined) return { [names.service]: main };
  return {
    [names.service]: main,
    [names.logger]: {
      type,
      "notification-fd": THREE,
      run: { text: logScript(service.logger, service.asS6) },
      "consumer-for": { text: `${names.service}\n` },
      ...names.pipeline !== undefined && { "pipeline-name": { text: `${names.pipeline}\n` } },
    },
  };
}
