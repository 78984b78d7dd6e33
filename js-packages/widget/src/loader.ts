/**
 * What every widget is sent with: fetches the front end, once a page.
 *
 * @module
 */

import { type Frontend, type Model, members, type View } from "./host.js";

/** Which front end this is for; the build says it. */
declare const VERSION: string;

/** How long one view's question is taken to be on its way before another asks. */
const PATIENCE_MS = 5_000;

/** The front end in this page, whoever fetches it. */
interface Shelf {
  readonly frontend: Promise<Frontend>;
  readonly put: (source: string) => void;
  isFull: boolean;
  askedMs: number;
}

function shelf(): Shelf {
  const page = globalThis as unknown as Record<symbol, Shelf | undefined>;
  const place = Symbol.for(`transports-widget ${VERSION}`);
  page[place] ??= emptyShelf();
  return page[place];
}

function emptyShelf(): Shelf {
  let put: Shelf["put"] = () => {};
  const frontend = new Promise<string>((resolve) => {
    put = resolve;
  }).then((source) => {
    made.isFull = true;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    return import(/* @vite-ignore */ url) as Promise<Frontend>;
  });
  const made: Shelf = { frontend, put, isFull: false, askedMs: Number.NEGATIVE_INFINITY };
  return made;
}

/** Wait until the front end is in the page, and see to it that somebody asks for it. */
async function load(model: Model): Promise<Frontend> {
  const shared = shelf();
  const hear = (content: unknown) => {
    const { frontend, source } = members(content);
    if (frontend === VERSION && typeof source === "string") shared.put(source);
  };
  const ask = () => {
    if (Date.now() - shared.askedMs < PATIENCE_MS) return;
    try {
      model.send({ frontend: VERSION });
      shared.askedMs = Date.now();
    } catch {
      // This widget's kernel is gone. Another view of the page may belong to one that is not.
    }
  };
  if (shared.isFull) return shared.frontend;
  model.on("msg:custom", hear);
  const timer = setInterval(ask, PATIENCE_MS);
  try {
    ask();
    return await shared.frontend;
  } finally {
    clearInterval(timer);
    model.off("msg:custom", hear);
  }
}

/** Render a view, once there is something to render it with. */
async function render(view: View): Promise<() => void> {
  const waiting = document.createElement("small");
  waiting.textContent = "waiting for the kernel…";
  view.el.append(waiting);
  try {
    const frontend = await load(view.model);
    return frontend.render(view);
  } finally {
    waiting.remove();
  }
}

const widget: { readonly render: typeof render } = { render };
export default widget;
