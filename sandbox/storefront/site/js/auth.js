// Who the customer is: signing in and out in the three modes of config.js.
import { config } from "./config.js";
import { call } from "./api.js";
import * as handoff from "./handoff.js";

const PASTED_TOKEN = "karima.token";

let customer = null;
// The API said 401: a cookie that is no good must not spoil the guest's requests.
let isGuest = false;

// What `fetch` is told. The cookie is never sent by default, nor from another site.
export function credentials() {
  return config.mode === "cookie" && !isGuest ? "include" : "omit";
}

export function authorization() {
  const token = currentToken();
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function currentToken() {
  if (config.mode === "handoff") return handoff.token();
  if (config.mode === "token") return sessionStorage.getItem(PASTED_TOKEN);
  return null;
}

// The customer as the API describes them, or null.
export function whoIsThere() {
  return customer;
}

// Find out who is there. Returns the path to show, or null when the browser is leaving.
export async function begin(path) {
  if (config.mode === "handoff") {
    path = await handoff.resume(path);
    if (path === null) return null;
  }
  await refresh();
  return path;
}

async function refresh() {
  customer = null;
  if (config.mode !== "cookie" && !currentToken()) return;
  try {
    customer = await call("GET", "/auth/me");
  } catch (error) {
    // 401 is an answer: nobody is signed in. Anything else is for the page to show.
    if (error.status !== 401) throw error;
    isGuest = true;
  }
}

// Leave for the sign-in pages, and come back to `path`.
export function signIn(path) {
  if (config.mode === "handoff") return handoff.start(path);
  const back = encodeURIComponent(location.origin + path);
  location.assign(`${config.apiUrl}/api/v1/auth/login?return_to=${back}`);
}

export async function signInWithToken(token) {
  sessionStorage.setItem(PASTED_TOKEN, token);
  await refresh();
  if (!customer) sessionStorage.removeItem(PASTED_TOKEN);
  return customer;
}

export async function signOut() {
  if (config.mode === "handoff") {
    // Only an opened page carries the cookie that Kratos is to end and remove.
    handoff.forget();
    location.assign(`${config.apiUrl}/api/v1/auth/logout`);
    return;
  }
  await call("POST", "/auth/logout");
  sessionStorage.removeItem(PASTED_TOKEN);
  customer = null;
  isGuest = true;
}

// A token lives for ten minutes. Fetch a new one before it is needed, not after.
// Returns true when the browser is leaving for it.
export function renewIfDue(path) {
  if (config.mode !== "handoff" || !customer || !handoff.isDue()) return false;
  return handoff.start(path, { silent: true });
}
