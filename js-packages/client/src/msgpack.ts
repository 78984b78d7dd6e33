/**
 * MessagePack with the types that JSON has and no others, and with exact integers.
 *
 * Loaded on demand, together with the library that it is made of. The library rounds or widens some
 * numbers, and refuses a key that JSON knows; what is done here about that says so.
 */

import { Decoder, Encoder } from "@msgpack/msgpack";
import { exact, isDict, isList, setMember, type Value } from "./values.js";

/** Deep enough for whatever a server accepts; beyond some thousand levels the stack would end. */
const maxDepth = 2_000;
/** Writes integers as short as they can be, but knows neither `bigint` nor `-0`. */
const short: Encoder = new Encoder({ maxDepth });
/** Writes a `bigint` as an integer of 64 bits, and any `number`, such as `-0`, as a float. */
const wide: Encoder = new Encoder({ maxDepth, useBigInt64: true, forceIntegerToFloat: true });

/** Stands for the key `__proto__`, which the library refuses; no text may hold half a pair. */
const PROTO = "\ud800__proto__";
const utf8: TextDecoder = new TextDecoder();

const decoder: Decoder = new Decoder({
  // All integers of 64 bits come as `bigint` then, small ones too.
  useBigInt64: true,
  maxBinLength: 0,
  maxExtLength: 0,
  keyDecoder: {
    canBeCached: (length) => length === "__proto__".length,
    decode(bytes, offset, length) {
      const key = utf8.decode(bytes.subarray(offset, offset + length));
      return key === "__proto__" ? PROTO : key;
    },
  },
  mapKeyConverter(key) {
    if (typeof key === "string") return key;
    throw new TypeError("a key that is no text");
  },
});

/** Write a value. */
export function encode(value: Value): Uint8Array<ArrayBuffer> {
  return needsWidth(value) ? wide.encode(widen(value)) : short.encode(value);
}

/**
 * Read a value.
 *
 * @throws Error if it is not MessagePack, or has what JSON does not: binary, extensions, other keys.
 */
export function decode(frame: string | ArrayBuffer | ArrayBufferView): unknown {
  if (typeof frame === "string") throw new TypeError("MessagePack goes in binary frames");
  return settle(decoder.decode(frame) as Value);
}

function needsWidth(value: Value): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return Object.is(value, -0);
  return isList(value) ? value.some(needsWidth) : Object.values(value).some(needsWidth);
}

function widen(value: Value): Value {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return BigInt(value as number);
  if (isList(value)) return value.map(widen);
  if (!isDict(value)) return value;
  const wider: Record<string, Value> = {};
  for (const [key, item] of Object.entries(value)) setMember(wider, key, widen(item));
  return wider;
}

/** Put what the decoder made right: in place, for nobody else has it yet. */
function settle(value: Value): Value {
  if (typeof value === "bigint") return exact(value);
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) value[at] = settle(value[at]);
  } else if (isDict(value)) {
    if (ArrayBuffer.isView(value)) throw new TypeError("binary");
    settleMembers(value as Record<string, Value>);
  }
  return value;
}

function settleMembers(members: Record<string, Value>): void {
  for (const [key, item] of Object.entries(members)) {
    const settled = settle(item);
    if (key === PROTO) {
      delete members[key];
      setMember(members, "__proto__", settled);
    } else if (settled !== item) {
      members[key] = settled;
    }
  }
}
