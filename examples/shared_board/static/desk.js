// A team's desk: its own document, and the board that it shares. The page shows what the mirror
// holds and proposes what its reader does; it need not know that there are other teams.
import { Client, EditRejected } from "/client/index.js";

const client = new Client();
const team = location.pathname.slice(1);
const $ = (id) => document.getElementById(id);

/** Find a model by its class: ids say nothing. */
const find = (type) => client.ids().find((id) => client.type(id) === type);

async function propose(type, operations) {
  $("refusal").hidden = true;
  try {
    await client.proposeOps(find(type), operations);
  } catch (error) {
    if (!(error instanceof EditRejected)) throw error;
    $("refusal").textContent = error.details?.map((it) => it.msg).join("; ") || error.message;
    $("refusal").hidden = false;
    render();
  }
}

function show(input, value) {
  if (document.activeElement !== input) input.value = value;
}

function noteItem({ text, done }, index) {
  const item = document.createElement("li");
  item.className = done ? "done" : "";
  const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: done });
  box.setAttribute("aria-label", `${text}: done`);
  box.onchange = () =>
    propose("Board", [{ op: "replace", path: `/notes/${index}/done`, value: box.checked }]);
  const label = document.createElement("span");
  label.textContent = text;
  const remove = Object.assign(document.createElement("button"), { textContent: "×" });
  remove.setAttribute("aria-label", `Take down ${text}`);
  remove.onclick = () => propose("Board", [{ op: "remove", path: `/notes/${index}` }]);
  item.append(box, label, remove);
  return item;
}

function render() {
  const own = find("Document");
  const shared = find("Board");
  if (own !== undefined) {
    const { title, text } = client.value(own);
    show($("title"), title);
    show($("text"), text);
  }
  if (shared !== undefined) {
    const { headline, notes } = client.value(shared);
    $("headline").textContent = headline;
    $("notes").replaceChildren(...notes.map(noteItem));
  }
}

for (const name of ["title", "text"]) {
  $(name).onchange = () =>
    propose("Document", [{ op: "replace", path: `/${name}`, value: $(name).value }]);
}

$("add").onsubmit = (event) => {
  event.preventDefault();
  const note = { text: $("note").value };
  $("note").value = "";
  propose("Board", [{ op: "add", path: "/notes/-", value: note }]);
};

$("team").textContent = team;
document.title = `The ${team}'s desk`;
client.onChange(render);
client.onStatus((status) => {
  $("status").dataset.status = status;
  $("status").textContent = status === "open" ? "live" : status;
});
client.run(`ws://${location.host}/ws/${team}`);
