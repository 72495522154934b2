"""One name, the way each language of the region writes it.

Names that came with the Ottomans live in Albanian, Bosnian, Turkish and Arabic forms that no rule of letters
brings together: Hatixhe, Hatidža, Hatice, Khadija. Each line below is one name in its Albanian form, followed
by the forms in which offices write it. It is a list of spellings, not of meanings: Muhamet and Mehmet come
from one Arabic word and are two names, and stay two.

The list was made for Homeward from the spelling habits of the five languages. Who wants to check it finds the
Serbian and Bosnian forms in A. Škaljić, Turcizmi u srpskohrvatskom jeziku, the Turkish ones in the dictionary of
personal names of the Türk Dil Kurumu, and the romanisations of Arabic in the tables of ALA-LC and DIN 31635.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from homeward.casework.people.rules.letters import sounds, words

# The name, a colon, its other forms. A form that two names share (Fr. Amine) stands in neither.
FORMS = """
# Prophets and people of the first days
Abdulla: Abdullah Abdallah Abdoullah Abdyllah Avdulla Avdullah Avdylla عبدالله
Abdyl: Abdul Avdyl Avdul
Abubekr: Abubekir Ebubekir Ebubekr Abubakr Abubakar Aboubacar Aboubakr ابوبكر
Adem: Adam آدم
Ahmet: Ahmed Ahmad Achmed Achmet احمد
Ali: علي
Bilall: Bilal Belal Billal بلال
Davut: Daut Davud Dawud Dawood Daoud داود داوود
Ejup: Ejub Eyüp Ayub Ayyub Ayoub ايوب
Fatime: Fatima Fatma Fatimah Fatema Fatimeh فاطمة فاطمه
Hajdar: Haydar Haidar Heydar Hyder Hejdar حيدر
Hamza: Hamze Hamzah Hamzeh Hemza حمزة
Harun: Haroun Haroon هارون
Hasan: Hassan Hassen حسن
Hatixhe: Hatidža Hatice Hatidza Hadidža Khadija Khadijah Khadidja Khadiga Hadija Hatije Hatijeh خديجة
Hysen: Husein Hussein Husejn Hüseyin Hussain Husain Houssein Hossein Hussien حسين
Ibrahim: Ebrahim Ibraim Brahim ابراهيم
Idriz: Idris Idriss Driss ادريس
Ilaz: Ilijaz Iljaz Ilyas Ilias Elyas Elias الياس
Isa: Issa Eisa عيسى
Isak: Ishak Is'hak Ishaq Isaak Isaac اسحاق اسحق
Ismail: Ismajl Smail Smajl Ismael Esmail اسماعيل
Isuf: Jusuf Yusuf Yousef Youssef Yousuf Yousif Youssouf Jusup Joussef يوسف
Jahja: Yahya Yahia Yehia Jahia يحيى
Jakup: Jakub Yakub Yakup Yaqub Yaqoub Yacoub يعقوب
Junuz: Junus Yunus Younes Younis Younus Unus يونس
Llukman: Lukman Luqman Lokman Loqman لقمان
Mejreme: Mejrem Merjem Merjeme Mejrema Merjema Meryem Maryam Mariam Mariyam مريم
Muhamet: Muhamed Muhammad Muhammed Mohammad Mohammed Mohamed Mohamad Mouhamed Mehammed محمد
Mehmet: Mehmed Memet Memed
Mahmut: Mahmud Mahmoud Mahmood محمود
Musa: Moussa Mousa Mussa موسى
Mustafa: Mustafe Mustapha Moustafa Moustapha Mostafa مصطفى
Omer: Umar Omar Ymer Imer Umer Ömer Oumar عمر
Osman: Usman Othman Uthman Ousmane Otman عثمان
Salih: Sali Saleh صالح
Sylejman: Sulejman Süleyman Suleyman Suleiman Sulaiman Soleiman Souleymane Slejman سليمان
Zejd: Zaid Zayd Zeid Zeyd زيد
Zejnep: Zejneb Zejnepe Zeynep Zainab Zaynab Zeineb Zeinab Zineb زينب
Zeqirja: Zekirija Zekerija Zekeriya Zakaria Zakariya Zakariyya زكريا

