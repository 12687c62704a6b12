// Place the order exactly once, even when the answer is lost on its way.
import { call } from "./api.js";

const PENDING = "karima.checkout";

// What was sent and not yet answered, or null; the form can be filled with it.
export function unanswered() {
  return JSON.parse(sessionStorage.getItem(PENDING) || "null")?.body || null;
}

export async function placeOrder(body) {
  const key = keyFor(body);
  try {
    const placed = await call("POST", "/checkout", {
      body,
      headers: { "Idempotency-Key": key },
    });
    sessionStorage.removeItem(PENDING);
    return placed;
  } catch (error) {
    // A refusal is an answer. Without one the same key goes with the next try, so that
    // the shop can tell that it is the same order.
    if (isAnswer(error)) sessionStorage.removeItem(PENDING);
    throw error;
  }
}

export async function pay(number) {
  return call("POST", `/orders/${number}/pay`);
}

function keyFor(body) {
  const pending = JSON.parse(sessionStorage.getItem(PENDING) || "null");
  const isSame = pending && JSON.stringify(pending.body) === JSON.stringify(body);
  const key = isSame ? pending.key : crypto.randomUUID();
  sessionStorage.setItem(PENDING, JSON.stringify({ key, body }));
  return key;
}

// Not these: signed in again, or a little later, the customer sends the same order.
const NO_ANSWER = [401, 408, 425, 429];

function isAnswer(error) {
  return error.status >= 400 && error.status < 500 && !NO_ANSWER.includes(error.status);
}
