/** A client whose connections the test makes, greets and ends, on a clock that stands still. */

import { afterEach, beforeEach, expect, vi } from "vitest";
import { Client } from "../src/client.js";
import { type FakeSocket, fakeSockets, RESET, snapshot } from "./fakeSocket.js";

export const URL_ = "ws://host/ws";
/** The client of this test. */
export let client: Client;
/** The connections that it made. */
export let made: FakeSocket[];
let draw: number;

/** Begin anew, with a client that speaks another codec. */
export function speak(codec: string): void {
  const sockets = fakeSockets();
  made = sockets.made;
  client = new Client(codec, { WebSocket: sockets.WebSocket, random: () => draw });
}

/** Have the client draw this from now on, in place of one half. */
export function draws(number: number): void {
  draw = number;
}

beforeEach(() => {
  vi.useFakeTimers();
  draws(0.5);
  speak("json");
});

afterEach(() => {
  client.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** Give the latest connection. */
export function latest(): FakeSocket {
  const socket = made.at(-1);
  if (!socket) throw new Error("no connection was made");
  return socket;
}

/** Run, be greeted, and be shown a model. */
export function running(): Promise<void> {
  const done = client.run(URL_);
  latest().open(RESET, snapshot(1, 3, { a: 0 }));
  return done;
}

export function query(socket: FakeSocket): Record<string, string> {
  return Object.fromEntries(socket.url.searchParams);
}

/** Let whatever waits for nothing but its turn have it. */
export async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}