Amar: Ammar Ammaar عمار
Asija: Asiya Asiyah Assia Asieh آسية
Hafsa: Hafsah Hafse Hafza حفصة
Hatab: Hattab Khattab Khatab خطاب
Hudejfe: Hudhejfe Huzejfe Hudhaifa Hudhayfah Houdhaifa Huzaifa Huzeyfe حذيفة
Muad: Muadh Mu'adh Moadh Muaz Moaz Mouadh Muath معاذ
Musab: Mus'ab Musaab Mosab Mousab Musap مصعب
Nusejbe: Nusejba Nusaybah Nusaiba Noussaiba نسيبة
Rumejsa: Rumaysa Rumaisa Roumaissa Rumeysa رميساء
Suhejb: Suhejp Suhaib Suhayb Souhaib Sohaib Süheyb صهيب
Sumeja: Sumejja Sumayya Sumaya Sumayyah Soumaya Sümeyye Sumeyye Somaya سمية
Talha: Talhah طلحة
Tarik: Tariq Tarek Tareq Tarek طارق
Ubejde: Ubejda Ubaida Ubaydah Oubaida Obaida Übeyde عبيدة
Usame: Usama Osama Oussama اسامة

# Months, feasts, titles
Bajram: Bayram Bairam Bajrem بيرام
Haxhi: Hadži Hacı Hajj Hajji Hadj Hadzi حاج حاجي
Hoxha: Hodža Hoca Hodza Hodja Khoja Khodja Khodzha خوجة خوجا
Muharrem: Muharem Moharram Muharram Moharrem محرم
Ramadan: Ramazan Ramadhan Ramzan Ramdan رمضان
Rexhep: Redžep Redzep Recep Redžeb Rajab Rajeb Ragab Radjab رجب
Sefer: Safar Safer صفر
Shaban: Šaban Şaban Shaaban Chaban Chaabane شعبان

