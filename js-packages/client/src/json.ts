/**
 * JSON text with exact integers: what `JSON.parse` would round comes out as a `bigint`.
 *
 * Text without any integer of 16 digits or more, which is nearly all text, costs one quick look and
 * then is `JSON.parse`'s alone.
 */

import { exact, isContainer, isList, type Value } from "./values.js";

/** Where an integer may stand that a number cannot hold; inside of a string, too. */
const MAYBE_LARGE = /(?:^|[[,:\s])-?\d{16}(?!\d*[.eE])/;
/** A string that does not end is taken to its end, or each quote in it would be tried again. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d[-+.\deE]*/g;
/** Marks text that stands for an integer: alone, this half of a pair is in no value's text. */
const MARK = "\ud800";

/**
 * Read JSON text.
 *
 * @throws SyntaxError if it is not JSON.
 */
export function parse(text: string): unknown {
  // The first look is the quicker one: of 16 digits in a row, every fourth character is one, four times.
  let count = 0;
  for (let at = 0; at < text.length && count < 4; at += 4) {
    // Digits are 0x30 to 0x39.
    count = (text.charCodeAt(at) ^ 0x30) < 10 ? count + 1 : 0;
  }
  if (count < 4 || !MAYBE_LARGE.test(text)) return JSON.parse(text);
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?[1-9]\d{15,}$/.test(token) ? `"\\ud800${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.length > 16 && value[0] === MARK
      ? exact(BigInt(value.slice(1)))
      : value,
  );
}

/** Write a value as JSON text. What is a float beyond 2^53 looks like one, as `-0` does. */
export function stringify(value: Value): string {
  if (isContainer(value)) {
    if (isList(value)) return `[${value.map(stringify).join()}]`;
    const members = Object.entries(value);
    return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${stringify(item)}`).join()}}`;
  }
  if (typeof value === "bigint") return String(value);
  if (Object.is(value, -0)) return "-0.0";
  const isLarge = typeof value === "number" && Math.abs(value) >= 2 ** 53;
  return isLarge ? value.toExponential() : JSON.stringify(value);
}
