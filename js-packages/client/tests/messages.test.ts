import { describe, expect, it } from "vitest";
import { RemoteProtocolError } from "../src/errors.js";
import { check } from "../src/messages.js";

const MESSAGES: readonly Readonly<Record<string, unknown>>[] = [
  { t: "hello", v: 1, conn: "c", heartbeat: 0.5 },
  { t: "ping" },
  { t: "snapshot", id: 1, type: "Box", epoch: "e", rev: 3, value: null, access: "read" },
  { t: "patch", id: 1, base: 3, rev: 4, ops: [{ op: "remove", path: "/a" }] },
  { t: "remove", id: 1, epoch: "e", rev: 4 },
  { t: "reset", epoch: "e", keep: [1, 2] },
  { t: "ack", id: 1, rev: 4, proposals: ["a", "b"] },
  { t: "reject", id: 1, rev: 4, proposal: "a", error: { code: "invalid", message: "no" } },
  { t: "error", code: "malformed", message: "no" },
];

/** What is relied upon in a message, and so must be there. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  hello: ["heartbeat"],
  snapshot: ["id", "epoch", "rev", "value"],
  patch: ["id", "base", "rev", "ops"],
  remove: ["id", "epoch", "rev"],
  ack: ["id", "rev", "proposals"],
  reject: ["id", "rev", "proposal", "error"],
};

describe.each(MESSAGES.map((message) => [String(message["t"]), message] as const))(
  "%s",
  (t, message) => {
    it("is taken as it is, and with more in it", () => {
      check(message);
      check({ ...message, later: 1 });
    });

    it.each(NEEDED[t] ?? [])("[codec.malformed] needs %s, of its kind", (name) => {
      const { [name]: _, ...rest } = message;
      expect(() => check(rest)).toThrow(RemoteProtocolError);
      if (name === "value") return;
      for (const wrong of [null, true, {}, [1], 1.5, "1"]) {
        if (typeof wrong === "string" && typeof message[name] === "string") continue;
        if (name === "heartbeat" && wrong === 1.5) continue;
        expect(() => check({ ...message, [name]: wrong })).toThrow(
          expect.objectContaining({ constructor: RemoteProtocolError, code: "malformed" }),
        );
      }
    });
  },
);

it("what is not known may hold anything", () => {
  for (const t of ["later", "constructor", "__proto__", ""]) {
    const message = { t, id: "?" };
    check(message);
  }
});

it("[codec.malformed] a message has a type", () => {
  for (const t of [undefined, null, 7, ["ping"]]) {
    expect(() => check({ t })).toThrow(RemoteProtocolError);
  }
});
