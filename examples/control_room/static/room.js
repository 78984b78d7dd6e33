// The page: it shows what the mirror holds, and proposes what its reader does. It never changes
// anything by itself: what was accepted comes back from the server, to this page as to all others.
import { Client, EditRejected } from "/client/index.js";

const client = new Client();
const $ = (id) => document.getElementById(id);

/** Find a model by its class: after a restart of the server, ids may be others. */
const find = (type) => client.ids().find((id) => client.type(id) === type);

/** Propose operations; say beside the controls what the model has to say against them. */
async function propose(type, operations) {
  const refusal = $(`${type.toLowerCase()}-refusal`);
  refusal.hidden = true;
  try {
    await client.proposeOps(find(type), operations);
  } catch (error) {
    if (!(error instanceof EditRejected)) throw error;
    refusal.textContent = error.details?.map((detail) => detail.msg).join("; ") || error.message;
    refusal.hidden = false;
    render();
  }
}

const set = (path, value) => [{ op: "replace", path, value }];

// What is shown.

const STATUS = {
  open: "live",
  connecting: "connecting",
  waiting: "the server is away; trying again",
  closed: "not connected",
};

function showStatus(status) {
  $("status").dataset.status = status;
  $("status").querySelector("b").textContent = STATUS[status];
  document.body.toggleAttribute("data-live", status === "open");
}

function showStation(station) {
  $("station").dataset.state = station.state;
  $("state").textContent = station.state;
  $("pressure").value = station.pressure.toFixed(2);
  $("flow").value = station.flow.toFixed(0);
  $("tank").value = station.tank.toFixed(1);
  if (!dragging) $("speed").value = station.pump_speed;
  $("speed-shown").value = station.pump_speed;
  $("valve").checked = station.valve_open;
  $("valve-shown").textContent = station.valve_open ? "open" : "shut";
  const points = station.history.map((bar, i) => `${(i * 480) / 119} ${160 - bar * 16}`);
  const line = points.length ? `M${points.join("L")}` : "";
  $("line").setAttribute("d", line);
  $("area").setAttribute("d", line && `${line}V160H0Z`);
}

function showRota(rota) {
  const open = rota.tasks.filter((task) => !task.done).length;
  $("open-tasks").textContent = `${open} open`;
  $("tasks").replaceChildren(...rota.tasks.map(taskItem));
}

function taskItem(task, index) {
  const item = document.createElement("li");
  item.className = task.done ? "done" : "";
  const box = Object.assign(document.createElement("input"), {
    type: "checkbox",
    checked: task.done,
  });
  box.setAttribute("aria-label", `${task.title}: done`);
  box.onchange = () => propose("Rota", set(`/tasks/${index}/done`, box.checked));
  const title = document.createElement("span");
  title.textContent = task.title;
  const up = button("↑", "Earlier", () =>
    propose("Rota", [{ op: "move", from: `/tasks/${index}`, path: `/tasks/${index - 1}` }]),
  );
  up.disabled = index === 0;
  const remove = button("×", "Remove", () =>
    propose("Rota", [{ op: "remove", path: `/tasks/${index}` }]),
  );
  item.append(box, title, up, remove);
  return item;
}

function button(text, label, act) {
  const made = Object.assign(document.createElement("button"), {
    type: "button",
    textContent: text,
  });
  made.setAttribute("aria-label", label);
  made.onclick = act;
  return made;
}

function showLogbook(logbook) {
  $("entries").textContent = `${logbook.entries} entries`;
  $("text").textContent = logbook.text;
  $("text").scrollTop = $("text").scrollHeight;
}

const SHOW = { Station: showStation, Rota: showRota, Logbook: showLogbook };
const shown = new Map();

/** Show each model whose value is another one than was shown; values never change in place. */
function render() {
  for (const id of client.ids()) {
    const type = client.type(id);
    const value = client.value(id);
    if (shown.get(type) !== value) SHOW[type]?.(value);
    shown.set(type, value);
  }
}

// What the reader does.

let dragging = false;
$("speed").oninput = () => {
  dragging = true;
};
$("speed").onchange = async () => {
  await propose("Station", set("/pump_speed", Number($("speed").value)));
  dragging = false;
  shown.delete("Station");
  render();
};
$("valve").onchange = async () => {
  await propose("Station", set("/valve_open", $("valve").checked));
  shown.delete("Station");
  render();
};
$("add").onsubmit = async (event) => {
  event.preventDefault();
  const task = { title: $("title").value, done: false };
  await propose("Rota", [{ op: "add", path: "/tasks/-", value: task }]);
  if ($("rota-refusal").hidden) $("title").value = "";
};

client.onChange(render);
client.onStatus(showStatus);
showStatus(client.status);
client.run(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
