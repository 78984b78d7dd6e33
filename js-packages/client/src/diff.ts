/** What changed between two values, as operations. */

import type { Operation } from "./operation.js";
import { child, segment } from "./pointer.js";
import { transition } from "./transition.js";
import { type Dict, isDict, isList, type Value } from "./values.js";

/**
 * Give the operations that make the new value of the old one.
 *
 * They resend nothing that is in both. What is one and the same object in both costs nothing.
 *
 * @param path where the two are.
 */
export function diff(old: Value, next: Value, path = ""): Operation[] {
  if (Object.is(old, next)) return [];
  if (isList(old) && isList(next)) return transition(old, next, path, diff);
  if (isDict(old) && isDict(next)) return members(old, next, path);
  if (typeof old === "string" && typeof next === "string" && old && next.startsWith(old)) {
    return [{ op: "append", path, value: next.slice(old.length) }];
  }
  return [{ op: "replace", path, value: next }];
}

function members(old: Dict, next: Dict, path: string): Operation[] {
  const keys = Object.keys(old);
  const gone = keys.filter((key) => !Object.hasOwn(next, key));
  // Nothing in common: it is another object.
  if (gone.length > 0 && gone.length === keys.length) return [{ op: "replace", path, value: next }];
  const ops: Operation[] = gone.map((key) => ({ op: "remove", path: path + segment(key) }));
  return ops.concat(
    Object.entries(next).flatMap(([key, value]) => {
      const at = path + segment(key);
      const before = child(old, key);
      return before === undefined ? { op: "add", path: at, value } : diff(before, value, at);
    }),
  );
}
