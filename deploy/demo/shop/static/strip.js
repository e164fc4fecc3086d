// The panel "what happens on the bus": listens to the chat widget, then to the event strip.
const KEPT_ROWS = 200;
const RETRY_MS = 2000;
const WIDE = window.matchMedia("(min-width: 68rem)");

const panel = document.getElementById("strip");
const words = panel.dataset;
const status = panel.querySelector(".strip-status");
const list = panel.querySelector(".strip-log ol");
const toggle = panel.querySelector(".strip-toggle");

let source = null;
let retry = 0;
let seen = new Set();

function say(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function clockTime(iso) {
  const at = new Date(iso);
  const pad = (number, width) => String(number).padStart(width, "0");
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => pad(part, 2));
  return `${clock.join(":")}.${pad(at.getMilliseconds(), 3)}`;
}

function row(head) {
  const item = document.createElement("li");
  item.dataset.at = String(Date.parse(head.time));
  const time = element("time", "row-time", clockTime(head.time));
  time.dateTime = head.time;
  item.append(
    time,
    element("span", "row-delta", ""),
    element("span", `badge ${head.service}`, head.service),
    element("span", "row-type", head.type),
    element("span", "row-topic", head.topic),
  );
  return item;
}

function showDelta(item) {
  const older = item?.nextElementSibling;
  if (!older) return;
  const ms = Number(item.dataset.at) - Number(older.dataset.at);
  item.querySelector(".row-delta").textContent = ms < 10000 ? `+${ms} ms` : "";
}

function place(item) {
  // Topics are read side by side, so an event may arrive after one that it caused.
  const at = Number(item.dataset.at);
  const older = [...list.children].find((other) => Number(other.dataset.at) <= at);
  list.insertBefore(item, older ?? null);
  showDelta(item);
  showDelta(item.previousElementSibling);
  while (list.children.length > KEPT_ROWS) list.lastElementChild.remove();
}

function receive(message) {
  const head = JSON.parse(message.data);
  if (seen.has(head.event_id)) return;
  seen.add(head.event_id);
  place(row(head));
  say("live", words.live);
}

function disconnect() {
  window.clearTimeout(retry);
  source?.close();
  source = null;
}

function connect(conversation) {
  disconnect();
  const url = new URL("/events", words.stripUrl);
  url.searchParams.set("conversation", conversation);
  source = new EventSource(url);
  source.onopen = () => (list.children.length ? say("live", words.live) : say("waiting", words.waiting));
  source.onmessage = receive;
  source.onerror = () => {
    say("lost", words.lost);
    // The browser retries a broken stream by itself, but gives up on a refused one.
    if (source?.readyState === EventSource.CLOSED) {
      window.clearTimeout(retry);
      retry = window.setTimeout(() => connect(conversation), RETRY_MS);
    }
  };
}

function clear() {
  seen = new Set();
  list.replaceChildren();
}

function onConversation(event) {
  const conversation = event.detail?.conversation_id ?? null;
  disconnect();
  clear();
  if (conversation === null) {
    say("deleted", words.deleted);
    return;
  }
  say("connecting", words.connecting);
  connect(conversation);
}

function expand(open) {
  panel.classList.toggle("closed", !open);
  toggle.setAttribute("aria-expanded", String(open));
  toggle.textContent = open ? words.hide : words.show;
}

toggle.addEventListener("click", () => expand(panel.classList.contains("closed")));
WIDE.addEventListener("change", () => expand(WIDE.matches));
window.addEventListener("prat:conversation", onConversation);
expand(WIDE.matches);
