/**
 * The messages of the wire protocol, and their shapes.
 *
 * A message is a plain object whose `t` names its type. Unknown types and unknown fields are no
 * errors: a later version of the protocol adds some.
 */

import { RemoteProtocolError } from "./errors.js";
import type { Operation } from "./operation.js";
import { isDict, isList, type List, type Value } from "./values.js";

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

/** A model that is served to this connection no longer; nor is, if `last`, any of its epoch. */
export interface Removal {
  readonly t: "remove";
  readonly id: number;
  readonly epoch: string;
  readonly rev: number;
  readonly last?: boolean;
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

type Kind = (field: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

const integer: Kind = Number.isSafeInteger;
const text: Kind = (field) => typeof field === "string";
const listOf = (field: unknown, kind: Kind): boolean => isList(field) && field.every(kind);
const flag: Kind = (field) => field === undefined || typeof field === "boolean";
const refusal: Kind = (field) => isDict(field) && text(field["code"]) && text(field["message"]);
/** Whether a message is about a model. */
const isAboutModel = (it: Fields): boolean => integer(it["id"]) && integer(it["rev"]);

/** What of a message is relied upon, by its type; of others nothing is. */
const SHAPES: ReadonlyMap<unknown, (it: Fields) => boolean> = new Map<
  unknown,
  (it: Fields) => boolean
>([
  ["hello", (it) => Number.isFinite(it["heartbeat"])],
  ["snapshot", (it) => isAboutModel(it) && text(it["epoch"]) && it["value"] !== undefined],
  ["patch", (it) => isAboutModel(it) && integer(it["base"]) && listOf(it["ops"], isDict)],
  ["remove", (it) => isAboutModel(it) && text(it["epoch"]) && flag(it["last"])],
  ["ack", (it) => isAboutModel(it) && listOf(it["proposals"], text)],
  ["reject", (it) => isAboutModel(it) && text(it["proposal"]) && refusal(it["error"])],
]);

/**
 * Make sure that a message which a server sent is as its type says. Of a type that is not known it
 * may be anything: nobody looks for that type.
 *
 * @throws RemoteProtocolError `malformed`, if a field is missing or of another kind.
 */
export function check(message: Fields | ServerMessage): asserts message is ServerMessage {
  const { t } = message;
  if (!(SHAPES.get(t)?.(message as Fields) ?? text(t))) throw new RemoteProtocolError("malformed");
}
