"""Names in use in Kosovo that need no list of forms, because the rules of letters bring their spellings together.

They are known for another reason: two names that are both on a list are two names, however alike they look. Besim and
Bekim differ by one letter and are two brothers; Besim and Besmi differ by one letter and are one man and a slip of the
pen. Likeness asks here before it takes a difference for a slip, and folding asks before it takes an ending for a case.

The lists were made for Homeward: native Albanian names after the habit of naming children for words of the language
(Drita, light; Agron, a king of Illyria), Slavic ones as they stand in Serbian registers. A name that is missing costs
little: it is then told from its neighbours by its letters alone.
"""

from __future__ import annotations

from functools import lru_cache

from homeward.casework.people.rules.letters import sounds, words
from homeward.casework.people.rules.lexicon import is_form, is_known, known_as

MEN = """
Adelin Adriatik Afrim Agim Agon Agron Albin Alban Albert Alket Altin Amar Andi Anton Arben Arbër Arbnor Ardian Ardit
Ardi Ari Arian Arijan Arlind Armend Arsim Artan Astrit Atdhe Avdi Avni Azbi Bahtir Bajazit Bardh Bardhyl Bashkim Bedri
Bejtush Bekim Berat Besar Besart Besian Besim Besmir Besnik Bislim Blendi Blerand Blerim Blerton Bujar Burim Butrint
Dalip Dardan Daut Dashnor Demush Denis Diar Dijar Dion Dorian Drenusha Driart Drilon Drin Driton Dritan Dukagjin
Durim Eduard Egzon Elbasan Elez Elmi Elton Elvis Endrit Enis Enkel Erblin Ergin Erion Ermal Ermir Erdon Eris Erolind
Erzen Esat Fadil Faton Fatlum Fatmir Fatos Feim Fidan Filip Fisnik Fitim Fitor Flamur Florent Florian Florim Flori
Fran Gani Gazmend Genc Gent Gentian Gentrit Gëzim Gjergj Gjin Gjon Gjovalin Gjokë Granit Guri Habib Hajredin Hajriz
Hashim Hekuran Heset Hetem Hysni Ibër Ilir Isen Ismet Isuf Jahir Jakup Jeton Jetmir Jon Jonuz Kastriot
Kolë Korab Kreshnik Krenar Kujtim Kushtrim Labinot Lavdim Lavdrim Lek Leka Leart Leon Leonard Leotrim Leutrim Liburn
Lirak Liridon Lirim Luan Luftar Lulzim Lumi Lundrim Mal Marash Mark Mendim Mërgim Mergim Mentor Metë Milaim
Milazim Milot Mirash Mirdon Misin Nait Naim Ndue Nertil Nezir Nikollë Nikoll Nimon Nysret Osë Pal Pajazit Pashk
Patriot Përparim Petrit Plarent Prend Prenk Qamil Qendrim Qerkin Qazim Ramiz Rasim Ragip Rexhë Rrustem Rrahman
Rinor Rilind Rron Sabit Sahit Sadri Sadik Safet Salihë Sami Sejdë Selver Senad Senat Shefki Shkumbin Shkodran
Shkëlzen Shpat Shpend Shpëtim Shqiponjë Shqipdon Shqiprim Sinan Skifter Sokol Syl Sylë Taulant Tahir Tomor Trim
Tush Uran Urim Ukë Valdet Valdrin Valmir Valon Valton Veton Vigan Visar Vlash Vllaznim Vullnet Xhevat Xhem Ylber Ylli
Yll Yllzen Zef Zenun Zeqë Zymer Arb Auron Bleon Diell Engjëll Gent Jehon Joni Kaltrim Lorik Lisian Rrezon Toska
"""

