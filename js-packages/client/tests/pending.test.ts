import { expect, it } from "vitest";
import { EditUnknown } from "../src/errors.js";
import type { Edit } from "../src/messages.js";
import {
  createTokens,
  giveUp,
  type Proposals,
  propose,
  sendAgain,
  sendUnsent,
  settle,
} from "../src/pending.js";

function edit(proposal: string, epoch = "e"): Edit {
  return { t: "patch", id: 1, epoch, base: 0, ops: [], proposal };
}

it("tokens have 96 random bits of their client, and count", () => {
  const [first, second] = [createTokens(), createTokens()];
  const tokens = [first(), first(), second()];
  expect(new Set(tokens).size).toBe(3);
  expect(tokens[0]).toMatch(/^\d+-\d+-\d+-1$/);
  expect(tokens[1]?.replace(/2$/, "1")).toBe(tokens[0]);
});

it("proposals are sent once, in order, until they are to be sent again", () => {
  const proposals: Proposals = new Map();
  for (const name of ["a", "b"]) propose(proposals, { edit: edit(name), frame: name });
  const sent: unknown[] = [];
  const send = (frame: unknown) => void sent.push(frame);
  sendUnsent(proposals, send);
  propose(proposals, { edit: edit("c"), frame: "c" });
  sendUnsent(proposals, send);
  sendAgain(proposals);
  settle(proposals, "b");
  sendUnsent(proposals, send);
  expect(sent).toEqual(["a", "b", "c", "a", "c"]);
});

it("one that is settled is settled once", () => {
  const proposals: Proposals = new Map();
  propose(proposals, { edit: edit("a"), frame: "" });
  expect(settle(proposals, "a")?.edit).toEqual(edit("a"));
  expect([settle(proposals, "a"), settle(proposals, "b"), proposals.size]).toEqual([
    undefined,
    undefined,
    0,
  ]);
});

it("[client.proposals] what is given up has an unknown outcome", async () => {
  const proposals: Proposals = new Map();
  const gone = propose(proposals, { edit: edit("a", "gone"), frame: "" });
  propose(proposals, { edit: edit("b"), frame: "" });
  giveUp(proposals, (pending) => pending.edit.epoch === "gone");
  await expect(gone).rejects.toBeInstanceOf(EditUnknown);
  await expect(gone).rejects.toEqual(expect.objectContaining({ id: 1, proposal: "a" }));
  expect([...proposals.keys()]).toEqual(["b"]);
});
