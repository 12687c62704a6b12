// The cart: a guest's is named by a token that this browser keeps, a customer's by who they are.
import { call } from "./api.js";
import { whoIsThere } from "./auth.js";

const TOKEN = "karima.cart";

let count = 0;

export function itemCount() {
  return count;
}

export async function load() {
  return send("GET", "/cart");
}

export async function add(variantId) {
  return send("POST", "/cart/items", { variant_id: variantId, quantity: 1 });
}

export async function setQuantity(lineId, quantity) {
  return send("PATCH", `/cart/items/${lineId}`, { quantity });
}

// After sign-in: move the guest's lines into the customer's cart, once.
export async function merge() {
  if (whoIsThere() && localStorage.getItem(TOKEN)) {
    await send("POST", "/cart");
    localStorage.removeItem(TOKEN);
  }
}

export function forget() {
  localStorage.removeItem(TOKEN);
  count = 0;
}

async function send(method, path, body) {
  try {
    return remember(await call(method, path, { body, headers: cartToken() }));
  } catch (error) {
    if (error.code !== "cart_not_found" || !localStorage.getItem(TOKEN)) throw error;
    // Used up, or long gone: begin a new one.
    localStorage.removeItem(TOKEN);
    return remember(await call(method, path, { body }));
  }
}

function cartToken() {
  const token = localStorage.getItem(TOKEN);
  return token ? { "X-Cart-Token": token } : {};
}

function remember(cart) {
  if (cart.token) localStorage.setItem(TOKEN, cart.token);
  count = cart.item_count;
  return cart;
}
