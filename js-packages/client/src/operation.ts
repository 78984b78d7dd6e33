/**
 * What an operation is: the members that it has, and their types.
 *
 * The operations of JSON Patch (RFC 6902, section 4), and two extensions for what would otherwise
 * cost too much on the wire: `append`, which adds to the end of a string or list, and `reorder`,
 * which permutes a list. Members that an operation does not define are ignored.
 */

import { PatchError } from "./errors.js";
import { parse } from "./pointer.js";
import { type Dict, isDict, isList, type List, type Value } from "./values.js";

/** Put a value into an object or array, or in place of the whole document. */
export interface Add {
  readonly op: "add";
  readonly path: string;
  readonly value: Value;
}

/** Take a value out of its object or array. */
export interface Remove {
  readonly op: "remove";
  readonly path: string;
}

/** Put a value in place of the one that is there. */
export interface Replace {
  readonly op: "replace";
  readonly path: string;
  readonly value: Value;
}

/** Take a value out of one place and add it at another. */
export interface Move {
  readonly op: "move";
  readonly from: string;
  readonly path: string;
}

/** Add the value of one place at another. */
export interface Copy {
  readonly op: "copy";
  readonly from: string;
  readonly path: string;
}

/** Apply the patch only if the value that is there equals this one. */
export interface Test {
  readonly op: "test";
  readonly path: string;
  readonly value: Value;
}

/** Continue a string with a string, or a list with the items of a list. */
export interface Append {
  readonly op: "append";
  readonly path: string;
  readonly value: string | List;
}

/** Permute a list: item `new` becomes what item `order[new]` was. */
export interface Reorder {
  readonly op: "reorder";
  readonly path: string;
  readonly order: readonly number[];
}

/** One step of a patch. */
export type Operation = Add | Remove | Replace | Move | Copy | Test | Append | Reorder;

/**
 * Make sure that something is an operation, whatever it would be applied to.
 *
 * @throws PatchError for an unknown operation, a member that is missing or of the wrong type.
 */
export function check(op: unknown): asserts op is Operation {
  const given = isDict(op) ? op : {};
  const reason = fault(given);
  const { path } = given;
  if (reason) throw new PatchError(reason, { pointer: typeof path === "string" ? path : "" });
  parse(path as string);
  if (given["op"] === "move" || given["op"] === "copy") parse(given["from"] as string);
}

function fault({ op, path, from, value, order }: Dict): string | undefined {
  if (typeof path !== "string") return "path is a string";
  switch (op) {
    case "remove":
      return undefined;
    case "add":
    case "replace":
    case "test":
      return value === undefined ? "value is missing" : undefined;
    case "move":
    case "copy":
      return typeof from === "string" ? undefined : "from is a string";
    case "append":
      return typeof value === "string" || isList(value) ? undefined : "value is text or a list";
    case "reorder":
      return isList(order) && order.every(Number.isInteger) ? undefined : "order is of integers";
    default:
      return "there is no such operation";
  }
}
