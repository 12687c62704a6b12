"""What the demo shop sells, in words: categories, colors, sizes, kinds, names."""

from dataclasses import dataclass, field

# (slug, name, slug of the parent)
CATEGORIES: tuple[tuple[str, str, str], ...] = (
    ("wanita", "Wanita", ""),
    ("gamis-abaya", "Gamis & Abaya", "wanita"),
    ("gamis", "Gamis", "gamis-abaya"),
    ("abaya", "Abaya", "gamis-abaya"),
    ("atasan", "Atasan", "wanita"),
    ("tunik", "Tunik", "atasan"),
    ("blouse", "Blouse", "atasan"),
    ("outer", "Outer", "atasan"),
    ("bawahan", "Bawahan", "wanita"),
    ("kulot", "Kulot", "bawahan"),
    ("rok", "Rok", "bawahan"),
    ("hijab", "Hijab", ""),
    ("khimar", "Khimar", "hijab"),
    ("pashmina", "Pashmina", "hijab"),
    ("segi-empat", "Segi Empat", "hijab"),
    ("bergo", "Bergo", "hijab"),
    ("mukena", "Mukena", ""),
    ("pria", "Pria", ""),
    ("koko", "Baju Koko", "pria"),
    ("keluarga", "Keluarga", ""),
    ("sarimbit", "Sarimbit", "keluarga"),
    ("aksesori", "Aksesori", ""),
    ("ciput", "Ciput", "aksesori"),
    ("kaus-kaki", "Kaus Kaki & Handsock", "aksesori"),
    ("bros", "Bros", "aksesori"),
)

# (marketing name, hex, family, code in a SKU)
COLORS: tuple[tuple[str, str, str, str], ...] = (
    ("Dusty Pink", "#d8a7a7", "merah muda", "DPK"),
    ("Rose Wood", "#b57f7d", "merah muda", "RSW"),
    ("Peach", "#eabfa5", "oranye", "PCH"),
    ("Terracotta", "#b5694a", "oranye", "TRC"),
    ("Maroon", "#7a3b46", "merah", "MRN"),
    ("Plum", "#75506b", "ungu", "PLM"),
    ("Lilac", "#c9b7d8", "ungu", "LLC"),
    ("Denim", "#5b7083", "biru", "DNM"),
    ("Navy", "#2f3b55", "biru", "NVY"),
    ("Baby Blue", "#a9c3d6", "biru", "BBL"),
    ("Sage", "#a3b18a", "hijau", "SGE"),
    ("Olive", "#77794f", "hijau", "OLV"),
    ("Emerald", "#3f6f63", "hijau", "EMR"),
    ("Mocca", "#8b6b5c", "cokelat", "MCC"),
    ("Milo", "#a98770", "cokelat", "MLO"),
    ("Khaki", "#c2a983", "cokelat", "KHK"),
    ("Broken White", "#efe6d8", "putih", "BKW"),
    ("Mustard", "#c9973f", "kuning", "MST"),
    ("Abu Silver", "#b3b1ae", "abu-abu", "ABS"),
    ("Hitam", "#2d2a2e", "hitam", "HTM"),
)

# Material and the family that customers filter by.
MATERIALS: dict[str, str] = {
    "Ceruty babydoll": "ceruty", "Ceruty": "ceruty", "Toyobo fodu": "toyobo",
    "Toyobo": "toyobo", "Katun toyobo": "toyobo", "Linen rami": "linen",
    "Linen look": "linen", "Crinkle airflow": "crinkle", "Crinkle": "crinkle",
    "Jetblack premium": "wolfis", "Nidha": "wolfis", "Shakila": "wolfis",
    "Wolfis": "wolfis", "Katun rayon": "rayon", "Rayon twill": "rayon",
    "Rayon Bali": "rayon", "Viscose": "rayon", "Satin silk": "satin", "Silk": "satin",
    "Katun voal": "voal", "Voal premium": "voal", "Paris Jepang": "voal",
    "Knit premium": "rajut", "Scuba": "jersey", "Jersey premium": "jersey",
    "Jersey lembut": "jersey", "Kaos rayon": "jersey", "Kaos spandex": "jersey",
    "Katun spandex": "jersey", "Plisket premium": "plisket",
    "Denim ringan": "denim", "Katun Jepang": "katun", "Katun supima": "katun",
    "Katun madina": "katun", "Parasut silky": "lainnya",
    "Kain satin dan mutiara imitasi": "lainnya",
}  # fmt: skip

SIZES: tuple[str, ...] = (
    "2-3 th",
    "4-5 th",
    "6-7 th",
    "8-9 th",
    "S",
    "M",
    "L",
    "XL",
    "XXL",
    "All Size",
)
LETTERS = ("S", "M", "L", "XL", "XXL")
FREE = ("All Size",)

