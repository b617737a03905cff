import type { Progress, TransitionEffect } from "./engine.ts";

/** Is told how a transition goes on. */
export interface TransitionWatcher {
  /**
   * Called after each turn in which something has happened.
   *
   * @param progress How far each service has got.
   * @param effects What the turn has brought about.
   */
  turned(progress: readonly Progress[], effects: readonly TransitionEffect[]): void;
  /** Called when the change of a service has failed, before the service is told anything. */
  failing(node: number, reason: string): void;
  /** Called after an event of a longrun that is changing: it has died, say. */
  stirred(): void;
}
