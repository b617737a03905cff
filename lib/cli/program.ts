/** The name by which this program was called. */
let name = "sv";
let s6 = false;
let service: () => string = () => "";

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

/** Notes how to find out which service messages are about; asked for each. */
export function setService(find: () => string): void {
  service = find;
}

/** Returns the name by which this program was called: `sv stat`, or `s6-svstat`. */
export function programName(): string {
  return name;
}

/** Returns what messages begin with: this program's name, and that of the service where it is known. */
export function messagePrefix(): string {
  const about = service();
  return about === "" ? name : `${name} ${about}`;
}

/**
 * Tells whether this program was called by the name of a program of s6. Then it prints what that prints,
 * and takes what that takes.
 */
export function isCalledAsS6(): boolean {
  return s6;
}

/** Returns the word by which this program is to be started again for a subcommand of it. */
export function commandWord(subcommand: string): string {
  return s6 ? name : subcommand;
}
