import type { Effect } from "../../lib/supervise/machine.ts";

/** Returns an effect in a few words, as the tests write it. */
export function inWords(effect: Effect): string {
  switch (effect.do) {
    case "finish":
      return `finish ${effect.pid} ${effect.status}`;
    case "stamp":
      return `stamp ${effect.which}`;
    case "announce":
      return effect.events === "" ? "status" : `status, ${effect.events}`;
    case "tally":
      return `tally ${effect.status}`;
    case "signal":
      return `signal ${effect.signal} to ${effect.group ? "group " : ""}${effect.pid}`;
    case "killOverdue":
      return `kill overdue ${effect.pid}`;
    case "abortSilent":
      return `abort silent ${effect.pid}`;
    case "extendKill":
      return `extend kill ${effect.pid}`;
    case "arm":
      return `arm ${effect.timer}`;
    case "markDown":
      return "mark down";
    case "unmarkDown":
      return "unmark down";
    case "closeNotification":
      return "close notification";
    default:
      return effect.do;
  }
}
