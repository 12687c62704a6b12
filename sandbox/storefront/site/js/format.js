// Amounts and times as people in Indonesia read them.
const number = new Intl.NumberFormat("id-ID");
const moment = new Intl.DateTimeFormat("id-ID", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "Asia/Jakarta",
});

export function rupiah(amount) {
  return `Rp${number.format(amount)}`;
}

export function wib(time) {
  return `${moment.format(new Date(time))} WIB`;
}
