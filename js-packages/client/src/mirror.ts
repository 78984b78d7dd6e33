/**
 * A client's copy of the models that a server shows it: pure, and moved by nothing but frames.
 *
 * A frame is applied whole or not at all. Where one does not apply, something was missed, and nothing
 * is ever applied across a gap: the mirror is lost. It keeps what it shows, forgets its cursor, and
 * ignores frames until a `reset` says that what follows is the truth.
 */

import { type Codec, decodeFrame } from "./codecs.js";
import type { Cursor } from "./cursor.js";
import { Document, type Undo } from "./document.js";
import { RemoteProtocolError } from "./errors.js";
import {
  type Access,
  check,
  type Patch,
  type Removal,
  type ServerMessage,
  type Snapshot,
} from "./messages.js";

/** One model as the mirror has it. */
export interface Copy {
  /** The name of the model's class. */
  readonly type: string;
  /** The life of the session that it belongs to. */
  readonly epoch: string;
  /** The revision of its last change. */
  rev: number;
  /** What this connection may do with it. */
  readonly access: Access;
  readonly document: Document;
}

/** What a frame did. */
export interface Received {
  /** Why the frame does not apply, where it does not and a `resync` is called for. */
  readonly problem?: unknown;
  /** The messages that were taken in; of a frame that was not, those about the connection alone. */
  readonly messages: readonly ServerMessage[];
  /** The ids of models that came, or whose value or access changed. */
  readonly changed: readonly number[];
  /** The ids of models that went. */
  readonly removed: readonly number[];
}

const NONE: readonly never[] = [];

/** The models of one connection after another, and the cursor to resume from. */
export class Mirror {
  readonly #copies: Map<number, Copy> = new Map();
  readonly #cursor: Map<string, number> = new Map();
  #lost = false;
  /**
   * Whether a connection began since it was lost, for which no cursor can have been given: the next
   * that is said of any model is the beginning of all that there is.
   */
  #fresh = false;
  #ids: readonly number[] = [];
  /** What takes back what the frame did so far. */
  #undo: Undo[] = [];
  /** Whether each model that it changed was there before. */
  #touched: Map<number, boolean> = new Map();

  /** The greatest revision applied of each epoch alive; `null` while the mirror is lost. */
  get cursor(): Cursor | null {
    return this.#lost ? null : this.#cursor;
  }

  /** The ids of the models, lowest first: the same array again until they change. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** Find a model. What it holds changes with the next frame. */
  copy(id: number): Copy | undefined {
    return this.#copies.get(id);
  }

