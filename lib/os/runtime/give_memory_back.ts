/**
 * Giving memory back that only the start has needed.
 *
 * To start, the runtime runs through a third of its 90 MB of code. The kernel counts what it has read as
 * memory of this process for as long as it lives. A plain program has hardly any code.
 *
 * Remove when the runtime gives it back itself, or is small.
 *
 * @module
 */

import { CWD, readFile } from "../file.ts";
import { libc } from "../libc.ts";
import { decodeOs } from "../os_string.ts";
import { reactor } from "../reactor.ts";

const SYS_madvise = Deno.build.arch === "aarch64" ? 233n : 28n;
const MADV_DONTNEED = 4n;

/** Milliseconds from the start of a program to when it has done most that it does only once. */
const START = 5000;

/** A part of the address space. */
export interface Mapping {
  /** Where it begins. */
  readonly start: bigint;
  /** How many bytes it has. */
  readonly length: bigint;
}

/** The line with which a mapping begins that is of a file, and can't be written to. */
const OF_FILE = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ [1-9]\d* +\/(?!.*\(deleted\)$)/;

/**
 * Returns the mappings that are as they are in their files, and nothing else: what the kernel drops it reads
 * again when it is needed.
 *
 * @param smaps The text of `/proc/PID/smaps`.
 */
export function unchangedMappings(smaps: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((entry) => {
    const [, start, end] = OF_FILE.exec(entry.slice(0, entry.indexOf("\n"))) ?? [];
    // What was written to before it became read-only, relocations say, is no longer the file's, and would be
    // lost. Pages of a file in memory are dirty all the same.
    if (end === undefined || !/^Anonymous: +0 kB$/m.test(entry)) return [];
    return [{ start: BigInt(`0x${start}`), length: BigInt(`0x${end}`) - BigInt(`0x${start}`) }];
  });
}

/**
 * Drops what was read of the files of this program, once, when its start is over. What is used again comes
 * back from the page cache. For programs that live long, and end by {@linkcode exitNow}.
 */
export function giveMemoryBackSoon(): void {
  reactor().after(START, giveMemoryBack);
}

function giveMemoryBack(): void {
  let smaps: string;
  try {
    smaps = decodeOs(readFile(CWD, "/proc/self/smaps", Number.MAX_SAFE_INTEGER));
  } catch {
    // Without /proc nothing is known of it.
    return;
  }
  for (const { start, length } of unchangedMappings(smaps)) {
    libc.syscall(SYS_madvise, start, length, MADV_DONTNEED, 0n, 0n);
  }
}
