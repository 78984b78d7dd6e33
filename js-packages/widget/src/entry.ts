/** Text that a person enters, as a value. */

import type { Value } from "@1kbgz/transports";

/** The kinds of values that are shown in one line. */
export type Kind = "null" | "boolean" | "number" | "bigint" | "string";

/** Tell the kind of a value; `undefined` for one that holds others. */
export function kindOf(value: Value): Kind | undefined {
  if (value === null) return "null";
  return typeof value === "object" ? undefined : (typeof value as Kind);
}

/**
 * Read what was entered where a value of some kind is.
 *
 * @returns `undefined` for what is no value of that kind.
 */
export function read(text: string, kind: Kind): Value | undefined {
  if (kind === "string") return text;
  const trimmed = text.trim();
  if (kind === "null") return guess(trimmed);
  if (/^[+-]?\d+$/.test(trimmed)) {
    const integer = BigInt(trimmed);
    const near = Number(integer);
    return Number.isSafeInteger(near) ? near : integer;
  }
  return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
}

/** Read what was entered where any value may be: as JSON, if it is some, and else as it is. */
export function guess(text: string): Value {
  const number = read(text, "number");
  if (number !== undefined) return number;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}
