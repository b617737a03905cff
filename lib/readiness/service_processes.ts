import {
  controlGroupsOf,
  descendsFrom,
  parentOf,
  procIsOurs,
  sessionOf,
} from "../os/process_family.ts";

/** What the processes of a service have in common. */
export interface ServiceProcesses {
  /** The daemon's process id. */
  readonly pid: number;
  /** The daemon's session: the supervisor gives each service its own. */
  readonly session: number;
  /** The daemon's control groups; undefined where the supervisor is in the same. */
  readonly controlGroups: string | undefined;
}

/**
 * Returns what the processes of a service have in common. Call it when the daemon starts: later it
 * may leave its session and its control groups.
 *
 * @param pid The daemon, or the process that is about to become it.
 */
export function processesOf(pid: number): ServiceProcesses {
  return {
    pid,
    session: sessionOf(pid) ?? pid,
    controlGroups: ownControlGroups(pid, parentOf(pid)),
  };
}

/** Returns the control groups of a daemon; undefined where its supervisor is in the same. */
function ownControlGroups(pid: number, supervisor: number | undefined): string | undefined {
  const groups = controlGroupsOf(pid);
  const shared = supervisor === undefined || groups === controlGroupsOf(supervisor);
  return shared ? undefined : groups;
}

/**
 * Returns what the processes of a service have in common, and reads the control groups only where they
 * are asked for.
 *
 * @param pid The daemon.
 * @param supervisor Its supervisor; default: the daemon's parent.
 */
export function processesOfRunning(pid: number, supervisor?: number): ServiceProcesses {
  let groups: { readonly own: string | undefined } | undefined;
  return {
    pid,
    session: sessionOf(pid) ?? pid,
    get controlGroups() {
      groups ??= { own: ownControlGroups(pid, supervisor ?? parentOf(pid)) };
      return groups.own;
    },
  };
}

/**
 * Returns whether a process belongs to a service: whether it is the daemon, or is in the daemon's
 * session, or descends from the daemon, or is in the daemon's control groups where the supervisor is in
 * others. In a PID namespace of its own (`flag-newpidns`) every process of the namespace belongs.
 *
 * @param service What the service's processes have in common.
 * @param pid The process, as the kernel gave it: 0 for one outside of this process's PID namespace.
 */
export function belongsTo(service: ServiceProcesses, pid: number): boolean {
  if (pid <= 0) return false;
  if (pid === service.pid || service.pid === 1) return true;
  if (sessionOf(pid) === service.session) return true;
  if (!procIsOurs()) return false;
  const { controlGroups } = service;
  return descendsFrom(pid, service.pid) ||
    controlGroups !== undefined && controlGroupsOf(pid) === controlGroups;
}
