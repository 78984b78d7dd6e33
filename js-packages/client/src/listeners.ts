/** Functions of the application that are told of something. */

/** Listeners to one kind of news, each of them once. */
export type Listeners<News extends readonly unknown[]> = Set<(...news: News) => void>;

/**
 * Add a listener.
 *
 * @returns a function that takes it away again.
 */
export function listen<News extends readonly unknown[]>(
  listeners: Listeners<News>,
  listener: (...news: News) => void,
): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * Tell all listeners, in the order in which they came.
 *
 * What one throws is reported as uncaught, as of any event; the others are told.
 */
export function tell<News extends readonly unknown[]>(
  listeners: Listeners<News>,
  ...news: News
): void {
  for (const listener of [...listeners]) {
    try {
      listener(...news);
    } catch (problem) {
      queueMicrotask(() => {
        throw problem;
      });
    }
  }
}
