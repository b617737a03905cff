import { CWD } from "../os/file.ts";
import { Access, accessErrno } from "../os/path.ts";
import { ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import { isCalledAsS6, setService } from "./program.ts";

/** Returns the name of the service in the working directory, `web` or `web/log`; empty where there is none. */
function serviceHere(): string {
  if (accessErrno(CWD, SupervisePath.directory, Access.EXISTS) !== 0) return "";
  try {
    const [parent, name] = Deno.cwd().split("/").slice(-2);
    return name === ServicePath.logger ? `${parent}/${name}` : name ?? "";
  } catch {
    // The directory was removed.
    return "";
  }
}

/**
 * Lets messages name the service in the working directory: for programs of its run script, whose messages
 * may come in the same log as those of others. As s6 they name none.
 */
export function aboutServiceHere(): void {
  if (!isCalledAsS6()) setService(serviceHere);
}
