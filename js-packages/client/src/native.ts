/** The doors between native objects and values. */

import { UnrepresentableError } from "./errors.js";
import { segment } from "./pointer.js";
import { exact, isContainer, setMember, type Value } from "./values.js";

type Entries = ReadonlyMap<unknown, unknown>;

/** Says where something is. */
type Where = () => string;

/**
 * Turn a native object into a value: a fresh one, which shares nothing with it.
 *
 * A Date becomes its ISO text, a Map and the own enumerable properties of an object become a plain
 * object, a Set and a typed array an array; `toJSON` is honoured. As with `JSON.stringify`, members
 * that are `undefined` are left out.
 *
 * @throws UnrepresentableError with the JSON Pointer of what cannot be a value: a function, a
 *   symbol, a number that is not finite, an integer beyond -2^63 to 2^64-1, a lone surrogate, an
 *   object that holds itself, `undefined` outside of an object, a built-in that has no JSON form.
 */
export function toValue(native: unknown): Value {
  return convert(native, () => "", []);
}

/**
 * Turn a value into native objects of your own, free to be changed.
 *
 * `undefined`, what a client says of an id that it does not know, stays `undefined`.
 */
export function fromValue<T = unknown>(value: Value | undefined): T {
  return (value === undefined ? value : toValue(value)) as T;
}

function convert(native: unknown, where: Where, above: readonly object[]): Value {
  if (isContainer(native)) return object(native, where, above);
  const fits =
    native === null ||
    typeof native === "boolean" ||
    Number.isFinite(native) ||
    (typeof native === "string" && !/\p{Surrogate}/u.test(native)) ||
    (typeof native === "bigint" &&
      // From -2^63 to 2^64-1.
      (native >> 64n === 0n || native >> 63n === -1n));
  if (!fits) refuse(`a ${typeof native}`, where);
  return typeof native === "bigint" ? exact(native) : (native as Value);
}

/** @param above what it is in. */
function object(native: object, where: Where, above: readonly object[]): Value {
  if (above.includes(native)) refuse("a cycle", where);
  const inside = [...above, native];
  const within = (key: string, item: unknown) =>
    convert(item, () => where() + segment(key), inside);
  // What a built-in is, of whatever realm: what it holds may not be in its properties.
  const kind = {}.toString.call(native).slice(8, -1);
  if (/Array$|^Set$/.test(kind)) {
    // Unlike `map`, this visits the holes of an array, too, which are then refused.
    return Array.from(native as Iterable<unknown>, (item, at) => within(String(at), item));
  }
  if ("toJSON" in native && typeof native.toJSON === "function") {
    return convert(native.toJSON(), where, inside);
  }
  if (kind !== "Map" && kind !== "Object") refuse(`a ${kind}`, where);
  const dict: Record<string, Value> = {};
  for (const [name, item] of kind === "Map" ? (native as Entries) : Object.entries(native)) {
    if (item === undefined) continue;
    const key = String(convert(name, where, []));
    if (isContainer(name) || Object.hasOwn(dict, key)) refuse(`a key ${key}`, where);
    setMember(dict, key, within(key, item));
  }
  return dict;
}

function refuse(reason: string, where: Where): never {
  const path = where();
  throw new UnrepresentableError(`${path}: ${reason}`, { path });
}
