/** A place in a model: what shows the value there, by its kind. */

import type { Operation, Value } from "@1kbgz/transports";
import { makeContainer } from "./container.js";
import { makeScalar } from "./scalar.js";

/** Proposes an edit; gives what the model has against it, `undefined` if it was accepted. */
export type Edit = (operations: readonly Operation[]) => Promise<string | undefined>;

/** What shows the value at one place. */
export interface Place {
  readonly element: HTMLElement;
  /** Show a value, unless it is of another kind; tell whether it was shown. */
  show(value: Value): boolean;
}

/**
 * Make what shows a value, and show it.
 *
 * @param path the JSON Pointer of the place.
 * @param depth how many places are around it.
 */
export function makePlace(value: Value, path: string, edit: Edit, depth: number): Place {
  const isContainer = typeof value === "object" && value !== null;
  const place = isContainer
    ? makeContainer(value, path, edit, depth)
    : makeScalar(value, path, edit);
  place.element.dataset["path"] = path;
  return place;
}

/** Write a member's name or an item's index as a token of a JSON Pointer (RFC 6901). */
export function token(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
