import { lintDefinitions } from "../../lint/lint.ts";
import type { Definition, Fault } from "../../rc/definitions/definition.ts";

/** Finds what is wrong with the files of definitions, beyond what decides whether these can be used. */
export function lintFaults(definitions: readonly Definition[]): Fault[] {
  return lintDefinitions(definitions.map(({ directory }) => directory))
    .map(({ severity, file, line, message, fix }) => ({
      severity,
      message: `${line === undefined ? file : `${file}:${line}`}: ${message}; ${fix}`,
    }));
}
