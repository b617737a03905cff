import { shellWord } from "../../options/quote_words.ts";

/** What a logger of s6's programs that write service directories does. */
export interface LoggerSettings {
  readonly user: string | undefined;
  readonly directory: string;
  /** 0: no time stamps; 1: TAI64N; 2: ISO 8601; 3: both. */
  readonly stamps: number;
  readonly files: number;
  readonly fileSize: string;
  /** `0`: no limit. */
  readonly size: string;
  readonly prefix: string | undefined;
}

/** Returns the run script of a logger, in a service directory with a `notification-fd` of 3. */
export function loggerScript(
  { user, directory, stamps, files, fileSize, size, prefix }: LoggerSettings,
): string {
  const words = [
    ...stamps & 1 ? ["t"] : [],
    ...stamps & 2 ? ["T"] : [],
    `n${files}`,
    `s${fileSize}`,
    ...size === "0" ? [] : [`S${size}`],
    ...prefix === undefined ? [] : [`p${prefix}`],
    directory,
  ];
  const as = user === undefined ? "" : `sv setuidgid ${shellWord(user)} `;
  return `#!/bin/sh\nexec ${as}sv log -bd3 -- ${words.map(shellWord).join(" ")}\n`;
}
