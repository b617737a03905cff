import type { LogOption } from "./log_destination.ts";
import type { MainCommandOptions } from "./main_command.ts";
import type { ReadyWhen, ServiceManagerAddress } from "./service_manager.ts";

/** The options of a `Scan`. */
export interface ScanOptions {
  /** The scan directory. */
  readonly directory: string;
  /** How many services there may be, loggers included. */
  readonly maxServices: number;
  /** How many bytes a name may have. */
  readonly maxName: number;
  /** Milliseconds from one look at the directory to the next; 0: only when told to. */
  readonly rescan: number;
  /** The descriptor on which a newline is written when commands are accepted. */
  readonly notification: number | undefined;
  /** The console, for the errors of the catch-all logger. */
  readonly console: number | undefined;
  /** Whether to adopt the orphans of all descendants. */
  readonly subreaper: boolean;
  /** Where the output of services is logged that don't say it themselves. */
  readonly log: LogOption | undefined;
  /** The command to run when the services are ready. */
  readonly command: MainCommandOptions | undefined;
  /** The service manager that has started this program. */
  readonly manager: ServiceManagerAddress | undefined;
  /** When it is told that the scan is ready. */
  readonly readyWhen: ReadyWhen;
  /** Whether each change of a service's state is reported. */
  readonly verbose: boolean;
  /** The file in memory with the snapshot to resume, where this program takes another's place. */
  readonly resume: number | undefined;
}

/** The program around a `Scan`. */
export interface ScanHost {
  /** The program's version. */
  readonly version: string;
  /** Its arguments, for the program that takes its place. */
  readonly args: readonly string[];
  /** Gets each message for the administrator. */
  readonly report: (message: string) => void;
  /** Ends the program. */
  readonly exit: (code: number) => void;
}
