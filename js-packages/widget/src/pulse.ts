/** Whether the kernel behind a widget is alive, as far as the page knows. */

import type { View } from "./host.js";

/** Statuses after which whatever a kernel knew is gone. */
const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** The pulse of one view's kernel. */
export interface Pulse {
  isBeating(): boolean;
  /** Have a function called when it stops; returns a function that ends that. */
  onStop(listener: () => void): () => void;
  /** Look no more. */
  end(): void;
}

/** Begin to feel the pulse. Where a notebook tells nothing of its kernel, it never stops. */
export function feelPulse({ model, el }: View): Pulse {
  const listeners = new Set<() => void>();
  let isBeating = true;

  const become = (now: boolean) => {
    const stopped = isBeating && !now;
    isBeating = now;
    if (stopped) for (const listener of [...listeners]) listener();
  };
  // Jupyter's widgets say so of every view whose comm has no other end any more.
  const seeComm = () => become(el.closest(".jupyter-widgets-disconnected") === null);
  const seeStatus = (_: unknown, status: string) => {
    if (GONE.has(status)) become(false);
  };

  const signal = model.widget_manager?.kernel?.statusChanged;
  model.on("comm_live_update", seeComm);
  signal?.connect(seeStatus);
  return {
    isBeating: () => isBeating,
    onStop(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end() {
      model.off("comm_live_update", seeComm);
      signal?.disconnect(seeStatus);
    },
  };
}
