/**
 * Proposals that wait for an answer.
 *
 * Each gets exactly one outcome: its revision, `EditRejected`, or `EditUnknown`. The server remembers
 * its answers, so that a proposal whose answer went astray can be sent again: it is answered again,
 * and not applied again. That ends with the epoch.
 */

import type { Frame } from "./codecs.js";
import { EditUnknown, type TransportsError } from "./errors.js";
import type { Edit } from "./messages.js";

/** What an accepted edit came to. */
export interface Accepted {
  /** The revision of the model with the edit. The mirror is at it, or beyond. */
  readonly rev: number;
}

/** A proposal, and the same encoded. */
export interface Proposed {
  readonly edit: Edit;
  readonly frame: Frame;
}

/** A proposal that was not answered yet. */
export interface Pending extends Proposed {
  readonly accept: (outcome: Accepted) => void;
  readonly refuse: (problem: TransportsError) => void;
  /** Whether it was sent, over the connection that there is. */
  sent: boolean;
}

/** The proposals of one client by their tokens, oldest first. */
export type Proposals = Map<string, Pending>;

/**
 * Begin to make tokens that no other proposal has, of this client or any other.
 *
 * @returns a function that makes one.
 */
export function createTokens(): () => string {
  // 96 random bits for the client; the counter tells its proposals apart.
  const client = crypto.getRandomValues(new Uint32Array(3)).join("-");
  let count = 0;
  return () => `${client}-${++count}`;
}

/** Remember a proposal until it is answered. It is to be sent. */
export function propose(proposals: Proposals, proposed: Proposed): Promise<Accepted> {
  return new Promise((accept, refuse) => {
    proposals.set(proposed.edit.proposal, { ...proposed, accept, refuse, sent: false });
  });
}

/** Send what is to be sent. */
export function sendUnsent(proposals: Proposals, send: (frame: Frame) => void): void {
  for (const pending of proposals.values()) {
    if (!pending.sent) send(pending.frame);
    pending.sent = true;
  }
}

/** Have all sent again: on a new connection, or because answers were missed. */
export function sendAgain(proposals: Proposals): void {
  for (const pending of proposals.values()) pending.sent = false;
}

/** Take out a proposal that was answered. Others' proposals are no matter of ours. */
export function settle(proposals: Proposals, token: string): Pending | undefined {
  const pending = proposals.get(token);
  proposals.delete(token);
  return pending;
}

/** Give up proposals whose answers will never come. */
export function giveUp(proposals: Proposals, isLost: (pending: Pending) => boolean): void {
  for (const [token, pending] of proposals) {
    if (!isLost(pending)) continue;
    proposals.delete(token);
    pending.refuse(new EditUnknown("unknown", pending.edit));
  }
}
