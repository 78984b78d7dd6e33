/** How it looks: as the notebook around it does, where that says so. */
export const STYLE = `
.transports {
  font: var(--jp-ui-font-size1, 13px) / 1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  color: var(--jp-ui-font-color1, inherit);
}
.transports p { margin: 0 0 4px; font-size: 85%; opacity: 0.7; }
.transports p::before { content: "●"; margin-right: 4px; color: #999; }
.transports[data-status="open"] p::before { color: #2a9d5c; }
.transports[data-status="waiting"] p::before,
.transports[data-status="closed"] p::before { color: #c43c3c; }
.transports:not([data-status="open"]) section { opacity: 0.5; }
.transports section { margin-bottom: 8px; }
.transports header { font-weight: 600; }
.transports fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.transports summary { cursor: default; opacity: 0.6; }
.transports [data-path=""] > summary { display: none; }
.transports details details > div { margin-left: 12px; }
.transports details > div > div { display: flex; gap: 8px; align-items: baseline; }
.transports label { min-width: 8em; opacity: 0.8; overflow-wrap: anywhere; }
.transports details > div > div > div { flex: 1; min-width: 0; }
.transports input:not([type="checkbox"]), .transports textarea {
  font: inherit; color: inherit; background: transparent; box-sizing: border-box;
  width: 100%; max-width: 30em; padding: 0 4px;
  border: 1px solid var(--jp-border-color2, #ccc); border-radius: 2px;
}
.transports [aria-invalid] { border-color: #c43c3c !important; }
.transports [aria-busy] { opacity: 0.5; }
.transports em { color: #c43c3c; font-size: 85%; margin-left: 4px; }
.transports button {
  font: inherit; color: inherit; background: none; border: 0; cursor: pointer; opacity: 0.6;
}
`;
