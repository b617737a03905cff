/**
 * Keeping the buffers of a non-blocking call.
 *
 * Before denoland/deno#32775 (March 2026) the runtime hands the addresses of buffers to another thread,
 * and does not keep the buffers themselves: the garbage collector may free them while the thread still
 * reads and writes there (denoland/deno#12341).
 *
 * Remove when the runtime image that the tests compile with (2.6.10, scripts/bootstrap/runtime_image.sh)
 * has that change, too: the oldest Deno that `scripts/deno` accepts has it already.
 *
 * @module
 */

const inUse = new Set<readonly Uint8Array[]>();

/**
 * Waits for a call of the C library on another thread, and keeps its buffers until then.
 *
 * @param buffers The buffers that the call got.
 * @param call The call.
 */
export async function whileInUse<T>(
  buffers: readonly Uint8Array[],
  call: Promise<T>,
): Promise<T> {
  inUse.add(buffers);
  try {
    return await call;
  } finally {
    inUse.delete(buffers);
  }
}
