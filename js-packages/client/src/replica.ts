/** What a client has of a server: frames in, frames out, and who is told of what they did. */

import { type Codec, type Frame, getCodec } from "./codecs.js";
import * as cursor from "./cursor.js";
import { diff } from "./diff.js";
import { EditRejected, UnknownModelError } from "./errors.js";
import { type Listeners, tell } from "./listeners.js";
import type { Edit } from "./messages.js";
import { type Copy, Mirror, type Received } from "./mirror.js";
import { toValue } from "./native.js";
import { createTokens, giveUp, type Proposals, type Proposed, settle } from "./pending.js";
import type { List } from "./values.js";

/** What one frame changed in a mirror. */
export interface MirrorChange {
  /** The ids of models that came, or whose value or access changed. */
  readonly changed: readonly number[];
  /** The ids of models that are no longer there. */
  readonly removed: readonly number[];
}

/** A mirror with its codec, the proposals under way, and the listeners. */
export class Replica {
  readonly codec: Codec;
  readonly mirror: Mirror = new Mirror();
  readonly proposals: Proposals = new Map();
  readonly changes: Listeners<[MirrorChange]> = new Set();
  readonly rejections: Listeners<[EditRejected]> = new Set();
  readonly #ops: string | undefined;
  readonly #token: () => string = createTokens();

  /** @throws UnknownCodecError if there is no such codec, or it is not loaded. */
  constructor(codec: string, ops: string | undefined) {
    this.codec = getCodec(codec);
    this.#ops = ops;
  }

  /** Where to resume from, as text; `null` if there is nothing to build upon. */
  get cursor(): string | null {
    return cursor.format(this.mirror.cursor ?? []) || null;
  }

  /**
   * Begin a new connection.
   *
   * @returns the query parameters that ask for it.
   */
  begin(): Record<string, string | null | undefined> {
    const { name } = this.codec;
    // `v` is the version of the protocol, not of this package.
    return { codec: name === "json" ? null : name, since: this.cursor, ops: this.#ops, v: "1" };
  }

  /**
   * Take in a frame; settle what it answers, then tell what it changed.
   *
   * @returns what it did. A `problem` in it is to be followed by a `resync`.
   */
  receive(frame: string | ArrayBuffer | ArrayBufferView): Received {
    const received = this.mirror.receive(this.codec, frame);
    const { messages, changed, removed } = received;
    for (const message of messages) {
      if (message.t === "ack") {
        const { rev } = message;
        for (const token of message.proposals) settle(this.proposals, token)?.accept({ rev });
      }
      if (message.t === "reject") {
        const { id, proposal, error } = message;
        const rejection = new EditRejected(error.message, {
          details: null,
          ...error,
          proposal,
          id,
        });
        // It may have been accepted before.
        if (error.code === "forgotten")
          giveUp(this.proposals, ({ edit }) => edit.proposal === proposal);
        else tell(this.rejections, rejection);
        settle(this.proposals, proposal)?.refuse(rejection);
      }
    }
    if (changed.length + removed.length > 0) tell(this.changes, { changed, removed });
    return received;
  }

  /** Make the frame that asks for a reset. */
  resync(): Frame {
    return this.codec.encode({ t: "resync" });
  }

  /**
   * Make a proposal of how what the mirror shows is to differ.
   *
   * @throws UnknownModelError if there is no such model.
   * @throws UnrepresentableError if what is wanted is no value.
   */
  edit(id: number, wanted: unknown): Proposed {
    return this.editOps(id, diff(this.#find(id).document.peek(), toValue(wanted)));
  }

  /**
   * Make a proposal of operations on what the mirror shows.
   *
   * @throws UnknownModelError if there is no such model.
   * @throws UnrepresentableError if what an operation brings is no value.
   */
  editOps(id: number, operations: readonly unknown[]): Proposed {
    const { epoch, rev } = this.#find(id);
    const ops = toValue(operations) as List;
    const edit: Edit = { t: "patch", id, epoch, base: rev, ops, proposal: this.#token() };
    return { edit, frame: this.codec.encode(edit) };
  }

  #find(id: number): Copy {
    const copy = this.mirror.copy(id);
    if (!copy) throw new UnknownModelError(`no model ${id}`, { id });
    return copy;
  }
}
