/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />

/**
 * A worker that listens to a service and reads the status at once on each event. Only the order of the
 * supervisor's writes makes it read the right one.
 *
 * Gets the path of the service directory; posts `null` when it listens, then each event with the
 * status that it found.
 *
 * @module
 */

import { readStatus, subscribe } from "../../mod.ts";

addEventListener("message", async ({ data: dir }: MessageEvent<string>) => {
  using events = subscribe(`${dir}/event`);
  postMessage(null);
  for await (const event of events) {
    const { pid, ready, finished } = readStatus(dir);
    postMessage({ event, up: pid !== 0, ready, finished });
    if (event === "x") break;
  }
});
