import { effectiveUserId } from "../../os/credentials.ts";
import { CWD, Descriptor, Open, tryRead } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { openOwn } from "../../os/open_own.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Failure } from "../command.ts";
import { ExitCode } from "../command.ts";

const SHORTEST = 16;
const LONGEST = 4096;

/** The bits of a mode by which others than the owner may do anything. */
const OTHERS = 0o077;

/**
 * Reads the token that allows changes.
 *
 * @param path The file: the token, and a newline. Only its owner may read it.
 * @throws {Failure} when others may read it, or it holds no token.
 * @throws {SystemError} when it can't be read.
 */
export function readToken(path: string): string {
  using file = new Descriptor(openOwn(CWD, path, Open.READ | Open.NONBLOCK));
  const { mode, type, uid } = fstat(file.fd);
  const wrong = (what: string) => new Failure(`the token file ${path} ${what}`, ExitCode.usage);
  if (type !== "file") throw wrong("is no file");
  if (uid !== 0 && uid !== effectiveUserId()) {
    throw wrong(`belongs to user ${uid}: make it your own`);
  }
  if ((mode & OTHERS) !== 0) {
    throw wrong(`has mode 0${mode.toString(8)}, so that others may use it: chmod 600 ${path}`);
  }
  const buffer = new Uint8Array(LONGEST + 1);
  const count = Math.max(tryRead(file.fd, buffer), 0);
  const token = decodeOs(buffer.subarray(0, count)).trimEnd();
  if (!new RegExp(`^[!-~]{${SHORTEST},${LONGEST}}$`).test(token)) {
    throw wrong(`holds no token: ${SHORTEST} to ${LONGEST} characters without blanks`);
  }
  return token;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

/** Whether two tokens are the same. How long that takes tells nothing about where they differ. */
export async function isSameToken(given: string, wanted: string): Promise<boolean> {
  const [one, other] = await Promise.all([digest(given), digest(wanted)]);
  let difference = 0;
  for (const [index, byte] of one.entries()) difference |= byte ^ other[index]!;
  return difference === 0;
}
