/** Makes what shows a value, by its kind. */

import { makeContainer } from "./container.js";
import type { MakePlace } from "./place.js";
import { makeScalar } from "./scalar.js";

export const makePlace: MakePlace = (value, path, edit, depth) => {
  const isContainer = typeof value === "object" && value !== null;
  const place = isContainer
    ? makeContainer(value, path, edit, depth, makePlace)
    : makeScalar(value, path, edit);
  place.element.dataset["path"] = path;
  return place;
};
