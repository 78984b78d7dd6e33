/**
 * Every error that this package throws.
 *
 * Facts live in properties, so that a program never has to read prose: test the class, look at the
 * properties.
 */

/** The root of all errors thrown by this package: each is of a class that derives from it. */
export class TransportsError<Facts extends object = object> extends Error {
  /** @param facts what the properties are to be. */
  constructor(message: string, facts: Facts) {
    super(message);
    Object.assign(this, facts);
  }
}

/** An operation that does not apply. What it was applied to is as it was before the patch. */
export class PatchError extends TransportsError<{ pointer: string }> {
  override name: string = "PatchError";
  /** The position of the operation in its patch; `undefined` where no patch is concerned. */
  declare opIndex: number | undefined;
  /** The JSON Pointer that the operation, or the caller, gave. */
  declare readonly pointer: string;
}

/** Text that is not a JSON Pointer (RFC 6901, section 3). */
export class PointerError extends PatchError {
  override name: string = "PointerError";
}

/** A `test` operation that found another value (RFC 6902, section 4.6). */
export class TestFailedError extends PatchError {
  override name: string = "TestFailedError";
}

/** A value that the wire cannot carry. */
export class UnrepresentableError extends TransportsError<{ path: string }> {
  override name: string = "UnrepresentableError";
  /** The JSON Pointer of what cannot be represented, from the value that was given. */
  declare readonly path: string;
}

/** What is known of an edit that was refused. */
export interface Refusal {
  /** One of the protocol's codes for a refused edit, such as `invalid` or `conflict`. */
  readonly code: string;
  /** The model library's own errors (`loc`, `msg`, `type` each); `null` without any. */
  readonly details: readonly unknown[] | null;
  /** The token of the proposal. */
  readonly proposal: string;
  /** The model's id. */
  readonly id: number;
}

/** An edit that the owner of the model refused. The model is as it was. */
export class EditRejected extends TransportsError<Refusal> {
  override name: string = "EditRejected";
  declare readonly code: Refusal["code"];
  declare readonly details: Refusal["details"];
  declare readonly proposal: Refusal["proposal"];
  declare readonly id: Refusal["id"];
}

/** What was proposed by an edit. */
export interface Proposal {
  /** The model's id. */
  readonly id: number;
  /** The epoch of its session. */
  readonly epoch: string;
  /** The revision that the proposer saw. */
  readonly base: number;
  /** The operations. */
  readonly ops: readonly unknown[];
  /** The token of the proposal. */
  readonly proposal: string;
}

/** The session or the connection ended before it answered an edit: it was accepted, or not. */
export class EditUnknown extends TransportsError<Proposal> {
  override name: string = "EditUnknown";
  declare readonly id: Proposal["id"];
  declare readonly epoch: Proposal["epoch"];
  declare readonly base: Proposal["base"];
  declare readonly ops: Proposal["ops"];
  declare readonly proposal: Proposal["proposal"];
}

/** A breach of the wire protocol. */
export class ProtocolError extends TransportsError<{ code: string }> {
  /** What it is about. */
  declare readonly code: string;
  /** @param code what the property is to be. */
  constructor(code: string, message: string = code) {
    super(message, { code });
  }
}

/** This side was asked to do what the protocol does not allow. */
export class LocalProtocolError extends ProtocolError {
  override name: string = "LocalProtocolError";
}

/**
 * The other side sent what the protocol does not allow, or something between was lost: `malformed` or
 * `gap`.
 */
export class RemoteProtocolError extends ProtocolError {
  override name: string = "RemoteProtocolError";
}

/** A connection that ended, or that is not there when it is needed. */
export class ConnectionClosedError extends TransportsError<{ code: number; reason: string }> {
  override name: string = "ConnectionClosedError";
  /** The close code. */
  declare readonly code: number;
  /** The reason given with it; may be empty. */
  declare readonly reason: string;
}

/** A connection that was refused for good: to try again would not help. */
export class RefusedError extends ConnectionClosedError {
  override name: string = "RefusedError";
}

/** A codec that nobody registered, or that is not loaded yet. */
export class UnknownCodecError extends TransportsError<{ codec: string }> {
  override name: string = "UnknownCodecError";
  /** The name that was asked for. */
  declare readonly codec: string;
}

/** An id that stands for no model of this mirror. */
export class UnknownModelError extends TransportsError<{ id: number }> {
  override name: string = "UnknownModelError";
  /** The id that was asked for. */
  declare readonly id: number;
}
