const inUse = new Set<readonly Uint8Array[]>();

/**
 * Waits for a call of the C library that another thread makes. What it reads and writes there nobody
 * else may refer to any more: it is not collected before the call is over.
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
