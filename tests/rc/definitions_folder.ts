import { dirname, join } from "@std/path";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";

/** Writes files below a directory; `run` and `finish` are executable. */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const target = join(directory, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, text);
    if (/\/(run|finish)$/.test(path)) await Deno.chmod(target, 0o755);
  }
}

/** A source directory with these files, which disappears at the end of the block. */
export async function definitions(
  files: Readonly<Record<string, string>>,
): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory("sv-rc-source-");
  await writeFiles(directory.path, files);
  return directory;
}

/** The files of a longrun that is ready after so many seconds. */
export function longrun(
  name: string,
  dependencies: readonly string[] = [],
  seconds = 0,
): Record<string, string> {
  return {
    [`${name}/type`]: "longrun\n",
    [`${name}/notification-fd`]: "3\n",
    [`${name}/run`]: `#!/bin/sh\nsleep ${seconds}\necho >&3\nexec 3>&-\nexec sleep 1000\n`,
    ...Object.fromEntries(dependencies.map((other) => [`${name}/dependencies.d/${other}`, ""])),
  };
}
