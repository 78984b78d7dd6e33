/** What may be on the wire: plain JSON data, with exact integers. */

/**
 * `null`, a boolean, a finite number, an integer from -2^63 to 2^64-1, a string without lone
 * surrogates, an array of values, or a plain object of values.
 *
 * An integer beyond 2^53-1 is a `bigint`, any other a `number`; a `number` beyond that is a float.
 * Values are immutable by contract: what a mirror hands out is shared, and never changes.
 */
export type Value = null | boolean | number | bigint | string | List | Dict;

/** An array of values. */
export type List = readonly Value[];

/** A plain object of values. All keys are data, `__proto__` and `constructor` among them. */
export interface Dict {
  readonly [key: string]: Value;
}

/** Tell whether something is an array. */
export function isList(value: unknown): value is List {
  return Array.isArray(value);
}

/** Tell whether something has members or items. */
export function isContainer(value: unknown): value is List | Dict {
  return typeof value === "object" && value !== null;
}

/** Tell whether a value, or what was decoded, is an object with members. */
export function isDict(value: unknown): value is Dict {
  return isContainer(value) && !isList(value);
}

/** Give an integer as a value has it: as a number, if a number is exact. */
export function exact(integer: bigint): number | bigint {
  const near = Number(integer);
  return Number.isSafeInteger(near) ? near : integer;
}

/**
 * Set a member of an object that is being made or changed.
 *
 * Assignment to `__proto__` would replace the object's prototype.
 */
export function setMember<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    target[key] = value;
  }
}

/**
 * Tell whether two values are one and the same on the wire.
 *
 * Stricter than `===` in that `0` and `-0` differ. The order of an object's keys means nothing.
 */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (!isContainer(a) || !isContainer(b)) return Object.is(a, b);
  const keys = Object.keys(a);
  return (
    a === b ||
    (isList(a) === isList(b) &&
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same((a as Dict)[key], (b as Dict)[key])))
  );
}
