/** Types of the Prat chat on a shop's page: save this file in your project, or reference it. */

/** What happens in the chat, with what a listener is given. Never a word of anybody. */
export interface PratEvents {
  /** The button stands on the page; also told to those who listen later. */
  ready: Record<string, never>;
  /** The panel was opened. */
  open: Record<string, never>;
  /** The panel was closed. */
  close: Record<string, never>;
  /** Somebody said something: the visitor, the bot (a machine) or an agent (a human). */
  message: { author: "visitor" | "bot" | "agent" };
  /** How many messages came while the panel was closed; 0 when they are seen. */
  unread: { count: number };
  /** Who answers from now on; `filed`: nobody is there, the form was left as a message. */
  handoff: { to: "bot" | "queue" | "filed" | "agent" };
  /** The conversation was deleted, has expired, or the visitor was logged out. */
  ended: Record<string, never>;
}

/** What the page shows; nothing else is taken. */
export interface PratContext {
  /** The page's full address; what comes after ? or # is not kept. */
  page?: string;
  /** The product's name, at most 120 characters. */
  product?: string;
  /** The order number that the page is about: 4 to 32 letters, digits and hyphens. */
  order?: string;
}

export interface PratApi {
  /** Opens the chat; shows it first if it was hidden. */
  open(): void;
  /** Closes the panel; the button stays. */
  close(): void;
  /** Shows the button. */
  show(): void;
  /** Closes the panel and hides the button. */
  hide(): void;
  /** Who the visitor is, signed by the shop's own server (docs/embedding.md, Identify). */
  identify(jwt: string): void;
  /** Forgets visitor and conversation in this browser, in every tab. */
  logout(): void;
  /** What the page shows; replaces what was said before. */
  setContext(context: PratContext): void;
  /** Listens; call what it returns to listen no more. */
  on<Name extends keyof PratEvents>(event: Name, act: (detail: PratEvents[Name]) => void): () => void;
  /** Calls by name, as in the queue that is filled before the chat has loaded. */
  push(...calls: PratCall[]): void;
}

/** A call in the queue: its name, then its arguments. */
export type PratCall =
  | ["open"] | ["close"] | ["show"] | ["hide"] | ["logout"]
  | ["identify", string]
  | ["setContext", PratContext]
  | { [Name in keyof PratEvents]: ["on", Name, (detail: PratEvents[Name]) => void] }[keyof PratEvents];

/** Before the chat has loaded a plain array that takes calls, afterwards the chat. */
export type PratQueue = { push(...calls: PratCall[]): unknown } & Partial<Omit<PratApi, "push">>;

declare global {
  interface Window {
    Prat: PratQueue;
  }
  /** The one global of the chat. */
  var Prat: PratQueue;
}
