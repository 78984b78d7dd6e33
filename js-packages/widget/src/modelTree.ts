/** One hosted model, as a tree of its members. */

import { type Client, EditRejected, type Operation } from "@1kbgz/transports";
import { makePlace } from "./makePlace.js";
import type { Edit, Place } from "./place.js";

/** Shows one model of a client, and proposes what is entered. */
export class ModelTree {
  readonly element: HTMLElement = document.createElement("section");
  readonly #client: Client;
  readonly #id: number;
  readonly #name: HTMLElement = document.createElement("header");
  readonly #writable: HTMLFieldSetElement = document.createElement("fieldset");
  #place: Place | undefined;

  constructor(client: Client, id: number) {
    this.#client = client;
    this.#id = id;
    this.element.dataset["model"] = String(id);
    this.element.append(this.#name, this.#writable);
  }

  /** Show the model as it is now. */
  show(): void {
    const value = this.#client.value(this.#id);
    if (value === undefined) return;
    this.#name.textContent = this.#client.type(this.#id) ?? "";
    this.#writable.disabled = this.#client.access(this.#id) === "read";
    if (!this.#place?.show(value)) {
      this.#place = makePlace(value, "", this.#edit, 0);
      this.#writable.replaceChildren(this.#place.element);
    }
  }

  readonly #edit: Edit = async (operations: readonly Operation[]) => {
    try {
      await this.#client.proposeOps(this.#id, operations);
      return undefined;
    } catch (problem) {
      if (problem instanceof EditRejected) return problem.message || problem.code;
      return problem instanceof Error ? problem.message : String(problem);
    }
  };
}
