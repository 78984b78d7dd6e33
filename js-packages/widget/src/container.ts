/** A list or an object, as rows that can be folded away. */

import type { Dict, List, Value } from "@1kbgz/transports";
import { guess } from "./entry.js";
import { type Edit, type MakePlace, type Place, token } from "./place.js";

/** How many rows are shown until more are asked for. */
const ROWS = 100;
/** How deep a tree is unfolded at first, and how many rows a part of it may have for that. */
const UNFOLDED_DEPTH = 3;
const UNFOLDED_ROWS = 20;

/** One row: a member or an item, and what shows it. */
interface Row {
  readonly element: HTMLElement;
  readonly cell: HTMLElement;
  place: Place;
}

/** Make what shows a list or an object. */
export function makeContainer(
  first: List | Dict,
  path: string,
  edit: Edit,
  depth: number,
  makePlace: MakePlace,
): Place {
  const isList = Array.isArray(first);
  const element = document.createElement("details");
  const summary = document.createElement("summary");
  const body = document.createElement("div");
  const more = document.createElement("button");
  const rows = new Map<string, Row>();
  let shown: List | Dict = first;
  let limit = ROWS;

  const row = (name: string, value: Value): Row => {
    const line = document.createElement("div");
    const label = document.createElement("label");
    label.textContent = name;
    const cell = document.createElement("div");
    line.append(label, cell);
    const place = makePlace(value, path + token(name), edit, depth + 1);
    cell.append(place.element);
    const made = { element: line, cell, place };
    if (isList) line.append(remover(path + token(name), edit));
    return made;
  };

  const paint = () => {
    const size = isList ? (shown as List).length : Object.keys(shown).length;
    summary.textContent = isList ? `${size} ${size === 1 ? "item" : "items"}` : "";
    if (!element.open) return;
    const entries = Object.entries(shown as Dict).slice(0, limit);
    const names = new Set(entries.map(([name]) => name));
    for (const [name, { element: gone }] of rows) {
      if (names.has(name)) continue;
      gone.remove();
      rows.delete(name);
    }
    entries.forEach(([name, value], at) => {
      const known = rows.get(name) ?? row(name, value);
      rows.set(name, known);
      if (!known.place.show(value)) {
        known.place = makePlace(value, path + token(name), edit, depth + 1);
        known.cell.replaceChildren(known.place.element);
      }
      const there = body.children[at];
      if (there !== known.element) body.insertBefore(known.element, there ?? null);
    });
    more.hidden = size <= limit;
    more.textContent = `${size - limit} more`;
  };

  more.type = "button";
  more.addEventListener("click", () => {
    limit += ROWS;
    paint();
  });
  element.append(summary, body, more);
  if (isList) element.append(adder(path, edit, () => (shown as List).at(-1)));
  const isSmall = depth < UNFOLDED_DEPTH && Object.keys(first).length <= UNFOLDED_ROWS;
  element.open = depth === 0 || isSmall;
  element.addEventListener("toggle", paint);
  paint();
  return {
    element,
    show(value) {
      if (typeof value !== "object" || value === null || Array.isArray(value) !== isList)
        return false;
      if (value !== shown) {
        shown = value;
        paint();
      }
      return true;
    },
  };
}

/** Make the button that takes an item out of its list. */
function remover(path: string, edit: Edit): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "×";
  button.title = "Remove";
  button.addEventListener("click", async () => {
    button.title = (await edit([{ op: "remove", path }])) ?? "Remove";
  });
  return button;
}

/** Make the line in which a new item is entered. */
function adder(path: string, edit: Edit, last: () => Value | undefined): HTMLElement {
  const line = document.createElement("div");
  const field = document.createElement("input");
  field.placeholder = "add…";
  field.setAttribute("aria-label", `add to ${path}`);
  const problem = document.createElement("em");
  problem.setAttribute("role", "alert");
  line.append(field, problem);
  field.addEventListener("change", async () => {
    const text = field.value;
    if (text === "") return;
    // Where there are texts already, what is entered is one, whatever it looks like.
    const value = typeof last() === "string" ? text : guess(text);
    const reason = await edit([{ op: "add", path: `${path}/-`, value }]);
    problem.textContent = reason ?? "";
    // What was entered meanwhile stays.
    if (reason === undefined && field.value === text) field.value = "";
  });
  field.addEventListener("keydown", (event) => event.stopPropagation());
  return line;
}
