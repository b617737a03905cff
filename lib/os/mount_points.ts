import { CWD, readFile } from "./file.ts";
import { decodeOs } from "./os_string.ts";

/** The mount point in a line of mountinfo, with blanks and the like as octal numbers. */
const MOUNT_POINT = /^\d+ \d+ \S+ \S+ (\S+) /;

/** Returns the mount points of this process; none where /proc is not mounted. */
export function mountPoints(): string[] {
  let text: string;
  try {
    text = decodeOs(readFile(CWD, "/proc/self/mountinfo"));
  } catch {
    return [];
  }
  return text.split("\n").flatMap((line) => {
    const path = MOUNT_POINT.exec(line)?.[1];
    return path === undefined
      ? []
      : [path.replaceAll(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)))];
  });
}

/**
 * Returns the mount point that an absolute path is in, by the names alone: a file system that does not
 * answer is not asked, and links are not followed.
 */
export function mountPointOf(path: string, points: readonly string[]): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const clean = `/${parts.join("/")}`;
  return points.filter((point) => point === "/" || clean === point || clean.startsWith(`${point}/`))
    .reduce((longest, point) => point.length > longest.length ? point : longest, "/");
}
