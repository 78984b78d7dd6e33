/** What the front end needs of a notebook: an anywidget's side of things. */

/** A widget's model, shared by all of its views in a page. */
export interface Model {
  send(content: Record<string, unknown>): void;
  on(event: string, listener: (content: unknown) => void): void;
  off(event: string, listener: (content: unknown) => void): void;
  /** What JupyterLab and Notebook add; not there elsewhere. */
  readonly widget_manager?: { readonly kernel?: Kernel | null } | undefined;
}

/** As much of a kernel as JupyterLab and Notebook tell. */
export interface Kernel {
  readonly statusChanged?: KernelSignal | undefined;
}

/** Tells of a kernel's status. */
export interface KernelSignal {
  connect(listener: (kernel: unknown, status: string) => void): unknown;
  disconnect(listener: (kernel: unknown, status: string) => void): unknown;
}

/** What a view is rendered with. */
export interface View {
  readonly model: Model;
  readonly el: HTMLElement;
}

/** What renders views. */
export interface Frontend {
  /** @returns a function that ends the view. */
  render(view: View): () => void;
}

/** Read the members of a message; of what is none, there are none. */
export function members(content: unknown): Readonly<Record<string, unknown>> {
  return typeof content === "object" && content !== null ? { ...content } : {};
}
