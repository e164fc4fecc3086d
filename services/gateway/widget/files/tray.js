/** What is to be sent: chosen, pasted or dropped, looked at, taken out again. */

import { el, icon, iconButton, live, mark, region, say } from "../dom.js";
import { newId } from "../session.js";
import { nameOrNull } from "../socket.js";
import { HEAD, TYPES, faults, sizeOf, typeOf } from "./rules.js";

const CLIP = "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.4 8.4A1.7 1.7 0 0 1 7 14.7l7.6-7.6";

/** `view` is the panel's; `on` is told: told(key), and asked: before(), how many files there are. */
export class Tray {
  #view; #on; #files = []; #isOpen = false;

  constructor(view, on) {
    this.#view = view;
    this.#on = on;
    this.input = el("input", { type: "file", multiple: true, hidden: true, accept: TYPES,
      onchange: () => this.#chosen() });
    this.button = iconButton(CLIP, live("file.add"),
      { class: "icon clip", onclick: () => this.input.click() });
    this.list = el("ul", { class: "tray", role: "list", "aria-label": live("file.list") });
    view.write.prepend(this.list, this.input, this.button);
    this.#draw();
    this.#listen(view.node);
  }

  /** Whether there is something that can be sent. */
  get holds() { return this.#faults.includes(null); }

  /** People are there to take files, or are no longer. */
  open(isOpen) {
    this.#isOpen = isOpen;
    this.#draw();
  }

  /** Takes out what can be sent; the rest stays, with what is wrong with it. */
  take() {
    const found = this.#faults;
    const ready = this.#files.filter((_, at) => !found[at]);
    this.put(this.#files.filter((_, at) => found[at]), []);
    return ready;
  }

  /** Puts files in, behind those that `stay`. */
  put(files, stay = this.#files) {
    this.#files = [...stay, ...files];
    this.#draw();
  }

  get #faults() { return faults(this.#files, this.#on.before(), this.#isOpen); }

  #chosen() {
    const files = [...this.input.files];
    this.input.value = "";
    this.#add(files);
  }

  async #add(files) {
    this.put(await Promise.all(files.map(known)));
    this.#on.told(`file.${this.#faults.slice(-files.length).find(Boolean) ?? "added"}`);
  }

  #remove(at) {
    this.#files.splice(at, 1);
    this.#draw();
    const left = this.list.querySelectorAll("button");
    (left[at] ?? left[at - 1] ?? this.#view.input).focus();
    this.#on.told("file.removed");
  }

  #draw() {
    const found = this.#faults;
    this.button.hidden = !this.#isOpen;
    this.list.hidden = !this.#files.length;
    this.list.replaceChildren(...this.#files.map((file, at) => this.#row(file, found[at], at)));
  }

  #row(file, fault, at) {
    return el("li", {}, el("p", {}, el("bdi", {}, file.name), " ",
      el("span", {}, () => sizeOf(file.size, region())), fault && el("b", {}, live(`file.${fault}`))),
    iconButton("close", () => say("file.remove", file), { onclick: () => this.#remove(at) }));
  }

  /* Text that is pasted with a picture of itself stays text. */
  #listen(node) {
    const files = ({ types, files: given }) => (this.#isOpen && !this.#view.write.hidden
      && types.includes("Files") && !types.includes("text/plain") ? [...given] : null);
    const over = (event, isOver) => {
      if (isOver && files(event.dataTransfer)) event.preventDefault();
      mark(node, "data-over", isOver && event.defaultPrevented);
    };
    const take = (event, data) => {
      const given = files(data);
      mark(node, "data-over", false);
      if (!given) return;
      event.preventDefault();
      event.stopPropagation();
      this.#add(given);
    };
    node.addEventListener("dragover", (event) => over(event, true));
    node.addEventListener("dragleave", (event) => over(event, false));
    node.addEventListener("drop", (event) => take(event, event.dataTransfer));
    node.addEventListener("paste", (event) => take(event, event.clipboardData));
  }
}

/* A file under an id of its own, with what its content is; a name is one line of text. */
async function known(file) {
  const head = await file.slice(0, HEAD).arrayBuffer().catch(() => []);
  return { key: newId(), blob: file, name: nameOrNull(file.name) ?? "…", size: file.size,
    type: typeOf(new Uint8Array(head)) };
}
