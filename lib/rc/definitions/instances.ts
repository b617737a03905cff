import {
  type InstanceName,
  isTemplateName,
  splitInstance,
  whyNoInstanceName,
} from "../../servicedir/instance_name.ts";
import { encodeOs } from "../../os/os_string.ts";
import type { Definition, Fault } from "./definition.ts";
import { quoted } from "./quoted.ts";

/** The instances that definitions name. */
export interface MadeInstances {
  /** Their definitions. */
  readonly definitions: readonly Definition[];
  /** What is wrong with their names. */
  readonly faults: readonly Fault[];
}

/** Returns the names of other services that a definition has. */
function namesIn(definition: Definition): readonly string[] {
  if (definition.type === "bundle") return definition.contents;
  if (definition.type === "oneshot") return definition.dependencies;
  const { dependencies, producerFor, consumerFor } = definition;
  return [...dependencies, ...consumerFor, ...producerFor === undefined ? [] : [producerFor]];
}

/** Returns a template's definition as that of an instance: a template that it names has the same one. */
function instantiate(template: Definition, instance: InstanceName): Definition {
  const own = (name: string) => isTemplateName(name) ? name + instance.instance : name;
  const named = { name: instance.template + instance.instance, instance };
  if (template.type === "bundle") {
    return { ...template, ...named, contents: template.contents.map(own) };
  }
  const dependencies = template.dependencies.map(own);
  if (template.type === "oneshot") return { ...template, ...named, dependencies };
  const { producerFor, consumerFor, pipelineName } = template;
  return {
    ...template,
    ...named,
    dependencies,
    consumerFor: consumerFor.map(own),
    ...producerFor !== undefined && { producerFor: own(producerFor) },
    ...pipelineName !== undefined && { pipelineName: own(pipelineName) },
  };
}

/**
 * Makes the instances `foo@bar` that definitions name, and those that these name, of their templates
 * `foo@`. A name that is defined is left alone.
 *
 * @param definitions The definitions, without templates.
 * @param templates The templates by their names.
 * @param longestName How many bytes the name of a service may have.
 */
export function makeInstances(
  definitions: readonly Definition[],
  templates: ReadonlyMap<string, Definition>,
  longestName: number,
): MadeInstances {
  const known = new Set(definitions.map(({ name }) => name));
  const made: Definition[] = [];
  const faults: Fault[] = [];
  const error = (message: string) => faults.push({ severity: "error", message });
  const look = (definition: Definition) => {
    for (const name of namesIn(definition)) {
      if (known.has(name)) continue;
      const where = `'${definition.name}' names ${quoted(name)}`;
      if (templates.has(name)) {
        known.add(name);
        error(`${where}, which is a template; name an instance of it: ${name}NAME`);
      }
      const instance = splitInstance(name);
      const template = instance && templates.get(instance.template);
      if (instance === undefined || template === undefined) continue;
      known.add(name);
      const isLong = encodeOs(name).length > longestName;
      const why = whyNoInstanceName(instance.instance) ??
        (isLong ? `a scan ignores names of more than ${longestName} bytes` : undefined);
      if (why === undefined) made.push(instantiate(template, instance));
      else error(`${where}, which can't be an instance of ${template.directory}: ${why}`);
    }
  };
  definitions.forEach(look);
  // An iteration over an array also visits what is added meanwhile.
  for (const instance of made) look(instance);
  return { definitions: made, faults };
}
