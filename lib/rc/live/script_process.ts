import { CWD, Open, open, readFile } from "../../os/file.ts";
import { cString, decodeOs } from "../../os/os_string.ts";
import { mkdir } from "../../os/path.ts";
import {
  ProcessRecord,
  readIdentity,
  readIntent,
  stillRuns,
} from "../../servicedir/process_identity.ts";
import { findOrphans } from "../../servicedir/unrecorded_process.ts";

const LONGEST_ENVIRONMENT = 1 << 22;

/** The directory of the records, open, by live directory: a command uses one, for many oneshots. */
const directories = new Map<string, number>();

function recordsIn(live: string): number {
  const known = directories.get(live);
  if (known !== undefined) return known;
  const path = `${live}/scripts`;
  mkdir(CWD, path, 0o755);
  const directory = open(CWD, path, Open.PATH | Open.DIRECTORY);
  directories.set(live, directory);
  return directory;
}

/**
 * Which process runs a script of a oneshot: a record in the live directory, beside the state. A command
 * that is killed leaves its script running, and the next one must not start a second.
 */
export class ScriptProcess {
  readonly #directory: number;
  readonly #path: Uint8Array<ArrayBuffer>;
  readonly #record: ProcessRecord;
  readonly #name: string;

  /**
   * @param live The live directory.
   * @param name The oneshot.
   */
  constructor(live: string, name: string) {
    this.#directory = recordsIn(live);
    this.#path = cString(name);
    this.#record = new ProcessRecord(this.#directory, this.#path);
    this.#name = name;
  }

  /** Returns the processes that a former command has left: the script, or all that may be it. */
  left(): number[] {
    const intent = readIntent(this.#directory, this.#path);
    if (intent !== undefined) {
      return findOrphans(intent, (pid) => this.#isScript(pid)).map(({ pid }) => pid);
    }
    const identity = readIdentity(this.#directory, this.#path);
    return identity !== undefined && stillRuns(identity) ? [identity.pid] : [];
  }

  #isScript(pid: number): boolean {
    const variables = decodeOs(readFile(CWD, `/proc/${pid}/environ`, LONGEST_ENVIRONMENT));
    return variables.split("\0").includes(`RC_NAME=${this.#name}`);
  }

  /** Records that the script is about to be started. */
  starts(): void {
    this.#record.starting("script");
  }

  /** Records the script's process. */
  started(pid: number): void {
    this.#record.started(pid, "script");
  }
}
