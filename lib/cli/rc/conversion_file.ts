import type { Graph } from "../../rc/definitions/graph.ts";
import { splitCommandLine } from "../../rc/definitions/script.ts";
import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Failure } from "../command.ts";
import { RcExit } from "./rc_live.ts";

/** How services of the definitions in force become those of new ones. */
export interface Conversion {
  /** New names, by the old ones. */
  readonly renamed: ReadonlyMap<string, string>;
  /** The old names of services to restart in any case. */
  readonly restart: ReadonlySet<string>;
}

/** A conversion that changes nothing. */
export const NO_CONVERSION: Conversion = { renamed: new Map(), restart: new Set() };

/**
 * Reads a file of lines `name [ -> newname ] [ restart ]`.
 *
 * @param path The file.
 * @param graph The definitions in force.
 * @throws {Failure} with the exit code of s6-rc-update.
 */
export function readConversion(path: string, graph: Graph): Conversion {
  const renamed = new Map<string, string>();
  const restart = new Set<string>();
  const named = new Set<string>();
  const cannot = (why: string, code: number) => new Failure(`cannot follow ${path}: ${why}`, code);
  for (const line of decodeOs(readFile(CWD, path)).split("\n")) {
    const [name, ...words] = splitCommandLine(line, path);
    if (name === undefined) continue;
    if (graph.find(name) === undefined) {
      const isBundle = graph.names.includes(name);
      const why = isBundle ? "is a bundle, no single service" : "is in force under no such name";
      throw cannot(`'${name}' ${why}`, isBundle ? RcExit.wrongType : RcExit.unknownName);
    }
    if (named.has(name)) throw cannot(`it has several lines for '${name}'`, RcExit.duplicate);
    named.add(name);
    if (words[0] === "->" && words[1] !== undefined) {
      renamed.set(name, words[1]);
      words.splice(0, 2);
    }
    const other = words.find((word) => word !== "restart");
    if (other !== undefined) {
      throw cannot(
        `'${line}' is not of the form 'name restart' or 'name -> newname [restart]'`,
        RcExit.usage,
      );
    }
    if (words.length > 0) restart.add(name);
  }
  return { renamed, restart };
}

/**
 * Checks that each new name is defined, and that no service becomes of several.
 *
 * @throws {Failure} with the exit code of s6-rc-update.
 */
export function requireConvertible(
  { renamed }: Conversion,
  before: Graph,
  after: Graph,
  path: string,
): void {
  const sources = new Map<number, string>();
  const known = new Set(after.names);
  for (const [name, newName] of renamed) {
    if (!known.has(newName)) {
      throw new Failure(
        `cannot follow ${path}: '${name}' gets the name '${newName}', which nothing in the new ` +
          "definitions has",
        RcExit.invalid,
      );
    }
    for (const node of after.resolve(newName)) {
      const target = after.nodes[node]!.definition.name;
      const other = sources.get(node) ??
        (before.find(target) !== undefined && !renamed.has(target) ? target : undefined);
      if (other !== undefined) {
        throw new Failure(
          `cannot follow ${path}: '${target}' would be made of both '${other}' and '${name}'`,
          RcExit.duplicate,
        );
      }
      sources.set(node, name);
    }
  }
}
