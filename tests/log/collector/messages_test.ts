import { assertEquals } from "@std/assert";
import { formatMessage, MessageReader, type Order } from "../../../lib/log/collector/messages.ts";

Deno.test("messages come whole, in whatever pieces their bytes come", () => {
  const orders: Order[] = [
    {
      do: "log",
      service: { id: "0:1:2", name: "wéb", path: "wéb", to: { stream: "text" } },
    },
    { do: "end" },
  ];
  const bytes = new TextEncoder().encode(orders.map(formatMessage).join(""));
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new MessageReader<Order>();
    const read: Order[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      read.push(...reader.read(bytes.subarray(at, at + size)));
    }
    assertEquals(read, orders, `pieces of ${size} bytes`);
  }
});
