/** A place in a model: what shows the value there, and how it is named. */

import type { Operation, Value } from "@1kbgz/transports";

/** Proposes an edit; gives what the model has against it, `undefined` if it was accepted. */
export type Edit = (operations: readonly Operation[]) => Promise<string | undefined>;

/** What shows the value at one place. */
export interface Place {
  readonly element: HTMLElement;
  /** Show a value, unless it is of another kind; tell whether it was shown. */
  show(value: Value): boolean;
}

/**
 * Makes what shows a value, and shows it.
 *
 * @param path the JSON Pointer of the place.
 * @param depth how many places are around it.
 */
export type MakePlace = (value: Value, path: string, edit: Edit, depth: number) => Place;

/** Write a member's name or an item's index as a token of a JSON Pointer (RFC 6901). */
export function token(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
