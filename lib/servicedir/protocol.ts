/**
 * The protocol between a supervisor and its clients, which is s6's: each path, each command, each event
 * and each size of it, once. Imports nothing, and consists of constants, their types, and
 * {@linkcode byteOf}: a bundle gets only those that it uses.
 *
 * The signals that commands send are in `signal_commands.ts`, the names of the FIFOs in a fifodir in
 * `lib/fifodir/names.ts`, the twelve bytes of an instant in `lib/tai/tai64n.ts`.
 *
 * @module
 */

/** What a service directory may have, besides what its supervisor makes. */
export const ServicePath = {
  /** The daemon: an executable, started as `./run NAME`. */
  run: "run",
  /** An executable that is run after each death of `run`. */
  finish: "finish",
  /** The service directory of the service's logger. */
  logger: "log",
  /** The number of the descriptor on which the daemon writes a newline when it is ready. */
  notificationFd: "notification-fd",
  /** The number of a descriptor that holds the lock on {@linkcode SupervisePath.serviceLock}. */
  lockFd: "lock-fd",
  /** Present: the service is not started when its supervisor starts. */
  down: "down",
  /** The signal that tells the daemon to go down. */
  downSignal: "down-signal",
  /** The signal that tells the daemon to read its configuration again. */
  reloadSignal: "reload-signal",
  /** Milliseconds from the down-signal to SIGKILL. */
  killTimeout: "timeout-kill",
  /** Present: the SIGKILL after `timeout-kill` goes to the process group. */
  killGroup: "flag-timeout-killpg",
  /** Milliseconds that `finish` may run. */
  finishTimeout: "timeout-finish",
  /** How many deaths the death tally holds. */
  maxDeaths: "max-death-tally",
  /** Present: `run` becomes process 1 of a new PID namespace. */
  newPidNamespace: "flag-newpidns",
  /** What belongs to the daemon; s6 looks at nothing in it but `data/check`. */
  data: "data",
  /** An executable that exits 0 when the daemon is ready. */
  check: "data/check",
  /** Options of `sv notifyoncheck` with which the supervisor polls the daemon. Not in s6. */
  polling: "data/sv/notifyoncheck",
  /** Where 0.1.0 read {@linkcode ServicePath.polling}. No longer obeyed: the place is the user's. */
  formerPolling: "data/notifyoncheck",
  /** Milliseconds after which a silent daemon is aborted. Not in s6. */
  watchdog: "data/sv/watchdog",
  /** Of a template: a directory for each instance that has files of its own. Not in s6. */
  overrides: "data/sv/instances",
  /** Where 0.1.0 read {@linkcode ServicePath.watchdog}. No longer obeyed: the place is the user's. */
  formerWatchdog: "data/watchdog",
  /** How `sv scan` logs the service's output, where the service has no logger. Not in s6. */
  log: "data/sv/log",
  /** The fifodir that the supervisor sends its events to. */
  event: "event",
} as const;

/** A directory that is held by a lock, and where commands come in by a FIFO. */
export interface ControlPaths {
  /** The directory. */
  readonly directory: string;
  /** The file that is locked for as long as a supervisor, or a scan, reads the FIFO. */
  readonly lock: string;
  /** The FIFO: each byte is a command. */
  readonly control: string;
}

/** What the supervisor makes in a service directory. */
export const SupervisePath = {
  directory: "supervise",
  lock: "supervise/lock",
  control: "supervise/control",
  /** The state of the service: {@linkcode STATUS_BYTES} bytes, always replaced as a whole. */
  status: "supervise/status",
  /** The last deaths: records of {@linkcode DEATH_BYTES} bytes, the latest last. */
  deathTally: "supervise/death_tally",
  /** The file on which the service itself holds a lock, where there is a `lock-fd`. */
  serviceLock: "supervise/service-lock",
  /** How far the polling of the daemon has got. Not in s6. */
  readiness: "supervise/readiness",
  /** What the daemon has told by systemd's protocol. Not in s6. */
  sdStatus: "supervise/sd-status",
  /** Why the service is not up: its start, or the service itself, has failed. Not in s6. */
  failure: "supervise/failure",
  /** The scan that wants the service, while another supervisor has it: its directory. Not in s6. */
  refused: "supervise/refused",
  /** The FIFO that the service writes its output to where the scan's log process reads it. Not in s6. */
  output: "supervise/output",
  /** What the log process has read of {@linkcode output} and not written yet. Not in s6. */
  outputJournal: "supervise/output-journal",
  /** Which process the program is that was started last: process id, start, boot. Not in s6. */
  process: "supervise/process",
  /** Of an instance: its own name, and where its template is. Not in s6. */
  instance: "supervise/instance",
} as const satisfies ControlPaths & Record<string, string>;

/** What a scan makes in its scan directory, and looks for. */
export const ScanPath = {
  directory: ".s6-svscan",
  lock: ".s6-svscan/lock",
  control: ".s6-svscan/control",
  /** An executable that the scan becomes in the end. */
  finish: ".s6-svscan/finish",
  /** An executable that the scan becomes where that fails, and when it can't go on. */
  crash: ".s6-svscan/crash",
  /** Which process the command of the scan is. Not in s6. */
  command: ".s6-svscan/command",
  /** Copies of the status files of its services. Not in s6. */
  statuses: ".s6-svscan/statuses",
} as const satisfies ControlPaths & Record<string, string>;

/**
 * How the name of an asker's FIFO begins, in a scan's control directory: into it the scan writes the
 * outcome of an upgrade. Not in s6.
 */
