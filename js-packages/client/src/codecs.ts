/** Between messages and frames. A codec changes bytes, never meaning. */

import { LocalProtocolError, RemoteProtocolError, UnknownCodecError } from "./errors.js";
import * as json from "./json.js";
import { isDict, isList, type Value } from "./values.js";

/** What one WebSocket message, event or comm message carries: text, or bytes. */
export type Frame = string | Uint8Array<ArrayBuffer>;

/** Makes a frame of plain data. */
export type Encode = (content: Value) => Frame;

/** Makes plain data of a frame. What it throws is the frame's fault. */
export type Decode = (frame: string | Uint8Array) => unknown;

/** How messages become frames, and frames messages. */
export interface Codec {
  /** What the query parameter `codec` calls it. */
  readonly name: string;
  readonly encode: Encode;
  readonly decode: (frame: string | ArrayBuffer | ArrayBufferView) => unknown;
}

const codecs: Map<string, Codec> = new Map([
  ["json", { name: "json", encode: json.stringify, decode: json.parse as Codec["decode"] }],
]);
// Bytes read as text are digits and commas, hence never a message.

/**
 * Load what is loaded on demand: the MessagePack library.
 *
 * After it, `new Client("msgpack")` is ready at once. A page that speaks JSON need not call it.
 */
export async function init(): Promise<void> {
  codecs.set("msgpack", { name: "msgpack", ...(await import("./msgpack.js")) });
}

/**
 * Find a codec by its name.
 *
 * @throws UnknownCodecError if it is neither built in nor registered, or not loaded yet.
 */
export function getCodec(name: string): Codec {
  const codec = codecs.get(name);
  if (!codec) throw new UnknownCodecError(`no codec ${name}: await init()`, { codec: name });
  return codec;
}

/**
 * Add a codec, to be used by its name wherever `"json"` is.
 *
 * What `decode` gives for a frame must equal what `encode` was given. A frame is text or bytes.
 * Registering a name again replaces the codec for later clients.
 *
 * @param contentType the name, such as `application/cbor`.
 * @throws LocalProtocolError `codec`, if the name is empty or that of a built-in codec.
 */
export function registerCodec(contentType: string, encode: Encode, decode: Decode): void {
  if (/^(json|msgpack)?$/.test(contentType)) {
    throw new LocalProtocolError("codec", `${contentType} is taken`);
  }
  codecs.set(contentType, {
    name: contentType,
    encode,
    decode: (frame) => decode(typeof frame === "string" ? frame : bytesOf(frame)),
  });
}

/**
 * Take a frame apart.
 *
 * @returns the objects that it holds; what is in them is for `messages.parse` to see.
 * @throws whatever the codec does, or RemoteProtocolError, for whatever is not such a frame.
 */
export function decodeFrame(
  codec: Codec,
  frame: string | ArrayBuffer | ArrayBufferView,
): readonly Readonly<Record<string, unknown>>[] {
  const content = codec.decode(frame);
  const messages = isList(content) ? content : [content];
  if (messages.every(isDict)) return messages;
  throw new RemoteProtocolError("malformed");
}

function bytesOf(frame: ArrayBuffer | ArrayBufferView): Uint8Array {
  const { buffer = frame, byteOffset } = frame as ArrayBufferView;
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, frame.byteLength);
}