# Names of men
Adil: Adel Aadil عادل
Arif: Aref Aarif عارف
Asim: Assim Asem عاصم
Asllan: Aslan Arslan
Azem: Azam Aazam اعظم
Aziz: Azeez Azziz عزيز
Bahri: Bahrij Bahry بحري
Bahtijar: Bahtiyar Bakhtiar Bahtiar
Basri: Basry بصري
Bedri: Badri بدري
Behram: Bahram بهرام
Behxhet: Behdžet Behçet Behdzet Bahjat Bahgat بهجت
Beqir: Bekir Bećir Bakr Bekr Bakir Baqir بكر باقر
Besim: Basim Bassim Bassem Basem باسم
Burhan: Bourhan Borhan برهان
Dervish: Derviš Derviş Darwish Darvish Darwich درويش
Dilaver: Dilawar Delaver
Ekrem: Eqrem Akram Akrem اكرم
Emin: Amin Ameen امين
Emir: Amir Ameer Aamir امير
Enes: Anas Anes انس
Enver: Anwar Anouar Anvar انور
Esat: Esad Asad Asaad اسعد
Eshref: Ešref Eşref Ashraf Achraf Ashref اشرف
Etem: Edhem Et'hem Ethem Etham
Fadil: Fazil Fazıl Fadel Fadhil Fadhel فاضل
Fahri: Fakhri Fahry Fakhry فخري
Faik: Faiq Fayik فائق
Faruk: Farouk Farooq Faruq Farouq فاروق
Fazli: Fazlı Fadli Fazlija فضلي
Fehmi: Fahmi Fahmy فهمي
Ferhat: Ferhad Farhad Farhat فرهاد
Ferit: Ferid Farid Fareed فريد
Fet'hi: Fethi Fathi Fathy Fethy فتحي
Fevzi: Fawzi Faouzi Fauzi Fevzija فوزي
Fikri: Fekri Fikry فكري
Fuat: Fuad Fouad Fouat فؤاد
Gafur: Ghafur Ghafour Gafour غفور
Galip: Galib Ghalib Ghaleb غالب
Gani: Ghani غني
Gazi: Ghazi غازي
Hafiz: Hafez Hafidh Hafeez حافظ
Hajri: Hayri Khairi Khayri Hairi خيري
Haki: Hakkı Hakki Hakky حقي
Halil: Khalil Khaleel Chalil خليل
Halit: Halid Khalid Khaled Khalit خالد
Hamdi: Hamdy Hamdija حمدي
Hamit: Hamid Hameed حميد حامد
Haris: Harith Hareth Harris حارث
Hashim: Hašim Haşim Hashem Hachem Hachim Hachimi هاشم
Hidajet: Hidayet Hidayat Hedayat هداية
Hikmet: Hikmat Hekmat حكمت
Hilmi: Helmi Hilmy Helmy حلمي
Hysni: Husni Hüsnü Housni Hosni Husnija حسني
Ibish: Ibiš İbiş
Ilhami: Elhami Ilhamy
Iljmi: Ilmi Elmi علمي
Islam: Eslam اسلام
Izet: Izzet İzzet Ezzat Izzat عزت
Jashar: Jašar Yaşar Yashar
Jasin: Yasin Yassin Yassine Yaseen ياسين
Jasir: Jaser Yasir Yasser Yaser Jasser ياسر
Kadir: Qadir Kader Qader Kadeer قادر
Kadri: Qadri Kadry قدري
Kasum: Kasem Kasëm Kasim Qasim Qassim Kassem Kacem Kasam قاسم
Latif: Lateef Lattif لطيف
Lutfi: Lütfi Lotfi Loutfi لطفي
Maksut: Maksud Maqsud Maqsood مقصود
Maliq: Malik Malek Maleek مالك
Mazllum: Mazlum Mazloum مظلوم
Mensur: Mansur Mansour Mansoor منصور
Mevlud: Mevlut Mevlyd Mawlud Mouloud Mevloud مولود
Mexhit: Mexhid Medžid Medzid Mecit Mecid Majid Majeed Madjid مجيد
Murat: Murad Mourad Mraad مراد
Muzafer: Myzafer Muzaffer Muzaffar Mozaffar مظفر
Myftar: Muftar Muhtar Mukhtar Mokhtar Moukhtar مختار
Mynir: Munir Münir Mounir Monir منير
Myrteza: Murteza Mürteza Murtaza Mortaza Murtada مرتضى
Myslim: Muslim Müslim Moslem Muslem Mouslim مسلم
Naim: Naeem Nayim نعيم
Naser: Nasir Nasser Naseer ناصر
Naxhi: Nadži Naci Naji Nadji Nagi ناجي
Nazim: Nazem Nadhim Nadhem ناظم
Nazmi: Nadhmi Nazmy نظمي
Nehat: Nihat Nihad Nehad نهاد
Nexhat: Nedžat Necat Nejat Nedjat Najat نجات
Nexhip: Nexhib Nedžib Necip Najib Nedjib Nagib Najeeb نجيب
Nexhmi: Nedžmi Necmi Najmi Nejmi Nedjmi نجمي
Nuri: Nouri Noori Noury نوري
Nusret: Nusrat Nosrat Nasrat نصرت
Qamil: Kamil Ćamil Kâmil Kamel كامل
Qani: Kani Ćani
Qazim: Kazim Ćazim Kâzım Kazem Kadhim Kadhem كاظم
Qemal: Kemal Ćemal Kamal كمال
Qenan: Kenan Ćenan Kanaan كنعان
Qerim: Kerim Ćerim Karim Kareem كريم
Rahim: Raheem Rahiem رحيم
Raif: Raef رائف
Rashit: Rašid Rashid Raşit Rachid Rasheed Reshit Rešid Reşit Reşid رشيد راشد
Rasim: Rasem Rassim راسم
Rauf: Raouf Raoof رؤوف
Refik: Rafik Rafiq Refiq Rafeek رفيق
Remzi: Ramzi Ramzy رمزي
Ridvan: Rıdvan Rizvan Rezvan Ridwan Redouane Radwan رضوان
Rifat: Rif'at Refat Rifaat Rıfat Refaat رفعت
Riza: Reza Rida Ridha Reda رضا
Ruzhdi: Ruždi Rüştü Rushdi Rouchdi Roshdi Ruždija رشدي
Sabri: Sabry Sabrij صبري
Sadik: Sadiq Sadek Sadeq Saduk صادق
Sadri: Sadry صدري
Safet: Saffet Safwat Safvet صفوت
Said: Sait Saeed Saiid Seid سعيد
Sakip: Sakib Saqib Saqeb ثاقب
Sejdi: Seydi Sejdija Sidi سيدي
Selami: Salami Selamy سلامي
Selim: Salim Saleem Seleem Slim سليم سالم
Selman: Salman Selmen سلمان
Servet: Tharwat Sarwat Servat ثروت
Shahin: Šahin Şahin Chahine Shaheen Shahen شاهين
Shaip: Šaip Şaip Shaib Shuajb Shuaib Šuaib Šuajb Chouaib شعيب
Shaqir: Šaćir Šakir Şakir Shakir Shaker Chakir Chaker شاكر
Shefik: Šefik Şefik Shafik Shafiq Chafik Shefiq شفيق
Shefki: Šefki Şefki Shafqi Ševki Şevki Shefqi
Shefqet: Šefket Šefćet Şefket Shafqat Shefket Chefket شفقت
Shemsi: Šemsi Şemsi Shamsi Chamsi شمسي
Sherif: Šerif Şerif Sharif Shareef Cherif Charif شريف
Shykri: Shyqri Shyqyri Šukri Şükrü Shukri Shoukri Choukri Shukry شكري
Sinan: Senan Sinaan سنان
Skender: Iskender İskender Skënder Skander Eskandar Iskandar اسكندر
Tahir: Taher Tahar Taheer طاهر
Tahsin: Tahseen Tehsin تحسين
Taip: Tajib Tajip Tayyip Tayyib Tayeb Tayib طيب
Talip: Talib Taleb طالب
Tefik: Tevfik Teufik Tawfiq Tawfik Toufik Taufik Tewfik توفيق
Vahit: Vahid Wahid Waheed Ouahid وحيد
Vedat: Vedad Widad Wedad وداد
Vehbi: Wahbi Vehbija Wehbi وهبي
Vejsel: Veysel Vejsil Wejsel
Veli: Wali Vali Ouali ولي
Velid: Velit Walid Waleed Oualid وليد
Xhabir: Džabir Jabir Jaber Cabir Djaber Dzabir جابر
Xhafer: Džafer Dzafer Cafer Jafar Jaafar Ja'far Djafar Xhaferr Gafar جعفر
Xhavit: Džavid Dzavid Cavit Cavid Javid Jawid Xhavid جاويد
Xhelal: Dželal Dzelal Celal Jalal Djalal Galal جلال
Xhelil: Dželil Dzelil Celil Jalil Djalil جليل
Xhemail: Xhemajl Džemail Džemajl Cemail
Xhemal: Džemal Dzemal Jamal Djamal Gamal Djemal جمال
Xhemil: Džemil Dzemil Cemil Jamil Djamil Gamil جميل
Xhevat: Xhevad Dževad Dzevad Cevat Cevad Jawad Javad Djawad جواد
Xhevdet: Dževdet Dzevdet Cevdet Jawdat Javdat Djevdet جودت
Zaim: Zaeem Zayim زعيم
Zarif: Zareef Dharif ظريف
Zejnel: Zenel Zeynel Zeinel Zainal
Zeqir: Zekir Zećir Zakir Zaker Dhakir ذاكر
Zija: Ziya Zia Ziyaa ضياء
Zyber: Zuber Zubeir Zubejr Zubayr Zübeyir Zoubeir Zubair زبير
Zyhdi: Zuhdi Zühdü Zühtü Zouhdi Zuhdija زهدي

