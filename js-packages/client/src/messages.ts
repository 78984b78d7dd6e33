/**
 * The messages of the wire protocol, and their shapes.
 *
 * A message is a plain object whose `t` names its type. Unknown types and unknown fields are no
 * errors: a later version of the protocol adds some.
 */

import { RemoteProtocolError } from "./errors.js";
import type { Operation } from "./operation.js";
import { child } from "./pointer.js";
import { type Dict, isDict, isList, type List, type Value } from "./values.js";

/** What this connection may do with a model. */
export type Access = "read" | "write";

/** The first message of every connection. */
export interface Hello {
  readonly t: "hello";
  readonly v: number;
  readonly conn: string;
  /** Seconds; 0 for none. */
  readonly heartbeat: number;
}

/** Sent when nothing else was for a heartbeat. */
export interface Ping {
  readonly t: "ping";
}

/** A model as it is at a revision. */
export interface Snapshot {
  readonly t: "snapshot";
  readonly id: number;
  readonly type: string;
  readonly epoch: string;
  readonly rev: number;
  readonly value: Value;
  readonly access: Access;
}

/** How a model came from revision `base` to revision `rev`. */
export interface Patch {
  readonly t: "patch";
  readonly id: number;
  readonly base: number;
  readonly rev: number;
  /** Whether they are operations is for whoever applies them to see. */
  readonly ops: readonly Operation[];
}

/** A model that is no longer served to this connection. */
export interface Removal {
  readonly t: "remove";
  readonly id: number;
  readonly epoch: string;
  readonly rev: number;
}

/** Mirrors of `epoch` (of all epochs, without one) but those in `keep` are to be dropped. */
export interface Reset {
  readonly t: "reset";
  readonly epoch?: string;
  readonly keep?: readonly number[];
}

/** Proposals that were accepted, whether or not they changed anything. */
export interface Ack {
  readonly t: "ack";
  readonly id: number;
  readonly rev: number;
  readonly proposals: readonly string[];
}

/** A proposal that was refused. */
export interface Reject {
  readonly t: "reject";
  readonly id: number;
  readonly rev: number;
  readonly proposal: string;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly details?: List | null;
  };
}

/** The connection is at fault; a close follows. */
export interface Fault {
  readonly t: "error";
  readonly code: string;
  readonly message: string;
}

/** What a server sends. */
export type ServerMessage =
  | Hello
  | Ping
  | Snapshot
  | Patch
  | Removal
  | Reset
  | Ack
  | Reject
  | Fault;

/** An edit, proposed while looking at revision `base`. */
export type Edit = {
  readonly t: "patch";
  readonly id: number;
  readonly epoch: string;
  readonly base: number;
  readonly ops: List;
  readonly proposal: string;
};

/**
 * What of a message is relied upon looks like this.
 *
 * Zero stands for a whole number, any other number for any; `null` for anything.
 */
const EXAMPLES: Dict = {
  hello: { heartbeat: 0.5 },
  ping: {},
  snapshot: { id: 0, epoch: "", rev: 0, value: null },
  patch: { id: 0, base: 0, rev: 0, ops: [{}] },
  remove: { id: 0, epoch: "", rev: 0 },
  reset: {},
  ack: { id: 0, rev: 0, proposals: [""] },
  reject: { id: 0, rev: 0, proposal: "", error: { code: "", message: "" } },
  error: {},
};

/**
 * Look at a message that a server sent.
 *
 * @returns the same message, with its fields as its type says; `undefined` if its type is not known.
 * @throws RemoteProtocolError `malformed`, if a field is missing or of another kind.
 */
export function parse(message: Readonly<Record<string, unknown>>): ServerMessage | undefined {
  const { t } = message;
  const example = child(EXAMPLES, String(t));
  if (typeof t !== "string" || (example && !looksLike(example, message))) {
    throw new RemoteProtocolError("malformed", { code: "malformed" });
  }
  return example === undefined ? example : (message as unknown as ServerMessage);
}

function looksLike(example: Value, field: unknown): boolean {
  if (example === null) return field !== undefined;
  if (isList(example)) {
    return isList(field) && field.every((item) => looksLike(example[0] as Value, item));
  }
  if (isDict(example)) {
    if (!isDict(field)) return false;
    for (const name in example) {
      if (!looksLike(example[name] as Value, field[name])) return false;
    }
    return true;
  }
  return typeof field === typeof example && (example !== 0 || Number.isSafeInteger(field));
}
