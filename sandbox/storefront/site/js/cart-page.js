// The cart: quantities, totals, and what stands in the way of ordering.
import * as cart from "./cart.js";
import { showAccount } from "./account.js";
import { acting, h } from "./dom.js";
import { rupiah } from "./format.js";

export async function showCart({ go }) {
  const content = h("div");
  render(content, await cart.load(), go);
  return { title: "Keranjang", content: [h("h1", {}, "Keranjang"), content] };
}

function render(content, document, go) {
  showAccount(go);
  if (!document.items.length) {
    const empty = h("p", {}, "Keranjang Anda masih kosong.");
    content.replaceChildren(empty, h("a.button", { href: "/" }, "Lihat koleksi"));
    return;
  }
  const change = (line, quantity) =>
    acting(async () => render(content, await cart.setQuantity(line.id, quantity), go));
  content.replaceChildren(
    notices(document.notices),
    h("ul.lines", {}, document.items.map((line) => row(line, change))),
    totals(document.totals),
    h("a.button.first.wide", { href: "/checkout" }, "Lanjut ke pembayaran"));
}

export function notices(rows) {
  if (!rows.length) return "";
  return h("ul.problem", { role: "alert" }, rows.map((notice) => h("li", {}, notice.message)));
}

function row(line, change) {
  const name = [line.product_name, line.color, line.size].filter(Boolean).join(", ");
  const button = (label, text, quantity) =>
    h("button.step", {
      type: "button", "aria-label": `${label}: ${name}`, onclick: change(line, quantity),
    }, text);
  return h("li.line", {},
    thumbnail(line.image_url),
    h("div.what", {},
      h("a", { href: `/produk/${line.product_slug}` }, line.product_name),
      h("span.quiet", {}, [line.color, line.size].filter(Boolean).join(" · ")),
      h("span", {}, rupiah(line.unit_price))),
    h("div.quantity", {},
      button("Kurangi", "−", line.quantity - 1),
      h("span", { "aria-label": `Jumlah ${line.quantity}` }, String(line.quantity)),
      button("Tambah", "+", line.quantity + 1),
      button("Hapus", "Hapus", 0)),
    h("strong", {}, rupiah(line.total)));
}

export function thumbnail(url) {
  if (!url) return null;
  return h("img", { src: url, alt: "", width: 72, height: 90, loading: "lazy" });
}

export function totals(amounts) {
  const rows = [
    ["Barang", amounts.items],
    ["Potongan", -amounts.discount],
    ["Ongkos kirim", amounts.shipping],
    ["Total", amounts.grand_total],
  ];
  return h("dl.totals", {}, rows.filter(([, amount]) => amount).map(([label, amount]) =>
    h("div", {}, h("dt", {}, label), h("dd", {}, rupiah(amount)))));
}
