import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import type { DirectoryKind } from "./directory_view.ts";

/** The files that supervisors read, in a service directory as in the definition of a longrun. */
const SUPERVISED = [
  ServicePath.run,
  ServicePath.finish,
  ServicePath.notificationFd,
  ServicePath.lockFd,
  ServicePath.downSignal,
  ServicePath.reloadSignal,
  ServicePath.killTimeout,
  ServicePath.killGroup,
  ServicePath.finishTimeout,
  ServicePath.maxDeaths,
  ServicePath.newPidNamespace,
  ServicePath.data,
  "env",
  // s6's tools for instances keep their files in these.
  "instance",
  "instances",
  "template",
];

const DEFINED = ["type", "flag-essential", "flag-recommended"];
const ATOMIC = [...DEFINED, "timeout-up", "timeout-down", "dependencies", "dependencies.d"];

/** The names that `sv`, s6 or s6-rc know, for each kind of directory. */
export const KNOWN_FILES: Readonly<Record<DirectoryKind, readonly string[]>> = {
  service: [
    ...SUPERVISED,
    ServicePath.down,
    ServicePath.logger,
    ServicePath.event,
    SupervisePath.directory,
  ],
  logger: [...SUPERVISED, ServicePath.down, ServicePath.event, SupervisePath.directory],
  longrun: [...ATOMIC, ...SUPERVISED, "producer-for", "consumer-for", "pipeline-name"],
  oneshot: [...ATOMIC, "up", "down", "reload"],
  bundle: [...DEFINED, "contents", "contents.d"],
};

/** The names that `sv` knows in `data/sv`. */
export const KNOWN_OPTIONS: readonly string[] = [
  ServicePath.polling,
  ServicePath.watchdog,
  ServicePath.log,
].map((path) => path.slice(path.lastIndexOf("/") + 1));

/** The files whose presence counts, and not their content. */
export const FLAGS: readonly string[] = [
  ServicePath.down,
  ServicePath.killGroup,
  ServicePath.newPidNamespace,
  "flag-essential",
  "flag-recommended",
];

/** The programs that a supervisor starts in a directory. */
export const PROGRAMS: Readonly<Record<DirectoryKind, readonly string[]>> = {
  service: [ServicePath.run, ServicePath.finish, ServicePath.check],
  logger: [ServicePath.run, ServicePath.finish, ServicePath.check],
  longrun: [ServicePath.run, ServicePath.finish, ServicePath.check],
  oneshot: [],
  bundle: [],
};
