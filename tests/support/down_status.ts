import type { ServiceStatus } from "../../lib/servicedir/status.ts";

/** The status of a service that is down for good. */
export const DOWN: ServiceStatus = {
  stamp: 0n,
  readyStamp: 0n,
  pid: 0,
  waitStatus: 0,
  paused: false,
  finishing: false,
  wantUp: false,
  ready: false,
  finished: true,
};
