/**
 * Mirror models hosted by a transports server, live, in browsers and Node.
 *
 * @module
 */

export { Client, type ClientOptions } from "./client.js";
export { type Decode, type Encode, type Frame, init as default, registerCodec } from "./codecs.js";
export {
  ConnectionClosedError,
  EditRejected,
  EditUnknown,
  LocalProtocolError,
  RefusedError,
  TransportsError,
  UnknownCodecError,
  UnknownModelError,
  UnrepresentableError,
} from "./errors.js";
export { type FetchOptions, fetchEventSource } from "./fetchStream.js";
export type { Access } from "./messages.js";
export { fromValue, toValue } from "./native.js";
export type { Operation } from "./operation.js";
export type { Accepted } from "./pending.js";
export type { MirrorChange } from "./replica.js";
export { sharedEventSource } from "./sharedStream.js";
export type {
  Ending,
  PlatformSocket,
  PlatformStream,
  Socket,
  SocketClass,
  Stream,
  StreamClass,
} from "./socket.js";
export type { Status } from "./status.js";
export type { Dict, List, Value } from "./values.js";
