/**
 * Random bytes for the fuzz tests: from nothing, and by damage to something valid.
 *
 * `SV_FUZZ=100 ./scripts/test fuzz` makes a hundred times as many rounds; `SV_SEED` chooses others.
 *
 * @module
 */

import type { Random } from "../support/random.ts";

/** Bytes at which parsers decide something. */
const TELLING = "\0\n\n\r\t  =='\"\\#-:;,./@[](){}*+?|^$09afUTF\x01\x7f\x80\xc3\xff";

/** Returns the number of rounds of a test: `usual`, times the environment variable `SV_FUZZ`. */
export function rounds(usual: number): number {
  const factor = Number(Deno.env.get("SV_FUZZ") || 1);
  if (!(factor > 0)) throw new RangeError("SV_FUZZ must be a number above 0");
  return Math.ceil(usual * factor);
}

/** Returns the bytes of a text, a byte for each character up to U+00FF. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Returns a random text of bytes: mostly ones that mean something. */
export function randomText(random: Random, longest: number): string {
  const length = random.below(longest + 1);
  let text = "";
  while (text.length < length) {
    text += random.chance(0.6) ? random.pick(TELLING) : String.fromCharCode(random.below(256));
  }
  return text;
}

/** Returns a text with some damage: something changed, cut out, doubled, put in or cut off. */
export function damaged(random: Random, text: string): string {
  let result = text;
  for (let blow = 0; blow <= random.below(4); blow++) {
    const at = random.below(result.length + 1);
    const until = Math.min(at + 1 + random.below(8), result.length);
    const [before, middle, after] = [
      result.slice(0, at),
      result.slice(at, until),
      result.slice(until),
    ];
    switch (random.below(6)) {
      case 0:
        result = before + after;
        break;
      case 1:
        result = before + middle + middle + after;
        break;
      case 2:
        result = before + randomText(random, 6) + middle + after;
        break;
      case 3:
        result = before + randomText(random, middle.length) + after;
        break;
      case 4:
        result = before;
        break;
      default:
        result = before + random.pick(["1e999", "-1", "0x10", "NaN", "99999999999999999999"]) +
          after;
    }
  }
  return result;
}

/** Returns one of the valid texts, mostly damaged, or a text of chance. */
export function hostile(random: Random, ...valid: readonly string[]): string {
  if (random.chance(0.15)) return random.pick(valid);
  return random.chance(0.2) ? randomText(random, 200) : damaged(random, random.pick(valid));
}
