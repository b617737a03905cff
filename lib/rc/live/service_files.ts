import { CWD, readFile } from "../../os/file.ts";
import { exists, mkdir, rename } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import type { Longrun } from "../definitions/definition.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { copyFile, copyTree, listDirectory, removeTree } from "./copy_tree.ts";
import { writeText } from "./write_text.ts";

/** How a file of a longrun gets into its service directory. */
type Kind =
  /** Copied, and executable. */
  | "program"
  /** Copied. */
  | "text"
  /** An unsigned integer, written anew. */
  | "number"
  /** Only its presence counts. */
  | "flag"
  /** Copied with all that is in it. */
  | "tree";

const FILES: Readonly<Record<string, Kind>> = {
  [ServicePath.run]: "program",
  [ServicePath.finish]: "program",
  [ServicePath.notificationFd]: "number",
  [ServicePath.lockFd]: "number",
  [ServicePath.killTimeout]: "number",
  [ServicePath.finishTimeout]: "number",
  [ServicePath.maxDeaths]: "number",
  [ServicePath.killGroup]: "flag",
  [ServicePath.newPidNamespace]: "flag",
  [ServicePath.downSignal]: "text",
  [ServicePath.reloadSignal]: "text",
  [ServicePath.data]: "tree",
  "env": "tree",
  "template": "tree",
};

/** What a service directory may have that comes from its definition. */
const MANAGED = [...Object.keys(FILES), "run.user", "finish.user"];

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * A script that gives the real one its ends of pipes. They are FIFOs, opened for reading and writing
 * at both sides: so neither waits for the other, and a pipe outlives the death of either.
 */
function pipeWrapper({ name, producerFor, consumerFor }: Longrun, program: string): string {
  const stdin = consumerFor.length > 0 ? ` 0<>${quote(`../../pipes/${name}`)}` : "";
  const stdout = producerFor === undefined ? "" : ` 1<>${quote(`../../pipes/${producerFor}`)}`;
  return `#!/bin/sh\nexec ./${program}.user "$@"${stdin}${stdout}\n`;
}

/**
 * Makes the service directory of a longrun from its definition.
 *
 * @param longrun Its definition, whose directory is read.
 * @param target Where to make it.
 */
export function makeServiceDirectory(longrun: Longrun, target: string): void {
  const isPiped = longrun.producerFor !== undefined || longrun.consumerFor.length > 0;
  mkdir(CWD, target, 0o755);
  for (const [file, kind] of Object.entries(FILES)) {
    const from = `${longrun.directory}/${file}`;
    if (!exists(CWD, from)) continue;
    const to = `${target}/${file}`;
    if (kind === "program") {
      copyFile(from, isPiped ? `${to}.user` : to, 0o755);
      if (isPiped) writeText(to, pipeWrapper(longrun, file), 0o755);
    } else if (kind === "text") copyFile(from, to, 0o644);
    else if (kind === "number") writeText(to, `${Number(decodeOs(readFile(CWD, from)).trim())}\n`);
    else if (kind === "flag") writeText(to, "");
    else copyTree(from, to);
  }
  if (exists(CWD, `${target}/template`)) {
    mkdir(CWD, `${target}/instance`, 0o755);
    mkdir(CWD, `${target}/instances`, 0o755);
  }
}

/**
 * Puts the files of a prepared service directory into the place of a live one, which may be in use.
 * Whatever else the live one has stays: `down`, `event`, `supervise`.
 */
export function replaceServiceFiles(prepared: string, live: string): void {
  const wanted = new Set(listDirectory(prepared));
  for (const file of MANAGED) {
    const path = `${live}/${file}`;
    if (!wanted.has(file)) {
      removeTree(path);
      continue;
    }
    const fresh = `${live}/.${file}.new`;
    removeTree(fresh);
    copyTree(`${prepared}/${file}`, fresh);
    // A directory can't be renamed over one that has something in it.
    if (FILES[file] === "tree") removeTree(path);
    rename(CWD, fresh, path);
  }
}
