/** What is recorded of a service. A service without a record is down. */
export type Standing =
  /** It is up. */
  | "up"
  /** Its start was begun. If the command was killed, only a start or stop tells how far it got. */
  | "starting"
  /** Its stop was begun. If the command was killed, only a start or stop tells how far it got. */
  | "stopping";

/** The content of the state file of a live directory. */
export interface LiveState {
  /** The name of the set of definitions in force. */
  readonly definitions: string;
  /** The name of the set that an update is putting in force. */
  readonly updating?: string;
  /** The services that are not down, by name. */
  readonly services: ReadonlyMap<string, Standing>;
}

const STANDINGS: readonly string[] = ["up", "starting", "stopping"] satisfies Standing[];

/** Returns the text of a state file. */
export function formatLiveState({ definitions, updating, services }: LiveState): string {
  let text = `definitions ${definitions}\n`;
  if (updating !== undefined) text += `updating ${updating}\n`;
  for (const [name, standing] of services) text += `${standing} ${name}\n`;
  return text;
}

/** Parses the text of a state file. Returns undefined where it is not one. */
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