WOMEN = """
Adelina Afërdita Afrodita Agnesa Agime Ajete Alberta Albana Albina Alketa Alma Altina Amela Anita Antigona Arbana
Arbnesha Arbnora Arbresha Ardita Ariana Arijeta Arjeta Arlinda Arta Artina Argjira Armenda Arsime Aurora Bahtije
Bardha Blerina Bleona Blerta Bora Besa Besarta Besiana Besjana Burbuqe Bukurije Dafina Dashurije Dea Diana Diellza
Donika Donjeta Doruntina Dora Drenusha Drita Dritëro Dukagjina Edona Egzona Elda Elona Elira Elisa Elvana Eliza
Elmaze Emira Era Erblina Erza Ereta Erisa Erdona Ermira Fahrije Fatbardha Fatime Fatmire Fatlinda Fatmira Fatlume Fazile Feride
Fikrije Fisnike Fitore Fjolla Flaka Flora Florentina Floresa Florije Gentiana Genta Gjejlane Gjylshahe
Gjyle Gjylten Gjyzide Gresa Gëzime Hana Hanumshahe Hidajete Hyra Igballe Ilirjana Iliriana Imrane Jehona Jeta
Jetmira Jeta Jona Kaltrina Kimete Kosovare Kumrije Kujtime Kushtrime Laureta Laura Leda Lejla Lendita Leonora Leonita Leontina
Lira Liridona Linda Lirie Liza Lola Lulzime Luljeta Lule Lumnije Lumturije Lurata Magbule Majlinda
Makfirete Manushaqe Melihate Merita Merxhivane Mihane Mimoza Minire Mirjeta Mirlinda Mirsade Miradije Mirela
Mrika Naile Naxhije Nazlije Nazmije Nazife Nebahate Nexharije Nora Njomza Nurishahe Olta Ora Pranvera Prena Qefsere
Qendresa Qëndresa Qibrije Rabe Raba Remzije Resmije Rezarta Rina Rita Rrezarta Rrezja Rudina Sabahate Sabiha Sadete
Sala Sana Sanije Sara Sebahate Selvije Servete Sevdije Shehide Shehrije Shejnaze Shemsije Shkurte Shkëndije
Shpejta Shpresa Shpëtime Shqipe Sofije Suzana Sylvije Synavere Tana Teuta Tringa Trëndelina Tixhe Urtina
Valbona Valdete Valentina Valmira Valmire Valdrina Vera Veprore Vesa Violeta Vjollca Vjosa Vlora Vlera Vlerina Xhejlane
Xhevrije Yllka Yllza Ylberina Zamira Zana Zarife Zejnije Zelfije Zijavere Zoja Zoje Zylfije Zymryte Zyrafete Loresa
Mergime Safete Hajrije Hyrije Shyhrete Nurije Habibe Havushe Mevlyde Ilmije Ganimete Mahije Nafije Rahime Ramize
Rrahime Sadije Selime Sherife Xhyla Zade Zize Ajnure Makbule Merushe Fehmije Hamide Hafije Xhezide Melisa Luana Amina
Huda Hiba Zuhra Malika Salima Nusejba Halime Rejhane Reyhana Hafsa Sarah Sevde
"""

SLAVIC = """
Aleksandar Aleksandra Ana Anđela Anđelko Bogdan Boban Bojan Bojana Borko Božidar Branislav Branka Branko Čedomir Dalibor
Danica Danijel Darko Dejan Dobrivoje Dragan Dragana Dragica Dragoljub Dragomir Dragutin Dušan Dušanka Gordana Goran
Gradimir Igor Ivan Ivana Jana Jasmina Jasna Jelena Jovan Jovana Jovica Katarina Kosta Ksenija Lazar Ljiljana Ljubica
Ljubiša Ljubomir Marija Marko Marijana Mila Milan Milana Milena Milica Milivoje Milka Miloš Milorad Milovan Milutin Mira
Mirjana Miroslav Miroljub Mladen Momčilo Nada Nataša Nebojša Nemanja Nenad Nikola Novica Olivera Petar Predrag
Radica Radoje Radomir Radovan Ranko Ratko Ruža Sanja Saša Slađana Slavica Slaviša Slavko Slobodan Snežana Sonja
Srećko Srđan Stana Stanka Stefan Stojan Stojanka Svetlana Tanja Tatjana Todor Tomislav Uroš Vasa Veljko Vera Verica
Veselin Vesna Vladan Vladimir Vojislav Vuk Zdravko Zlatko Zoran Zorica Žarko Živko Živojin Đorđe Đurđica
"""

