/**
 * The functions that the launcher calls; they call no others.
 *
 * @module
 */

import type { Writer } from "./writer.ts";

export function writeFunctions(writer: Writer): void {
  const code = writer.code;
  // Compares strings a0 and a1 up to the end of a1.
  const same = writer.name(), begin = writer.name();
  code.label("begins with");
  code.label(begin);
  code.loadByte("a3", "a1");
  code.compare("a3", 0);
  code.branch("equal", same);
  code.loadByte("a2", "a0");
  code.increase("a0", 1);
  code.increase("a1", 1);
  code.compare("a2", "a3");
  code.branch("equal", begin);
  code.label(same);
  code.return();

  // Compares strings a0 and a1.
  const differs = writer.name(), equal = writer.name();
  code.label("is equal");
  code.label(equal);
  code.loadByte("a2", "a0");
  code.loadByte("a3", "a1");
  code.compare("a2", "a3");
  code.branch("unequal", differs);
  code.increase("a0", 1);
  code.increase("a1", 1);
  code.compare("a2", 0);
  code.branch("unequal", equal);
  code.label(differs);
  code.return();

  // Appends string a0 to v4, which must stay below a2; leaves v4 at the NUL.
  const append = "append";
  code.label(append);
  code.loadByte("a1", "a0");
  code.storeByte("v4", "a1");
  code.compare("a1", 0);
  writer.unless("unequal", () => code.return());
  code.increase("a0", 1);
  code.increase("v4", 1);
  code.compare("v4", "a2");
  code.branch("below", append);
  code.jump("too long");

  // Appends number a0 to v4, in decimal; there is room for it. a4: whether a digit came before.
  const power = writer.name(),
    digit = writer.name(),
    emit = writer.name(),
    skip = writer.name(),
    last = writer.name();
  code.label("append number");
  code.address("a1", "powers");
  code.set("a4", 0);
  code.label(power);
  code.load("a3", "a1");
  code.compare("a3", 0);
  code.branch("equal", last);
  code.set("a2", "0".charCodeAt(0));
  code.label(digit);
  code.compare("a0", "a3");
  writer.unless("below", () => {
    code.subtract("a0", "a3");
    code.increase("a2", 1);
    code.jump(digit);
  });
  code.compare("a2", "0".charCodeAt(0));
  code.branch("unequal", emit);
  code.compare("a4", 0);
  code.branch("unequal", emit);
  code.compare("a3", 1);
  code.branch("unequal", skip);
  code.label(emit);
  code.storeByte("v4", "a2");
  code.increase("v4", 1);
  code.set("a4", 1);
  code.label(skip);
  code.increase("a1", 8);
  code.jump(power);
  code.label(last);
  code.set("a3", 0);
  code.storeByte("v4", "a3");
  code.return();
}
