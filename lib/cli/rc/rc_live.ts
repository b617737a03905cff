import type { Graph } from "../../rc/definitions/graph.ts";
import { UnknownServiceError } from "../../rc/definitions/graph.ts";
import { InvalidLiveError, Live, LiveError, OtherLiveError } from "../../rc/live/live.ts";
import { finishUpdate } from "../../rc/live/update.ts";
import { keepDebuggerShut } from "../../os/runtime/debugger.ts";
import { ExitCode, Failure } from "../command.ts";
import type { RcOptions } from "./rc_options.ts";

/** The exit codes of s6-rc. */
export const RcExit = {
  success: 0,
  failed: ExitCode.failed,
  timedOut: 2,
  unknownName: 3,
  invalid: 4,
  wrongType: 5,
  duplicate: 6,
  usage: ExitCode.usage,
  systemCall: ExitCode.systemCall,
  otherLive: 102,
} as const;

/** Returns the failure that an error of `lib/rc` stands for; other errors as they are. */
export function asFailure(error: unknown): unknown {
  if (error instanceof OtherLiveError) return new Failure(error.message, RcExit.otherLive);
  if (error instanceof LiveError) return new Failure(error.message, RcExit.systemCall);
  if (error instanceof InvalidLiveError) return new Failure(error.message, RcExit.invalid);
  if (error instanceof UnknownServiceError) return new Failure(error.message, RcExit.unknownName);
  return error;
}

/** Opens a live directory for reading, also while another command changes it. */
export function readLive({ live, block }: Pick<RcOptions, "live" | "block">): Live {
  try {
    return new Live(live, { purpose: "read", block });
  } catch (error) {
    throw asFailure(error);
  }
}

/**
 * Opens a live directory for a change: no other command uses it. Completes a killed update first.
 */
export async function changeLive(
  { live, block }: Pick<RcOptions, "live" | "block">,
): Promise<Live> {
  keepDebuggerShut();
  try {
    const opened = new Live(live, { purpose: "change", block });
    await finishUpdate(opened);
    return opened;
  } catch (error) {
    throw asFailure(error);
  }
}

/** Returns the services that were named and, with `all`, those that are up. */
export function select(
  graph: Graph,
  { names, all }: Pick<RcOptions, "names" | "all">,
  up: ReadonlySet<number>,
): Set<number> {
  try {
    const named = names.flatMap((name) => graph.resolve(name));
    return new Set(all ? [...named, ...up] : named);
  } catch (error) {
    throw asFailure(error);
  }
}
