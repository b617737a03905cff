import {
  controlGroupsOf,
  descendsFrom,
  parentOf,
  procIsOurs,
  sessionOf,
} from "../../os/process_family.ts";

/** By what the processes of a service are known. */
export interface ServiceProcesses {
  /** The daemon. */
  readonly pid: number;
  /** Its session: the supervisor gives each service one of its own. */
  readonly session: number;
  /** Its control groups, if the service has its own. */
  readonly controlGroups: string | undefined;
}

/**
 * By what the processes of the service are known whose daemon a process is or is about to become.
 * To be asked when that is started: later it may do what it likes.
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
 * Whether a process belongs to a service. It does if it is the daemon, or is in its session, or
 * descends from it, or is in its control groups, where those are not the supervisor's as well. In a
 * PID namespace of its own (`flag-newpidns`) everybody does whom the namespace has a number for.
 *
 * @param service By what its processes are known.
 * @param pid The process, as the kernel told it: 0 if it is outside of the PID namespace.
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
