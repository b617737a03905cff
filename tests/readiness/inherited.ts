import { assertEquals } from "@std/assert";
import type { SupervisedService } from "./supervised_service.ts";

/** Returns the signals below 32 of the masks in /proc/PID/status: the C library uses 32 and 33 for itself. */
function masks(text: string): bigint[] {
  return text.match(/\w{16}/g)!.map((mask) => BigInt(`0x${mask}`) % 2n ** 31n);
}

/**
 * Asserts that the daemon has inherited what `run` had: that its files `daemon-KIND` equal the files
 * `run-KIND` of `run`, and its signal masks those of `run`.
 *
 * @param service The service.
 * @param kinds The kinds.
 */
export async function assertInherited(
  service: SupervisedService,
  ...kinds: readonly string[]
): Promise<void> {
  for (const kind of kinds) {
    assertEquals(await service.text(`daemon-${kind}`), await service.text(`run-${kind}`), kind);
  }
  assertEquals(
    masks(await service.text("daemon-signals")),
    masks(await service.text("run-signals")),
  );
}
