// The hand-off: the API's site gives this page a code, and a token for the code (PKCE).
import { config } from "./config.js";
import { call } from "./api.js";

const CALLBACK = "/auth/callback";
// What has to survive the way to the API's site and back, in this tab only.
const PENDING = "karima.handoff";
// This tab had a token: ask for another without showing the sign-in page.
const SIGNED_IN = "karima.signedIn";
const SPARE_MS = 60_000;

// In memory only: no other script of another visit can find it.
let held = null;

export function token() {
  return held && Date.now() < held.endsAt ? held.value : null;
}

export function isDue() {
  return !held || Date.now() > held.endsAt - SPARE_MS;
}

export function forget() {
  held = null;
  sessionStorage.removeItem(SIGNED_IN);
}

// Open the API's address. Returns true: the browser is leaving this page.
export async function start(path, { silent = false } = {}) {
  const verifier = randomText();
  const state = randomText();
  sessionStorage.setItem(PENDING, JSON.stringify({ verifier, state, path }));
  const query = new URLSearchParams({
    redirect_uri: location.origin + CALLBACK,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
    state,
  });
  if (silent) query.set("prompt", "none");
  location.assign(`${config.apiUrl}/api/v1/auth/handoff?${query}`);
  return true;
}

// Take the code from the address bar, or ask for one. Returns the path to show, or null.
export async function resume(path) {
  if (location.pathname === CALLBACK) return finish();
  if (sessionStorage.getItem(SIGNED_IN)) {
    await start(path, { silent: true });
    return null;
  }
  return path;
}

async function finish() {
  const answer = new URLSearchParams(location.search);
  const pending = JSON.parse(sessionStorage.getItem(PENDING) || "null");
  sessionStorage.removeItem(PENDING);
  // Nothing of the code stays in the history.
  history.replaceState(null, "", pending ? pending.path : "/");
  // Another state than ours: somebody else began this.
  if (!pending || answer.get("state") !== pending.state) return "/";
  if (answer.get("code")) await redeem(answer.get("code"), pending.verifier);
  else forget();
  return pending.path;
}

async function redeem(code, verifier) {
  const redirect = location.origin + CALLBACK;
  const given = await call("POST", "/auth/token", {
    body: { code, code_verifier: verifier, redirect_uri: redirect },
  });
  held = { value: given.access_token, endsAt: Date.now() + given.expires_in * 1000 };
  sessionStorage.setItem(SIGNED_IN, "yes");
}

function randomText() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier) {
  const bytes = new TextEncoder().encode(verifier);
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
