import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, tryOpen } from "../../os/file.ts";
import { cString, decodeOs } from "../../os/os_string.ts";
import { mkdir } from "../../os/path.ts";
import { Orphans } from "../../servicedir/orphans.ts";
import {
  type ProcessIdentity,
  ProcessRecord,
  readIdentity,
  readIntent,
  stillRuns,
} from "../../servicedir/process_identity.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";

const LONGEST_ENVIRONMENT = 1 << 22;

/** The records of a live directory, for the many oneshots of one command. */
interface Records {
  /** Their directory, open. */
  readonly directory: number;
  /** Where a script is looked for that is not recorded. */
  readonly orphans: Orphans;
}

const records = new Map<string, Records>();

function recordsIn(live: string): Records {
  const known = records.get(live);
  if (known !== undefined) return known;
  const path = `${live}/scripts`;
  mkdir(CWD, path, 0o755);
  const directory = open(CWD, path, Open.READ | Open.DIRECTORY);
  const made = { directory, orphans: new Orphans(() => identities(live, directory)) };
  records.set(live, made);
  return made;
}

/** Reads what is recorded of the processes of all oneshots and longruns. */
function* identities(live: string, scripts: number): Iterable<ProcessIdentity> {
  for (const name of readNames(scripts, `${live}/scripts`)) {
    const identity = readIdentity(scripts, cString(name));
    if (identity !== undefined) yield identity;
  }
  const place = `${live}/servicedirs`;
  using longruns = new Descriptor(open(CWD, place, Open.READ | Open.DIRECTORY));
  for (const name of readNames(longruns.fd, place)) {
    const identity = readIdentity(longruns.fd, cString(`${name}/${SupervisePath.process}`));
    if (identity !== undefined) yield identity;
  }
}

/** What a former command has left. */
export interface LeftScript {
  /** The processes that are the script, or one of which may be it. */
  readonly pids: readonly number[];
  /** Where it is not certain: the file that says that there may be one. */
  readonly doubtful?: string;
}

/** Returns the process that runs a script of a oneshot; undefined where none is known to. Changes nothing. */
export function runningScript(live: string, name: string): number | undefined {
  const fd = tryOpen(CWD, `${live}/scripts`, Open.PATH | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  const identity = readIdentity(directory.fd, cString(name));
  return identity !== undefined && stillRuns(identity) ? identity.pid : undefined;
}

/**
 * Which process runs a script of a oneshot: a record in the live directory, beside the state. A command
 * that is killed leaves its script running, and the next one must not start a second.
 */
export class ScriptProcess {
  readonly #directory: number;
  readonly #orphans: Orphans;
  readonly #path: Uint8Array<ArrayBuffer>;
  readonly #record: ProcessRecord;
  readonly #live: string;
  readonly #name: string;

  /**
   * @param live The live directory.
   * @param name The oneshot.
   */
  constructor(live: string, name: string) {
    const { directory, orphans } = recordsIn(live);
    this.#directory = directory;
    this.#orphans = orphans;
    this.#path = cString(name);
    this.#record = new ProcessRecord(this.#directory, this.#path);
    this.#live = live;
    this.#name = name;
  }

  /**
   * Returns the processes that a former command has left. Where it was killed before it recorded the
   * script's process, that has the script's environment; if none has, it may have given that up.
   */
  left(): LeftScript {
    const intent = readIntent(this.#directory, this.#path);
    if (intent !== undefined) {
      const found = this.#orphans.since(intent).filter(({ runs }) => runs).map(({ pid }) => pid);
      const scripts = found.filter((pid) => this.#isScript(pid));
      return scripts.length > 0
        ? { pids: scripts }
        : { pids: found, doubtful: `${this.#live}/scripts/${this.#name}` };
    }
    const identity = readIdentity(this.#directory, this.#path);
    return { pids: identity !== undefined && stillRuns(identity) ? [identity.pid] : [] };
  }

  #isScript(pid: number): boolean {
    try {
      const variables = decodeOs(readFile(CWD, `/proc/${pid}/environ`, LONGEST_ENVIRONMENT));
      return variables.split("\0").includes(`RC_NAME=${this.#name}`);
    } catch {
      // It has just died, or this user may not look at it.
      return false;
    }
  }

  /** Records that the script is about to be started. */
  starts(): void {
    this.#record.starting("script");
  }

  /** Records the script's process. */
  started(pid: number): void {
    this.#record.started(pid, "script");
  }

  /** Records that the script could not be started. */
  failed(): void {
    this.#record.failed();
  }
}
