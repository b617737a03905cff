import { assertEquals } from "@std/assert";
import { stateMachinePage } from "../../../scripts/diagram/state_machine_page.ts";

Deno.test("docs/state-machine.md is what the table says", () => {
  const page = Deno.readTextFileSync(new URL("../../../docs/state-machine.md", import.meta.url));
  assertEquals(page, stateMachinePage(), "run: ./scripts/deno run -A scripts/diagram.ts");
});
