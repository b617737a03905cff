import type { Facts } from "../../explain/facts.ts";
import { millisecondsBetween } from "../../explain/deaths.ts";
import { isUp } from "../../servicedir/status.ts";

/**
 * Returns the state of a service as runit's `sv status` prints it: scripts read these lines.
 *
 * @param name What to call the service.
 * @param facts The facts about it.
 */
export function runitLine(name: string, facts: Facts): string {
  const { downFile, now, status, stopping } = facts;
  if (status === undefined) return `fail: ${name}: no supervisor is running`;
  const seconds = status.stamp === 0n
    ? 0
    : Math.max(Math.floor(millisecondsBetween(status.stamp, now) / 1000), 0);
  const up = isUp(status);
  const state = up ? "run" : status.finishing ? "finish" : "down";
  const process = status.pid === 0 ? "" : `(pid ${status.pid}) `;
  const running = status.pid !== 0;
  const remarks: [boolean, string][] = [
    [running && downFile, "normally down"],
    [!running && !downFile, "normally up"],
    [running && status.paused, "paused"],
    [!running && status.wantUp, "want up"],
    [running && !status.wantUp, "want down"],
    [up && stopping !== undefined, `got ${facts.downSignal}`],
  ];
  return `${state}: ${name}: ${process}${seconds}s` +
    remarks.filter(([applies]) => applies).map(([, remark]) => `, ${remark}`).join("");
}
