/** One case in a list: what it is about, how long somebody waits, who looks at it. */
import { h, say } from "./shared/dom.js";
import { clock, duration, languageName, pick, t } from "./shared/words.js";

const LONG_SECONDS = 300;
const TOO_LONG_SECONDS = 900;
const TYPING_MS = 6000;

/** A row; `update(item)` shows the case anew, `tick(now)` its waiting time, `typing()` that somebody writes. */
export function row(first, { severalShops, open, claim, mayClaim }) {
  const title = h("span", { class: "title" });
  const marks = h("span", { class: "marks" });
  const meta = h("span", { class: "meta" });
  const wait = h("span", { class: "wait" });
  const time = h("time", {});
  const label = h("span", {});
  const looking = h("span", { class: "meta looking" });
  wait.append(label, " ", time);
  const canClaim = first.status !== "assigned" && mayClaim(first);
  const opener = h("button", { type: "button", class: "open", onclick: () => open(first.case_id) },
    h("span", { class: "line" }, title, marks), meta, wait, looking);
  const claimer = canClaim
    ? h("button", { type: "button", class: "claim", onclick: () => claim(first.case_id) }, t("claim")) : null;
  let since = null;
  let shown = null;
  let hiding = 0;

  function update(item) {
    const name = pick(item.title, item.topic);
    say(title, name);
    say(meta, describe(item, severalShops));
    marks.replaceChildren(...marksOf(item).map(([kind, text]) => h("span", { class: `tag ${kind}` }, text)));
    say(looking, item.watchers.length ? t("looking", names(item.watchers)) : "");
    since = waitsSince(item);
    wait.hidden = since === null;
    say(label, t(item.status === "assigned" ? "answer_due" : "waited"));
    claimer?.setAttribute("aria-label", t("claim_named", name));
  }

  return {
    node: h("li", { "data-id": first.case_id }, opener, claimer),
    opener,
    update,
    tick(now) {
      if (since === null) return;
      const seconds = Math.max(0, Math.floor((now - since) / 1000));
      const text = duration(seconds);
      if (text === shown) return;
      shown = text;
      time.textContent = text;
      if (first.status !== "filed") time.className = urgency(seconds);
    },
    typing() {
      opener.classList.add("writes");
      clearTimeout(hiding);
      hiding = setTimeout(() => opener.classList.remove("writes"), TYPING_MS);
    },
  };
}

/** What an open case is called beside its title: came back, was passed on, was left as a message. */
export function tagsOf(item) {
  const found = [];
  if (item.reason === "returned") found.push(["came", t("returned")]);
  if (item.reason === "transferred") found.push(["came", t("transferred")]);
  if (item.was_filed) found.push(["came", t("left_message")]);
  return found;
}

/** Names in a row, as the language writes them. */
export const names = (all) => all.join(", ");

function marksOf(item) {
  const isUnread = item.unread && item.status === "assigned";
  const tags = item.status === "filed" ? [] : tagsOf(item);
  return isUnread ? [["unread", t("unread")], ...tags] : tags;
}

function waitsSince(item) {
  if (item.status !== "assigned") return Date.parse(item.queued_at);
  return item.unread ? Date.parse(item.last_said_at) : null;
}

function urgency(seconds) {
  if (seconds >= TOO_LONG_SECONDS) return "too-long";
  return seconds >= LONG_SECONDS ? "long" : "";
}

function describe(item, severalShops) {
  const place = item.position ? t("position", item.position) : null;
  const shop = severalShops ? item.merchant.name : null;
  const since = item.status === "assigned" ? t("since", clock(item.assigned_at)) : null;
  return [place, item.skill, languageName(item.language), since, shop].filter(Boolean).join(" · ");
}
