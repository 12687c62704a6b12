// The corner of the header: cart, orders, in and out.
import * as auth from "./auth.js";
import * as cart from "./cart.js";
import { config } from "./config.js";
import { acting, h } from "./dom.js";

const corner = document.getElementById("account");

export function showAccount(go) {
  const customer = auth.whoIsThere();
  corner.replaceChildren(cartLink(), ...(customer ? inside(customer, go) : [outside(go)]));
}

function cartLink() {
  const count = cart.itemCount();
  return h("a", { href: "/keranjang" }, "Keranjang",
    count ? h("span.count", { "aria-label": `, ${count} barang` }, String(count)) : null);
}

function inside(customer, go) {
  const out = acting(async () => {
    cart.forget();
    await auth.signOut();
    if (config.mode !== "handoff") go("/");
  });
  return [
    h("a", { href: "/orders" }, "Pesanan"),
    h("span.who", { title: customer.email }, customer.full_name || customer.email),
    h("button.quiet", { type: "button", onclick: out }, "Keluar"),
  ];
}

function outside(go) {
  return h("button", { type: "button", onclick: acting(() => signIn(go)) }, "Masuk");
}

// Also used by the pages that need to know who is there.
export async function signIn(go) {
  const path = location.pathname + location.search;
  if (config.mode === "token") await go("/masuk");
  else await auth.signIn(path);
}

export function signInPage(title, go) {
  const open = acting(() => signIn(go));
  const content = [
    h("h1", {}, title),
    h("p", {}, "Silakan masuk untuk melanjutkan."),
    h("button.first", { type: "button", onclick: open }, "Masuk atau daftar"),
  ];
  return { title, content };
}
