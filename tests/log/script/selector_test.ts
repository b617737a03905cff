import { assertEquals, assertThrows } from "@std/assert";
import { parseScript } from "../../../lib/log/script/parse_script.ts";
import { Selector } from "../../../lib/log/script/selector.ts";
import { UsageError } from "../../../lib/options/usage_error.ts";

function clausesOf(script: string, line: string): number[] {
  const found: number[] = [];
  new Selector(parseScript(script.split(" ")).clauses)
    .select(new TextEncoder().encode(line), (clause) => found.push(clause));
  return found;
}

Deno.test("a line goes to the clauses that select it", () => {
  assertEquals(clausesOf("1", "anything"), [0]);
  assertEquals(clausesOf("-x 1", "axb"), []);
  assertEquals(clausesOf("- +fatal 1 2 f 1", "fatal error"), [0]);
  assertEquals(clausesOf("- +fatal 1 2 f 1", "all is well"), [1]);
});

Deno.test("what a clause has selected is where the next begins", () => {
  assertEquals(clausesOf("+a 1 -a 1 -b 1", "a"), [0]);
  assertEquals(clausesOf("-a 1 +a 1 +b 1", "b"), [0, 1, 2]);
  assertEquals(clausesOf("-a 1 +b 1", "a"), []);
  assertEquals(clausesOf("-a +b 1", "a and b"), [0]);
});

Deno.test("whether every line goes everywhere", () => {
  assertEquals(new Selector(parseScript(["1", "2"]).clauses).all, true);
  assertEquals(new Selector(parseScript(["+a", "2"]).clauses).all, false);
});

Deno.test("a regular expression that is wrong", () => {
  assertThrows(() => clausesOf("+( 1", ""), UsageError, "directive '+(': cannot use '('");
});
