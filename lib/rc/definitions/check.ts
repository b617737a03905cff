import { findCycles } from "./cycle.ts";
import type { Atomic, Bundle, Definition, Fault, Longrun } from "./definition.ts";
import { quoted } from "./quoted.ts";
import { reachable } from "./walk.ts";

/**
 * Finds what is wrong with a set of definitions as a whole: names without a definition, cycles,
 * bundles that contain themselves, pipelines that only one side declares. Warns of a longrun on
 * which others depend but which never tells when it is ready.
 *
 * @param definitions All definitions of the set.
 */
export function checkDefinitions(definitions: readonly Definition[]): Fault[] {
  return new Checker(definitions).faults;
}

class Checker {
  readonly faults: Fault[] = [];
  readonly #byName: ReadonlyMap<string, Definition>;
  readonly #atomics: readonly Atomic[];
  readonly #bundles: readonly Bundle[];
  readonly #longruns: readonly Longrun[];
  /** The names of pipelines, each with the longrun at its end. */
  readonly #pipelines = new Map<string, Longrun>();
  readonly #resolved = new Map<string, readonly string[]>();

  constructor(definitions: readonly Definition[]) {
    this.#byName = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#atomics = definitions.filter((definition) => definition.type !== "bundle");
    this.#bundles = definitions.filter((definition) => definition.type === "bundle");
    this.#longruns = definitions.filter((definition) => definition.type === "longrun");
    this.#checkPipelineNames();
    this.#checkNames();
    this.#checkPipelines();
    const sound = this.#checkBundleCycles();
    if (sound && this.#checkPipelineCycles()) {
      this.#checkDependencyCycles();
      this.#checkReadiness();
    }
  }

