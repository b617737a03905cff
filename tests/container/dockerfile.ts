/** An instruction of a Dockerfile. */
export interface Instruction {
  /** Its name: `FROM`, `RUN`, … */
  readonly name: string;
  /** What follows, continued lines joined. */
  readonly text: string;
}

/** What an image says about its process 1. */
export interface ImageConfig {
  /** `ENV`. */
  readonly env: Readonly<Record<string, string>>;
  /** `USER`, as numbers. */
  readonly user: { readonly uid: number; readonly gid: number };
  /** `ENTRYPOINT`. */
  readonly entrypoint: readonly string[];
  /** `CMD`. */
  readonly command: readonly string[];
}

/** The instructions that change files, in their order. */
const BUILDING = ["FROM", "RUN", "COPY"];

/** Splits a Dockerfile into its instructions. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines.join("\n").replaceAll(/\\\n/g, "").split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`Cannot read a Dockerfile: ${line}`);
      return { name, text: rest!.trim().replaceAll(/\s+/g, " ") };
    });
}

/** Returns the instructions that make files. */
export function buildSteps(instructions: readonly Instruction[]): Instruction[] {
  return instructions.filter(({ name }) => BUILDING.includes(name));
}

/** Returns what the other instructions say; `EXPOSE` says nothing to a container without a network. */
export function imageConfig(instructions: readonly Instruction[]): ImageConfig {
  const env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  };
  let user = { uid: 0, gid: 0 };
  let entrypoint: string[] = [];
  let command: string[] = [];
  for (const { name, text } of instructions) {
    if (BUILDING.includes(name) || name === "EXPOSE") continue;
    if (name === "ENTRYPOINT") entrypoint = JSON.parse(text);
    else if (name === "CMD") command = JSON.parse(text);
    else if (name === "USER") {
      const [uid, gid = "0"] = text.split(":");
      user = { uid: Number(uid), gid: Number(gid) };
    } else if (name === "ENV") {
      const at = text.indexOf("=");
      env[text.slice(0, at)] = text.slice(at + 1);
    } else throw new Error(`Cannot follow a Dockerfile: ${name} is not known here`);
  }
  return { env, user, entrypoint, command };
}
