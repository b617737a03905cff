import { encodeOs } from "../os/os_string.ts";
import { LONGEST_SCANNED_NAME } from "./protocol.ts";

/** Ends the name of a template, and comes before that of an instance: `foo@`, `foo@bar`. */
export const INSTANCE_MARK = "@";

/** The two parts of the name of an instance. */
export interface InstanceName {
  /** The template's name, `foo@`. */
  readonly template: string;
  /** The instance's own name, `bar`. */
  readonly instance: string;
}

/** Whether a name in a scan directory is that of a template: it is no service itself. */
export function isTemplateName(name: string): boolean {
  return name.length > 1 && name.endsWith(INSTANCE_MARK);
}

/** Returns the parts of `foo@bar`; undefined where a name has not that form. */
export function splitInstance(name: string): InstanceName | undefined {
  const at = name.indexOf(INSTANCE_MARK);
  if (at < 1 || at === name.length - 1) return undefined;
  return { template: name.slice(0, at + 1), instance: name.slice(at + 1) };
}

/**
 * Returns why a name can't be that of an instance; undefined where it can. The rules are s6's: those of a
 * service, and no white space, since programs print the names as lines and words.
 *
 * @param name The instance's own name, `bar`.
 * @param service The name of its service directory, `foo@bar`, or `bar` in a nested scan.
 */
export function whyNoInstanceName(name: string, service = name): string | undefined {
  if (name === "") return "it is empty";
  if (name.startsWith(".")) return "it begins with a dot";
  if (name.includes("/")) return "it has a slash";
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x20\x7f]/.test(name)) return "it has white space or a control character";
  if (encodeOs(service).length > LONGEST_SCANNED_NAME) {
    return `'${service}' is longer than ${LONGEST_SCANNED_NAME} bytes`;
  }
  return undefined;
}