  /** Take in a frame. One that the codec does not read does not apply. */
  receive(codec: Codec, frame: string | ArrayBuffer | ArrayBufferView): Received {
    const wasLost = this.#lost;
    let messages: readonly ServerMessage[] = NONE;
    let start = wasLost ? -1 : 0;
    let problem: unknown;
    this.#undo = [];
    try {
      messages = decodeFrame(codec, frame) as readonly unknown[] as readonly ServerMessage[];
      messages.forEach(check);
      const [only] = messages;
      // Nearly every frame is this. To note what it touched would take as long as all the rest.
      if (!wasLost && messages.length === 1 && only?.t === "patch")
        return { messages, changed: this.#patch(only, true) ? [only.id] : NONE, removed: NONE };
      if (wasLost) start = this.#start(messages);
      if (start >= 0) return this.#apply(messages.slice(start));
    } catch (caught) {
      for (const back of this.#undo.reverse()) back();
      this.#lost = true;
      this.#fresh = false;
      this.#cursor.clear();
      // A mirror that was lost has asked for a reset already: only if that fails is there news.
      if (!wasLost || start >= 0) problem = caught;
    }
    // That a connection began holds, whatever came with it.
    return {
      problem,
      messages: messages.filter(({ t }) => t === "hello"),
      changed: NONE,
      removed: NONE,
    };
  }

  /** Find where in a frame a lost mirror can begin again: the place of a message; -1 for nowhere. */
  #start(messages: readonly ServerMessage[]): number {
    this.#fresh ||= messages.some(({ t }) => t === "hello");
    if (this.#fresh)
      return messages.some(({ t }) => /^(snapshot|patch|remove|reset)$/.test(t)) ? 0 : -1;
    const resets = messages.filter((message) => message.t === "reset");
    const copies = [...this.#copies.values()];
    const isAll = copies.every(({ epoch }) => resets.some((it) => (it.epoch ?? epoch) === epoch));
    return isAll ? messages.indexOf(resets[0] as ServerMessage) : -1;
  }

  #apply(messages: readonly ServerMessage[]): Received {
    const touched = new Map<number, boolean>();
    this.#touched = touched;
    if (this.#fresh) this.#drop();
    for (const message of messages) {
      if (message.t === "patch") {
        if (this.#patch(message, false)) this.#touch(message.id);
      } else if (message.t === "snapshot") this.#snapshot(message);
      else if (message.t === "remove") this.#remove(message);
      else if (message.t === "reset") this.#drop(message.epoch, message.keep);
    }
    this.#lost = this.#fresh = false;
    const isHere = (id: number) => this.#copies.has(id);
    const ids = [...touched.keys()];
    const changed = ids.filter(isHere);
    const removed = ids.filter((id) => touched.get(id) && !isHere(id));
    if (removed.length > 0 || changed.some((id) => !touched.get(id))) {
      this.#ids = [...this.#copies.keys()].sort((a, b) => a - b);
    }
    return { messages, changed, removed };
  }

  /** Apply a patch, and tell whether it changes anything. */
  #patch({ id, base, rev, ops }: Patch, isLast: boolean): boolean {
    const copy = this.#copies.get(id);
    if (copy && rev <= copy.rev) return false;
    if (base !== copy?.rev) throw new RemoteProtocolError("gap");
    copy.document.apply(ops, this.#undo, isLast);
    copy.rev = rev;
    this.#move(copy.epoch, rev);
    if (!isLast) this.#undo.push(() => Object.assign(copy, { rev: base }));
    return ops.length > 0;
  }

  #touch(id: number): void {
    if (!this.#touched.has(id)) this.#touched.set(id, this.#copies.has(id));
  }

  #snapshot({ value, ...copied }: Snapshot): void {
    const { id, epoch, rev } = copied;
    const copy = this.#copies.get(id);
    let document = new Document(value, true);
    if (copy?.epoch === epoch) {
      if (copy.rev > rev) return;
      // It is the access that changed: a revision has one value, which keeps its identity.
      if (copy.rev === rev) ({ document } = copy);
    }
    this.#put(id, { ...copied, document });
  }

  #remove({ id, epoch, rev, last }: Removal): void {
    const copy = this.#copies.get(id);
    if (copy?.epoch === epoch && copy.rev <= rev) this.#put(id);
    if (last) this.#cursor.delete(epoch);
    else this.#move(epoch, rev);
  }

  /** Drop the models of an epoch, or of all, but those to keep. */
  #drop(epoch?: string, keep: readonly number[] = []): void {
    if (epoch === undefined) this.#cursor.clear();
    else this.#cursor.delete(epoch);
    for (const [id, copy] of this.#copies) {
      if ((epoch ?? copy.epoch) !== copy.epoch) continue;
      if (keep.some((kept) => kept === id)) this.#move(copy.epoch, copy.rev);
      else this.#put(id);
    }
  }

  /** Put a model there, or take it away. */
  #put(id: number, copy?: Copy): void {
    const before = this.#copies.get(id);
    this.#touch(id);
    this.#set(id, copy);
    this.#undo.push(() => this.#set(id, before));
    if (copy) this.#move(copy.epoch, copy.rev);
  }

  #set(id: number, copy: Copy | undefined): void {
    if (copy) this.#copies.set(id, copy);
    else this.#copies.delete(id);
  }

  #move(epoch: string, rev: number): void {
    if (!(rev <= (this.#cursor.get(epoch) as number))) this.#cursor.set(epoch, rev);
  }
}
