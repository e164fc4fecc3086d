/** The console: log-in form or desk, in the agent's language. */
import { api } from "./api.js";
import { deskScreen } from "./desk.js";
import { language } from "./i18n.js";
import { logInScreen } from "./login.js";

const root = document.getElementById("root");
let drafts = new Map();
let screen = null;

function show(draw) {
  screen?.stop?.();
  document.documentElement.lang = language();
  screen = draw();
}

function desk(agent) {
  show(() => deskScreen(root, agent, { drafts, leave: door, again: () => desk(agent) }));
}

/** The log-in form; whatever was on the screen of a visitor's is dropped. */
function door(notice) {
  drafts = new Map();
  document.title = "Prat";
  history.replaceState(null, "", location.pathname);
  show(() => logInScreen(root, { notice, done: desk, again: () => door(null) }));
}

const { agent } = await api.me().catch(() => ({ agent: null }));
if (agent) desk(agent);
else door(null);
