/** Differences between two contents, topic by topic. */
import { h } from "./shared/dom.js";
import { pick, t } from "./shared/words.js";

/** The differences as nodes; `topics` are those of the draft, for their titles. */
export function differences(changes, topics) {
  if (!changes.length) return h("p", { class: "quiet" }, t("no_differences"));
  const titles = new Map(topics.map(({ key, title }) => [key, pick(title, key)]));
  const groups = new Map();
  for (const change of changes) groups.set(change.topic, [...(groups.get(change.topic) ?? []), change]);
  return h("div", { class: "differences" }, [...groups].map(([topic, found]) =>
    h("details", { class: "part", open: found.length <= 12 },
      h("summary", {}, h("h3", {}, topic === null ? t("merchant") : titles.get(topic) ?? topic, " ", h("span", { class: "count" }, found.length))),
      h("ul", { class: "findings" }, found.map(one)))));
}

function one({ where, kind, before, after }) {
  const word = kind === "changed" ? t("changed_kind") : t(kind);
  return h("li", {}, h("p", { class: "meta" }, where ? h("code", {}, where) : null, ` ${word}`),
    before === null ? null : h("del", {}, before), after === null ? null : h("ins", {}, after));
}
