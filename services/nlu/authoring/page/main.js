/** The authoring page: log-in form or studio, in the editor's language. */
import { api, at } from "./api.js";
import { language } from "./i18n.js";
import { logInScreen } from "./login.js";
import { studioScreen } from "./studio.js";

const root = document.getElementById("root");
let screen = null;

function show(draw) {
  screen?.stop?.();
  document.documentElement.lang = language();
  screen = draw();
}

function studio({ editor, gateway }) {
  const again = () => studio({ editor, gateway });
  show(() => studioScreen(root, editor, { gateway, leave: door, again }));
}

/** The log-in form; whatever was on the screen of a shop's is dropped. */
function door(notice) {
  Object.assign(at, { shop: null, mark: null });
  document.title = "Prat";
  show(() => logInScreen(root, { notice, done: studio, again: () => door(null) }));
}

const me = await api.me().catch(() => ({ editor: null }));
if (me.editor) studio(me);
else door(null);
