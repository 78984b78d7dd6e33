/** The doors between native objects and values. */

import { UnrepresentableError } from "./errors.js";
import { segment } from "./pointer.js";
import { exact, isContainer, setMember, type Value } from "./values.js";

type Entries = ReadonlyMap<unknown, unknown>;

/** An object that is being turned into a value, and where in it; nowhere while it does so itself. */
interface Inside {
  readonly object: object;
  token?: string;
  readonly above: Inside | undefined;
}

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
  return convert(native, undefined);
}

/**
 * Turn a value into native objects of your own, free to be changed.
 *
 * `undefined`, what a client says of an id that it does not know, stays `undefined`.
 */
export function fromValue<T = unknown>(value: Value | undefined): T {
  return (value === undefined ? value : toValue(value)) as T;
}

function convert(native: unknown, above: Inside | undefined): Value {
  if (isContainer(native)) return object(native, above);
  const fits =
    native === null ||
    typeof native === "boolean" ||
    Number.isFinite(native) ||
    (typeof native === "string" && !/\p{Surrogate}/u.test(native)) ||
    (typeof native === "bigint" &&
      // From -2^63 to 2^64-1.
      (native >> 64n === 0n || native >> 63n === -1n));
  if (!fits) refuse(`a ${typeof native}`, above);
  return typeof native === "bigint" ? exact(native) : (native as Value);
}

function object(native: object, above: Inside | undefined): Value {
  if (isInside(native, above)) refuse("a cycle", above);
  const inside: Inside = { object: native, above };
  const within = (key: string, item: unknown) => {
    inside.token = key;
    return convert(item, inside);
  };
  // What a built-in is, of whatever realm: what it holds may not be in its properties.
  const kind = Object.prototype.toString.call(native).slice(8, -1);
  if (/Array$|^Set$/.test(kind)) {
    // Unlike `map`, this visits the holes of an array, too, which are then refused.
    return Array.from(native as Iterable<unknown>, (item, at) => within(String(at), item));
  }
  if ("toJSON" in native && typeof native.toJSON === "function") {
    return convert(native.toJSON(), inside);
  }
  if (kind !== "Map" && kind !== "Object") refuse(`a ${kind}`, above);
  const dict: Record<string, Value> = {};
  for (const [name, item] of kind === "Map" ? (native as Entries) : Object.entries(native)) {
    if (item === undefined) continue;
    const key = String(convert(name, above));
    if (isContainer(name) || Object.hasOwn(dict, key)) refuse(`a key ${key}`, above);
    setMember(dict, key, within(key, item));
  }
  return dict;
}

function isInside(native: object, above: Inside | undefined): boolean {
  return above !== undefined && (above.object === native || isInside(native, above.above));
}

function refuse(reason: string, above: Inside | undefined): never {
  let path = "";
  for (let up = above; up; up = up.above) {
    if (up.token !== undefined) path = segment(up.token) + path;
  }
  throw new UnrepresentableError(`${path}: ${reason}`, { path });
}
