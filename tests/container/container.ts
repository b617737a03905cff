import { type Missing, missingPrograms, missingRoot, refused } from "../support/needs.ts";
import { type Finished, run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { within } from "../support/within.ts";
import type { Image } from "./image.ts";

/** What `docker run` is told by its options. */
export interface ContainerOptions {
  /** The words after the image. */
  readonly command?: readonly string[];
  /** `--env`. */
  readonly env?: Readonly<Record<string, string>>;
  /** `--user`, which has no name. */
  readonly uid?: number;
  /** `--cap-drop ALL`. */
  readonly withoutRights?: boolean;
  /** `--read-only`. */
  readonly readOnly?: boolean;
  /** `--tmpfs /run`, with the options that Docker gives it. */
  readonly tmpfs?: boolean;
  /** `--memory`, in MiB. */
  readonly memory?: number;
}

/** What Docker leaves a container. */
const CAPABILITIES = [
  ...[
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
  ],
  ...["SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"],
].map((name) => `CAP_${name}`);

let count = 0;

/** A container of an image, killed and removed at the end of the block. */
export class Container implements AsyncDisposable {
  #stdout = "";
  #stderr = "";

  private constructor(
    /** What it was made of; its files are there, but for what is mounted in the container. */
    readonly image: Image,
    private readonly id: string,
    private readonly state: string,
    private readonly child: Deno.ChildProcess,
  ) {
    void collect(child.stdout, (text) => this.#stdout += text);
    void collect(child.stderr, (text) => this.#stderr += text);
  }

  /** Starts a container, as `docker run` does, without waiting for anything. */
  static async run(image: Image, options: ContainerOptions = {}): Promise<Container> {
    const id = `sv-test-${Deno.pid}-${++count}`;
    await Deno.writeTextFile(
      `${image.place}/config.json`,
      JSON.stringify(configuration(image, options)),
    );
    const state = `${image.place}/state`;
    const child = new Deno.Command("runc", {
      args: ["--root", state, "run", "--bundle", image.place, id],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    return new Container(image, id, state, child);
  }

  /** What process 1 and its services have written on stdout so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What process 1 and its services have written on stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Runs a command in it, as `docker exec` does. */
  exec(...command: readonly string[]): Promise<Finished> {
    return run(["runc", "--root", this.state, "exec", this.id, ...command]);
  }

  /** Sends a signal to process 1. */
  async kill(signal: string): Promise<void> {
    const { code, stderr } = await run(["runc", "--root", this.state, "kill", this.id, signal]);
    if (code !== 0) throw new Error(stderr);
  }

  /** Waits for its end, and returns the exit code of process 1. */
  async exited(): Promise<number> {
    const what = "the container to end";
    const { code } = await within(this.child.status, what).catch((error) => {
      throw new Error(`${error.message}; it said: ${this.#stdout}${this.#stderr}`);
    });
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["runc", "--root", this.state, "delete", "--force", this.id]);
    await this.child.status;
  }
}

/** Returns what runc has to know. */
function configuration(
  { config, root }: Pick<Image, "config" | "root">,
  options: ContainerOptions,
) {
  const { command = config.command, withoutRights = false, uid = config.user.uid } = options;
  const none = ["nosuid", "noexec", "nodev"];
  const rights = withoutRights || uid !== 0 ? [] : CAPABILITIES;
  const env = { ...config.env, ...options.env };
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid, gid: uid === config.user.uid ? config.user.gid : 0 },
      args: [...config.entrypoint, ...command],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: "/",
      capabilities: { bounding: rights, effective: rights, permitted: rights },
      noNewPrivileges: withoutRights,
    },
    root: { path: root, readonly: options.readOnly ?? false },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: [...none, "ro"] },
      ...options.tmpfs
        ? [{ destination: "/run", type: "tmpfs", source: "run", options: [...none, "mode=1777"] }]
        : [],
    ],
    linux: {
      namespaces: ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type })),
      resources: options.memory === undefined
        ? {}
        : { memory: { limit: options.memory * 1024 * 1024 } },
    },
  };
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}

/** Tries a container with a limit, in which this machine's own root is the image. */
async function refusedContainer(): Promise<Missing> {
  await using bundle = await temporaryDirectory("sv-container-");
  const config = { env: {}, user: { uid: 0, gid: 0 }, entrypoint: ["/bin/true"], command: [] };
  const root = `${bundle.path}/root`;
  await Deno.mkdir(root);
  await Deno.writeTextFile(
    `${bundle.path}/config.json`,
    JSON.stringify(configuration({ config, root }, { memory: 64 })),
  );
  const script = 'mount --bind / "$1/root"; exec runc --root "$1/state" run -b "$1" "sv-test-$$"';
  return await refused("unshare", "--mount", "sh", "-ec", script, "sh", bundle.path);
}

const missing = [missingRoot("to run a container"), missingPrograms("runc", "dpkg")];

/** What a machine must have for containers. */
export const containerNeeds: readonly Missing[] = missing.some((reason) => reason !== undefined)
  ? missing
  : [await refusedContainer()];
