/**
 * Writes docs/state-machine.md.
 *
 * @module
 */

import { stateMachinePage } from "./diagram/state_machine_page.ts";

const page = new URL("../docs/state-machine.md", import.meta.url);
Deno.writeTextFileSync(page, stateMachinePage());
