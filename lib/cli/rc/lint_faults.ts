import { lintDefinitions } from "../../lint/lint.ts";
import type { Definition, Fault } from "../../rc/definitions/definition.ts";

/**
 * Finds what is wrong with the files of definitions, beyond what decides whether these can be used.
 *
 * @param definitions The definitions.
 * @param known What is known to be wrong: nothing more is said of those files.
 */
export function lintFaults(definitions: readonly Definition[], known: readonly Fault[]): Fault[] {
  const isKnown = (file: string) =>
    known.some(({ message }) =>
      message.startsWith(file) && /^[ ,:]/.test(message.slice(file.length))
    );
  return lintDefinitions([...new Set(definitions.map(({ directory }) => directory))])
    .filter(({ file }) => !isKnown(file))
    .map(({ severity, file, line, message, fix }) => ({
      severity,
      message: `${line === undefined ? file : `${file}:${line}`}: ${message}; ${fix}`,
    }));
}
