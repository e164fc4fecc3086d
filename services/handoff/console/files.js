/** The files that a visitor gave with a message: pictures are shown when asked for, all can be saved. */
import { fileAddress } from "./api.js";
import { h, say } from "./shared/dom.js";
import { number, t } from "./shared/words.js";

/** The list of a message's files; null where there are none. */
export function filesOf(caseId, files) {
  if (!files.length) return null;
  return h("ul", { class: "files", "aria-label": t("files") },
    files.map((file) => h("li", {}, parts(file, fileAddress(caseId, file.attachment_id)))));
}

function parts(file, address) {
  const isPicture = file.media_type.startsWith("image/");
  const name = `${t(isPicture ? "file_picture" : "file_document")} · ${kind(file)} · ${size(file)}`;
  const save = h("a", { class: "save", href: address, download: true, "aria-label": `${t("file_save")}: ${name}` },
    t("file_save"));
  const look = isPicture ? picture(address, name) : { button: null, place: null };
  return [h("span", {}, name), h("span", { class: "handles" }, look.button, save), look.place];
}

/** Nothing of a picture is fetched before somebody wants to see it; what did not come is tried again. */
function picture(address, name) {
  const place = h("div", { class: "picture", role: "status", hidden: true });
  const button = h("button", { type: "button", class: "link", "aria-expanded": "false", onclick: turn });
  label();

  function turn() {
    place.hidden = !place.hidden;
    if (!place.hidden && !place.querySelector("img")) {
      place.replaceChildren(h("img", { src: address, alt: t("file_alt"), onerror: () => say(place, t("file_gone")) }));
    }
    label();
  }

  function label() {
    say(button, t(place.hidden ? "file_show" : "file_hide"));
    button.setAttribute("aria-expanded", String(!place.hidden));
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
  }

  return { button, place };
}

const kind = (file) => file.media_type.split("/")[1].toUpperCase();

function size({ size: bytes }) {
  const [count, unit] = bytes < 1e6 ? [Math.ceil(bytes / 1e3), "kilobyte"] : [bytes / 1e6, "megabyte"];
  return number(count, { style: "unit", unit });
}
