/** Patches: operations applied in order, all or nothing. */

import { Document } from "./document.js";
import { PatchError, TestFailedError } from "./errors.js";
import { check, type Operation } from "./operation.js";
import { resolve } from "./pointer.js";
import { isContainer, isList, type Value } from "./values.js";

/**
 * Give what a value becomes by a patch; the value itself never changes.
 *
 * The result shares with the value, and with the values in the operations, what did not change.
 *
 * @throws PatchError if an operation does not apply.
 */
export function apply(value: Value, ops: readonly Operation[]): Value {
  const document = new Document(value, false);
  ops.forEach((op, opIndex) => {
    try {
      check(op);
      document.apply(lower(document.value, op), []);
    } catch (problem) {
      if (problem instanceof PatchError) problem.opIndex = opIndex;
      throw problem;
    }
  });
  return document.value;
}

/** Say an operation by those that a document knows. */
function lower(value: Value, op: Operation): Operation[] {
  const { path } = op;
  if (op.op === "copy") return [{ op: "add", path, value: resolve(value, op.from) }];
  if (op.op === "move" && op.from === path) {
    resolve(value, path);
    return [];
  }
  if (op.op !== "test") return [op];
  if (equal(resolve(value, path), op.value)) return [];
  throw new TestFailedError(`another value is at ${path}`, { pointer: path });
}

/** Tell whether two values are equal as RFC 6902 (section 4.6) defines it: numbers by size. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (isNumber(a) && isNumber(b)) return a <= b && a >= b;
  if (!isContainer(a) || !isContainer(b)) return a === b;
  const keys = Object.keys(a);
  return (
    isList(a) === isList(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equal(Reflect.get(a, key), Reflect.get(b, key)))
  );
}

/** Integers may be of either type, and only comparison is exact between the two. */
function isNumber(value: Value | undefined): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
