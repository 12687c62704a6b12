// Start the shop, and show the page that the address names.
import * as auth from "./auth.js";
import * as cart from "./cart.js";
import { h, announce } from "./dom.js";
import { showAccount } from "./account.js";
import { showCatalog } from "./catalog-page.js";
import { showPreview, showProduct } from "./product-page.js";
import { showCart } from "./cart-page.js";
import { showCheckout } from "./checkout-page.js";
import { showOrder, showOrders } from "./order-page.js";
import { showTokenForm } from "./token-page.js";

// Each page is a function that returns { title, content }, and may be told to stop.
const PAGES = [
  [/^\/$/, showCatalog],
  [/^\/produk\/([^/]+)$/, showProduct],
  [/^\/preview\/([^/]+)$/, showPreview],
  [/^\/keranjang$/, showCart],
  [/^\/checkout$/, showCheckout],
  [/^\/orders$/, showOrders],
  [/^\/orders\/([^/]+)$/, showOrder],
  [/^\/masuk$/, showTokenForm],
];

const main = document.getElementById("isi");
let leaving = new AbortController();

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const path = location.pathname + location.search;
  if (await auth.renewIfDue(path)) return;
  announce("");
  main.setAttribute("aria-busy", "true");
  const page = await build(signal);
  if (signal.aborted) return;
  main.replaceChildren(...page.content);
  main.removeAttribute("aria-busy");
  document.title = `${page.title} · Karima`;
  showAccount(go);
}

async function build(signal) {
  for (const [pattern, page] of PAGES) {
    const match = pattern.exec(location.pathname);
    if (match) return safely(() => page({ go, signal, name: match[1] }));
  }
  return problemPage("Halaman tidak ditemukan.");
}

async function safely(page) {
  try {
    return await page();
  } catch (error) {
    return problemPage(error.message);
  }
}

function problemPage(detail) {
  const back = h("p", {}, h("a.button", { href: "/" }, "Kembali ke toko"));
  return {
    title: "Maaf",
    content: [h("h1", {}, "Maaf"), h("p.problem", { role: "alert" }, detail), back],
  };
}

// Go to another page of the shop without loading it anew.
async function go(path) {
  history.pushState(null, "", path);
  await show();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/']");
  const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);
  if (!link || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = new FormData(event.target).get("q").trim();
  go(words ? `/?q=${encodeURIComponent(words)}` : "/");
});

addEventListener("popstate", show);

async function start() {
  try {
    const path = await auth.begin(location.pathname + location.search);
    if (path === null) return;
    await cart.merge();
    await cart.load();
  } catch (error) {
    announce(error.message);
  }
  await show();
}

start();
