/** Notices outside the page, each with a switch of its own, off until the person turns it on. */
import { keep, kept } from "./shared/kept.js";
import { h, say } from "./shared/dom.js";
import { pick, t } from "./shared/words.js";

const isOn = (name) => kept(name, ["on"]) !== null;
const TONES = [[660, 0], [880, 0.14]];
const SECONDS = 0.3;

let context = null;

/** The two switches; permission is asked for when one is turned on, never before. */
export function alertSwitches() {
  const problem = h("p", { class: "problem", role: "alert" });
  return h("fieldset", { class: "switches" }, h("legend", {}, t("alerts")),
    toggle("notify", async () => {
      const isAllowed = "Notification" in window && (await Notification.requestPermission()) === "granted";
      say(problem, isAllowed ? "" : t("notify_refused"));
      return isAllowed;
    }),
    toggle("sound", async () => {
      await ring();
      return true;
    }), problem);
}

function toggle(name, turnOn) {
  const box = h("input", { type: "checkbox", checked: isOn(name) });
  box.addEventListener("change", async () => {
    if (box.checked) box.checked = await turnOn();
    keep(name, box.checked ? "on" : "off");
  });
  return h("label", { class: "choice" }, box, t(name));
}

/** Tells of news to somebody who does not look; a notice quotes nothing that a visitor wrote. */
export function alertOf(news, open) {
  if (!news.length) return;
  if (isOn("sound")) ring();
  if (!isOn("notify") || Notification.permission !== "granted" || document.hasFocus()) return;
  const { kind, item } = news[0];
  const notice = new Notification(t(`news_${kind}`), {
    body: `${pick(item.title, item.topic)} · ${item.merchant.name}`, tag: item.case_id, icon: "shared/icon.svg",
  });
  notice.onclick = () => {
    window.focus();
    open(item.case_id);
    notice.close();
  };
}

/** Two soft tones, made here: no file is fetched. */
async function ring() {
  context ??= new AudioContext();
  await context.resume();
  for (const [pitch, after] of TONES) tone(pitch, context.currentTime + after);
}

function tone(pitch, at) {
  const wave = new OscillatorNode(context, { frequency: pitch });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + SECONDS);
  wave.connect(volume).connect(context.destination);
  wave.start(at);
  wave.stop(at + SECONDS);
}
