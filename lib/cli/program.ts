/** The name by which this program was called, with which its messages begin. */
let name = "sv";
let s6 = false;

/**
 * Notes how this program was called.
 *
 * @param called `sv stat`, say, or the name of a program of s6.
 * @param isS6 Whether it is that of a program of s6.
 */
export function setProgram(called: string, isS6: boolean): void {
  name = called;
  s6 = isS6;
}

/** Returns the name with which messages begin: `sv stat`, or `s6-svstat` where called so. */
export function programName(): string {
  return name;
}

/**
 * Tells whether this program was called by the name of a program of s6. Then it prints what that prints,
 * and takes what that takes.
 */
export function isCalledAsS6(): boolean {
  return s6;
}
