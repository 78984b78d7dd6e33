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

/** A patch of one operation that brings no container, as servers write it; of integers, small ones. */
const LONE =
  /^\{"t":"patch","id":(0|[1-9]\d{0,14}),"base":(0|[1-9]\d{0,14}),"rev":(0|[1-9]\d{0,14}),"ops":\[\{"op":"(\w+)","path":"([ !#-[\]-~]*)","value":(-?(?:0|[1-9]\d{0,14})(?:\.\d+)?|[a-z]+|"[^"\\]*")\}\]\}$/;

/**
 * Read JSON text.
 *
 * @throws SyntaxError if it is not JSON.
 */
export function parse(text: string): unknown {
  // Most of what a client is sent is such a patch, and to read it by its form takes half the time.
  const lone = LONE.exec(text);
  if (lone) {
    const [, id, base, rev, op, path, value] = lone as unknown as [string, ...string[]];
    const number = Number(value);
    const ops = [{ op, path, value: Number.isNaN(number) ? JSON.parse(value as string) : number }];
    return { t: "patch", id: Number(id), base: Number(base), rev: Number(rev), ops };
  }
  if (!MAYBE_LARGE.test(text)) return JSON.parse(text);
  // Alone, this half of a pair is in no value's text.
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    /^-?[1-9]\d{15,}$/.test(token) ? `"\\ud800${token}"` : token,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && /^\ud800-?\d/.test(value) ? exact(BigInt(value.slice(1))) : value,
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
