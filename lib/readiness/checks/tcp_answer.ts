import {
  isOnThisMachine,
  listenerAt,
  listenersAt,
  peerOnThisMachine,
} from "../../os/listening_sockets.ts";
import { isReset } from "../../os/stream_socket.ts";
import type { Answer } from "./owner.ts";

function answerAt(where: string, address: Uint8Array<ArrayBuffer> | undefined): Answer {
  return {
    where,
    socket: () => address && listenerAt(address),
    sockets: () => address === undefined ? new Set() : listenersAt(address),
  };
}

/** Returns the answer that a connection is; of another machine's sockets nothing is known. */
export function tcpAnswer(where: string, socket: number): Answer {
  return { ...answerAt(where, peerOnThisMachine(socket)), isReset: () => isReset(socket) };
}

/** Returns the answer of a server at an address, without a connection to it. */
export function answerFrom(where: string, address: Uint8Array<ArrayBuffer>): Answer {
  return answerAt(where, isOnThisMachine(address) ? address : undefined);
}
