/** How it stands with a service. One of which nothing is said is down. */
export type Standing =
  /** It is up. */
  | "up"
  /** Its start was begun; whether it is up must be found out by starting or stopping it. */
  | "starting"
  /** Its stop was begun; whether it is down must be found out by starting or stopping it. */
  | "stopping";

/** What a live directory remembers, in one file. */
export interface LiveState {
  /** Which set of definitions is in force. */
  readonly definitions: string;
  /** Which set is about to be put in force. */
  readonly updating?: string;
  /** The services that are not down, by name. */
  readonly services: ReadonlyMap<string, Standing>;
}

const STANDINGS: readonly string[] = ["up", "starting", "stopping"] satisfies Standing[];

/** The text of a state file. */
export function formatLiveState({ definitions, updating, services }: LiveState): string {
  let text = `definitions ${definitions}\n`;
  if (updating !== undefined) text += `updating ${updating}\n`;
  for (const [name, standing] of services) text += `${standing} ${name}\n`;
  return text;
}

/** The meaning of a state file's text, or undefined where it is not a state file's. */
export function parseLiveState(text: string): LiveState | undefined {
  if (!text.endsWith("\n")) return undefined;
  let definitions: string | undefined;
  let updating: string | undefined;
  const services = new Map<string, Standing>();
  for (const line of text.slice(0, -1).split("\n")) {
    const space = line.indexOf(" ");
    const word = line.slice(0, space);
    const rest = line.slice(space + 1);
    if (space < 1 || rest === "") return undefined;
    if (word === "definitions") definitions = rest;
    else if (word === "updating") updating = rest;
    else if (STANDINGS.includes(word)) services.set(rest, word as Standing);
    else return undefined;
  }
  if (definitions === undefined) return undefined;
  return { definitions, ...updating !== undefined && { updating }, services };
}