  #error(message: string): void {
    this.faults.push({ severity: "error", message });
  }

  #checkPipelineNames(): void {
    for (const longrun of this.#longruns) {
      const { pipelineName: name, directory } = longrun;
      if (name === undefined) continue;
      const other = this.#byName.get(name) ?? this.#pipelines.get(name);
      if (other) {
        this.#error(`${directory}/pipeline-name: '${name}' is in use by ${other.directory}`);
      } else this.#pipelines.set(name, longrun);
    }
  }

  #checkNames(): void {
    const known = (name: string) => this.#byName.has(name) || this.#pipelines.has(name);
    for (const { name, directory, dependencies } of this.#atomics) {
      for (const dependency of dependencies) {
        if (!known(dependency)) {
          this.#error(
            `'${name}' depends on ${quoted(dependency)}, which nobody defines (in ${directory})`,
          );
        }
      }
    }
    for (const { name, directory, contents } of this.#bundles) {
      for (const content of contents) {
        if (!known(content)) {
          this.#error(
            `the bundle '${name}' contains ${
              quoted(content)
            }, which nobody defines (in ${directory})`,
          );
        }
      }
    }
  }

  #checkPipelines(): void {
    for (const { name, directory, producerFor, consumerFor } of this.#longruns) {
      if (producerFor !== undefined) {
        const consumer = this.#byName.get(producerFor);
        const path = `${directory}/producer-for`;
        if (consumer?.type !== "longrun") this.#error(this.#notLongrun(path, producerFor));
        else if (!consumer.consumerFor.includes(name)) {
          this.#error(
            `'${name}' is a producer for '${producerFor}', which does not say so; ` +
              `add ${name} to ${consumer.directory}/consumer-for`,
          );
        }
      }
      for (const producerName of consumerFor) {
        const producer = this.#byName.get(producerName);
        const path = `${directory}/consumer-for`;
        if (producer?.type !== "longrun") this.#error(this.#notLongrun(path, producerName));
        else if (producer.producerFor === undefined) {
          this.#error(
            `'${name}' is a consumer for '${producerName}', which does not say so; ` +
              `write ${name} into ${producer.directory}/producer-for`,
          );
        } else if (producer.producerFor !== name) {
          this.#error(
            `'${name}' is a consumer for '${producerName}', which is a producer for ` +
              `'${producer.producerFor}' instead (in ${producer.directory})`,
          );
        }
      }
    }
  }

  #notLongrun(path: string, name: string): string {
    const type = this.#pipelines.has(name) ? "bundle" : this.#byName.get(name)?.type;
    return type === undefined
      ? `${path} names ${quoted(name)}, which nobody defines`
      : `${path} names '${name}', which is a ${type}; only longruns can be in a pipeline`;
  }

  #reportCycles(what: string, cycles: string[][]): boolean {
    for (const cycle of cycles) this.#error(`${what}: ${[...cycle, cycle[0]].join(" → ")}`);
    return cycles.length === 0;
  }

  #checkBundleCycles(): boolean {
    const contents = (name: string) => {
      const definition = this.#byName.get(name);
      return definition?.type === "bundle" ? definition.contents : [];
    };
    const names = this.#bundles.map(({ name }) => name);
    return this.#reportCycles("a bundle contains itself", findCycles(names, contents));
  }

  #checkPipelineCycles(): boolean {
    const consumer = (name: string) => {
      const definition = this.#byName.get(name);
      const next = definition?.type === "longrun" ? definition.producerFor : undefined;
      return next === undefined ? [] : [next];
    };
    const names = this.#longruns.map(({ name }) => name);
    return this.#reportCycles("a pipeline feeds itself", findCycles(names, consumer));
  }

  /** Returns the names of the atomic services that a name stands for. */
  #resolve(name: string): readonly string[] {
    let resolved = this.#resolved.get(name);
    if (resolved === undefined) this.#resolved.set(name, resolved = this.#resolveNew(name));
    return resolved;
  }

  #resolveNew(name: string): string[] {
    const names = reachable([name], (name) => {
      const definition = this.#byName.get(name);
      return definition?.type === "bundle" ? definition.contents : [];
    });
    const ends = [...names].flatMap((name) => this.#pipelines.get(name)?.name ?? []);
    const members = reachable(ends, (name) => {
      const definition = this.#byName.get(name);
      return definition?.type === "longrun" ? definition.consumerFor : [];
    });
    return [...new Set([...names, ...members])].filter((name) => {
      const type = this.#byName.get(name)?.type;
      return type === "longrun" || type === "oneshot";
    });
  }

  #dependencies(definition: Atomic): string[] {
    const consumer = definition.type === "longrun" && definition.producerFor;
    return [
      ...new Set([
        ...definition.dependencies.flatMap((name) => this.#resolve(name)),
        ...consumer && this.#byName.get(consumer)?.type === "longrun" ? [consumer] : [],
      ]),
    ];
  }

  #checkDependencyCycles(): void {
    const next = (name: string) => this.#dependencies(this.#byName.get(name) as Atomic);
    const names = this.#atomics.map(({ name }) => name);
    this.#reportCycles("a service depends on itself", findCycles(names, next));
  }

  #checkReadiness(): void {
    const dependents = new Map<string, string[]>();
    for (const definition of this.#atomics) {
      for (const dependency of this.#dependencies(definition)) {
        // A producer may write before its consumer is ready: the pipe keeps what it writes.
        if (definition.type === "longrun" && definition.producerFor === dependency) continue;
        const list = dependents.get(dependency) ?? [];
        dependents.set(dependency, list);
        list.push(definition.name);
      }
    }
    for (const { name, notifies, directory } of this.#longruns) {
      const list = dependents.get(name);
      if (notifies || list === undefined) continue;
      const [first, ...others] = list;
      const inWords = others.length === 0 ? `'${first}'` : `'${first}' and ${others.length} more`;
      this.faults.push({
        severity: "warning",
        isAdvice: true,
        message:
          `'${name}' never says that it is ready: ${inWords} will start as soon as its run ` +
          `script does; write a number into ${directory}/notification-fd and let it notify`,
      });
    }
  }
}