# Collections; each article of a kind takes the next one.
WOMEN = (
    "Arunika", "Senandika", "Nayara", "Kinanti", "Larasati", "Hanania", "Zahira",
    "Maheswari", "Raisha", "Aluna", "Jenahara", "Salwa", "Inara", "Shafiyya", "Lubna",
)  # fmt: skip
MEN = ("Alif", "Zayyan", "Fathan", "Rasyid", "Ghazi", "Hamzah", "Ilyas")
FAMILY = ("Syawal", "Fitrah", "Rahmah", "Barakah", "Silaturahmi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of article. Prices in whole rupiah, weight in grams."""

    title: str
    category: str
    silhouette: str
    code: str
    count: int
    price: tuple[int, int]
    weight_grams: int
    materials: tuple[str, ...]
    details: tuple[str, ...]
    sizes: tuple[str, ...] = LETTERS
    names: tuple[str, ...] = WOMEN
    busui: bool = False
    wudhu: bool = False
    # Further columns of the product.
    garment: dict[str, str] = field(default_factory=dict)


KINDS: tuple[Kind, ...] = (
    Kind(
        title="Gamis", category="gamis", silhouette="gamis", code="GMS", count=9,
        price=(239_000, 459_000), weight_grams=650, busui=True, wudhu=True,
        garment={"lining": "full", "opacity": "opaque", "sleeve": "long",
                 "cut": "a_line", "motif": "plain", "stretch": "none"},
        materials=("Ceruty babydoll", "Toyobo fodu", "Linen rami", "Crinkle airflow"),
        details=("Potongan A-line dengan bukaan kancing depan",
                 "Furing penuh, tidak menerawang", "Manset lengan berkancing"),
    ),
    Kind(
        title="Abaya", category="abaya", silhouette="abaya", code="ABY", count=3,
        price=(329_000, 589_000), weight_grams=800, wudhu=True,
        garment={"lining": "none", "opacity": "opaque", "sleeve": "long",
                 "cut": "straight", "motif": "embroidered"},
        materials=("Jetblack premium", "Nidha", "Shakila"),
        details=("Bordir halus di sepanjang bukaan depan", "Lengan lonceng",
                 "Potongan lurus longgar"),
    ),
    Kind(
        title="Tunik", category="tunik", silhouette="tunik", code="TNK", count=5,
        price=(149_000, 249_000), weight_grams=380, busui=True,
        garment={"opacity": "opaque", "sleeve": "long", "cut": "loose",
                 "motif": "plain"},
        materials=("Katun rayon", "Linen look", "Toyobo"),
        details=("Panjang menutup lutut dengan belahan samping",
                 "Kancing depan ramah busui", "Saku di kedua sisi"),
    ),
    Kind(
        title="Blouse", category="blouse", silhouette="blouse", code="BLS", count=4,
        price=(129_000, 219_000), weight_grams=300,
        garment={"opacity": "semi_sheer", "sleeve": "long", "cut": "loose"},
        materials=("Rayon twill", "Satin silk", "Katun voal"),
        details=("Tali pita di leher", "Lengan kerut", "Jatuh dan ringan"),
    ),
    Kind(
        title="Outer", category="outer", silhouette="outer", code="OTR", count=3,
        price=(169_000, 299_000), weight_grams=450,
        materials=("Knit premium", "Linen rami", "Crinkle"),
        details=("Bukaan depan tanpa kancing", "Dua saku tempel"),
    ),
    Kind(
        title="Kulot", category="kulot", silhouette="kulot", code="KLT", count=3,
        price=(119_000, 199_000), weight_grams=350, wudhu=True,
        materials=("Crinkle airflow", "Linen look", "Scuba"),
        details=("Pinggang karet dengan tali", "Kaki lebar dan jatuh"),
    ),
    Kind(
        title="Rok", category="rok", silhouette="rok", code="ROK", count=3,
        price=(129_000, 219_000), weight_grams=400,
        materials=("Plisket premium", "Wolfis", "Denim ringan"),
        details=("Plisket rapi permanen", "Pinggang karet belakang"),
    ),
    Kind(
        title="Khimar", category="khimar", silhouette="khimar", code="KHM", count=5,
        price=(89_000, 179_000), weight_grams=280, sizes=("M", "L", "XL"),
        materials=("Ceruty babydoll", "Jersey premium", "Wolfis"),
        details=("Panjang menutup dada sampai pinggang", "Pet antem lembut",
                 "Dua lapis di bagian depan"),
    ),
    Kind(
        title="Pashmina", category="pashmina", silhouette="pashmina", code="PSM",
        count=4, price=(49_000, 99_000), weight_grams=150, sizes=FREE,
        materials=("Ceruty", "Kaos rayon", "Viscose", "Silk"),
        details=("Ukuran 180 x 75 cm", "Tepi jahit rapi", "Mudah dibentuk"),
    ),
    Kind(
        title="Segi Empat", category="segi-empat", silhouette="segi_empat", code="SGE",
        count=4, price=(45_000, 129_000), weight_grams=110, sizes=FREE,
        materials=("Voal premium", "Katun voal", "Paris Jepang"),
        details=("Ukuran 115 x 115 cm", "Tegak di dahi", "Tepi laser cut"),
    ),
    Kind(
        title="Bergo", category="bergo", silhouette="bergo", code="BRG", count=3,
        price=(59_000, 109_000), weight_grams=180, sizes=("M", "L", "XL"),
        materials=("Jersey premium", "Kaos spandex"),
        details=("Langsung pakai tanpa jarum", "Pet lembut mengikuti wajah"),
    ),
    Kind(
        title="Mukena", category="mukena", silhouette="mukena", code="MKN", count=4,
        price=(189_000, 399_000), weight_grams=750, sizes=FREE,
        materials=("Katun Jepang", "Rayon Bali", "Parasut silky"),
        details=("Renda di tepi atasan", "Termasuk tas kecil senada",
                 "Adem dan menyerap keringat"),
    ),
    Kind(
        title="Koko", category="koko", silhouette="koko", code="KKO", count=4,
        price=(149_000, 269_000), weight_grams=350, names=MEN,
        garment={"opacity": "opaque", "sleeve": "long", "cut": "regular",
                 "motif": "embroidered"},
        materials=("Katun toyobo", "Katun supima", "Linen look"),
        details=("Kerah shanghai dengan bordir di dada", "Kancing tersembunyi",
                 "Potongan reguler"),
    ),
    Kind(
        title="Sarimbit", category="sarimbit", silhouette="sarimbit", code="SRB",
        count=2, price=(219_000, 429_000), weight_grams=600, names=FAMILY,
        sizes=("2-3 th", "4-5 th", "6-7 th", "8-9 th", "M", "L", "XL"),
        materials=("Toyobo fodu", "Katun madina"), busui=True, wudhu=True,
        details=("Satu kain untuk ayah, ibu, dan anak",
                 "Dijual per potong, pilih ukuran tiap anggota keluarga"),
    ),
    Kind(
        title="Ciput", category="ciput", silhouette="ciput", code="CPT", count=1,
        price=(19_900, 29_900), weight_grams=40, sizes=FREE,
        materials=("Kaos rayon",),
        details=("Anti pusing, tanpa jahitan di dahi", "Menyerap keringat"),
    ),
    Kind(
        title="Kaus Kaki Wudhu", category="kaus-kaki", silhouette="kaus_kaki",
        code="KSK", count=1, price=(15_900, 24_900), weight_grams=50, sizes=FREE,
        materials=("Katun spandex",), wudhu=True,
        details=("Bukaan di telapak untuk wudhu", "Elastis, tidak mudah melar"),
    ),
    Kind(
        title="Handsock", category="kaus-kaki", silhouette="handsock", code="HSK",
        count=1, price=(17_900, 29_900), weight_grams=45, sizes=FREE, wudhu=True,
        materials=("Jersey lembut",),
        details=("Lubang ibu jari", "Mudah digulung saat wudhu"),
    ),
    Kind(
        title="Bros", category="bros", silhouette="bros", code="BRS", count=1,
        price=(25_000, 45_000), weight_grams=30, sizes=FREE,
        materials=("Kain satin dan mutiara imitasi",),
        details=("Peniti kokoh, aman untuk kain halus", "Dirangkai dengan tangan"),
    ),
)  # fmt: skip

OPENINGS = (
    "{name} hadir untuk Kakak yang ingin tampil anggun tanpa ribet.",
    "Teman setia untuk hari-hari yang padat: {name} nyaman dari pagi sampai malam.",
    "{name} dirancang sederhana, rapi, dan enak dipakai bergerak.",
    "Dari pengajian sampai acara keluarga, {name} selalu pantas.",
)
CARE = (
    "Cuci dengan tangan atau mesin putaran lembut, jangan gunakan pemutih, setrika "
    "dengan suhu sedang."
)
SIZE_NOTES = {
    FREE: "All size.",
    LETTERS: "S (LD 96 cm), M (LD 100 cm), L (LD 104 cm), XL (LD 110 cm), "
    "XXL (LD 116 cm).",
}
