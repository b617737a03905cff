import { join } from "@std/path";
import { type Files, writeFiles } from "./files.ts";
import { temporaryDirectory } from "./temporary_directory.ts";

/** The files of a service directory. */
export interface ServiceFiles {
  /** The text of `run`; none if absent. */
  readonly run?: string;
  /** The text of `finish`; none if absent. */
  readonly finish?: string;
  /** Further files, by their path in the directory. */
  readonly files?: Files;
  /** Further executables, by their path in the directory. */
  readonly executables?: Files;
}

/** A service directory, removed at the end of the block; the processes in it are killed. */
export interface ServiceDirectory extends AsyncDisposable {
  /** The service directory. */
  readonly path: string;
  /** Its parent, where a test may put other files. */
  readonly parent: string;
}

/**
 * Makes a service directory.
 *
 * @param contents Its files.
 * @param name Its name.
 * @returns The directory, for `await using`.
 */
export async function service(
  contents: ServiceFiles,
  name = "service",
): Promise<ServiceDirectory> {
  const parent = await temporaryDirectory();
  const path = join(parent.path, name);
  const executables = { ...contents.executables };
  if (contents.run !== undefined) executables["run"] = contents.run;
  if (contents.finish !== undefined) executables["finish"] = contents.finish;
  await Deno.mkdir(path);
  await writeFiles(path, contents.files ?? {}, 0o644);
  await writeFiles(path, executables, 0o755);
  return {
    path,
    parent: parent.path,
    [Symbol.asyncDispose]: () => parent[Symbol.asyncDispose](),
  };
}
