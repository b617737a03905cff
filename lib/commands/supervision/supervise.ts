import { close, CWD, Open, open } from "../../os/file.ts";
import { PidfdDeaths } from "../../os/spawn/deaths.ts";
import { softLimitAtStart } from "../../os/runtime/soft_limit_at_start.ts";
import { redirect } from "../../os/runtime/redirect.ts";
import { giveMemoryBackSoon } from "../../os/runtime/give_memory_back.ts";
import { setProcessTitle } from "../../os/runtime/process_title.ts";
import { keepDebuggerShut } from "../../os/runtime/debugger.ts";
import { reactor } from "../../os/reactor.ts";
import { Signal, signalNumber } from "../../os/signal.ts";
import { ignoredSignals, receiveChildSignals, receiveSignals } from "../../os/signal_state.ts";
import { CommandSpawner } from "../../os/spawn/command_spawner.ts";
import { AlreadySupervisedError, WrongFileError } from "../../servicedir/supervise_dir.ts";
import type { SupervisorSignal } from "../../supervise/machine.ts";
import { Service } from "../../supervise/service.ts";
import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { complainNow } from "../../cli/complain_now.ts";
import { programName } from "../../cli/program.ts";
import { surviveErrors } from "../../os/runtime/survive_errors.ts";

const SIGNALS: readonly SupervisorSignal[] = ["TERM", "HUP", "QUIT", "INT"];

/**
 * Points the supervisor's stdin and stdout at /dev/null, so that a process at their other end sees
 * their end before the supervisor exits.
 */
function detach(): void {
  const nowhere = open(CWD, "/dev/null", Open.READ_WRITE);
  redirect(0, nowhere);
  redirect(1, nowhere);
  close(nowhere);
}

/** `sv supervise`: supervises one service directory. */
export const superviseCommand: Command = {
  usage: "[ -v ] servicedir",
  help: `Starts servicedir/run, restarts it when it dies, and knows when it is ready.

The service directory:
  run                  executable; started as './run servicedir', in a new session
  finish               executable, run after each death of run: exit code (256 if a signal ended
                       it), signal, servicedir, process group; exit code 125 = permanent failure
  notification-fd      the descriptor on which run writes a newline when it is ready
  lock-fd              a descriptor that holds a lock while the service lives
  down                 present: do not start the service with the supervisor
  down-signal          default SIGTERM
  reload-signal        default SIGHUP
  timeout-kill         ms from -d to SIGKILL; default 0: never
  flag-timeout-killpg  present: timeout-kill kills the process group
  timeout-finish       ms that finish may run; default 5000; 0: for ever
  max-death-tally      deaths to remember; default 100, at most 4096
  flag-newpidns        present: run in a new PID namespace
  data/sv/             what sv reads and s6 ignores:
    notifyoncheck      options of 'sv notifyoncheck', as on its command line, with quotes and
                       comments: the supervisor itself asks whether run is ready, and run neither
                       needs notification-fd nor does anything for it
    log                where sv scan logs the output: see docs/data-sv.md
    watchdog           ms that a daemon may be silent: see 'sv help notify-fd-from-socket'
Every file is read anew when it is used.

  -v, --verbose  say each change of state on standard error, a line each

Signals: TERM brings the service down and exits; HUP exits when the service goes down; QUIT exits at
once and leaves the service alone; INT interrupts its process group and exits.

Exit codes: 0 success; 100 wrong usage, or another supervisor is running; 111 system call failed.`,
  run(args) {
    const given = parseCommandLine(args, "v", { verbose: "v" });
    const [dir = ""] = operands(given.rest, ["service directory"]);
    keepDebuggerShut();
    const { promise, resolve } = Promise.withResolvers<number>();
    const report = (message: string) => complainNow(`${programName()} ${dir}: ${message}`);
    const numbers = SIGNALS.map((name) => signalNumber(name)!);
    receiveChildSignals();
    try {
      const service = new Service(dir, {
        name: dir,
        spawner: new CommandSpawner(),
        deaths: new PidfdDeaths(),
        softNofile: softLimitAtStart(),
        ignoredSignals: ignoredSignals(numbers),
        report,
        verbose: given.has("v"),
        onDetach: detach,
        onExit: () => resolve(0),
      });
      for (const name of SIGNALS) {
        Deno.addSignalListener(`SIG${name}`, () => {
          reactor().stir();
          service.signal(name);
        });
      }
      receiveSignals([...numbers, Signal.CHLD]);
    } catch (error) {
      if (error instanceof AlreadySupervisedError || error instanceof WrongFileError) {
        throw new Failure(error.message, ExitCode.usage);
      }
      throw error;
    }
    // An error in this program must not end the supervision of the service.
    surviveErrors(report);
    setProcessTitle([...programName().split(" "), ...args]);
    giveMemoryBackSoon();
    reactor().park();
    return promise;
  },
};
