/**
 * Images that are built from a Dockerfile without an engine and without a network: the instructions are
 * followed as they stand, and the base images are made of files of this machine, which is a Debian, too.
 */
import { copy } from "@std/fs/copy";
import { dirname, fromFileUrl } from "@std/path";
import { run } from "../support/run.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";
import { buildSteps, type ImageConfig, imageConfig, parseDockerfile } from "./dockerfile.ts";

/** The directory that COPY takes files from. */
const context = fromFileUrl(new URL("../../", import.meta.url));

/** What this machine has and a new Debian has not. */
const NOT_IN_DEBIAN = "home mnt opt root run srv tmp usr/local var/log work";

/** Takes the place of apt-get: what would be installed has to be installed on this machine. */
const APT_GET = `#!/bin/sh
[ "$1" = install ] || exit 0
for package in "$@"; do
  case $package in install | -*) continue ;; esac
  dpkg -s "$package" >/dev/null || exit
done
`;

/** Debian's packages of which the base images without a package manager are made. */
const DISTROLESS = {
  "gcr.io/distroless/python3-debian12": [
    ...["python3-minimal", "python3.11-minimal", "libpython3.11-minimal"],
    ...["libc6", "libgcc-s1", "libexpat1", "zlib1g"],
  ],
};

/** An image, unmounted and removed at the end of the block. */
export class Image implements AsyncDisposable {
  private constructor(
    /** What it says about its process 1. */
    readonly config: ImageConfig,
    /** Where its files are. */
    readonly root: string,
    /** A place beside the files, for the container. */
    readonly place: string,
    private readonly directory: TemporaryDirectory,
  ) {}

  /** Follows the Dockerfile of an example. */
  static async build(example: string): Promise<Image> {
    const file = `${context}examples/container/${example}/Dockerfile`;
    const instructions = parseDockerfile(await Deno.readTextFile(file));
    const directory = await temporaryDirectory("sv-image-");
    const image = new Image(
      imageConfig(instructions),
      `${directory.path}/root`,
      directory.path,
      directory,
    );
    try {
      for (const { name, text } of buildSteps(instructions)) {
        if (name === "FROM") await image.#from(text);
        else if (name === "RUN") await image.#run(text);
        else await image.#copy(text.split(" "));
      }
    } catch (error) {
      await image[Symbol.asyncDispose]();
      throw error;
    }
    return image;
  }

  /** Runs a script of the test, which has to succeed. */
  async #script(script: string, ...args: string[]): Promise<void> {
    const { code, stderr } = await run(["sh", "-ec", script, "sh", ...args], { cwd: this.place });
    if (code !== 0) throw new Error(`Cannot build the image: ${script}: ${stderr}`);
  }

  async #from(base: string): Promise<void> {
    if (base === "debian:bookworm-slim") {
      // A device 0:0 in the upper layer hides what is in the lower one.
      return await this.#script(
        `mkdir -p root layers; mount -t tmpfs none layers; mkdir -p layers/upper layers/work
        for name in ${NOT_IN_DEBIAN}; do
          mkdir -p layers/upper/$(dirname $name); mknod layers/upper/$name c 0 0
        done
        mount -t overlay overlay -o lowerdir=/,upperdir=layers/upper,workdir=layers/work root
        for name in ${NOT_IN_DEBIAN}; do mkdir root/$name; done
        chmod 1777 root/tmp; mkdir -p root/usr/local/bin`,
      );
    }
    const packages = DISTROLESS[base as keyof typeof DISTROLESS];
    if (packages === undefined) throw new Error(`There is nothing here to make ${base} of`);
    // Directories of the root are links to those of /usr, in distroless as in Debian.
    await this.#script(
      `mkdir -p root/usr/lib root/usr/lib64 root/usr/bin root/proc root/dev root/sys root/tmp root/run
      ln -s usr/lib usr/lib64 usr/bin root
      dpkg -L "$@" | grep -E '^(/usr)?/(lib|lib64|bin)/' | grep -vE '^/usr/lib/x86_64-linux-gnu/gconv' |
        while read -r path; do [ -d "$path" ] || echo "\${path#/}"; done |
        tar -C / -c -T - | tar -C root -x --keep-directory-symlink`,
      ...packages,
    );
  }

  async #run(command: string): Promise<void> {
    await Deno.mkdir(`${this.root}/stand-ins`);
    await Deno.writeTextFile(`${this.root}/stand-ins/apt-get`, APT_GET, { mode: 0o755 });
    const { code, stderr } = await run([
      ...["unshare", "--mount", "sh", "-ec", 'mount --bind /dev "$1/dev"; exec chroot "$@"', "sh"],
      ...[this.root, "env", `PATH=/stand-ins:${this.config.env["PATH"]}`, "sh", "-c", command],
    ]);
    if (code !== 0) throw new Error(`RUN ${command}: exit code ${code}: ${stderr}`);
    await Deno.remove(`${this.root}/stand-ins`, { recursive: true });
  }

  async #copy(words: readonly string[]): Promise<void> {
    const [sources, target] = [words.slice(0, -1), words.at(-1)!];
    for (const source of sources) {
      const isDirectory = (await Deno.stat(context + source)).isDirectory;
      const into = sources.length > 1 || target.endsWith("/");
      if (isDirectory) {
        // The content of a directory goes into the target.
        await this.#script(
          'mkdir -p "$2"; cp -RP --preserve=mode "$1/." "$2"',
          context + source,
          this.root + target,
        );
      } else {
        const path = into
          ? `${this.root}${target}/${source.split("/").at(-1)}`
          : this.root + target;
        await Deno.mkdir(dirname(path), { recursive: true });
        await copy(context + source, path);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["umount", "--lazy", this.root]);
    await run(["umount", "--lazy", `${this.place}/layers`]);
    await this.directory[Symbol.asyncDispose]();
  }
}
