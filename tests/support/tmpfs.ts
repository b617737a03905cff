import { type Missing, missingRoot } from "./needs.ts";
import { run } from "./run.ts";

function refusedBy(script: string): Missing {
  const { success } = new Deno.Command("sh", {
    args: ["-ec", script],
    stdout: "null",
    stderr: "null",
  }).outputSync();
  return success ? undefined : "this machine to allow it";
}

/** Why a test can't mount a file system in memory; undefined where it can. */
export function missingMounts(): Missing {
  return missingRoot("to mount a small tmpfs") ??
    refusedBy("at=$(mktemp -d) && mount -t tmpfs none $at && umount $at; rmdir $at");
}

/** Makes and mounts a small disk at `$at`. */
const MAKE_DISK = "dd if=/dev/zero of=$at.image bs=1M count=8 && mkfs.ext4 -q $at.image && " +
  "mount -o loop $at.image $at";

/** Why a test can't freeze a disk; undefined where it can. */
export function missingFreeze(): Missing {
  return missingRoot("to freeze a disk") ??
    refusedBy(
      `at=$(mktemp -d); ${MAKE_DISK}; fsfreeze -f $at; fsfreeze -u $at; umount $at; rm -r $at*`,
    );
}

/** A disk that can stand still, unmounted at the end of the block. */
export class FreezableDisk implements AsyncDisposable {
  #frozen = false;

  /** @param path Where it is mounted. */
  constructor(readonly path: string) {}

  /** Lets every write to it wait. */
  async freeze(): Promise<void> {
    await run(["fsfreeze", "-f", this.path]);
    this.#frozen = true;
  }

  /** Lets the writes go on. */
  async thaw(): Promise<void> {
    if (this.#frozen) await run(["fsfreeze", "-u", this.path]);
    this.#frozen = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thaw();
    await run(["umount", "--lazy", this.path]);
  }
}

/** Makes a small disk and mounts it. */
export async function freezableDisk(path: string): Promise<FreezableDisk> {
  await Deno.mkdir(path);
  const { code, stderr } = await run(["sh", "-ec", MAKE_DISK], { env: { at: path } });
  if (code !== 0) throw new Error(`Cannot make a disk: ${stderr}`);
  return new FreezableDisk(path);
}

/** A small file system in memory, unmounted at the end of the block. */
export class Tmpfs implements AsyncDisposable {
  /** @param path Where it is mounted. */
  constructor(readonly path: string) {}

  /** Writes a file until no space is left. */
  async fill(): Promise<void> {
    await run(["dd", "if=/dev/zero", `of=${this.path}/.filler`, "bs=4096"]);
  }

  /** Removes that file. */
  async free(): Promise<void> {
    await Deno.remove(`${this.path}/.filler`).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["umount", "--lazy", this.path]);
  }
}

/** Mounts a file system in memory, of a size as mount(8) takes it. */
export async function mountTmpfs(path: string, size: string): Promise<Tmpfs> {
  await Deno.mkdir(path);
  const { code, stderr } = await run(["mount", "-t", "tmpfs", "-o", `size=${size}`, "none", path]);
  if (code !== 0) throw new Error(`Cannot mount ${path}: ${stderr}`);
  return new Tmpfs(path);
}
