import { assertEquals } from "@std/assert";
import { signalName, signalNumber } from "../../lib/os/signal.ts";

Deno.test("a signal goes by its name in any case, with or without SIG, and by its number", () => {
  for (const text of ["TERM", "term", "SIGTERM", "sigTerm", "15", "SIG15"]) {
    assertEquals(signalNumber(text), 15, text);
  }
  assertEquals(signalNumber("CLD"), 17);
  assertEquals(signalNumber("CHLD"), 17);
});

Deno.test("what is no signal has no number", () => {
  for (const text of ["", "SIG", "TERMINATE", "-1", "1.5", "0x0f", "constructor"]) {
    assertEquals(signalNumber(text), undefined, text);
  }
});

Deno.test("every signal's name leads back to its number", () => {
  for (let number = 1; number < 32; number++) {
    assertEquals(signalNumber(signalName(number)), number);
  }
  assertEquals(signalName(40), "???");
});