FAMILIES = """
Abazi Abdiu Ademi Agushi Ahmetaj Ahmeti Ajeti Ajvazi Aliu Alija Alidema Aliçkaj Arifi Asllani Avdiu Avdyli Azemi Bajgora
Bajraktari Bajrami Balaj Baliu Bala Bashota Basha Bashi Bega Begolli Behluli Behrami Bekimi Beqaj Beqiri Berisha
Berishaj Bilalli Binaku Bislimi Blakaj Blakçori Boletini Brahimi Brestovci Budima Bukoshi Bunjaku Buqaj Buzhala Bytyqi
Cakaj Cakolli Cana Ceku Curri Çitaku Çoçaj Daci Dauti Dedinca Dema Demaj Demi Demolli Dervishi Dobra Dobruna Domi
Draga Dragusha Dreshaj Drini Duraku Durmishi Elezaj Elezi Elshani Emini Fazliu Fejza Ferati Ferizi Fetahu Gashi Gjoka
Gjokaj Gjoni Gjinovci Gjikolli Gjocaj Gjergji Grajçevci Grabanica Hajdari Hajdini Hajrizi Halili Haliti Hamiti Hasanaj
Hasani Haxhiu Haxhijaj Hetemi Hoti Hoxha Hoxhaj Hyseni Ibrahimi Idrizi Ilazi Imeri Isa Isufi Islami Ismaili Jahiri Jaha
Jakupi Jashanica Jashari Jusufi Kabashi Kadriu Kajtazi Kamberi Kastrati Kastrioti Kelmendi Klaiqi Koliqi Konjufca Kosova
Kosumi Krasniqi Krasnaj Kryeziu Kqiku Kurti Kurtaj Kurteshi Latifi Limani Lluka Luta Lushi Lushaj Llapashtica Llugaliu
Mahmuti Maliqi Maloku Maloki Marina Mavraj Maxhuni Mehmeti Mehana Meha Mehaj Mekolli Memeti Mirena Misini Morina Muhameti
Mulliqi Muja Murati Murseli Musa Musliu Mustafa Mziu Neziri Nikqi Nimani Nuhiu Nura Nushi Olluri Osaj Osmanaj Osmani
Pacolli Pajaziti Palushi Pllana Podrimqaku Popova Preniqi Qelaj Qorraj Qorri Qosaj Qosja Raci Rama Ramaj Ramadani Ramqaj
Rashica Rashiti Recica Rexha Rexhaj Rexhepi Rexhepaj Rugova Rushiti Rrustemi Sadiku Sadriu Sahiti Salihu Sefa Sejdiu
Sejfiu Selimi Selmani Selmanaj Sfishta Shabani Shabiu Shahini Shala Shatri Shatrolli Shehu Sherifi Shkodra Shoshi Shyti
Sinani Smajli Sopa Sopi Spahiu Stublla Syla Sylaj Sylejmani Tahiri Tahirsylaj Thaçi Thaqi Topalli Tolaj Ukaj Ukshini
Uka Vataj Veliqi Veliu Veseli Vitia Vokshi Vrella Vuniqi Xhafa Xhaferi Xhema Xhemajli Ymeri Zabeli Zejnullahu Zeka Zekaj
Zeneli Zeqiri Zhitia Zhuniqi Zogaj Zogu Zymberi Petrović Jovanović Jović Nikolić Ilić Đorđević Stojanović Marković Pavlović
Milošević Milić Popović Stanković Ristić Simić Živković Đurić Savić Mitrović Kostić Lazarević Todorović Vasić Filipović
"""


# What families add to a name to be called after it: Mehmet-i, Agim-aj, Halil-ović.
FAMILY_ENDINGS = ("ovic", "evic", "aj", "i", "u")


def _by_sound(*lists: str) -> frozenset[str]:
    return frozenset(
        known_as("".join(sounds(word) for word in words(name))) for text in lists for name in text.split()
    )


_GIVEN, _FAMILIES = _by_sound(MEN, WOMEN, SLAVIC), _by_sound(FAMILIES)


@lru_cache(maxsize=65536)
def is_name(sound: str) -> bool:
    """Is this word, by its sounds, a name that people here bear?"""
    return is_known(sound) or sound in _GIVEN or sound in _FAMILIES or _is_called_after_a_name(sound)


@lru_cache(maxsize=65536)
def is_family(sound: str) -> bool:
    """Is this word, by its sounds, the name of a family rather than of one person?"""
    return sound in _FAMILIES or (
        sound not in _GIVEN and not is_form(sound) and _is_called_after_a_name(sound)
    )


def _is_called_after_a_name(sound: str) -> bool:
    stems = (sound.removesuffix(ending) for ending in FAMILY_ENDINGS if sound.endswith(ending))
    return any(len(stem) > 2 and (is_form(stem) or stem in _GIVEN) for stem in stems)
