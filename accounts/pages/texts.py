"""What Kratos says, in Indonesian, by its message ids.

The ids are those of Kratos's `text/id.go`, v1.1.0 to v26.2.0; they are stable there.
A name in braces is filled in from the message's context. A message without an entry,
or without the context that its entry needs, is shown in Kratos's own English words.
"""

import re
from collections.abc import Mapping
from typing import Any

PLACE = re.compile(r"\{(\w+)\}")
LONGEST_TEXT = 500

EXPIRED = "Waktu untuk mengisi formulir ini sudah habis. Silakan coba lagi."
DONE_BEFORE = "Permintaan ini sudah selesai diproses dan tidak perlu diulang."
START_AGAIN = "Terjadi gangguan pada proses ini. Silakan mulai lagi dari awal."
INCOMPLETE = "Formulir belum terisi dengan benar. Silakan periksa lagi isian Anda."
CODE_SENT = (
    "Kami sudah mengirim kode ke alamat e-mail Anda. Bila belum sampai, periksa "
    "folder spam dan pastikan alamatnya benar."
)
LINK_SENT = (
    "Kami sudah mengirim tautan ke alamat e-mail Anda. Bila belum sampai, periksa "
    "folder spam dan pastikan alamatnya benar."
)
TAKEN = (
    "Sudah ada akun dengan alamat e-mail ini. Silakan masuk, atau pulihkan akun bila "
    "Anda lupa kata sandi."
)

LOGIN = {
    1010001: "Masuk",
    1010002: "Masuk dengan {provider}",
    1010003: "Demi keamanan, pastikan sekali lagi bahwa ini memang Anda.",
    1010004: "Satu langkah lagi: masukkan kode verifikasi dua langkah.",
    1010005: "Verifikasi",
    1010006: "Kode dari aplikasi autentikator",
    1010007: "Kode pemulihan",
    1010008: "Lanjutkan dengan kunci keamanan",
    1010009: "Lanjutkan",
    1010010: "Lanjutkan dengan kode pemulihan",
    1010011: "Masuk dengan kunci keamanan",
    1010012: "Siapkan kunci keamanan Anda, lalu lanjutkan.",
    1010013: "Lanjutkan",
    1010014: CODE_SENT,
    1010015: "Kirim kode untuk masuk",
    1010016: (
        "Alamat {duplicateIdentifier} sudah dipakai oleh akun lain. Masuk ke akun itu "
        "untuk menambahkan {provider} sebagai cara masuk."
    ),
    1010017: "Masuk dan hubungkan",
    1010018: "Konfirmasi dengan {provider}",
    1010019: "Kirim kode untuk melanjutkan",
    1010020: "Kami akan mengirim kode ke {maskedIdentifier}.",
    1010021: "Masuk dengan passkey",
    1010022: "Masuk dengan kata sandi",
    1010023: "Kirim kode ke {address}",
    1010024: "Masuk dengan kunci keamanan",
    1010025: "Kami sudah mengirim kode. Bila belum sampai, silakan coba lagi.",
}

REGISTRATION = {
    1040001: "Daftar",
    1040002: "Daftar dengan {provider}",
    1040003: "Lanjutkan",
    1040004: "Daftar dengan kunci keamanan",
    1040005: CODE_SENT,
    1040006: "Kirim kode pendaftaran",
    1040007: "Daftar dengan passkey",
    1040008: "Kembali",
    1040009: "Langkah terakhir: buat kata sandi untuk akun Anda.",
}

