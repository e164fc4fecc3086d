/** The conversation: append-only, everybody labelled, own answers shown at once. */
import { filesOf } from "./files.js";
import { h, say } from "./shared/dom.js";
import { clock, t } from "./shared/words.js";

const TYPING_MS = 6000;

/** A log of a case's messages; `add(messages)` takes what the transcript has, `sending` what it will have; `again` sends once more. */
export function thread(caseId, again) {
  const log = h("div", { class: "thread", role: "log", tabindex: "0", "aria-label": t("transcript") });
  const note = h("p", { class: "quiet", role: "status" });
  const writes = h("p", { class: "writes", role: "status" });
  const known = new Map();
  let newest = 0;
  let hiding = 0;

  function add(messages) {
    const wasDown = isDown(log);
    for (const message of messages) {
      newest = Math.max(newest, message.seq);
      if (message.author === "visitor") say(writes, "");
      if (known.has(message.id)) confirmed(known.get(message.id), caseId, message);
      else append(message.id, entry(caseId, message));
    }
    if (wasDown) log.scrollTop = log.scrollHeight;
  }

  function append(id, node) {
    known.set(id, node);
    log.append(node);
  }

  /** Shows an answer before the transcript has it; the bubble says how far it is. */
  function sending(pending) {
    const state = h("span", { class: "state" }, t("sending"));
    const node = h("div", { class: "entry mine pending" }, head(t("you"), null),
      h("p", { class: "said" }, pending.text), state);
    const failed = (reason, ...more) => state.replaceChildren(`${reason} `, ...more);
    log.append(node);
    log.scrollTop = log.scrollHeight;
    return {
      sending: () => say(state, t("sending")),
      accepted(id) {
        if (known.has(id)) node.remove();
        else known.set(id, node);
        say(state, t("sent"));
      },
      late(error) {
        failed(t(error.status === 401 ? "session_ended" : "not_sent"),
          h("button", { type: "button", class: "link", onclick: again }, t("try_again")));
      },
      refused: () => failed(t("not_taken")),
    };
  }

  /** The visitor is writing: said for six seconds, or until the message is there. */
  function typing() {
    say(writes, t("visitor_writes"));
    clearTimeout(hiding);
    hiding = setTimeout(() => say(writes, ""), TYPING_MS);
  }

  return {
    node: h("div", { class: "talk" }, log, writes, note), add, sending, typing,
    get newest() {
      return newest;
    },
    away: (isAway) => say(note, isAway ? t("transcript_away") : known.size ? "" : t("transcript_empty")),
  };
}

function isDown(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 80;
}

function confirmed(node, caseId, message) {
  if (!node.classList.contains("pending")) return;
  node.replaceWith(entry(caseId, message));
}

function entry(caseId, message) {
  if (message.kind === "intake") return h("p", { class: "form" }, t("form_sent"), " ", at(message.at));
  const mine = message.author === "agent";
  return h("div", { class: `entry ${mine ? "mine" : message.author}` },
    head(who(message), message.at),
    message.text ? h("p", { class: "said", lang: message.language }, message.text) : null,
    filesOf(caseId, message.attachments ?? []), (message.cards ?? []).map(card), choices(message.buttons ?? []));
}

function who(message) {
  if (message.author !== "agent") return t(message.author);
  return message.speaker ? `${message.speaker} (${t("agent")})` : t("agent");
}

function head(name, when) {
  return h("p", { class: "who" }, h("strong", {}, name), when ? " " : null, when ? at(when) : null);
}

function at(iso) {
  return h("time", { datetime: iso }, clock(iso));
}

function card(item) {
  const address = item.link ? webAddress(item.link) : null;
  const title = address
    ? h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, item.title)
    : item.title;
  return h("div", { class: "card" }, h("strong", {}, title),
    item.lines.map((line) => h("span", {}, line)));
}

function choices(buttons) {
  if (!buttons.length) return null;
  return h("p", { class: "choices" }, `${t("choices")} `,
    buttons.map((button) => h("span", {}, button.text)));
}

/** A link's address if it leads to a web page, otherwise null. */
function webAddress(text) {
  try {
    const url = new URL(text);
    return ["https:", "http:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