# Names of women
Adile: Adila Adileh عادلة
Ajshe: Ajša Ajsha Aiša Aishe Ayşe Aisha Aysha Ayesha Aicha Aische عائشة عايشة
Aziza: Azize Azizeh عزيزة
Bahrije: Bahrija Bahriye Bahria بحرية
Bedrije: Bedrija Bedriye Badria بدرية
Elhame: Ilhama Elham Ilham الهام
Emine: Emina Amina Aminah Amineh Ameena أمينة
Emire: Emira Amira Ameera Amirah اميرة
Esma: Asma Asmaa Esmaa اسماء
Fahrije: Fahrija Fahriye Fakhria Fakhriya فخرية
Feride: Ferida Farida Fareeda Faridah فريدة
Gjylsime: Gylsime Gulsuma Gylsyme Đulsuma Djulsuma Gülsüm Kulthum Kalthoum Kulsum كلثوم
Hafize: Hafiza Hafidha Hafeeza حفيظة
Hajrije: Hajrija Hayriye Khairia Khayria
Halime: Halima Haleema Halimah حليمة
Hamide: Hamida Hameeda حميدة
Hanife: Hanifa Haneefa حنيفة
Hasnije: Hasnija Hasniye Hasnia
Hava: Hawa Havva Hawwa Hawaa حواء
Hyrije: Hurija Hyrija Hüriye Huriye Houria Houriya حورية
Jasmine: Jasmina Yasmin Yasmine Yasmina Yasemin ياسمين ياسمينة
Kadrije: Kadrija Kadriye Qadria Kadria قدرية
Latife: Latifa Lateefa Latifeh لطيفة
Lutfije: Lutfija Lütfiye Loutfia لطفية
Medine: Medina Madina Medineh مدينة
Mevlyde: Mevlude Mevluda Mevlüde Mevlida
Mynevere: Munevera Munevere Münevver Mounawara Munawwara منورة
Naile: Naila Nayla Najla Nailah نائلة
Naxhije: Nadžija Naciye Najia Nadjia Najiya ناجية
Nexhmije: Nedžmija Necmiye Najmiya Nejmije Nedjmia Najmia نجمية
Nurije: Nurija Nuriye Nouria Nouriya نورية
Qamile: Kamile Ćamila Kamila Kâmile Kamilah كاملة
Qefsere: Kevsera Kevser Kawthar Kaouthar Kausar Kewser كوثر
Qerime: Kerime Ćerima Kerima Karima Kareema كريمة
Rabije: Rabija Rabiye Rabia Rabiya رابعة
Razije: Razija Raziye Radhia Radia Radiya راضية
Remzije: Remziye Remziya Ramzia Ramziya رمزية
Rukije: Rukija Rukiye Ruqayya Ruqaya Rokaya Roukia رقية
Sabrije: Sabrija Sabriye Sabria Sabriya صبرية
Sadije: Sadija Sadiye Saadia Saadiya سعدية
Safije: Safija Safiye Safia Safiya Safiyya صفية
Salihe: Saliha Salehah صالحة
Shazije: Šazija Şaziye Shazia
Shefike: Šefika Şefika Shafiqa Chafika شفيقة
Sherife: Šerifa Şerife Sharifa Cherifa Shareefa شريفة
Shukrije: Shykrije Šukrija Şükriye Shoukria Choukria شكرية
Shyhrete: Šuhreta Suhreta Şöhret Shuhret شهرت
Xhemile: Džemila Dzemila Cemile Jamila Djamila Jameela جميلة
Xhevahire: Dževahira Cevahir Jawahir Djawahir جواهر
Zarife: Zarifa Zareefa Dharifa ظريفة
Zehra: Zahra Zahraa Zehraa Zahrah زهراء زهرة
Zekije: Zekija Zekiye Zakia Zakiya Zeqije زكية
Zelihe: Zeliha Zelihah
Zylejha: Zulejha Züleyha Zuleikha Zoulikha Zulaikha زليخا زليخة

