import {
  controlGroupsOf,
  descendsFrom,
  parentOf,
  procIsOurs,
  sessionOf,
} from "../../os/process_family.ts";

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
  const groups = controlGroupsOf(pid);
  const parent = parentOf(pid);
  const shared = parent === undefined || groups === controlGroupsOf(parent);
  return {
    pid,
    session: sessionOf(pid) ?? pid,
    controlGroups: shared ? undefined : groups,
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
