import { assertEquals } from "@std/assert";
import {
  isTemplateName,
  splitInstance,
  whyNoInstanceName,
} from "../../lib/servicedir/instance_name.ts";

Deno.test("the first @ of a name divides template and instance", () => {
  assertEquals(splitInstance("foo@bar"), { template: "foo@", instance: "bar" });
  assertEquals(splitInstance("foo@bar@baz"), { template: "foo@", instance: "bar@baz" });
  for (const name of ["foo", "foo@", "@bar", "@", ""]) assertEquals(splitInstance(name), undefined);
});

Deno.test("a template's name ends with @, and has something before it", () => {
  assertEquals(["foo@", "a@b@", "foo", "foo@bar", "@", ""].map(isTemplateName), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("a name that s6 or a scan would refuse is no instance's name", () => {
  for (const name of ["", ".x", "a/b", "a b", "a\nb", "a\tb", "\x7f"]) {
    assertEquals(typeof whyNoInstanceName(name), "string", JSON.stringify(name));
  }
  for (const name of ["x", "é", "a@b", "a.b", "-x", "x".repeat(251)]) {
    assertEquals(whyNoInstanceName(name), undefined, name);
  }
  // Bytes count, and those of the template before it.
  assertEquals(typeof whyNoInstanceName("é".repeat(126)), "string");
  assertEquals(typeof whyNoInstanceName("x".repeat(250), `a@${"x".repeat(250)}`), "string");
});
