"""How a dozen offices write the same person: for measuring the search, never part of it.

The tables here were written beside the rules of folding and do not import them: each office turns an Albanian name into
its own spelling letter by letter, and names from Arabic come from a table of their own. What both sides share is the fact
that Hatixhe, Hatidža and Khadija are one name: whoever measures needs it as much as whoever searches, so of the irregular
forms the measurement can only say that none was forgotten that stands here. Seeded: the same seed, the same queries.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, product

# Albanian | Serbian | Turkish | English papers of Arabic names, several | French | Arabic script
ISLAMIC = """
M Muhamet|Muhamed|Muhammet|Mohammed,Muhammad,Mohamad|Mohamed|محمد
M Mehmet|Mehmed|Mehmet|Mehmed|Mehmed|
M Ahmet|Ahmed|Ahmet|Ahmad,Ahmed|Ahmed|أحمد
M Ali|Alija|Ali|Ali|Ali|علي
M Hasan|Hasan|Hasan|Hassan,Hasan|Hassan|حسن
M Hysen|Husein|Hüseyin|Hussein,Husayn,Hussain|Houssein|حسين
M Ibrahim|Ibrahim|İbrahim|Ibrahim,Ebrahim|Brahim|إبراهيم
M Ismail|Ismail|İsmail|Ismail,Ismael|Ismaël|إسماعيل
M Isuf|Jusuf|Yusuf|Yusuf,Yousef,Youssef|Youssef|يوسف
M Jakup|Jakub|Yakup|Yaqub,Yaqoub|Yacoub|يعقوب
M Musa|Musa|Musa|Musa,Moussa|Moussa|موسى
M Isa|Isa|İsa|Issa,Isa|Issa|عيسى
M Sylejman|Sulejman|Süleyman|Sulaiman,Suleiman|Souleymane|سليمان
M Hamza|Hamza|Hamza|Hamza,Hamzah|Hamza|حمزة
M Bilall|Bilal|Bilal|Bilal,Belal|Bilal|بلال
M Ymer|Omer|Ömer|Omar,Umar|Omar|عمر
M Osman|Osman|Osman|Othman,Uthman,Osman|Othmane|عثمان
M Halil|Halil|Halil|Khalil,Khaleel|Khalil|خليل
M Halit|Halid|Halit|Khalid,Khaled|Khaled|خالد
M Rexhep|Redžep|Recep|Rajab|Rajab|رجب
M Ramadan|Ramadan|Ramazan|Ramadan,Ramadhan|Ramadan|رمضان
M Shaban|Šaban|Şaban|Shaaban,Shaban|Chaabane|شعبان
M Bajram|Bajram|Bayram|Bayram|Bayram|
M Xhafer|Džafer|Cafer|Jafar,Ja'far,Jaafar|Djafar|جعفر
M Xhemail|Džemail|Cemail|||
M Xhemal|Džemal|Cemal|Jamal|Djamal|جمال
M Xhelal|Dželal|Celal|Jalal|Djalal|جلال
M Xhevat|Dževad|Cevat|Jawad|Djawad|جواد
M Xhevdet|Dževdet|Cevdet|Jawdat|Djawdat|جودت
M Xhavit|Džavid|Cavit|Javid||
M Nexhat|Nedžat|Necat|Najat|Nedjat|نجات
M Nexhmedin|Nedžmedin|Necmettin|Najm al-Din,Najmuddin|Nedjmeddine|نجم الدين
M Nuredin|Nuredin|Nurettin|Nur al-Din,Nooruddin|Noureddine|نور الدين
M Fahredin|Fahredin|Fahrettin|Fakhr al-Din,Fakhruddin|Fakhreddine|فخر الدين
M Hajredin|Hajredin|Hayrettin|Khair al-Din,Khairuddin|Khaireddine|خير الدين
M Shemsedin|Šemsedin|Şemsettin|Shams al-Din,Shamsuddin|Chamseddine|شمس الدين
M Abdullah|Abdulah|Abdullah|Abdullah,Abdallah|Abdallah|عبد الله
M Abdurrahman|Abdurahman|Abdurrahman|Abdul Rahman,Abd al-Rahman|Abderrahmane|عبد الرحمن
M Abdylkerim|Abdulkerim|Abdülkerim|Abdul Karim,Abd al-Karim|Abdelkrim|عبد الكريم
M Abdylkadir|Abdulkadir|Abdülkadir|Abdul Qadir,Abd al-Qader|Abdelkader|عبد القادر
M Abdylhamit|Abdulhamid|Abdülhamit|Abdul Hamid|Abdelhamid|عبد الحميد
M Salih|Salih|Salih|Saleh,Salih|Salah|صالح
M Selim|Selim|Selim|Salim,Saleem|Salim|سليم
M Sadik|Sadik|Sadık|Sadiq,Sadeq|Sadek|صادق
M Rashit|Rašid|Raşit|Rashid,Rasheed|Rachid|رشيد
M Qamil|Ćamil|Kamil|Kamil,Kamel|Kamel|كامل
M Qemal|Ćemal|Kemal|Kamal|Kamal|كمال
M Qazim|Ćazim|Kâzım|Kazim,Kadhim|Kazem|كاظم
M Qerim|Ćerim|Kerim|Karim,Kareem|Karim|كريم
M Shefqet|Šefket|Şefket|Shafqat|Chefket|شفقت
M Shaqir|Šaćir|Şakir|Shakir,Shaker|Chakir|شاكر
M Sherif|Šerif|Şerif|Sharif,Shareef|Chérif|شريف
M Ejup|Ejup|Eyüp|Ayub,Ayyub|Ayoub|أيوب
M Idriz|Idriz|İdris|Idris|Driss|إدريس
M Ilaz|Ilijaz|İlyas|Ilyas,Elias|Ilyès|إلياس
M Adem|Adem|Adem|Adam|Adam|آدم
M Fadil|Fadil|Fadıl|Fadil,Fadel|Fadel|فاضل
M Faruk|Faruk|Faruk|Farouk,Faruq|Farouk|فاروق
M Naim|Naim|Naim|Naim,Naeem|Naïm|نعيم
M Nazim|Nazim|Nazım|Nazim,Nadhim|Nadhem|ناظم
M Zejd|Zejd|Zeyd|Zaid,Zayd|Zaïd|زيد
M Usame|Usama|Üsame|Usama,Osama|Oussama|أسامة
M Tahir|Tahir|Tahir|Tahir,Taher|Tahar|طاهر
M Enes|Enes|Enes|Anas|Anas|أنس
M Hajdar|Hajdar|Haydar|Haydar,Haidar|Haïdar|حيدر
M Muharrem|Muharem|Muharrem|Muharram,Moharram|Mouharrem|محرم
M Mustafa|Mustafa|Mustafa|Mustafa,Mostafa|Moustafa|مصطفى
M Zeqir|Zećir|Zekir|Zakir|Zakir|ذاكر
M Zeqirja|Zećirija|Zekeriya|Zakariya,Zakaria|Zakaria|زكريا
M Veli|Velija|Veli|Wali|Wali|ولي
M Velid|Velid|Velit|Walid,Waleed|Walid|وليد
M Azem|Azem|Azem|||
M Esat|Esad|Esat|Asad,Asaad|Assad|أسعد
M Sami|Sami|Sami|Sami|Sami|سامي
M Besim|Besim|Besim|Basim,Bassem|Bassim|باسم
F Hatixhe|Hatidža|Hatice|Khadija,Khadijah|Khadidja|خديجة
F Fatime|Fatima|Fatma|Fatima,Fatimah|Fatima|فاطمة
F Ajshe|Ajša|Ayşe|Aisha,Aysha|Aïcha|عائشة
F Mejreme|Mejrema|Meryem|Maryam,Mariam|Meriem|مريم
F Zejnepe|Zejneb|Zeynep|Zainab,Zaynab|Zineb|زينب
F Xhemile|Džemila|Cemile|Jamila,Jamilah|Djamila|جميلة
F Shefike|Šefika|Şefika|Shafiqa|Chafika|شفيقة
F Sherife|Šerifa|Şerife|Sharifa|Chérifa|شريفة
F Emine|Emina|Emine|Amina,Aminah|Amina|أمينة
F Halime|Halima|Halime|Halima,Haleema|Halima|حليمة
F Zehra|Zehra|Zehra|Zahra|Zohra|زهراء
F Rukije|Rukija|Rukiye|Ruqayya,Rukaya|Roukaya|رقية
F Safije|Safija|Safiye|Safiya,Safiyya|Safia|صفية
F Sumeje|Sumeja|Sümeyye|Sumayya,Sumaya|Soumaya|سمية
F Hava|Hava|Havva|Hawa|Hawa|حواء
F Qamile|Ćamila|Kâmile|Kamila|Kamila|كاملة
F Nexhmije|Nedžmija|Necmiye|Najmiya|Nedjmia|نجمية
F Naxhije|Nadžija|Naciye|Najiya|Nadjia|ناجية
F Shukrije|Šukrija|Şükriye|Shukriya|Choukria|شكرية
F Sabrije|Sabrija|Sabriye|Sabriya|Sabria|صبرية
F Feride|Ferida|Feride|Farida|Farida|فريدة
F Latife|Latifa|Latife|Latifa|Latifa|لطيفة
F Asije|Asija|Asiye|Asiya,Asia|Assia|آسية
F Hafsa|Hafsa|Hafsa|Hafsa,Hafsah|Hafsa|حفصة
F Medine|Medina|Medine|Madina|Madina|مدينة
F Sadije|Sadija|Sadiye|Sadiya|Sadia|سعدية
F Kadrije|Kadrija|Kadriye|Qadriya|Kadria|قدرية
F Esma|Esma|Esma|Asma|Asma|أسماء
F Naile|Naila|Naile|Naila|Naïla|نائلة
"""
MEN = """
Agim Agron Albin Alban Arben Ardian Arlind Armend Arsim Artan Astrit Atdhe Avni Bajram Bardhyl Bashkim Bekim Bekë Besart
Besnik Blerim Bujar Burim Dardan Dashnor Drilon Driton Dukagjin Durim Egzon Endrit Erion Fatmir Fatos Faton Fidan Fisnik
Fitim Flamur Florim Florent Gazmend Genc Gëzim Gjergj Gjon Granit Hekuran Ilir Jeton Kastriot Kreshnik Krenar Kujtim
Kushtrim Labinot Lavdim Leotrim Liridon Lirim Lulzim Luan Mentor Mërgim Milazim Mirsad Naser Pal Përparim Petrit Qendrim
Rinor Rrahman Rrustem Sokol Shkëlzen Shpend Shpëtim Shqiprim Skënder Shkumbin Taulant Trim Urim Uran Valdet Valdrin Valon
Veton Visar Vullnet Ylber Yll Ylli Zef Zenel Zymer Ndue Nikollë Kolë Lekë Mark Prenk Marash Dodë Rrok Dragan Goran Milan
Zoran Nebojša Slobodan Miroslav Petar Nikola Jovan Dušan Živko Đorđe Srđan Čedomir Ljubiša
"""
WOMEN = """
Adelina Afërdita Albana Albulena Anita Antigona Arbnora Ardita Arijeta Arta Besa Besarta Blerina Blerta Bukurije Dafina
Dhurata Diellza Donika Drita Edona Egzona Elira Emira Fatbardhë Fatlinda Fatmire Fitore Fjolla Flora Florentina Gresa
Hanumshahe Hyre Igballe Ilirjana Jehona Jeta Kaltrina Kosovare Kumrije Lendita Leonora Linda Liridona Lirije Luljeta
Lumnije Lumturije Majlinda Makfirete Mihrije Mimoza Mirlinda Merita Nora Njomza Pranvera Qëndresa Rrezarta Rina Shpresa
Shqipe Shkurte Sanije Sevdije Teuta Trëndelina Valbona Valdete Valmira Valentina Vjollca Vjosa Vlora Yllka Xhyle Zana
Zoje Zyle Zyrafete Gjylsime Gjyle Prenë Mrikë Dila Dragana Jelena Ljiljana Snežana Milica Vesna Gordana Biljana Jasmina
"""
FAMILIES = """
Krasniqi Gashi Berisha Hoxha Morina Shala Bytyqi Thaçi Kelmendi Kastrati Rugova Hoti Bajraktari Kryeziu Zeka Rama Kurti
Elshani Gjinovci Gjoka Gjonaj Hoxhaj Berishaj Krasnaj Çitaku Çeku Shehu Spahiu Syla Sylaj Dema Demaj Duraku Fejza Haxhiu
Kabashi Kadriu Kamberi Koliqi Kosumi Kqiku Limani Llugaliu Llapashtica Luta Maloku Mekolli Mulliqi Muja Murati Nimani
Olluri Pacolli Pllana Podrimqaku Qelaj Qorraj Qosja Rexha Rexhaj Sejdiu Shatri Shabiu Sopa Topalli Tahirsylaj Ukaj Vokshi
Vuniqi Xhafa Xhema Ymeraj Zhuniqi Zogaj Zymberi Gjergji Gjikolli Jashanica Grajçevci Bunjaku Buzhala Bashota Blakçori
Boletini Balaj Behluli Begolli Avdiu Arifaj Alidema Ahmetxhekaj Haxhibeqiri Haxhijaj Sfishta Stublla Vrella Zhitia Dragaj
Petrović Jovanović Nikolić Stojanović Đorđević Živković Čolić Šarić Hadžić Ristić
"""
STEMS = """
Bal Ber Bob Bog Bresh Buç Buk Cak Cer Ciri Dac Dob Dras Drag Dush Fisht Gac Gerg Gjak Gjel Gjem Gllog Gor Grab Gur Has Hod Hum
Istog Jab Jan Kaç Kam Kep Klin Kom Kor Kos Kraj Kuk Lab Lap Lesh Lik Llap Llaush Lluk Log Lub Mal Mat Mec Mir Mok Mush Nik
Nov Obr Orll Pes Pej Plav Pod Pol Prap Rad Rak Res Rog Rud Samadr Shal Shosh Shtim Skiv Skrom Smir Sod Stan Strell Suk Tac
Tërn Tërst Tup Turj Ujm Vald Varr Vat Velek Vit Vrag Zab Zhar Zhur Zllat
""".split()
TAILS = "aj ani eci ovci iqi oli eri ina ata uni ishta anaj iku ela".split()
FIRST = "Arb Ard Alb Bes Bler Bard Dri Drit Er Fat Fiton Flor Gent Il Jet Lir Lor Lul Mal Nort Or Plar Rin Rron Shpet Tring Ur Val Vet Yll".split()
MEN_TAILS = "an on ian or im it end ard ent in at os esh os".split()
WOMEN_TAILS = "ana ora iana ina ita esa ona ela onja eta ime ore ire".split()


@dataclass(frozen=True)
class Islamic:
    """One name as each kind of office writes it; empty where such an office would write it letter by letter."""

    albanian: str
    serbian: str
    turkish: str
    english: tuple[str, ...]
    french: str
    arabic: str


def _islamic() -> dict[str, dict[str, Islamic]]:
    found: dict[str, dict[str, Islamic]] = {"M": {}, "F": {}}
    for line in ISLAMIC.strip().splitlines():
        sex, _, rest = line.partition(" ")
        albanian, serbian, turkish, english, french, arabic = (part.strip() for part in rest.split("|"))
        found[sex][albanian] = Islamic(
            albanian, serbian, turkish, tuple(filter(None, english.split(","))), french, arabic
        )
    return found


BY_SEX = _islamic()
KNOWN = {**BY_SEX["M"], **BY_SEX["F"]}

# --- letter by letter -------------------------------------------------------------------------------------------

_SERBIAN = [
    ("xh", "dž"), ("zh", "ž"), ("sh", "š"), ("gj", "đ"), ("th", "t"), ("dh", "d"), ("ll", "l"), ("rr", "r"), ("ç", "č"),
    ("q", "ć"), ("x", "dz"), ("ë", "e"), ("y", "i"), ("w", "v"),
]  # fmt: skip
_ASCII = [("dž", "dz"), ("đ", "dj"), ("š", "s"), ("ž", "z"), ("č", "c"), ("ć", "c")]
_CYRILLIC = [
    ("dž", "џ"), ("lj", "љ"), ("nj", "њ"), *zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True),
]  # fmt: skip
_GERMAN = [
    ("xh", "dsch"), ("zh", "sch"), ("sh", "sch"), ("gj", "dj"), ("th", "th"), ("dh", "dh"), ("ç", "tsch"), ("q", "k"),
    ("ë", "e"), ("y", "ü"), ("x", "dz"), ("š", "sch"), ("č", "tsch"), ("ć", "tsch"), ("ž", "sch"), ("đ", "dj"),
]  # fmt: skip
_TURKISH = [
    ("gjy", "gü"), ("xh", "c"), ("zh", "j"), ("sh", "ş"), ("gj", "c"), ("th", "t"), ("dh", "d"), ("ll", "l"), ("rr", "r"), ("q", "k"),
    ("ë", "e"), ("y", "ü"), ("j", "y"), ("x", "z"), ("š", "ş"), ("č", "ç"), ("ć", "ç"), ("ž", "j"), ("đ", "c"),
]  # fmt: skip
_ENGLISH = [
    ("xh", "j"),
    ("ë", "e"),
    ("ç", "c"),
    ("gj", "gj"),
    ("š", "sh"),
    ("č", "ch"),
    ("ć", "c"),
    ("ž", "zh"),
    ("đ", "dj"),
]
_FRENCH = [
    ("xh", "dj"), ("zh", "j"), ("sh", "ch"), ("gj", "dj"), ("th", "th"), ("ç", "tch"), ("q", "k"), ("ë", "e"), ("y", "u"),
    ("u", "ou"), ("š", "ch"), ("č", "tch"), ("ć", "tch"), ("ž", "j"), ("đ", "dj"), ("ll", "l"),
]  # fmt: skip
_ARABIC = [
    ("xh", "ج"), ("zh", "ج"), ("sh", "ش"), ("gj", "ج"), ("th", "ث"), ("dh", "ذ"), ("ll", "ل"), ("rr", "ر"), ("nj", "ني"),
    ("lj", "لي"), ("dž", "ج"), ("š", "ش"), ("ž", "ج"), ("č", "تش"), ("ć", "تش"), ("đ", "ج"), ("ç", "تش"), ("q", "ق"),
    ("a", "ا"), ("b", "ب"), ("c", "تس"), ("d", "د"), ("e", "ي"), ("ë", ""), ("f", "ف"), ("g", "غ"), ("h", "ه"), ("i", "ي"),
    ("j", "ي"), ("k", "ك"), ("l", "ل"), ("m", "م"), ("n", "ن"), ("o", "و"), ("p", "ب"), ("r", "ر"), ("s", "س"), ("t", "ت"),
    ("u", "و"), ("v", "ف"), ("x", "ز"), ("y", "ي"), ("z", "ز"),
]  # fmt: skip
_PLAIN = str.maketrans("ëçšžčćđöüşığâîïéèà", "ecszccdousigaiieea")


def _by_letters(word: str, table: Sequence[tuple[str, str]]) -> str:
    letters = dict(table)
    found = re.sub(
        "|".join(sorted(map(re.escape, letters), key=len, reverse=True)),
        lambda at: letters[at[0]],
        word.lower(),
    )
    return found[:1].upper() + found[1:]


def plain(word: str) -> str:
    """Without hooks and dots, as in an e-mail."""
    return word.translate(_PLAIN).translate(str.maketrans("ËÇŠŽČĆĐÖÜŞİ", "ECSZCCDOUSI"))


# Families that are called after an Islamic name: Mehmet-i, Halil-aj.
def _root(word: str) -> tuple[str, str] | None:
    for ending in ("aj", "ović", "i", "u"):
        root = word.removesuffix(ending)
        if root != word and root in KNOWN:
            return root, ending
    return None


def _regular(word: str, form: Callable[[Islamic], str], table: Sequence[tuple[str, str]]) -> str:
    known = KNOWN.get(word)
    if known and form(known):
        return form(known)
    if (parts := _root(word)) and form(KNOWN[parts[0]]):
        root = form(KNOWN[parts[0]])
        return root.rstrip("e") + _by_letters(parts[1], table).lower()
    return _by_letters(word, table)


def serbian(word: str, dice: random.Random) -> str:
    """Serbian Latin."""
    found = _regular(word, lambda name: name.serbian, _SERBIAN)
    return re.sub("ije$", "ija", found) if dice.random() < 0.5 else found


def serbian_ascii(word: str, dice: random.Random) -> str:
    """Serbian as keyboards without its letters write it."""
    return _by_letters(serbian(word, dice), _ASCII)


def cyrillic(word: str, dice: random.Random) -> str:
    """Serbian Cyrillic."""
    return _by_letters(serbian(word, dice), _CYRILLIC)


def german(word: str, dice: random.Random) -> str:
    """As a German office hears it."""
    found = _by_letters(word, _GERMAN)
    return found.replace("V", "W").replace("v", "w") if dice.random() < 0.3 else found


def turkish(word: str, dice: random.Random) -> str:
    """As Turkish papers have it."""
    found = _regular(word, lambda name: name.turkish, _TURKISH)
    return plain(found) if dice.random() < 0.3 else found


def english(word: str, dice: random.Random) -> str:
    """As English lists from the camps have it."""
    return _regular(word, lambda name: dice.choice(name.english) if name.english else "", _ENGLISH)


def french(word: str, dice: random.Random) -> str:
    """As French papers have it."""
    found = _regular(word, lambda name: name.french, _FRENCH)
    return plain(found) if dice.random() < 0.5 else found


def arabic(word: str, dice: random.Random) -> str:
    """In Arabic letters; short vowels of names without an Arabic form are written or left out."""
    known = KNOWN.get(word)
    if known and known.arabic:
        return known.arabic
    if (parts := _root(word)) and KNOWN[parts[0]].arabic:
        return KNOWN[parts[0]].arabic + ("ي" if parts[1] in "iu" else "اي")
    found = "".join(
        "" if letter == "e" and place and dice.random() < 0.4 else _by_letters(letter, _ARABIC)
        for place, letter in enumerate(re.findall("xh|zh|sh|gj|th|dh|ll|rr|nj|lj|dž|.", word.lower()))
    )
    return ("ا" + found) if word[0].lower() in "eio" and found[:1] != "ا" else found


# --- the world --------------------------------------------------------------------------------------------------


@dataclass
class Human:
    """Somebody of the made-up country, in Albanian spelling."""

    family: str
    given: str
    father: str
    sex: str
    year: int
    home: int
    birth_family: str = ""
    is_parent: bool = False
    children: list[int] = field(default_factory=list)


class Pot:
    """Names of which few are common and many are rare."""

    def __init__(self, words: Sequence[str], dice: random.Random, slope: float = 0.75) -> None:
        self.words = list(dict.fromkeys(words))
        weights = [1 / (place + 6) ** slope for place in range(len(self.words))]
        self.sums = list(accumulate(weights))
        self.dice = dice
        self.ready: list[str] = []

    def draw(self) -> str:
        """One name."""
        if not self.ready:
            self.ready = self.dice.choices(self.words, cum_weights=self.sums, k=20_000)
        return self.ready.pop()


def country(size: int, seed: int) -> list[Human]:
    """So many people in households, with the names a country like Kosovo has."""
    dice = random.Random(seed)
    shuffle = random.Random(seed + 1)

    def mixed(common: Sequence[str], rare: Sequence[str]) -> list[str]:
        first, last = list(common), list(rare)
        shuffle.shuffle(first)
        shuffle.shuffle(last)
        return first + last

    men = Pot(mixed([*MEN.split(), *BY_SEX["M"]], [a + b for a, b in product(FIRST, MEN_TAILS)]), dice)
    women = Pot(mixed([*WOMEN.split(), *BY_SEX["F"]], [a + b for a, b in product(FIRST, WOMEN_TAILS)]), dice)
    called_after = [
        name + (ending if name[-1] not in "aeiu" else {"a": "j", "i": "u"}.get(name[-1], "j"))
        for name in BY_SEX["M"]
        for ending in ("i", "aj")
    ]
    families = Pot(mixed([*FAMILIES.split(), *called_after], [a + b for a, b in product(STEMS, TAILS)]), dice)
    people: list[Human] = []
    home = 0
    while len(people) < size:
        home += 1
        family, year = families.draw(), dice.randint(1950, 1998)
        head = Human(family, men.draw(), men.draw(), "M", year, home, is_parent=True)
        wife = Human(
            family, women.draw(), men.draw(), "F", year + dice.randint(-3, 8), home, families.draw(), True
        )
        children = []
        for _ in range(dice.choice((0, 1, 2, 2, 3, 3, 4, 5, 6))):
            sex = dice.choice("MF")
            given = (men if sex == "M" else women).draw()
            born = dice.randint(max(head.year, wife.year) + 18, min(2024, max(head.year, wife.year) + 42))
            children.append(Human(family, given, head.given, sex, born, home))
        place = len(people)
        people += [head, wife, *children]
        for parent in (head, wife):
            parent.children += range(place + 2, place + 2 + len(children))
    return people[:size]


# --- what somebody types ----------------------------------------------------------------------------------------

SPELLINGS: dict[str, Callable[[str, random.Random], str]] = {
    "diacritics": lambda word, _dice: plain(word),
    "Serbian Latin": serbian,
    "Serbian ASCII": serbian_ascii,
    "Serbian Cyrillic": cyrillic,
    "German": german,
    "Turkish": turkish,
    "English-Arabic": english,
    "French": french,
    "Arabic script": arabic,
}
OTHERS = ("kunya", "maiden/married", "order/patronymic", "definite", "typo")
PHENOMENA = (*SPELLINGS, *OTHERS)
_KEYS = ("qwertzuiop", "asdfghjkl", "yxcvbnm")


def typed(phenomenon: str, human: Human, people: Sequence[Human], dice: random.Random) -> str | None:
    """What somebody types who looks for this person, or nothing if the phenomenon cannot occur with them."""
    if write := SPELLINGS.get(phenomenon):
        words = [write(human.given, dice), write(human.family, dice)]
        if phenomenon == "diacritics" and words == [human.given, human.family]:
            return None
        if dice.random() < 0.25:
            words.insert(1, write(human.father, dice))
        return " ".join(words)
    return {
        "kunya": _kunya, "maiden/married": _wedding, "order/patronymic": _order, "definite": _declined, "typo": _typo,
    }[phenomenon](human, people, dice)  # fmt: skip


def _kunya(human: Human, people: Sequence[Human], dice: random.Random) -> str | None:
    children = [place for place in human.children if place < len(people)]
    if not children:
        return None
    child = people[children[0]].given
    child = dice.choice((child, plain(child), english(child, dice)))
    kind = dice.choice(("Abu", "Ebu", "Abou") if human.sex == "M" else ("Umm", "Um", "Oum"))
    other = dice.choice((human.given, human.given, human.family))
    return f"{kind} {child} {plain(other)}" if dice.random() < 0.7 else f"{plain(other)} {kind} {child}"


def _wedding(human: Human, _people: Sequence[Human], dice: random.Random) -> str | None:
    if not human.birth_family:
        return None
    return dice.choice(
        (
            f"{human.given} {human.birth_family}",
            f"{human.birth_family} {human.given}",
            f"{human.given} {human.birth_family} {human.family}",
            f"{human.given} {human.family}-{human.birth_family}",
            f"{human.given} {human.family} née {human.birth_family}",
            f"{human.given} {human.family} (e vajzërisë {human.birth_family})",
            f"{human.given} ({human.father}) {human.birth_family}",
        )
    )


def _order(human: Human, _people: Sequence[Human], dice: random.Random) -> str:
    return dice.choice(
        (
            f"{human.family} {human.given}",
            f"{human.family.upper()}, {human.given}",
            f"{human.family} ({human.father}) {human.given}",
            f"{human.given} {human.father} {human.family}",
            f"{human.given} {human.father[0]}. {human.family}",
            f"{human.given} ({human.father}) {human.family}",
        )
    )


def _declined(human: Human, _people: Sequence[Human], dice: random.Random) -> str | None:
    if human.given[-1] == "ë":
        given = human.given[:-1] + "a"
    elif human.given[-1] == "a":
        given = human.given[:-1] + dice.choice(("ë", "ën", "ës"))
    elif human.given[-1] in "kgh":
        given = human.given + dice.choice(("u", "un", "ut"))
    elif human.given[-1] not in "aeiouy":
        given = human.given + dice.choice(("i", "i", "in", "it"))
    else:
        return None
    return f"{given} {human.family}"


def _typo(human: Human, _people: Sequence[Human], dice: random.Random) -> str | None:
    words = [human.given, human.family]
    long = [place for place, word in enumerate(words) if len(word) > 3]
    if not long:
        return None
    place = dice.choice(long)
    words[place] = slip(words[place], dice)
    return " ".join(words)


def slip(word: str, dice: random.Random) -> str:
    """One slip of the fingers: two letters swapped, one left out, one doubled, one of the neighbouring keys."""
    at = dice.randrange(1, len(word) - 1)
    kind = dice.randrange(4)
    if kind == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    row = next((row for row in _KEYS if word[at].lower() in row), "")
    if kind == 2 and row:
        here = row.index(word[at].lower())
        near = row[max(0, here - 1) : here] + row[here + 1 : here + 2]
        return word[:at] + dice.choice(near) + word[at + 1 :]
    return word[:at] + word[at] + word[at:]
