/**
 * Laying this program out in a directory, once for all users.
 *
 * @module
 */

import { close, CWD, Descriptor, Open, open, sync, writeAll } from "../../os/file.ts";
import { stat, tryStat } from "../../os/file_status.ts";
import { effectiveUserId } from "../../os/credentials.ts";
import { ownFiles } from "../../os/runtime/own_files.ts";
import { withoutUmask } from "../../os/umask.ts";

/** What the names of runtimes and programs look like: see scripts/pack. */
const IDENTITY = /^[0-9a-f]{20}$/;
const WORK = /^unpacking\./;
const LAUNCHER = "sv";
/** The launcher, among the files of the packed executable. */
const PACKED_LAUNCHER = "launcher";
const CHUNK = 1 << 20;

/** A directory in which the program can't be laid out; the message says why. */
export class LayoutError extends Error {
  override name = "LayoutError";
}

/** A file that is to be copied. */
interface Copy {
  readonly from: string;
  /** Where to, a path in the directory. */
  readonly to: string;
  readonly mode: number;
}

function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name);
}

/** Returns the copies that make the layout. */
function copies(): Copy[] {
  const form = ownFiles();
  if (form === "source") {
    throw new LayoutError(
      "this is run from its sources; make an executable by scripts/compile first",
    );
  }
  if (form === "compiled") return [{ from: Deno.execPath(), to: LAUNCHER, mode: 0o755 }];
  const { directory, runtime, program } = form;
  const names = namesIn(`${directory}/${program}`);
  const launcher = names.includes(PACKED_LAUNCHER)
    ? `${directory}/${program}/${PACKED_LAUNCHER}`
    : undefined;
  if (launcher === undefined) {
    throw new LayoutError(`there is no launcher for machines of the kind ${Deno.build.arch}`);
  }
  return [
    { from: `${directory}/${runtime}/sv`, to: `${runtime}/sv`, mode: 0o755 },
    // The copy of env(1) may not run on another system, and the mark of what was checked is made anew.
    ...names.filter((name) => name !== "env" && name !== runtime).map((name) => ({
      from: `${directory}/${program}/${name}`,
      to: `${program}/${name}`,
      mode: /\.(mjs|code)$/.test(name) ? 0o644 : 0o755,
    })),
    { from: launcher, to: LAUNCHER, mode: 0o755 },
  ];
}

/** Checks that nobody else may change what is in a directory, and that it is for this program alone. */
function check(path: string): void {
  const { uid, mode } = stat(CWD, path);
  if (uid !== effectiveUserId()) throw new LayoutError(`${path} belongs to another user`);
  if ((mode & 0o022) !== 0) throw new LayoutError(`other users may write to ${path}`);
  for (const name of namesIn(path).sort()) {
    if (name === LAUNCHER || IDENTITY.test(name) || WORK.test(name)) continue;
    throw new LayoutError(
      `${path} has ${name}, which 'sv unpack' has not put there; name a directory for sv alone`,
    );
  }
}

async function copy({ from, to, mode }: Copy, work: string): Promise<void> {
  const path = `${work}/${to}`;
  using target = new Descriptor(
    withoutUmask(() => open(CWD, path, Open.WRITE | Open.CREATE | Open.EXCLUSIVE, mode)),
  );
  const buffer = new Uint8Array(CHUNK);
  using source = Deno.openSync(from);
  for (let count = source.readSync(buffer); count; count = source.readSync(buffer)) {
    writeAll(target.fd, buffer.subarray(0, count), path);
  }
  await sync(target.fd, path);
}

function remove(path: string): void {
  Deno.removeSync(path, { recursive: true });
}

/**
 * Lays this program out in a directory: any user can start `sv` there, also where the file system is
 * read-only, there is no shell, and no directory to write to. Where a version of the program is there
 * already, this one takes its place, and at no moment is there none.
 *
 * @returns The program in the directory.
 * @throws {LayoutError} where that can't be.
 */
export async function layOut(path: string): Promise<string> {
  const wanted = copies();
  if (tryStat(CWD, path)?.type === "file") throw new LayoutError("it is a file, not a directory");
  withoutUmask(() => Deno.mkdirSync(path, { recursive: true, mode: 0o755 }));
  check(path);
  const former = namesIn(path);
  const work = `${path}/unpacking.${Deno.pid}`;
  for (const name of former) if (WORK.test(name)) remove(`${path}/${name}`);
  Deno.mkdirSync(work, { mode: 0o700 });
  try {
    const directories = new Set(
      wanted.flatMap(({ to }) => to.includes("/") ? [to.slice(0, to.indexOf("/"))] : []),
    );
    withoutUmask(() => {
      for (const name of directories) Deno.mkdirSync(`${work}/${name}`, { mode: 0o755 });
    });
    for (const file of wanted) await copy(file, work);
    // The launcher comes last: by then all that it needs is there.
    for (const name of directories) {
      if (former.includes(name)) Deno.renameSync(`${path}/${name}`, `${work}/former.${name}`);
      Deno.renameSync(`${work}/${name}`, `${path}/${name}`);
    }
    Deno.renameSync(`${work}/${LAUNCHER}`, `${path}/${LAUNCHER}`);
    for (const name of former) {
      if (IDENTITY.test(name) && !directories.has(name)) remove(`${path}/${name}`);
    }
  } finally {
    remove(work);
  }
  const directory = open(CWD, path, Open.READ | Open.DIRECTORY);
  try {
    await sync(directory, path);
  } finally {
    close(directory);
  }
  return `${path}/${LAUNCHER}`;
}
