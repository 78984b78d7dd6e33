/**
 * A value that is patched in place, at the cost of the change alone.
 *
 * A document hands out its value without copying it, and what it has handed out never changes. It
 * knows the containers that nobody else can hold: those it made itself since it last handed out its
 * value. These it changes in place; in place of any other on the way to a change it puts a copy,
 * once. The containers in the values of operations are never its own, for the patch holds them too.
 * It also knows by which pointers it last walked to some of its own, as long as they lead there: what
 * writes to a place once, often does again.
 *
 * Each change leaves the function that takes it back. Called in reverse, they bring back the value as
 * it was; an object's keys may then come out in another order, which means nothing.
 */

import type { Operation } from "./operation.js";
import { child, nowhere, unescaped } from "./pointer.js";
import { isContainer, isList, type List, setMember, type Value } from "./values.js";

/** A container of the document's own. Items of an array are found by the text of their position. */
type Own = Record<string, Value>;

/** Takes back one change. Those that came later are to be taken back first. */
export type Undo = () => void;

/** A value to apply patches to. */
export class Document {
  /** Holds the value as its one member, so that the value itself is a place like any other. */
  readonly #holder: Own;
  /** Its own containers, where not all are. Whatever holds one of them is an own one too. */
  #own: WeakSet<object> = new WeakSet();
  /** Whether all containers are its own. */
  #ownsAll: boolean;
  #undo: Undo[] = [];
  #isLast = false;
  /**
   * Some of its own containers by the pointers that lead to them. All are forgotten as soon as one
   * may lead elsewhere, or to what is not its own.
   */
  readonly #open: Map<string, Own> = new Map();

  /**
   * @param value what to start as.
   * @param isOwn whether nobody else holds this value, and those in operations that come before it
   *   is first handed out. Otherwise they are shared, and never changed.
   */
  constructor(value: Value, isOwn: boolean) {
    this.#holder = { "": value };
    this.#ownsAll = isOwn;
  }

  /** Hand out the value as it is now: the same one again until it changes. */
  get value(): Value {
    this.#ownsAll = false;
    this.#own = new WeakSet();
    this.#open.clear();
    return this.#holder[""] as Value;
  }

  /** Look at the value as it is now, only until the next patch, which may change it. */
  peek(): Value {
    return this.#holder[""] as Value;
  }

  /**
   * Apply the operations of a patch in order, those that servers send: no `test` and no `copy`.
   *
   * @param undo is added what takes each change back. If an operation does not apply, it is for the
   *   caller to call these, the last one first.
   * @param isLast whether nothing that may fail comes after the patch, so that what its only operation
   *   comes to need not be taken back.
   * @throws PatchError if an operation does not apply.
   */
  apply(ops: readonly Operation[], undo: Undo[], isLast = false): void {
    this.#undo = undo;
    // A move is made of two changes.
    this.#isLast = isLast && ops.length === 1 && ops[0]?.op !== "move";
    for (const op of ops) this.#apply(op);
  }

  #apply(op: Operation): void {
    const { path } = op;
    if (op.op === "append") this.#append(path, op.value);
    else if (op.op === "reorder") this.#reorder(path, op.order);
    else if (op.op === "remove") this.#put(path);
    else if (op.op === "move" && !`${path}`.startsWith(`${op.from}/`))
      this.#put(path, this.#put(op.from), true);
    else if ((op.op === "add" || op.op === "replace") && op.value !== undefined)
      this.#put(path, op.value, op.op === "add");
    else nowhere(path);
  }

  /** Put a value (`undefined` for none) in place of the one that is there, and give that one. */
  #put(pointer: string, value?: Value, isAdded = false): Value | undefined {
    const [parent, last] = this.#place(pointer);
    const old = child(parent, last);
    // What is at a pointer is another container from here on, unless a leaf takes the place of one.
    if (isAdded || value === undefined || isContainer(old)) this.#open.clear();
    // Only for what is put between the items of a list is there a place after the last one.
    const end = isAdded && isList(parent) && `${parent.length}`;
    const at = end && last === "-" ? end : last;
    // The whole value can be replaced, and not be removed.
    const isNowhere =
      old === undefined ? !isAdded || (end && at !== end) : value === undefined && !pointer;
    if (isNowhere) nowhere(pointer);
    this.#swap(parent, at, end ? undefined : old, value);
    return old;
  }

  #swap(parent: Own, token: string, old?: Value, value?: Value, isLast = this.#isLast): void {
    swap(parent, token, old, value);
    if (!isLast) this.#note(() => swap(parent, token, value, old));
  }

  #note(back: Undo): void {
    this.#undo.push(() => {
      back();
      this.#open.clear();
    });
  }

  #append(pointer: string, value: string | List): void {
    const target = child(...this.#place(pointer));
    if (typeof target === "string" && typeof value === "string") {
      this.#put(pointer, target + value);
      return;
    }
    if (!isList(target) || !isList(value)) nowhere(pointer);
    const list = this.#reach(pointer) as unknown as Value[];
    const { length } = list;
    // Not in one call, for which there is a limit to the number of arguments.
    for (const item of value) list.push(item);
    this.#note(() => {
      list.length = length;
    });
  }

  #reorder(pointer: string, order: readonly number[]): void {
    const list = child(...this.#place(pointer));
    const places = new Set(order);
    const isPermutation =
      isList(list) && order.length === list.length && list.every((_item, at) => places.has(at));
    if (!isPermutation) nowhere(pointer);
    this.#put(
      pointer,
      order.map((at) => list[at] as Value),
    );
  }

  /** Find the container that a place is in, and the last token; make the container its own. */
  #place(pointer: string): readonly [Own, string] {
    const slash = pointer.lastIndexOf("/");
    // Without any, nothing but the pointer to the whole value is one.
    if (slash < 0 && pointer) nowhere(pointer);
    const parent = pointer ? this.#reach(pointer.slice(0, slash)) : this.#holder;
    return [parent, unescaped(pointer.slice(slash + 1), pointer)];
  }

  /** Find a container; make it the document's own, and all that it is in. */
  #reach(pointer: string): Own {
    const open = this.#open.get(pointer);
    if (open) return open;
    const [parent, token] = this.#place(pointer);
    const next = child(parent, token);
    if (!isContainer(next)) return nowhere(pointer);
    let own = next as Own;
    // What it owns it made, hence may change.
    if (!this.#ownsAll && !this.#own.has(next)) {
      own = (isList(next) ? [...next] : { ...next }) as Own;
      this.#own.add(own);
      this.#swap(parent, token, next, own, false);
    }
    if (this.#open.size < 256) this.#open.set(pointer, own);
    return own;
  }
}

/** Put a value in place of another. Either may be `undefined`, for none: of a list, items move then. */
function swap(parent: Own, token: string, old?: Value, value?: Value): void {
  const list = isList(parent) && (parent as unknown as Value[]);
  if (list && value === undefined) list.splice(Number(token), 1);
  else if (list && old === undefined) list.splice(Number(token), 0, value as Value);
  else if (value === undefined) delete parent[token];
  else setMember(parent, token, value);
}
