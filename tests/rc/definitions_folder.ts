import { type Files, writeFiles } from "../support/files.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";

/** Makes a source directory with these files; it is removed at the end of the block. */
export async function definitions(
  files: Files,
): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory("sv-rc-source-");
  await writeFiles(directory.path, files);
  return directory;
}

/** Returns the files of a longrun that is ready `seconds` after its start. */
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