export const ASKER_PREFIX = "asker:";

/** What follows a file's name while it is written, before it is renamed to its name. */
export const NEW_FILE = ".new";

/** How many bytes the name of a service may have in a scan directory, where the scan was not told. */
export const LONGEST_SCANNED_NAME = 251;

/** How many bytes the status file has. */
export const STATUS_BYTES = 35;

/** How many bytes a record of the death tally has. */
export const DEATH_BYTES = 14;

/** How many deaths a tally holds at most. */
export const MAX_DEATHS = 4096;

/** How many commands `sv control`, as s6-svc, takes at once. */
export const MAX_COMMANDS = 62;

/** The byte that a daemon writes on its notification descriptor when it is ready. */
export const NEWLINE = 0x0a;

/** The exit code by which `finish` says that the service has failed and is not to be started again. */
export const PERMANENT_FAILURE = 125;

/** What `finish` gets as the exit code of a daemon that was ended by a signal. */
export const NO_EXIT_CODE = 256;

/** The commands to the supervisor of a service, by name: each is a byte on its control FIFO. */
export const ControlCommand = {
  /** Starts the service, and starts it again whenever it dies. */
  up: "u",
  /** Brings the service down: sends the down-signal, then SIGCONT, and does not start it again. */
  down: "d",
  /** Starts the service if it is down, and does not start it again. */
  once: "o",
  /** Does not start the service again. */
  atMostOnce: "O",
  /** `up`, and removes the file `down`. */
  upForever: "U",
  /** `down`, and creates the file `down`. */
  downForever: "D",
  /** `atMostOnce`, and creates the file `down`. */
  atMostOnceForever: "Q",
  /** Lets the supervisor exit when the service is down and not to be up. */
  exit: "x",
  /** Sends the down-signal; the supervisor then starts the daemon again if it is wanted up. */
  restart: "r",
  /** Sends the daemon its reload-signal. */
  reload: "l",
  /** Sends the daemon SIGALRM. */
  alarm: "a",
  /** Sends the daemon SIGABRT. */
  abort: "b",
  /** Sends the daemon SIGQUIT. */
  quit: "q",
  /** Sends the daemon SIGHUP. */
  hangUp: "h",
  /** Sends the daemon SIGKILL. */
  kill: "k",
  /** Sends the daemon SIGTERM. */
  terminate: "t",
  /** Sends the daemon SIGINT. */
  interrupt: "i",
  /** Sends the daemon SIGUSR1. */
  user1: "1",
  /** Sends the daemon SIGUSR2. */
  user2: "2",
  /** Sends the daemon SIGSTOP. */
  pause: "p",
  /** Sends the daemon SIGCONT. */
  continue: "c",
  /** Sends the daemon SIGWINCH. */
  windowChanged: "y",
  /** Sends the daemon's process group SIGSTOP. */
  pauseGroup: "P",
  /** Sends the daemon's process group SIGCONT. */
  continueGroup: "C",
  /** Sends the daemon's process group SIGKILL. */
  killGroup: "K",
  /** Declares the daemon ready, as its newline does. s6 ignores it. */
  ready: "N",
  /** Aborts a daemon that has been silent for longer than `data/sv/watchdog` allows. s6 ignores it. */
  silent: "W",
  /** Postpones the kill of a daemon to when `supervise/sd-status` asks for it. s6 ignores it. */
  extend: "E",
} as const;

/**
 * A command to the supervisor of a service: one character, as the options of `sv control` and s6-svc
 * have it. The constant `ControlCommand` names each: `ControlCommand.up`.
 */
export type ControlCommand = typeof ControlCommand[keyof typeof ControlCommand];

/** The commands to a scan, by name: each is a byte on its control FIFO. */
export const ScanCommand = {
  /** Reaps the children that have died. */
  reap: "z",
  /** Looks for new services. */
  scan: "a",
  /** Ends the scan at once, and leaves all services alone. */
  abandon: "b",
  /** `scan`, then `prune`. */
  scanAndPrune: "h",
  /** Brings all services down, loggers after they have read all there is, and ends the scan. */
  end: "t",
  /** The same as `end`. */
  interrupt: "i",
  /** Brings all services and loggers down, and ends the scan. */
  endAtOnce: "q",
  /** Ends services that the last scan did not find; loggers read all there is first. */
  prune: "n",
  /** Ends services and loggers that the last scan did not find. */
  pruneAtOnce: "N",
  /** Puts the program on disk in the place of the running one. s6 does not know it. */
  upgrade: "V",
} as const;

/** A command to a scan. */
export type ScanCommand = typeof ScanCommand[keyof typeof ScanCommand];

/** The events that a supervisor sends to the listeners of its fifodir: each is a byte. */
export const ServiceEvent = {
  /** The supervisor has started. */
  supervised: "s",
  /** `run` was started. */
  up: "u",
  /** The daemon is ready. */
  ready: "U",
  /** `run` has died. */
  down: "d",
  /** The service has failed permanently; `finished` follows. */
  failed: "O",
  /** The service is down for good: `finish` has ended, too, or there is none. */
  finished: "D",
  /** The supervisor exits. */
  unsupervised: "x",
} as const;

/** An event. */
export type ServiceEvent = typeof ServiceEvent[keyof typeof ServiceEvent];

/** Returns the byte that a command or an event is. */
export function byteOf(character: ControlCommand | ScanCommand | ServiceEvent): number {
  return character.charCodeAt(0);
}
