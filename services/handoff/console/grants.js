/** The fields that say what somebody is at a shop. */
import { h } from "./shared/dom.js";
import { field } from "./shared/parts.js";
import { named, t } from "./shared/words.js";

const EVERY = "*";
const ROLES = ["agent", "supervisor", "merchant_admin", "dpo", "operator"];

/** Shop, roles and skills; filled in from `account`, if there is one, for the shop that is chosen. */
export function grantFields({ shops, agent, nameOf, account = null }) {
  const isEverywhere = shops.includes(EVERY);
  const places = [...new Set([...(account?.grants ?? []).map((grant) => grant.merchant_id), ...agent.merchants.map((shop) => shop.id),
    ...shops])].filter((shop) => shop !== EVERY && (isEverywhere || shops.includes(shop)));
  const shop = isEverywhere
    ? h("input", { name: "merchant_id", required: true, list: "shops", autocomplete: "off" })
    : h("select", { name: "merchant_id" }, places.map((id) => h("option", { value: id }, nameOf(id))));
  if (places.length) shop.value = places[0];
  const roles = ROLES.filter((role) => role !== "operator" || isEverywhere).map((role) =>
    h("input", { type: "checkbox", name: "roles", value: role }));
  const skills = h("input", { name: "skills", autocomplete: "off" });

  function fill() {
    const grant = account?.grants.find((one) => one.merchant_id === shop.value);
    const held = grant?.roles ?? (account ? [] : ["agent"]);
    for (const box of roles) box.checked = held.includes(box.value);
    skills.value = (grant?.skills ?? []).filter((skill) => skill !== EVERY).join(", ");
  }

  shop.addEventListener("change", fill);
  fill();
  return {
    node: h("div", { class: "fields" }, field(t("shop"), shop),
      isEverywhere ? h("datalist", { id: "shops" }, places.map((id) => h("option", { value: id }))) : null,
      h("fieldset", {}, h("legend", {}, t("roles")), roles.map((box) => h("label", { class: "choice" }, box,
        h("span", {}, named("role", box.value), h("span", { class: "hint" }, t(`role_${box.value}_may`)))))),
      field(t("skills"), skills, { hint: t("skills_hint", knownSkills(agent)) })),
  };
}

/** What the server takes, from such a form. */
export function granted(data) {
  const skills = data.get("skills").split(",").map((skill) => skill.trim()).filter(Boolean);
  return { merchant_id: data.get("merchant_id").trim(), roles: data.getAll("roles"), skills: skills.length ? skills : [EVERY] };
}

const knownSkills = (agent) => [...new Set(agent.merchants.flatMap((shop) => shop.skills))].join(", ");