SETTINGS = {
    1050001: "Perubahan Anda sudah disimpan.",
    1050002: "Hubungkan {provider}",
    1050003: "Putuskan {provider}",
    1050004: "Matikan verifikasi dua langkah",
    1050005: "Kode QR untuk aplikasi autentikator",
    1050006: "{secret}",
    1050007: "Tampilkan kode pemulihan",
    1050008: "Buat kode pemulihan baru",
    1050009: "{secret}",
    1050010: "Kode pemulihan Anda",
    1050011: "Saya sudah menyimpannya, aktifkan",
    1050012: "Tambah kunci keamanan",
    1050013: "Nama kunci keamanan",
    1050014: "Sudah dipakai",
    1050016: "Matikan kode pemulihan",
    1050017: "Kunci rahasia, bila kode QR tidak dapat dipindai",
    1050018: "Hapus kunci keamanan {display_name}",
    1050019: "Tambah passkey",
    1050020: "Hapus passkey {display_name}",
}

RECOVERY = {
    1060001: "Akun Anda sudah dipulihkan. Silakan buat kata sandi baru sekarang.",
    1060002: LINK_SENT,
    1060003: CODE_SENT,
    1060004: "Kami sudah mengirim kode ke {masked_address}.",
    1060005: "Tuliskan alamat pemulihan Anda secara lengkap.",
    1060006: "Ke mana kami dapat mengirim kode?",
    1060007: "Kembali",
}

LABELS = {
    1070001: "Kata sandi",
    1070003: "Simpan",
    1070004: "Alamat e-mail",
    1070005: "Kirim",
    1070006: "Kode verifikasi",
    1070007: "Alamat e-mail",
    1070008: "Kirim ulang kode",
    1070009: "Lanjutkan",
    1070010: "Kode pemulihan dari e-mail",
    1070011: "Kode verifikasi dari e-mail",
    1070012: "Kode pendaftaran",
    1070013: "Kode masuk",
    1070014: "Masuk dan hubungkan",
    1070015: "Selesaikan captcha untuk melanjutkan.",
    1070016: "Alamat pemulihan",
    1070017: "Nomor telepon",
}

VERIFICATION = {
    1080001: LINK_SENT,
    1080002: "Alamat e-mail Anda sudah diverifikasi. Terima kasih.",
    1080003: CODE_SENT,
}

VALIDATION = {
    4000001: "Isian ini belum benar.",
    4000002: "Wajib diisi.",
    4000003: "Paling sedikit {min_length} karakter.",
    4000004: "Formatnya belum benar.",
    4000005: "Tidak dapat dipakai. Silakan pilih kata sandi lain.",
    4000006: "Alamat e-mail atau kata sandi salah. Silakan periksa dan coba lagi.",
    4000007: TAKEN,
    4000008: "Kode autentikator salah. Silakan coba lagi dengan kode terbaru.",
    4000009: "Alamat e-mail wajib diisi.",
    4000010: "Akun belum aktif. Silakan verifikasi dulu alamat e-mail Anda.",
    4000011: "Verifikasi dua langkah belum diatur untuk akun ini.",
    4000012: "Kode pemulihan ini sudah pernah dipakai.",
    4000013: "Kunci keamanan belum diatur untuk akun ini.",
    4000014: "Kode pemulihan belum diatur untuk akun ini.",
    4000015: "Akun tidak ditemukan, atau belum memiliki kunci keamanan.",
    4000016: "Kode pemulihan salah.",
    4000017: "Paling banyak {max_length} karakter.",
    4000018: "Paling sedikit {minimum}.",
    4000019: "Harus lebih dari {minimum}.",
    4000020: "Paling banyak {maximum}.",
    4000021: "Harus kurang dari {maximum}.",
    4000022: "Harus kelipatan {base}.",
    4000023: "Paling banyak {max_items} isian.",
    4000024: "Paling sedikit {min_items} isian.",
    4000025: "Ada isian yang sama.",
    4000026: "Jenis isian ini tidak sesuai.",
    4000027: TAKEN,
    4000028: TAKEN,
    4000029: "Harus sama dengan {expected}.",
    4000030: "Nilai ini tidak sesuai.",
    4000031: "Terlalu mirip dengan alamat e-mail Anda.",
    4000032: "Paling sedikit {min_length} karakter.",
    4000033: "Paling banyak {max_length} karakter.",
    4000034: "Pernah bocor di internet. Demi keamanan, pilih kata sandi lain.",
    4000035: "Akun tidak ditemukan, atau belum dapat masuk dengan kode.",
    4000036: "Data yang diisi berbeda dari langkah sebelumnya.",
    4000037: "Akun tidak ditemukan, atau belum memiliki cara masuk.",
    4000038: "Captcha belum berhasil. Silakan coba lagi.",
    4000039: "Harus berbeda dari kata sandi lama.",
    4000040: "Tuliskan alamat e-mail yang benar, misalnya nama@contoh.id.",
    4000041: "Tuliskan nomor telepon yang benar, misalnya 0812-3456-7890.",
}

