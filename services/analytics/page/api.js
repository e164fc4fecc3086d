/** The way to the server: the figures, and the news that there are others. */
import { askedOf } from "./place.js";

const PROBLEMS = { 400: "period", 401: "wrong", 403: "wrong" };
const opened = (token) => ({ authorization: `Bearer ${token}` });

/** The figures of a place, or what is in the way of them. */
export async function figuresOf(place, token) {
  try {
    const answer = await fetch(`api/statistics?${askedOf(place)}`, { headers: opened(token) });
    return answer.ok ? { figures: await answer.json() } : { problem: PROBLEMS[answer.status] ?? "other" };
  } catch {
    return { problem: "lost" };
  }
}

/** Listens until the stream or `signal` ends; `heard(isNews)` is called at every sign of life. */
export async function listen(shop, token, heard, signal) {
  const query = new URLSearchParams({ merchant: shop });
  const answer = await fetch(`api/statistics/news?${query}`, { headers: opened(token), signal });
  if (!answer.ok) throw new Error("no news");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  const events = splitter();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    for (const event of events(value)) heard(event.includes("data:"));
  }
}

/** Cuts a stream's text into events, wherever its pieces end. */
export function splitter() {
  let left = "";
  return (piece) => {
    const parts = (left + piece).replaceAll("\r\n", "\n").split("\n\n");
    left = parts.pop();
    return parts;
  };
}
