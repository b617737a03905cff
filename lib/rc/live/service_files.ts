import { CWD, Descriptor, Open, open, readFile } from "../../os/file.ts";
import { exists, mkdir, rename } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { stat } from "../../os/file_status.ts";
import type { Longrun } from "../definitions/definition.ts";
import { parseSetting } from "../definitions/file_values.ts";
import { writeInstanceRecord } from "../../servicedir/instance.ts";
import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import { copyFile, copyTree, listDirectory, removeTree } from "./copy_tree.ts";
import { differenceOf } from "./difference.ts";
import { writeText } from "./write_text.ts";

/** How a file of a definition is copied. */
export type FileKind =
  /** It is copied, and made executable. */
  | "program"
  /** It is copied. */
  | "text"
  /** It holds an unsigned integer, which is written in plain decimal. */
  | "number"
  /** Only its presence counts; the copy is empty. */
  | "flag"
  /** It is a directory, and copied with all that is in it. */
  | "tree";

/** The files of a longrun's definition that its service directory has, too. */
export const SERVICE_FILES: Readonly<Record<string, FileKind>> = {
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

/** The files of a service directory that come from its definition. */
const MANAGED = [...Object.keys(SERVICE_FILES), "run.user", "finish.user"];

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Returns a script that opens the pipes of a longrun and then becomes the longrun's own script. The
 * pipes are FIFOs that each side opens for reading and writing: neither side waits for the other,
 * and a pipe keeps what is in it when either side dies.
 */
function pipeWrapper({ name, producerFor, consumerFor }: Longrun, program: string): string {
  const stdin = consumerFor.length > 0 ? ` 0<>${quote(`../../pipes/${name}`)}` : "";
  const stdout = producerFor === undefined ? "" : ` 1<>${quote(`../../pipes/${producerFor}`)}`;
  return `#!/bin/sh\nexec ./${program}.user "$@"${stdin}${stdout}\n`;
}

/** Copies a file of a definition to a path at which there is nothing. */
export function copyDefinitionFile(kind: FileKind, from: string, to: string): void {
  if (kind === "program") copyFile(from, to, 0o755);
  else if (kind === "text") {
    // As s6-rc does: what is no file is left out.
    if (stat(CWD, from).type === "file") copyFile(from, to, 0o644);
  } else if (kind === "number") writeText(to, `${parseSetting(decodeOs(readFile(CWD, from)))!}\n`);
  else if (kind === "flag") writeText(to, "");
  else copyTree(from, to);
}

/**
 * Makes the service directory of a longrun from its definition.
 *
 * @param longrun Its definition, whose directory is read.
 * @param target The path of the new directory.
 */
export function makeServiceDirectory(longrun: Longrun, target: string): void {
  const isPiped = longrun.producerFor !== undefined || longrun.consumerFor.length > 0;
  mkdir(CWD, target, 0o755);
  for (const [file, kind] of Object.entries(SERVICE_FILES)) {
    const from = `${longrun.directory}/${file}`;
    if (!exists(CWD, from)) continue;
    const to = `${target}/${file}`;
    if (kind === "program" && isPiped) {
      copyDefinitionFile(kind, from, `${to}.user`);
      writeText(to, pipeWrapper(longrun, file), 0o755);
    } else copyDefinitionFile(kind, from, to);
  }
  if (longrun.instance !== undefined) {
    mkdir(CWD, `${target}/${SupervisePath.directory}`, 0o700);
    using directory = new Descriptor(open(CWD, target, Open.PATH | Open.DIRECTORY));
    writeInstanceRecord(directory.fd, { name: longrun.instance.instance });
  }
  if (exists(CWD, `${target}/template`)) {
    mkdir(CWD, `${target}/instance`, 0o755);
    mkdir(CWD, `${target}/instances`, 0o755);
  }
}

/** Lets a live service be an instance, where it is one now and was none before, or the other way round. */
function replaceInstanceRecord(prepared: string, live: string): void {
  if (exists(CWD, prepared) === exists(CWD, live)) return;
  if (exists(CWD, live)) return removeTree(live);
  mkdir(CWD, live.slice(0, live.lastIndexOf("/")), 0o700);
  copyFile(prepared, live, 0o644);
}

/**
 * Replaces the files of a live service directory, which may be in use, by those of a prepared one.
 * What does not come from a definition stays: `down`, `event`, `supervise`.
 */
export function replaceServiceFiles(prepared: string, live: string): void {
  replaceInstanceRecord(
    `${prepared}/${SupervisePath.instance}`,
    `${live}/${SupervisePath.instance}`,
  );
  const wanted = new Set(listDirectory(prepared));
  for (const file of MANAGED) {
    const path = `${live}/${file}`;
    if (!wanted.has(file)) {
      removeTree(path);
      continue;
    }
    // Left alone, because the daemon may be using it: nothing of it is missing for an instant.
    if (differenceOf(path, `${prepared}/${file}`) === undefined) continue;
    const fresh = `${live}/.${file}.new`;
    removeTree(fresh);
    copyTree(`${prepared}/${file}`, fresh);
    // rename(2) does not replace a directory that has something in it.
    if (SERVICE_FILES[file] === "tree") removeTree(path);
    rename(CWD, fresh, path);
  }
}
