import { close, tryRead, tryWrite } from "../../os/file.ts";
import { openFiles, setSoftOpenFiles } from "../../os/limits.ts";
import { killProcess, tryOpenProcess } from "../../os/process.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, reasonOf } from "../../os/system_error.ts";
import { CollectedOutput } from "./collected_output.ts";
import { JournalInUseError } from "./journal.ts";
import { journalHolder } from "./journal_holder.ts";
import {
  formatMessage,
  type LoggedService,
  LogProcessDescriptor,
  MessageReader,
  type Order,
} from "./messages.ts";

/** Milliseconds until a service whose FIFO or journal can't be opened is tried again. */
const RETRY = 1000;

/** Milliseconds that lines which can't be written are tried for when the scan ends. */
const LAST_TRIES = 5000;

/**
 * The log process of a scan: logs the services that the scan names. It goes on when the scan is killed,
 * until the last writer has ended, or the next scan's log process takes its place.
 */
export class Collector {
  readonly #report: (message: string) => void;
  readonly #exit: () => void;
  readonly #outputs = new Map<string, { service: LoggedService; output?: CollectedOutput }>();
  readonly #reader = new MessageReader<Order>();
  #work: Promise<void> = Promise.resolve();
  /** What the scan has not read yet. */
  #unsent: Uint8Array<ArrayBuffer> = new Uint8Array();
  #alone = false;
  #ending = false;

  /**
   * @param report Gets messages for the administrator.
   * @param exit Called when there is nothing left to do.
   */
  constructor(report: (message: string) => void, exit: () => void) {
    this.#report = report;
    this.#exit = exit;
    const { soft, hard } = openFiles();
    if (soft < hard) setSoftOpenFiles(hard);
    reactor().watch(LogProcessDescriptor.orders, Priority.Ordinary, () => this.#readOrders());
  }

  #readOrders(): void {
    const bytes = new Uint8Array(65_536);
    const count = tryRead(LogProcessDescriptor.orders, bytes);
    if (count === -Errno.EAGAIN) return;
    if (count <= 0) {
      // The scan has ended.
      reactor().unwatch(LogProcessDescriptor.orders);
      this.#alone = true;
      this.#do(() => this.#exitWhenDone());
      return;
    }
    for (const order of this.#reader.read(bytes.subarray(0, count))) {
      this.#do(() => order.do === "log" ? this.#log(order.service) : this.#end());
    }
  }

  /** Does one thing after the other. */
  #do(call: () => void | Promise<void>): void {
    this.#work = this.#work.then(call).catch((error) =>
      this.#report(`warning: ${reasonOf(error)}`)
    );
  }

  async #log(service: LoggedService): Promise<void> {
    const known = this.#outputs.get(service.id);
    if (known?.output !== undefined) {
      const isSame = JSON.stringify(known.service) === JSON.stringify(service);
      if (isSame && !known.output.ended) return;
      await known.output.leave();
    }
    this.#outputs.set(service.id, { service });
    await this.#open(service);
  }

  /** Opens the FIFO and the journal of a service; a former log process that has them is ended. */
  async #open(service: LoggedService): Promise<void> {
    for (;;) {
      const entry = this.#outputs.get(service.id);
      if (entry?.service !== service) return;
      try {
        const output = new CollectedOutput(service, {
          report: this.#report,
          onWritten: () => this.#written(service),
        });
        entry.output = output;
        return output.start();
      } catch (error) {
        if (error instanceof JournalInUseError && error.pid !== undefined) {
          // Without a scan this one is the former: the holder has taken its place.
          if (this.#alone) return void this.#outputs.delete(service.id);
          await endHolder(error.pid, service);
          continue;
        }
        this.#report(
          `warning: ${service.name}: cannot log it: ${reasonOf(error)}; trying again in 1 second`,
        );
        reactor().after(RETRY, () => this.#do(() => this.#open(service)));
        return;
      }
    }
  }

  #written(service: LoggedService): void {
    if (this.#outputs.get(service.id)?.service !== service) return;
    this.#outputs.delete(service.id);
    this.#answer(formatMessage({ written: service.id }));
    this.#exitWhenDone();
  }

  #answer(text: string): void {
    if (this.#alone) return;
    const bytes = new TextEncoder().encode(text);
    const unsent = new Uint8Array(this.#unsent.length + bytes.length);
    unsent.set(this.#unsent);
    unsent.set(bytes, this.#unsent.length);
    const count = tryWrite(LogProcessDescriptor.answers, unsent);
    this.#unsent = unsent.subarray(Math.max(count, 0));
  }

  /** Writes all that there is, and exits; what can't be written stays in the journals. */
  #end(): void {
    this.#ending = true;
    for (const { output } of this.#outputs.values()) output?.finish();
    reactor().after(LAST_TRIES, () => this.#giveUp());
    this.#exitWhenDone();
  }

  async #giveUp(): Promise<void> {
    for (const { service, output } of this.#outputs.values()) {
      this.#report(
        `warning: ${service.name}: its last lines are not in its log; ` +
          `they stay in ${service.path}/supervise/output-journal for the next scan`,
      );
      await output?.leave();
    }
    this.#exit();
  }

  #exitWhenDone(): void {
    if ((this.#alone || this.#ending) && this.#outputs.size === 0) this.#exit();
  }
}

/**
 * Kills the log process of a former scan, which has the journal of a service, and waits for its end. It
 * loses nothing by that.
 */
async function endHolder(pid: number, service: LoggedService): Promise<void> {
  const pidfd = tryOpenProcess(pid);
  if (pidfd === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  // Looked at once more: another process may have got its process id before that was opened.
  if (journalHolder(service.path) === pid && killProcess(pidfd)) {
    reactor().watch(pidfd, Priority.Death, resolve);
    await promise;
    reactor().unwatch(pidfd);
  }
  close(pidfd);
}
