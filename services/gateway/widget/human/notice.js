/** Tells a visitor who looks elsewhere that somebody answers: sound, the tab's title and, where the browser
 *  may, its own notification; on wish. */

const PAUSE = 3000;
const TONES = [[659, 0], [880, 0.16]];
const LOUDNESS = 0.12;

/** `keep` remembers the wish as long as the conversation; `merchant()` is whose chat it is; `page` stands
 *  for the browser.
 */
export class Notice {
  #keep; #merchant; #page; #saidAt = -Infinity; #own = null; #shown = null;

  constructor(keep, merchant, page = globalThis) {
    this.#keep = keep;
    this.#merchant = merchant;
    this.#page = page;
    page.document.addEventListener("visibilitychange", () => this.#restore());
  }

  get isOn() { return this.#keep.read()?.notice === true; }

  /** Switches it; a first sound shows what is to come, and that the browser lets it be heard. Only here,
   *  where the visitor has pressed, the browser is asked whether it may notify.
   */
  set(isOn) {
    this.#keep.write({ ...this.#keep.read(), notice: isOn });
    if (!isOn) return;
    chime(this.#page);
    if (this.#page.Notification?.permission === "default") this.#page.Notification.requestPermission();
  }

  /** Says it, if wished: in title and notification as long as nobody looks, as sound now and then. */
  tell(words) {
    if (!this.isOn) return;
    if (this.#page.document.hidden) this.#away(words);
    const now = this.#page.Date.now();
    if (now - this.#saidAt < PAUSE) return;
    this.#saidAt = now;
    chime(this.#page);
  }

  #away(words) {
    this.#title(words);
    if (this.#page.Notification?.permission === "granted") notify(this.#page, this.#merchant(), words);
  }

  #title(words) {
    const { document } = this.#page;
    if (document.title !== this.#shown) this.#own = document.title;
    document.title = this.#shown = `${words} – ${this.#own}`;
  }

  /* Only what was set here is taken back: the page may have another title by now. */
  #restore() {
    const { document } = this.#page;
    if (document.hidden || this.#shown === null) return;
    if (document.title === this.#shown) document.title = this.#own;
    this.#shown = null;
  }
}

/* Who is there, never what was said: a notification may be seen by others. */
function notify({ Notification, focus }, merchant, words) {
  try {
    const note = new Notification(merchant, { body: words, tag: "prat", silent: true });
    note.onclick = () => { focus(); note.close(); };
  } catch {
    // Some phones know notifications of service workers only: sound and title are there.
  }
}

/* Two soft tones, made on the spot: nothing is fetched. Without sound there is still the title. */
function chime({ AudioContext }) {
  try {
    const audio = new AudioContext();
    for (const [pitch, after] of TONES) tone(audio, pitch, audio.currentTime + after);
    audio.resume().then(() => setTimeout(() => audio.close(), 1500), () => audio.close());
  } catch {
    // The browser has no sound, or not before the visitor has used the page.
  }
}

function tone(audio, pitch, from) {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, from + 0.45);
  source.connect(volume).connect(audio.destination);
  source.start(from);
  source.stop(from + 0.5);
}
