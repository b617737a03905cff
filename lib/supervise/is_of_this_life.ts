import { isDead } from "../os/process.ts";
import { statOf } from "../os/process_stat.ts";

/**
 * Returns whether a process can be the daemon of the present life of a service: it lives, and was started
 * no earlier than the service's process, which it need not be, where the run script has started it.
 *
 * @param pid The process.
 * @param service The service's process.
 */
export function isOfThisLife(pid: number, service: number): boolean {
  if (service === 0 || isDead(pid)) return false;
  if (pid === service) return true;
  const [one, life] = [statOf(pid), statOf(service)];
  // Where /proc is not mounted, only the service's process is known.
  if (one === undefined || life === undefined || one.dead) return false;
  return Number(one.ticks) >= Number(life.ticks);
}
