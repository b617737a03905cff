import { whileInUse } from "./runtime/while_in_use.ts";
import { libc } from "./libc.ts";
import { cString } from "./os_string.ts";

const SOCK_STREAM = 1;
const AI_NUMERICHOST = 4;
const AI_NUMERICSERV = 0x400;
const EAI_NONAME = -2;
const POINTER_BYTES = 8;

/** `struct addrinfo` on 64-bit Linux. */
const HINTS_BYTES = 48;
const ADDRESS_LENGTH_OFFSET = 16;
const ADDRESS_OFFSET = 24;
const NEXT_OFFSET = 40;

type Bytes = Uint8Array<ArrayBuffer>;

function hints(flags: number): Bytes {
  const bytes = new Uint8Array(HINTS_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, flags | AI_NUMERICSERV, true);
  view.setInt32(8, SOCK_STREAM, true);
  return bytes;
}

/** Copies the list that the C library has made, and frees it. */
function takeList(result: Bytes): Bytes[] {
  const found: Bytes[] = [];
  const first = Deno.UnsafePointer.create(new DataView(result.buffer).getBigUint64(0, true));
  for (let entry = first; entry !== null;) {
    const view = new Deno.UnsafePointerView(entry);
    const address = new Uint8Array(view.getUint32(ADDRESS_LENGTH_OFFSET));
    Deno.UnsafePointerView.copyInto(view.getPointer(ADDRESS_OFFSET)!, address);
    found.push(address);
    entry = view.getPointer(NEXT_OFFSET);
  }
  libc.freeaddrinfo(first);
  return found;
}

function reason(code: number): string {
  const text = libc.gai_strerror(code);
  return text === null ? `error ${code}` : Deno.UnsafePointerView.getCString(text);
}

/**
 * Returns the addresses of a host, each as the `struct sockaddr` that connect(2) takes. A numeric address
 * is only converted; for a name the C library asks the name service, on another thread.
 *
 * @param host An address of IPv4 or IPv6, or a name.
 * @param port The port.
 * @throws {Error} when the name has no address.
 */
export async function resolveAddress(host: string, port: number): Promise<Bytes[]> {
  const result = new Uint8Array(POINTER_BYTES);
  const [node, service] = [cString(host), cString(String(port))];
  let code = libc.getaddrinfo(node, service, hints(AI_NUMERICHOST), result);
  if (code === EAI_NONAME) {
    const wanted = hints(0);
    const call = libc.getaddrinfo_async(node, service, wanted, result);
    code = await whileInUse([node, service, wanted, result], call);
  }
  if (code !== 0) throw new Error(`cannot find the host ${host}: ${reason(code)}`);
  return takeList(result);
}
