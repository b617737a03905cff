import { shellWord } from "../options/quote_words.ts";

/** What is started when a machine boots, and how. */
export interface BootSettings {
  /** The command line of `sv`, without a subcommand; the program is an absolute path. */
  readonly sv: readonly string[];
  /** The scan directory, an absolute path. */
  readonly scandir: string;
  /** The directory whose service directories are linked into the scan directory at the start. */
  readonly services: string | undefined;
  /** Seconds after which systemd ends a scan that gives no sign of life; 0: never. */
  readonly watchdog: number;
  /** Whether systemd takes the scan for ready only when its services are. */
  readonly awaitServices: boolean;
}

/** Returns a command line of `sv`, for a shell. */
export function svLine({ sv }: BootSettings, ...words: readonly string[]): string {
  return [...sv, ...words].map(shellWord).join(" ");
}

/** Returns the shell commands that make the scan directory, and link services into it. */
export function preparation({ scandir, services }: BootSettings): string[] {
  const make = `mkdir -p ${shellWord(scandir)}`;
  if (services === undefined) return [make];
  return [make, `ln -sf ${shellWord(services)}/* ${shellWord(`${scandir}/`)}`];
}