# Slavic and Greek names whose ending -aj or -ej is no Albanian -aj
Aleksej: Alexei Aleksei Alexej Alexey
Andrej: Andrei Andrey
Matej: Matei
Nikolaj: Nikolai Nikolay
Sergej: Sergei Sergey
"""

# What Albanian and Serbian family names add to a given name: Mehmet-i, Isuf-aj, Halil-ović.
_FAMILY_ENDINGS = ("ovic", "evic", "aj", "ej", "i", "u", "a")


def classes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every name of the list with all its forms, as they are written there."""
    for line in FORMS.splitlines():
        if line and not line.startswith("#"):
            name, _, forms = line.partition(":")
            yield name, (name, *forms.split())


def is_known(token: str) -> bool:
    """Does the list have this word, so that nobody need wonder what it was meant to be?"""
    return known_as(token) != token or token in _NAMES


def is_form(token: str) -> bool:
    """Does the list have exactly this word, as a name or one of its forms?"""
    return token in _NAMES


def _by_sound() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, forms in classes():
        for form in forms:
            found[_written(form)] = _written(name)
    return found


def _written(form: str) -> str:
    """A form by its sounds, in one word."""
    return "".join(sounds(word) for word in words(form))


_NAMES = _by_sound()


@lru_cache(maxsize=65536)
def known_as(token: str) -> str:
    """The name a word (written by its sounds) is a form of, or the word itself if the list does not have it."""
    if token in _NAMES:
        return _NAMES[token]
    for ending in _FAMILY_ENDINGS:
        stem = token.removesuffix(ending)
        if stem != token and len(stem) > 2 and stem in _NAMES:
            return _NAMES[stem] + ending
    return token