FLOWS = {
    4010001: EXPIRED,
    4010002: INCOMPLETE,
    4010003: INCOMPLETE,
    4010004: INCOMPLETE,
    4010005: INCOMPLETE,
    4010006: INCOMPLETE,
    4010007: DONE_BEFORE,
    4010008: "Kode salah atau sudah dipakai. Silakan coba lagi.",
    4010009: "Akun yang dihubungkan tidak cocok.",
    4010010: "Alamat ini tidak terdaftar pada akun Anda.",
    4040001: EXPIRED,
    4040002: DONE_BEFORE,
    4040003: "Kode salah atau sudah dipakai. Silakan coba lagi.",
    4050001: EXPIRED,
    4060001: DONE_BEFORE,
    4060002: START_AGAIN,
    4060003: START_AGAIN,
    4060004: "Tautan ini salah atau sudah dipakai. Silakan mulai lagi.",
    4060005: EXPIRED,
    4060006: "Kode salah atau sudah dipakai. Silakan coba lagi.",
    4060007: "Kode sudah terlalu sering dicoba. Silakan minta kode baru.",
    4070001: "Tautan ini salah atau sudah dipakai. Silakan mulai lagi.",
    4070002: DONE_BEFORE,
    4070003: START_AGAIN,
    4070004: START_AGAIN,
    4070005: EXPIRED,
    4070006: "Kode salah atau sudah dipakai. Silakan coba lagi.",
    5000001: "Terjadi kesalahan pada sistem kami. Silakan coba kembali.",
    5000002: "Cara masuk sedang tidak tersedia. Silakan coba beberapa saat lagi.",
}

TEXTS: Mapping[int, str] = {
    **LOGIN,
    **REGISTRATION,
    **SETTINGS,
    **RECOVERY,
    **LABELS,
    **VERIFICATION,
    **VALIDATION,
    **FLOWS,
}

# Kratos takes a trait's label from the title in the identity schema, in English.
FIELDS: Mapping[str, str] = {
    "identifier": "Alamat e-mail",
    "traits.email": "Alamat e-mail",
    "traits.name.first": "Nama depan",
    "traits.name.last": "Nama belakang",
    "traits.phone": "Nomor telepon",
}

# Kratos before 25.4 calls these "info".
SUCCESSES = frozenset({1050001, 1080002})


def translate(message: Mapping[str, Any]) -> str:
    """Return the message in Indonesian, else in Kratos's own words."""
    own = message.get("text")
    fallback = own[:LONGEST_TEXT] if isinstance(own, str) else ""
    identifier = message.get("id")
    template = TEXTS.get(identifier) if isinstance(identifier, int) else None
    if template is None:
        return fallback
    context = message.get("context")
    filled = _fill(template, context if isinstance(context, Mapping) else {})
    return filled or fallback


def _fill(template: str, context: Mapping[str, Any]) -> str:
    """Return the text with the context in its places, or nothing if some is missing."""
    wanted = PLACE.findall(template)
    if not all(isinstance(context.get(name), str | int | float) for name in wanted):
        return ""
    return PLACE.sub(lambda place: str(context[place[1]])[:LONGEST_TEXT], template)
