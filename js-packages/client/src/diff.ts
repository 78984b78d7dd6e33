/** What changed between two values, as operations. */

import type { Operation } from "./operation.js";
import { child, segment } from "./pointer.js";
import { transition } from "./transition.js";
import { type Dict, isDict, isList, type Value } from "./values.js";

/**
 * Give the operations that make the new value of the old one.
 *
 * They resend nothing that is in both. What is one and the same object in both costs nothing.
 */
export function diff(old: Value, next: Value): Operation[] {
  const ops: Operation[] = [];
  change("", old, next, ops);
  return ops;
}

function change(path: string, old: Value, next: Value, ops: Operation[]): void {
  if (Object.is(old, next)) return;
  if (isList(old) && isList(next)) {
    transition(path, old, next, ops, change);
  } else if (isDict(old) && isDict(next)) {
    members(path, old, next, ops);
  } else if (typeof old === "string" && typeof next === "string" && old && next.startsWith(old)) {
    ops.push({ op: "append", path, value: next.slice(old.length) });
  } else {
    ops.push({ op: "replace", path, value: next });
  }
}

function members(path: string, old: Dict, next: Dict, ops: Operation[]): void {
  const keys = Object.keys(old);
  const gone = keys.filter((key) => !Object.hasOwn(next, key));
  // Nothing in common: it is another object.
  if (gone.length > 0 && gone.length === keys.length) {
    ops.push({ op: "replace", path, value: next });
    return;
  }
  for (const key of gone) ops.push({ op: "remove", path: path + segment(key) });
  for (const [key, value] of Object.entries(next)) {
    const at = path + segment(key);
    const before = child(old, key);
    if (before === undefined) ops.push({ op: "add", path: at, value });
    else change(at, before, value, ops);
  }
}
