/** JSON Pointer (RFC 6901): text that names a place in a value. */

import { PatchError, PointerError } from "./errors.js";
import { isContainer, isList, type Value } from "./values.js";

/**
 * Split a pointer into its reference tokens, after one that is empty: the name of the whole value in
 * what holds it.
 *
 * @throws PointerError if it neither is empty nor starts with `/`, or has a `~` that is followed by
 *   neither `0` nor `1`.
 */
export function parse(pointer: string): string[] {
  if (/^[^/]|~(?![01])/.test(pointer)) throw new PointerError("no pointer", { pointer });
  return pointer.split("/").map((token) => unescaped(token, pointer));
}

/**
 * Read one reference token of a pointer.
 *
 * @throws PatchError if it has a `~` that is followed by neither `0` nor `1`: it is in no pointer.
 */
export function unescaped(token: string, pointer: string): string {
  if (!token.includes("~")) return token;
  if (/~(?![01])/.test(token)) nowhere(pointer);
  // In this order, or `~01` would come out as `/`.
  return token.replaceAll("~1", "/").replaceAll("~0", "~");
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
  if (!isList(value)) {
    return isContainer(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  const at = Number(token);
  return `${at}` === token ? value[at] : undefined;
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
