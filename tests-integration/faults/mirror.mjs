// A client in TypeScript, in Node or in a page: `mirror.py` is its twin.

import { text } from "../agreement/text.mjs";

const JITTER = 0.05;
const KEPT = 50;

/** A client, and what became of what it proposed. */
export class Mirror {
  outcomes = {};
  #name;
  #number = 0;
  #editing = [];
  #ends = false;
  #news = () => {};
  // What its status became since the last `show`.
  #statuses = [];
  // When it was, and what.
  #lately = [];
  #changedMs = Date.now();

  constructor(api, name, codec, options) {
    this.client = new api.Client(codec, { ...options, random: () => Math.random() * JITTER });
    this.#name = name;
    this.api = api;
    this.client.onChange(() => {
      this.#changedMs = Date.now();
      this.#news();
    });
    this.client.onStatus((status, problem) => {
      this.#statuses.push(status);
      this.#note(`${status}${problem ? ` (${problem.message})` : ""}, at ${this.client.cursor}`);
      this.#news();
    });
  }

  #note(what) {
    this.#lately.push([Date.now(), what]);
    if (this.#lately.length > KEPT) this.#lately.shift();
  }

  /** Say how the client is, and what happened to it lately. */
  #tell() {
    const { client } = this;
    const shown = client.ids().map((id) => `${id}: ${client.type(id)} ${client.value(id)?.mark}`);
    const ago = (ms) => `${((Date.now() - ms) / 1000).toFixed(2).padStart(8)} s ago`;
    return [
      `${client.status}, at ${client.cursor}, shows ${shown.join(", ")}`,
      `${Object.values(this.outcomes).filter((outcome) => !outcome).length} proposals are not answered`,
      `${ago(this.#changedMs)}: the last change`,
      ...this.#lately.map(([ms, what]) => `${ago(ms)}: ${what}`),
    ];
  }

  #ledger() {
    return this.client.ids().find((id) => this.client.type(id) === "Ledger");
  }

  async #edit() {
    while (!this.#ends) {
      const id = this.#ledger();
      if (id === undefined) {
        await this.#change();
        continue;
      }
      const number = this.#number++;
      const token = `${number % 7 === 3 ? "bad-" : ""}${this.#name}-${number}`;
      this.outcomes[token] = "";
      this.outcomes[token] = await this.#propose(id, token);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  async #propose(id, token) {
    const { EditRejected, EditUnknown } = this.api;
    try {
      await this.client.proposeOps(id, [{ op: "add", path: "/tokens/-", value: token }]);
    } catch (problem) {
      if (problem instanceof EditUnknown) return "unknown";
      if (!(problem instanceof EditRejected)) return `${problem}`;
      return problem.code;
    }
    return "accepted";
  }

  #change() {
    return new Promise((done) => {
      const before = this.#news;
      this.#news = () => {
        this.#news = before;
        before();
        done();
      };
    });
  }

  async #shows(mark) {
    for (;;) {
      const id = this.#ledger();
      if (id !== undefined && this.client.value(id).mark === mark) break;
      await this.#change();
    }
    const values = Object.fromEntries(this.client.ids().map((id) => [id, this.client.value(id)]));
    return text(values);
  }

  /** Do what a command says. */
  async answer(command) {
    switch (command.do) {
      case "edit":
        this.#ends = false;
        this.#editing = [this.#edit(), this.#edit(), this.#edit()];
        return {};
      case "rest":
        this.#ends = true;
        this.#news();
        await Promise.all(this.#editing);
        return { outcomes: this.outcomes };
      case "show":
        return { values: await this.#shows(command.mark), statuses: this.#statuses.splice(0) };
      case "tell":
        return { told: this.#tell() };
      default:
        throw new Error(command.do);
    }
  }
}
