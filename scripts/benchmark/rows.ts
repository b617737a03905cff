import { chain, notifyoncheck, stat } from "./cold_start.ts";
import { consoleRows } from "./console.ts";
import { formRows } from "./forms.ts";
import { idle } from "./idle.ts";
import { instanceRows } from "./instances.ts";
import { loggedRows } from "./logged.ts";
import { oneSupervisor } from "./memory.ts";
import { logRows } from "./log.ts";
import { newlineToEvent } from "./newline_to_event.ts";
import { newlineToWaiter } from "./newline_to_waiter.ts";
import { pollingRows } from "./polling.ts";
import { rcRows } from "./rc.ts";
import type { Row } from "./row.ts";
import { scanRows } from "./scan.ts";
import { serveRows } from "./serve.ts";
import { spawn } from "./spawn.ts";

/** The rows of the table. */
export const rows: readonly Row[] = [
  newlineToEvent,
  newlineToWaiter,
  spawn,
  stat,
  notifyoncheck,
  chain,
  idle,
  oneSupervisor,
  ...scanRows,
  ...rcRows,
  ...pollingRows,
  ...logRows,
  ...loggedRows,
  ...instanceRows,
  ...consoleRows,
  ...formRows,
  ...serveRows,
];
