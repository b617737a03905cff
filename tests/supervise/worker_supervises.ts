/** A Worker that supervises the service directory that it is sent. */
import { supervise } from "../../mod.ts";

const scope = globalThis as unknown as Worker;
scope.onmessage = ({ data }) => {
  supervise(data).catch((error) => scope.postMessage(error.message));
  scope.postMessage("supervising");
};
