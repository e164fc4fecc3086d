/** The console: log-in form, desk, or the screens of those who look after accounts. */
import { api } from "./api.js";
import { deskScreen } from "./desk.js";
import { outbox } from "./outbox.js";
import { mayOversee, oversightScreen } from "./oversight.js";
import { enter } from "./shared/entry.js";
import { t, teach } from "./shared/words.js";
import daRequests from "./requests/texts/da.js";
import enRequests from "./requests/texts/en.js";
import fiRequests from "./requests/texts/fi.js";
import nbRequests from "./requests/texts/nb.js";
import svRequests from "./requests/texts/sv.js";
import da from "./texts/da.js";
import en from "./texts/en.js";
import fi from "./texts/fi.js";
import nb from "./texts/nb.js";
import sv from "./texts/sv.js";

const drafts = new Map();
const sending = outbox(async (caseId, { clientId, text }) => (await api.reply(caseId, clientId, text)).message_id);
const OVERSIGHT = /^#(oversight|requests|privacy|accounts|audit)$/;

/** Shows the screen that the address names; `go` changes between them without loading the page anew. */
function screens(root, { agent }, { leave, again }) {
  let shown = null;

  function go(hash) {
    history.replaceState(null, "", hash || location.pathname);
    show();
  }

  function show() {
    shown?.stop();
    const toDesk = { text: t("to_desk"), go: () => go("") };
    const toOversight = { text: t("oversight"), go: () => go("#oversight") };
    const isDesk = agent.merchants.length > 0 && !(mayOversee(agent) && OVERSIGHT.test(location.hash));
    const there = isDesk ? mayOversee(agent) && toOversight : agent.merchants.length > 0 && toDesk;
    const ways = { leave, again, places: there ? [there] : [] };
    shown = isDesk ? deskScreen(root, agent, { drafts, outbox: sending, ...ways }) : oversightScreen(root, agent, ways);
  }

  show();
  return { stop: () => shown.stop() };
}

teach({ nb, sv, da, fi, en });
teach({ nb: nbRequests, sv: svRequests, da: daRequests, fi: fiRequests, en: enRequests });
await enter({
  api, isIn: (me) => Boolean(me.agent), screen: screens,
  left() {
    drafts.clear();
    sending.clear();
    history.replaceState(null, "", location.pathname);
  },
});
