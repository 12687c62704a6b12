// The customer's orders. A payment page proves nothing: the order itself is asked.
import { call } from "./api.js";
import { whoIsThere } from "./auth.js";
import { signInPage } from "./account.js";
import { thumbnail, totals } from "./cart-page.js";
import { pay } from "./checkout.js";
import { acting, announce, h } from "./dom.js";
import { rupiah, wib } from "./format.js";

const STATUS = {
  pending: "Menunggu pembayaran",
  confirmed: "Sudah dibayar",
  processing: "Sedang disiapkan",
  shipped: "Dalam pengiriman",
  delivered: "Sudah sampai",
  completed: "Selesai",
  expired: "Waktu pembayaran habis",
  cancelled: "Dibatalkan",
  returned: "Dikembalikan",
};
const POLL_MS = [1000, 2000, 3000, 5000];
const POLLS = 60;

export async function showOrders({ go }) {
  if (!whoIsThere()) return signInPage("Pesanan", go);
  const orders = await call("GET", "/orders?limit=50");
  const rows = orders.results.map((order) =>
    h("li", {}, h("a.order", { href: `/orders/${order.number}` },
      h("strong", {}, order.number), h("span", {}, STATUS[order.status]),
      h("span.quiet", {}, wib(order.placed_at)), h("span", {}, rupiah(order.grand_total)))));
  const list = rows.length ? h("ul.orders", {}, rows) : h("p", {}, "Belum ada pesanan.");
  return { title: "Pesanan", content: [h("h1", {}, "Pesanan"), list] };
}

export async function showOrder({ go, signal, name }) {
  if (!whoIsThere()) return signInPage("Pesanan", go);
  // What the payment page added to the address is not to be believed.
  history.replaceState(null, "", location.pathname);
  const content = h("div");
  const order = await draw(content, name);
  if (order.status === "pending") poll(content, name, signal);
  return { title: order.number, content: [content] };
}

async function draw(content, number) {
  const order = await call("GET", `/orders/${encodeURIComponent(number)}`);
  content.replaceChildren(
    h("h1", {}, `Pesanan ${order.number}`),
    h(`p.state.${order.status}`, {}, STATUS[order.status]),
    order.status === "pending" ? payment(order) : "",
    shipment(order.shipment),
    h("ul.lines", {}, order.items.map(line)),
    totals(order.totals),
    address(order.shipping_address));
  return order;
}

async function poll(content, number, signal) {
  for (let turn = 0; turn < POLLS && !signal.aborted; turn += 1) {
    await pause(POLL_MS[Math.min(turn, POLL_MS.length - 1)]);
    if (signal.aborted || document.hidden) continue;
    try {
      const order = await call("GET", `/orders/${encodeURIComponent(number)}`);
      if (order.status === "pending") continue;
      await draw(content, number);
      announce(STATUS[order.status]);
      return;
    } catch (error) {
      announce(error.message);
      // Signed out, or gone: asking again does not help.
      if (error.status >= 400 && error.status < 500) return;
    }
  }
}

function pause(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

function payment(order) {
  const open = acting(async () => {
    const attempt = await pay(order.number);
    if (attempt.redirect_url) location.assign(attempt.redirect_url);
  });
  return h("div.pay", {}, h("p", {}, `Bayar sebelum ${wib(order.expires_at)}.`),
    h("button.first", { type: "button", onclick: open }, "Bayar sekarang"));
}

function shipment(parcel) {
  if (!parcel) return "";
  return h("p", {}, `Dikirim dengan ${parcel.courier}, resi ${parcel.tracking_number}.`);
}

function line(item) {
  return h("li.line", {},
    thumbnail(item.image_url),
    h("div.what", {}, h("span", {}, item.product_name),
      h("span.quiet", {}, [item.color, item.size].filter(Boolean).join(" · ")),
      h("span", {}, `${item.quantity} × ${rupiah(item.unit_price)}`)),
    h("strong", {}, rupiah(item.total)));
}

function address(place) {
  return h("address", {}, h("strong", {}, place.receiver_name), `, ${place.phone}`, h("br"),
    `${place.detail}, ${place.subdistrict}, ${place.district}`, h("br"),
    `${place.city}, ${place.province} ${place.postal_code}`);
}
