/** What an edit proposes: operations, given as such or found by comparing values. */

import { diff } from "./diff.js";
import { toValue } from "./native.js";
import { isDict, isList, type List, type Value } from "./values.js";

/**
 * Give the operations of an edit, fit for the wire.
 *
 * @param shown what the mirror shows.
 * @param wanted what is to be instead, or operations on it: an array of nothing but operations.
 * @throws UnrepresentableError if what is wanted, or what an operation brings, is no value.
 */
export function operationsOf(shown: Value, wanted: unknown): List {
  const value = toValue(wanted);
  return isOperations(value) ? value : (diff(shown, value) as unknown as List);
}

/** Tell whether a value is a list of what looks like operations, and not an empty one. */
function isOperations(value: Value): value is List {
  const looksLikeOne = (item: Value) =>
    isDict(item) && typeof item["op"] === "string" && typeof item["path"] === "string";
  return isList(value) && value.length > 0 && value.every(looksLikeOne);
}
