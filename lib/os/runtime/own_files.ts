import { restoreLaunchEnvironment } from "./launch.ts";

/** The files that this program runs from, in a directory that has nothing else. */
export interface OwnFiles {
  /** That directory. */
  readonly directory: string;
  /** The name in it of the directory of the runtime. */
  readonly runtime: string;
  /** The name in it of the directory of the bundles. */
  readonly program: string;
}

/** How this program was made. */
export type Form = "compiled" | "source" | OwnFiles;

/** Returns how this program was made; the packed executable runs from files that it has unpacked. */
export function ownFiles(): Form {
  if (Deno.build.standalone) return "compiled";
  const { executable } = restoreLaunchEnvironment();
  if (executable === undefined) return "source";
  const { runtime, directory } = /^(?<directory>.*)\/(?<runtime>[^/]+)\/[^/]+$/.exec(
    Deno.execPath(),
  )!
    .groups!;
  // Its directory may have been found by a descriptor that is closed: only the name counts.
  const program = new URL(Deno.mainModule).pathname.split("/").at(-2)!;
  return { directory: directory!, runtime: runtime!, program };
}
