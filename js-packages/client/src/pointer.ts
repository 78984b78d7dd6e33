/** JSON Pointer (RFC 6901): text that names a place in a value. */

import { PatchError, PointerError } from "./errors.js";
import { type Dict, isContainer, isList, type Value } from "./values.js";

/**
 * Split a pointer into its reference tokens, after one that is empty: the name of the whole value in
 * what holds it.
 *
 * @throws PointerError if it neither is empty nor starts with `/`, or has a `~` that is followed by
 *   neither `0` nor `1`.
 */
export function parse(pointer: string): string[] {
  const tokens = String(pointer).split("/");
  return tokens[0] ? noPointer(pointer) : tokens.map((token) => unescaped(token, pointer));
}

/**
 * Read one reference token of a pointer.
 *
 * @throws PointerError if it has a `~` that is followed by neither `0` nor `1`.
 */
export function unescaped(token: string, pointer: string): string {
  if (!token.includes("~")) return token;
  if (/~(?![01])/.test(token)) noPointer(pointer);
  // In this order, or `~01` would come out as `/`.
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** Say that this is no pointer. */
export function noPointer(pointer: string): never {
  throw new PointerError("no pointer", { pointer });
}

/** Write one reference token as it stands in a pointer, with the slash before it. */
export function segment(token: string): string {
  return `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/**
 * Find a member or an item; `undefined` where there is none.
 *
 * Only what RFC 6901 (section 4) allows names an item: ASCII digits without a leading zero. `-` is the
 * place after the last item, where none is.
 */
export function child(value: Value | undefined, token: string): Value | undefined {
  // All other properties that an array has of its own are items, under exactly such names.
  const isThere =
    isContainer(value) && Object.hasOwn(value, token) && !(token === "length" && isList(value));
  return isThere ? (value as Dict)[token] : undefined;
}

/**
 * Find the value at a place.
 *
 * @throws PatchError if there is no such place.
 */
export function resolve(value: Value, pointer: string): Value {
  const found = parse(pointer).reduce<Value | undefined>(child, { "": value });
  return found === undefined ? nowhere(pointer) : found;
}

/** Say that there is no such place. */
export function nowhere(pointer: string): never {
  throw new PatchError(`no place ${pointer}`, { pointer });
}
