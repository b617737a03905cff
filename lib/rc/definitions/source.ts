import { reasonOf } from "../../os/system_error.ts";
import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import type { Bundle, Definition, Fault, Longrun, Oneshot } from "./definition.ts";
import { parseTimeout, parseType } from "./file_values.ts";
import { makeInstances } from "./instances.ts";
import { RESERVED, SourceDirectory } from "./source_directory.ts";
import { LONGEST_SCANNED_NAME, ServicePath } from "../../servicedir/protocol.ts";
import { encodeOs } from "../../os/os_string.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";

/** The content of source directories. */
export interface Sources {
  /** The definitions, in the order of the directories given, in each by name. */
  readonly definitions: readonly Definition[];
  /** Everything that is wrong with single definitions. */
  readonly faults: readonly Fault[];
}

const LOWEST_USUAL_FD = 3;

/**
 * Reads all service definitions in source directories, as s6-rc-compile does. It goes on after an
 * error, and reports them all.
 *
 * @param directories The source directories.
 * @param longestName How many bytes the name of a service may have.
 */
export function readSources(
  directories: readonly string[],
  longestName = LONGEST_SCANNED_NAME,
): Sources {
  const reader = new Reader(longestName);
  for (const directory of directories) reader.readDirectory(directory);
  const made = makeInstances(reader.definitions, reader.templates, longestName);
  return {
    definitions: [...reader.definitions, ...made.definitions],
    faults: [...reader.faults, ...made.faults],
  };
}

class Reader implements Sources {
  readonly definitions: Definition[] = [];
  /** The templates, by their names, which end with `@`. */
  readonly templates = new Map<string, Definition>();
  readonly faults: Fault[] = [];
  readonly #seen = new Map<string, string>();
  readonly #longestName: number;

  constructor(longestName: number) {
    this.#longestName = longestName;
  }

  readDirectory(directory: string): void {
    let names: string[];
    try {
      using opened = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
      names = readNames(opened.fd, directory).filter((name) => !name.startsWith(".")).sort();
    } catch (error) {
      return this.#error(reasonOf(error));
    }
    const services = names.filter((name) => this.#isDefinition(directory, name));
    if (services.length === 0) this.#warn(`${directory} defines no service`);
    for (const name of services) this.#readService(name, `${directory}/${name}`);
  }

  #error(message: string): void {
    this.faults.push({ severity: "error", message });
  }

  #warn(message: string): void {
    this.faults.push({ severity: "warning", message });
  }

  #isDefinition(directory: string, name: string): boolean {
    try {
      // Files, too, must have other names, though they define nothing.
      if (name.includes("\n")) {
        this.#error(`${directory} has an entry with a newline in its name; rename it`);
        return false;
      }
      if (RESERVED.test(name)) {
        this.#error(`${directory}/${name}: names must not start with s6rc- or s6-rc-; rename it`);
        return false;
      }
      if (stat(CWD, `${directory}/${name}`).type !== "directory") return false;
    } catch (error) {
      this.#error(reasonOf(error));
      return false;
    }
    if (encodeOs(name).length > this.#longestName) {
      this.#error(
        `${directory}/${name}: a scan ignores names of more than ${LONGEST_SCANNED_NAME} bytes, ` +
          "prefix included; rename it",
      );
    }
    return true;
  }

  #readService(name: string, path: string): void {
    const before = this.#seen.get(name);
    if (before !== undefined) {
      return this.#error(`'${name}' is defined twice, in ${before} and in ${path}; rename one`);
    }
    this.#seen.set(name, path);
    const source = new SourceDirectory(
      path,
      (message) => this.#error(message),
      (message) => this.#warn(message),
    );
    const text = source.text("type");
    const type = text && parseType(text);
    if (type === "longrun") this.#add(this.#longrun(name, source));
    else if (type === "oneshot") this.#add(this.#oneshot(name, source));
    else if (type === "bundle") this.#add(this.#bundle(name, source));
    else if (text === undefined) {
      this.#error(`${path} has no file 'type'; write longrun, oneshot or bundle into one`);
    } else {
      this.#error(
        `${path}/type must be longrun, oneshot or bundle, not ${
          JSON.stringify(text.replace(/\n$/, ""))
        }`,
      );
    }
  }

  #add(definition: Definition): void {
    if (isTemplateName(definition.name)) this.templates.set(definition.name, definition);
    else this.definitions.push(definition);
  }

  #startable(name: string, source: SourceDirectory) {
    return {
      name,
      directory: source.path,
      essential: source.has("flag-essential"),
      ...source.has("flag-recommended") && { recommended: true },
      dependencies: source.nameList("dependencies") ?? [],
      timeoutUp: source.unsigned("timeout-up", parseTimeout) ?? 0,
      timeoutDown: source.unsigned("timeout-down", parseTimeout) ?? 0,
    };
  }

  #longrun(name: string, source: SourceDirectory): Longrun {
    const { path } = source;
    if (!source.has("run")) this.#error(`${path} has no file 'run', which a longrun needs`);
    for (const file of [ServicePath.run, ServicePath.finish]) source.checkProgram(file);
    for (const file of [ServicePath.downSignal, ServicePath.reloadSignal]) source.checkText(file);
    for (const directory of [ServicePath.data, "env", "template"]) source.checkTree(directory);
    for (const file of ["timeout-kill", "timeout-finish", "max-death-tally"]) source.unsigned(file);
    const notification = source.unsigned(ServicePath.notificationFd);
    const lock = source.unsigned(ServicePath.lockFd);
    for (
      const [file, fd] of [
        [ServicePath.notificationFd, notification],
        [ServicePath.lockFd, lock],
      ] as const
    ) {
      if (fd !== undefined && fd < LOWEST_USUAL_FD) {
        this.#warn(`${path}/${file} is ${fd}, a descriptor that programs use for something else`);
      }
    }
    if (notification !== undefined && notification === lock) {
      this.#error(`${path}: notification-fd and lock-fd must not be the same descriptor`);
    }
    const producerFor = source.oneName("producer-for");
    const consumerFor = source.lines("consumer-for") ?? [];
    const isLast = consumerFor.length > 0 && producerFor === undefined;
    const pipelineName = isLast ? source.oneName("pipeline-name") : undefined;
    if (!isLast && source.has("pipeline-name")) {
      this.#warn(`${path}/pipeline-name is ignored: '${name}' is not the end of a pipeline`);
    }
    return {
      type: "longrun",
      ...this.#startable(name, source),
      notifies: notification !== undefined,
      ...producerFor !== undefined && { producerFor },
      consumerFor,
      ...pipelineName !== undefined && { pipelineName },
    };
  }

  #oneshot(name: string, source: SourceDirectory): Oneshot {
    const up = source.script("up");
    const down = source.script("down");
    const reload = source.script("reload");
    if (up === undefined) {
      this.#error(`${source.path} has no file 'up', which a oneshot needs`);
    }
    return {
      type: "oneshot",
      ...this.#startable(name, source),
      scripts: {
        up: up ?? "",
        ...down !== undefined && { down },
        ...reload !== undefined && { reload },
      },
    };
  }

  #bundle(name: string, source: SourceDirectory): Bundle {
    const contents = source.nameList("contents");
    if (contents === undefined) {
      this.#error(`${source.path} has no contents.d, which a bundle needs`);
    }
    const essential = source.has("flag-essential");
    const recommended = source.has("flag-recommended") && { recommended: true };
    return {
      type: "bundle",
      name,
      directory: source.path,
      essential,
      ...recommended,
      contents: contents ?? [],
    };
  }
}
