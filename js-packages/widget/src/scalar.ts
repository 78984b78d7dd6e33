/** A value of one line, in an input that fits it. */

import type { Value } from "@1kbgz/transports";
import { type Kind, kindOf, read } from "./entry.js";
import type { Edit, Place } from "./place.js";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** Make what shows a value that holds no others. */
export function makeScalar(first: Value, path: string, edit: Edit): Place {
  const kind = kindOf(first);
  const isLong = typeof first === "string" && first.includes("\n");
  const element = document.createElement("span");
  const field: Field = document.createElement(isLong ? "textarea" : "input");
  field.setAttribute("aria-label", path);
  const problem = document.createElement("em");
  problem.setAttribute("role", "alert");
  element.append(field, problem);
  // What the model shows, and whether something else was entered.
  let shown = first;
  let isDirty = false;

  const reset = () => {
    isDirty = false;
    problem.textContent = "";
    field.removeAttribute("aria-invalid");
    paint(field, shown);
  };
  const refuse = (reason: string) => {
    problem.textContent = reason;
    field.setAttribute("aria-invalid", "true");
  };
  const commit = async () => {
    const content = contentOf(field, kind);
    const entered = typeof content === "boolean" ? content : read(content, kind ?? "string");
    if (entered === undefined) {
      refuse("not a number");
      return;
    }
    element.setAttribute("aria-busy", "true");
    const reason = await edit([{ op: "replace", path, value: entered }]);
    element.removeAttribute("aria-busy");
    // What was entered meanwhile stays: it has an answer of its own to come.
    if (contentOf(field, kind) === content) reset();
    if (reason !== undefined) refuse(reason);
  };

  if (field instanceof HTMLInputElement) dress(field, first);
  field.addEventListener("input", () => {
    isDirty = true;
  });
  field.addEventListener("change", () => void commit());
  field.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key === "Escape") reset();
    // The notebook has plans of its own for keys.
    event.stopPropagation();
  });
  paint(field, first);
  return {
    element,
    show(value) {
      if (kindOf(value) !== kind || kind === undefined) return false;
      if (!isLong && typeof value === "string" && value.includes("\n")) return false;
      const isNew = !Object.is(value, shown);
      shown = value;
      if (isNew && !isDirty) reset();
      return true;
    },
  };
}

/** Give what stands in a field: text, or whether it is checked. */
function contentOf(field: Field, kind: Kind | undefined): string | boolean {
  return kind === "boolean" && field instanceof HTMLInputElement ? field.checked : field.value;
}

/** Choose the input for a kind of value. */
function dress(field: HTMLInputElement, value: Value): void {
  if (typeof value === "boolean") {
    field.type = "checkbox";
    field.setAttribute("role", "switch");
  } else if (typeof value === "number") {
    field.type = "number";
    field.step = "any";
  } else {
    field.type = "text";
    if (typeof value === "bigint") field.inputMode = "numeric";
    if (value === null) field.placeholder = "null";
  }
}

function paint(field: Field, value: Value): void {
  if (typeof value === "boolean" && field instanceof HTMLInputElement) field.checked = value;
  else field.value = value === null ? "" : String(value);
}
