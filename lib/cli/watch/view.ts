/**
 * What the live view shows, and what keys do to it. Pure.
 *
 * @module
 */

import { STATES } from "../../explain/states.ts";
import type { LiveService } from "./live_services.ts";

/** The orders in which services are shown. */
export const ORDERS = ["urgency", "name", "latest change"] as const;

/** An order in which services are shown. */
export type Order = typeof ORDERS[number];

/** A verb that is to be carried out on a service. */
export interface Wish {
  readonly verb: "start" | "stop" | "restart";
  readonly name: string;
}

/** What is shown, besides the services themselves. */
export interface View {
  readonly order: Order;
  /** Only services whose name or state contains this are shown. */
  readonly filter: string;
  /** Whether the filter is being typed. */
  readonly typing: boolean;
  /** The name of the service that the keys are about; undefined before the first key. */
  readonly selected: string | undefined;
  /** Whether all about the selected service is shown. */
  readonly details: boolean;
  /** Whether the last lines of the selected service's output are shown in place of that. */
  readonly output: boolean;
  /** What is to be confirmed. */
  readonly asked: Wish | undefined;
  /** What was done last. */
  readonly message: string;
}

/** What is shown at first. */
export const FIRST_VIEW: View = {
  order: "urgency",
  filter: "",
  typing: false,
  selected: undefined,
  details: false,
  output: false,
  asked: undefined,
  message: "",
};

/** What a key leads to. */
export interface KeyOutcome {
  readonly view: View;
  /** What is to be done now. */
  readonly wish?: Wish;
  /** Whether the user has had enough. */
  readonly quit?: true;
}

/** Returns the services that are shown, in their order. */
export function shownServices(
  services: Iterable<LiveService>,
  { filter, order }: Pick<View, "filter" | "order">,
): LiveService[] {
  const wanted = filter.toLowerCase();
  const shown = [...services].filter(({ explanation, service }) =>
    wanted === "" || service.name.toLowerCase().includes(wanted) ||
    explanation.state.includes(wanted)
  );
  const byName = (a: LiveService, b: LiveService) => a.service.name < b.service.name ? -1 : 1;
  const urgency = ({ explanation }: LiveService) => STATES[explanation.state].urgency;
  const changed = ({ facts: { status } }: LiveService) =>
    status === undefined
      ? 0
      : Number((status.stamp > status.readyStamp ? status.stamp : status.readyStamp) / 1_000_000n);
  switch (order) {
    case "name":
      return shown.sort(byName);
    case "urgency":
      return shown.sort((a, b) => urgency(b) - urgency(a) || byName(a, b));
    case "latest change":
      return shown.sort((a, b) => changed(b) - changed(a) || byName(a, b));
  }
}

/** Keys that move the selection, and by how many services; a page is a number of its own. */
const MOVES: Readonly<Record<string, number>> = {
  up: -1,
  k: -1,
  down: 1,
  j: 1,
  home: -Infinity,
  g: -Infinity,
  end: Infinity,
  G: Infinity,
};

const VERBS: Readonly<Record<string, Wish["verb"]>> = { u: "start", d: "stop", r: "restart" };

/**
 * Returns what a key leads to.
 *
 * @param view What is shown.
 * @param key The key: a character, or a name such as `up`.
 * @param names The names of the services that are shown, in their order.
 * @param page How many of them fit on the screen.
 */
export function pressed(
  view: View,
  key: string,
  names: readonly string[],
  page: number,
): KeyOutcome {
  if (view.typing) return { view: typed(view, key) };
  if (view.asked !== undefined) return answered(view, view.asked, key);
  const next = { ...view, message: "" };
  const move = key === "page up" ? -page : key === "page down" ? page : MOVES[key];
  if (move !== undefined) return { view: { ...next, selected: moved(view, names, move) } };
  const verb = VERBS[key];
  if (verb !== undefined) return wished(next, verb, names);
  switch (key) {
    case "q":
      return { view, quit: true };
    case "s":
    case "o": {
      const order = ORDERS[(ORDERS.indexOf(view.order) + 1) % ORDERS.length]!;
      return { view: { ...next, order, message: `sorted by ${order}` } };
    }
    case "/":
      return { view: { ...next, typing: true } };
    case "enter":
      return {
        view: {
          ...next,
          details: !view.details,
          output: false,
          selected: view.selected ?? names[0],
        },
      };
    case "l":
      return {
        view: {
          ...next,
          output: !view.output,
          details: false,
          selected: view.selected ?? names[0],
        },
      };
    case "escape":
      return { view: { ...next, details: false, output: false, filter: "" } };
    default:
      return { view: next };
  }
}

function moved({ selected }: View, names: readonly string[], by: number): string | undefined {
  const at = selected === undefined ? (by > 0 ? -1 : 0) : names.indexOf(selected);
  return names[Math.min(Math.max(at + by, 0), names.length - 1)];
}

function wished(view: View, verb: Wish["verb"], names: readonly string[]): KeyOutcome {
  const name = view.selected;
  if (name === undefined || !names.includes(name)) {
    return { view: { ...view, message: "select a service first, with the arrow keys" } };
  }
  // To start harms nothing; the others do if the wrong service is selected.
  if (verb === "start") {
    return { view: { ...view, message: `start ${name}` }, wish: { verb, name } };
  }
  return { view: { ...view, asked: { verb, name } } };
}

function answered(view: View, wish: Wish, key: string): KeyOutcome {
  const next = { ...view, asked: undefined };
  if (key !== "y") return { view: { ...next, message: `${wish.name} is left alone` } };
  return { view: { ...next, message: `${wish.verb} ${wish.name}` }, wish };
}

function typed(view: View, key: string): View {
  switch (key) {
    case "enter":
      return { ...view, typing: false };
    case "escape":
      return { ...view, typing: false, filter: "" };
    case "backspace":
      return { ...view, filter: [...view.filter].slice(0, -1).join("") };
    default:
      return [...key].length === 1 ? { ...view, filter: view.filter + key } : view;
  }
}
