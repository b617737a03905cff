import { ensureDir } from "@std/fs/ensure-dir";
import { dirname, join } from "@std/path";

/** Texts of files by their paths in a directory. */
export type Files = Readonly<Record<string, string>>;

/**
 * Writes files, and makes the directories that they need.
 *
 * @param directory What their paths are relative to.
 * @param files The files.
 * @param mode The mode of each; by default a file is executable if its text begins with `#!`.
 */
export async function writeFiles(directory: string, files: Files, mode?: number): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    await ensureDir(dirname(path));
    await Deno.writeTextFile(path, text);
    await Deno.chmod(path, mode ?? (text.startsWith("#!") ? 0o755 : 0o644));
  }
}
