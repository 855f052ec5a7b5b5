"""Headers of columns that say who a respondent is: what to filter by.

A header counts if it has a word of `TERMS`, and every other word of it is in `ASKING`, the words
that such questions are asked with in that language: *Age group*, *What is your age?* and
*SexInterviewee*, but not *At what age is bread stale?*. To add a language, or a characteristic, add
lines; `_` joins words. Languages of `_IN_RUNS` are written without blanks. A filter is called by
the term that its question has (`named`), or by what `NOUNS` has for that.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from helpers.importing.words.personal import words_of
from helpers.words import raised

TERMS = {
    "en": "age ages how_old age_group agegroup age_band agecat birth_year year_of_birth sex "
    "gender genders region regions residence country countries location province county "
    "district city town state nationality citizenship country_of_origin where_do_you_live "
    "where_are_you_based institution_based where_do_you_work borough ward education educational "
    "educ edu edulevel "
    "qualification qualifications highest_degree academic_degree schooling income incomes "
    "inc salary earnings hhincome employment employed job occupation profession "
    "employment_status work_status sector industry industries branch department "
    "departments division organization_size company_size firm_size size_of_organization "
    "size_of_your_organization size_of_your_company how_large_is_your_organization "
    "how_large_is_your_company how_many_employees number_of_employees number_of_staff "
    "employee_count how_many_people_work organization_type type_of_organization "
    "best_describes_your_organization best_describes_your_company contract_type "
    "type_of_contract role roles position job_title seniority career_stage career_level "
    "tenure years_of_service years_of_experience years_experience development_experience "
    "programming_experience professional_experience years_have_you_been work_experience "
    "level_of_experience level_of_study year_of_study length_of_service how_long_have_you_worked "
    "how_long_have_you_been_working how_long_have_you_been_employed marital_status "
    "marital married civil_status relationship_status ethnicity ethnic race racial ethn "
    "racethn ethnicgroup religion religious_affiliation sexual_orientation "
    "respondent_type kind_of_user best_describes_the_organization",
    "de": "alter altersgruppe altersklasse geschlecht region bundesland land ort wohnort kanton "
    "staatsangehörigkeit nationalität bildung bildungsabschluss bildungsgrad "
    "schulabschluss abschluss ausbildung einkommen haushaltseinkommen nettoeinkommen "
    "bruttoeinkommen gehalt beschäftigung beschäftigungsverhältnis erwerbsstatus beruf "
    "berufsgruppe branche sektor abteilung bereich unternehmensgröße betriebsgröße "
    "organisationsgröße wie_alt wo_wohnen_sie wie_viele_beschäftigte "
    "wie_viele_mitarbeiter wie_viele_mitarbeitende anzahl_der_beschäftigten "
    "anzahl_mitarbeiter mitarbeiterzahl wie_lange_arbeiten_sie art_von_organisation "
    "vertragsart rolle position funktion stellung betriebszugehörigkeit dienstjahre "
    "berufsjahre berufserfahrung familienstand personenstand ethnie religion konfession",
    "fr": "âge age tranche_d'âge classe_d'âge sexe genre région pays département ville commune "
    "nationalité éducation diplôme niveau_d'études niveau_d'étude niveau_d'éducation "
    "études revenu revenus salaire emploi profession métier "
    "catégorie_socioprofessionnelle csp secteur secteur_d'activité taille_de_l'entreprise "
    "taille_de_l'organisation combien_de_salariés nombre_de_salariés nombre_d'employés "
    "où_habitez_vous rôle poste fonction ancienneté années_d'expérience état_civil "
    "situation_familiale situation_matrimoniale statut_marital origine_ethnique religion "
    "résidence",
    "es": "edad grupo_de_edad rango_de_edad sexo género genero región país pais provincia "
    "ciudad municipio departamento comunidad_autónoma nacionalidad educación estudios "
    "nivel_educativo nivel_de_estudios escolaridad formación ingreso ingresos renta "
    "salario sueldo empleo ocupación profesión situación_laboral sector rubro industria "
    "tamaño_de_la_empresa tamaño_de_la_organización cuántos_empleados número_de_empleados "
    "dónde_vive dónde_vives lugar_de_origen cuántos_años_tienes cuántos_años_tiene cargo puesto "
    "rol antigüedad años_de_servicio "
    "años_de_experiencia estado_civil etnia raza religión residencia",
    "it": "età eta fascia_d'età fascia_di_età classe_d'età sesso genere regione paese provincia "
    "città comune nazionalità cittadinanza istruzione titolo_di_studio titolo_di_studi "
    "livello_di_istruzione reddito stipendio occupazione lavoro professione "
    "situazione_lavorativa settore reparto dipartimento dimensione_dell'azienda "
    "dimensioni_dell'azienda quanti_dipendenti numero_di_dipendenti dove_vivi ruolo "
    "posizione anzianità anni_di_servizio anni_di_esperienza stato_civile etnia religione "
    "residenza",
    "pt": "idade faixa_etária grupo_etário sexo gênero género região país estado província "
    "distrito cidade município nacionalidade educação escolaridade formação habilitações "
    "grau_de_instrução renda rendimento salário emprego ocupação profissão "
    "situação_profissional setor sector departamento porte_da_empresa tamanho_da_empresa "
    "tamanho_da_organização quantos_funcionários número_de_funcionários onde_mora "
    "onde_vive cargo função posição tempo_de_serviço tempo_de_empresa anos_de_experiência "
    "estado_civil etnia raça cor_ou_raça religião residência",
    "nl": "leeftijd leeftijdsgroep leeftijdscategorie geslacht gender regio land provincie "
    "gemeente woonplaats nationaliteit opleiding opleidingsniveau inkomen salaris beroep "
    "werksituatie dienstverband sector branche afdeling bedrijfsgrootte "
    "organisatiegrootte hoeveel_medewerkers hoeveel_werknemers aantal_medewerkers hoe_oud "
    "waar_woont rol functie dienstjaren werkervaring burgerlijke_staat etniciteit religie "
    "woonprovincie",
    "ar": "العمر عمرك السن الفئة_العمرية الجنس النوع المنطقة الدولة البلد المحافظة المدينة "
    "الجنسية التعليم المؤهل_العلمي المستوى_التعليمي الدخل الدخل_الشهري الوظيفة المهنة "
    "العمل القطاع القسم الإدارة حجم_المؤسسة حجم_الشركة عدد_الموظفين المنصب سنوات_الخبرة "
    "سنوات_الخدمة الحالة_الاجتماعية العرق الديانة",
    "ru": "пол возраст возрастная_группа регион страна город образование доход занятость "
    "образования проживания профессия должность отрасль стаж семейное_положение национальность",
    "pl": "płeć plec wiek województwo region kraj miejscowość miejsce_zamieszkania "
    "wykształcenie dochód zatrudnienie zawód branża stanowisko staż stan_cywilny "
    "kierunek_studiów rok_studiów rok_studiow rodzaj_studiów rodzaj_studiow ile_masz_lat",
    "tr": "cinsiyet cinsiyetiniz cinsiyetinizi yaş yaşınız yaş_aralığınız yaş_aralığınızı bölge "
    "ülke şehir eğitim gelir meslek sektör "
    "medeni_durum eğitim_durumu departman departmanınız pozisyon pozisyonunuz unvanınız "
    "kıdem ne_kadar_süredir_çalışıyorsunuz çalışma_süreniz",
    "id": "jenis_kelamin gender usia umur kelompok_usia pendidikan pendidikan_terakhir "
    "pekerjaan profesi penghasilan pendapatan domisili provinsi kota jurusan prodi "
    "program_studi angkatan semester fakultas jabatan masa_kerja agama suku "
    "status_pernikahan kelamin kelompok_umur rentang_usia wilayah kabupaten negara "
    "tempat_tinggal gaji departemen divisi lama_bekerja status_perkawinan",
    "zh": "性别 性別 年龄 年齡 年龄段 学历 學歷 教育程度 文化程度 生活地区 职业类别 职业 "
    "職業 收入 月收入 地区 地區 居住地 婚姻状况 婚姻狀況 年级 年級 专业 部门 部門 行业 "
    "年齡層 省份 城市 国家 國家 所在地 职位 職位 职务 工作年限 工龄 工作经验 民族 宗教 "
    "行業 企业规模 公司规模 出生年份 国籍 國籍",
    "ja": "性別 あなたの性別 年齢 年代 年齢層 学歴 最終学歴 職業 職種 年収 居住地 都道府県 "
    "地域 学年 所属 部署 業種 婚姻状況 居住地域 お住まい 国籍 収入 世帯年収 役職 部門 "
    "勤続年数 会社規模 従業員数 未既婚",
    "vi": "giới_tính tuổi độ_tuổi học_vấn trình_độ_học_vấn nghề_nghiệp thu_nhập nơi_ở tỉnh "
    "nhóm_tuổi quê_quán thành_phố tỉnh_thành nơi_cư_trú nơi_sinh_sống khu_vực vùng_miền "
    "quốc_gia quốc_tịch chức_vụ phòng_ban thâm_niên tình_trạng_hôn_nhân dân_tộc tôn_giáo "
    "kinh_nghiệm_làm_việc số_năm_kinh_nghiệm ngành_nghề lĩnh_vực_công_tác năm_sinh",
    "ko": "성별 연령 연령대 나이 지역 거주지역 거주지 직업 학력 최종학력 소득 가구소득 "
    "결혼상태 혼인상태 나이대 교육수준 월소득 결혼여부 부서 직급 직위 직책 근속연수 "
    "근속년수 경력 업종 종교 국적 학년 전공 고용형태 출생년도 출생연도",
    "th": "อายุ เพศ เพศสภาพ ระดับการศึกษา การศึกษา วุฒิการศึกษา อาชีพ รายได้ เงินเดือน จังหวัด "
    "ภูมิภาค ประเทศ สัญชาติ ศาสนา สถานภาพ สถานภาพสมรส ตำแหน่ง ตำแหน่งงาน แผนก หน่วยงาน "
    "ฝ่าย อายุงาน อายุการทำงาน ประสบการณ์การทำงาน ประเภทองค์กร ขนาดองค์กร อุตสาหกรรม คณะ "
    "ชั้นปี",
    "bn": "বয়স লিঙ্গ এলাকা অঞ্চল জেলা বিভাগ শহর দেশ শিক্ষা শিক্ষাগত_যোগ্যতা পেশা আয় মাসিক_আয় "
    "বৈবাহিক_অবস্থা ধর্ম পদবি পদ কোথায়_থাকেন কোন_জেলায় অভিজ্ঞতা জাতীয়তা বয়সসীমা "
    "বয়স_সীমা",
    "hi": "उम्र आयु आयु_वर्ग लिंग क्षेत्र राज्य ज़िला जिला शहर देश शिक्षा शैक्षणिक_योग्यता "
    "योग्यता आय मासिक_आय व्यवसाय पेशा नौकरी रोज़गार वैवाहिक_स्थिति धर्म जाति पद विभाग "
    "अनुभव राष्ट्रीयता",
    "uk": "вік вікова_група стать регіон область місто країна освіта дохід професія посада "
    "галузь стаж зайнятість сімейний_стан національність місце_проживання",
    "cs": "věk věková_skupina pohlaví kraj region země město bydliště vzdělání příjem "
    "zaměstnání povolání obor pozice rodinný_stav národnost délka_praxe",
    "sv": "ålder åldersgrupp kön län kommun stad bostadsort utbildning utbildningsnivå inkomst "
    "yrke sysselsättning bransch befattning avdelning civilstånd anställningstid "
    "hur_gammal",
    "da": "alder aldersgruppe køn region kommune bopæl uddannelse indkomst erhverv "
    "beskæftigelse branche stilling afdeling civilstand anciennitet hvor_gammel",
    "no": "alder aldersgruppe kjønn region fylke kommune bosted utdanning utdanningsnivå "
    "inntekt yrke sysselsetting bransje stilling avdeling sivilstatus ansiennitet "
    "hvor_gammel",
    "fi": "ikä ikäsi ikäryhmä sukupuoli sukupuolesi maakunta kunta asuinkunta asuinpaikka "
    "asuinpaikkasi koulutus koulutuksesi koulutustaso tulot ammatti ammattisi toimiala "
    "osasto siviilisääty työkokemus kuinka_vanha",
    "el": "ηλικία ηλικιακή_ομάδα φύλο περιοχή χώρα πόλη νομός εκπαίδευση μορφωτικό_επίπεδο "
    "επίπεδο_εκπαίδευσης εισόδημα επάγγελμα τμήμα κλάδος οικογενειακή_κατάσταση",
    "hu": "életkor életkora korcsoport kor nem neme régió megye ország lakóhely lakóhelye "
    "végzettség végzettsége iskolai_végzettség iskolai_végzettsége jövedelem foglalkozás "
    "foglalkozása beosztás családi_állapot családi_állapota",
    "ro": "vârsta vârstă grupa_de_vârstă sex sexul gen genul regiune județ oraș localitate țara "
    "țară educație studii nivel_de_studii venit ocupație ocupația profesie funcție "
    "funcția departament stare_civilă starea_civilă naționalitate vechime",
    "fa": "سن گروه_سنی جنسیت استان شهر کشور تحصیلات میزان_تحصیلات سطح_تحصیلات شغل درآمد سمت "
    "سابقه_کار وضعیت_تأهل وضعیت_تاهل",
    "ur": "عمر جنس صوبہ ضلع شہر ملک تعلیم پیشہ آمدنی ازدواجی_حیثیت",
    "he": "גיל הגיל קבוצת_גיל מין המין מגדר אזור עיר מדינה השכלה הכנסה מקצוע תפקיד מחלקה ותק "
    "מצב_משפחתי",
    "sw": "umri jinsia jinsi mkoa wilaya nchi elimu kiwango_cha_elimu kazi mapato hali_ya_ndoa "
    "dini",
}
ASKING = {
    "en": "what which what's how many much long are is do does did have has of the a an you "
    "your you're respondent respondent's respondents interviewee interviewer participant "
    "person household hh head profile demographics demographic demo your's to at in on "
    "for from with by as and or following these this please select choose indicate "
    "specify state tell us give best describes describe described would identify "
    "identifies yourself current currently present main primary highest level levels "
    "completed complete attained obtained reached achieved received group groups band "
    "bands bracket range category cat categories class type kind size status total annual "
    "yearly monthly gross net personal family before after tax people work works working "
    "worked employed employer company organisation organization organisation's "
    "organization's firm business institution university school based located belong "
    "belongs born birth live living lived resident reside years year months approximately "
    "about own self rec recode recoded code coded grouped number full time area field "
    "origin country there been who within where were be background identity ranges last "
    "birthday here geographic geographical fall into estimated child child's parent's "
    "guardian guardian's partner partner's mother's father's spouse spouse's paid binary "
    "legal civil partnership all any sources national insurance most derived name "
    "variable parent nature its headquarters headquartered professionally response most closely "
    "defines define demography u software development professional programming",
    "de": "hat was welche welcher welches welchem welchen wie viele alt lang lange ist sind sie "
    "ihr ihre ihrem ihren ihrer ihres du dein deine deinem bist der die das dem den des "
    "ein eine einer in an zu von im am aus bitte geben wählen höchste höchster höchsten "
    "aktuelle derzeitige monatliches jährliches gruppe haben leben wohnen arbeiten tätig "
    "beschäftigt betrieb unternehmen organisation jahre jahren person befragte befragten "
    "gehören gehört seit",
    "fr": "quel quelle quels quelles est sont votre vos tu ton ta vous avez avez-vous êtes le "
    "la les l' de d' du des un une dans en à au actuel actuelle niveau groupe combien ans "
    "plus élevé élevée mensuel annuel veuillez indiquer habitez vivez travaillez "
    "entreprise organisation personne répondant",
    "es": "cuál cual cuáles qué que es son su sus tu tus usted tiene tienes el la los las lo de "
    "del un una en a por favor indique seleccione actual nivel más alto máximo grupo "
    "rango cuántos años mensual mensuales anual familiar empresa organización persona "
    "vive vives trabaja trabajas encuestado encuestada dónde con identifica identificas",
    "it": "qual quale quali è sono il lo la i gli le l' di del della dei dell' d' un una in a "
    "tuo tua suo sua hai ha anni quanti quante attuale livello più alto fascia gruppo "
    "mensile annuo annua annuale lordo lorda netto netta ultimo l'ultimo che conseguito azienda "
    "organizzazione vivi vive abiti lavori lavora indica "
    "persona intervistato",
    "pt": "qual quais é são o a os as de do da dos das um uma em no na seu sua seus tu você tem "
    "anos quantos nível mais alto faixa grupo mensal anual familiar atual empresa "
    "organização vive mora trabalha indique selecione pessoa onde com se identifica",
    "nl": "wat welke welk is zijn uw je jouw u de het een van in op bij hoe oud veel lang bent "
    "hoogste huidige niveau groep jaar bedrijf organisatie woont werkt persoon hoogst "
    "voltooide",
    "ar": "ما ماهو ماهي هو هي كم في من أنت الحالي الحالية الخاص بك عدد اختر حدد مستوى",
    "ru": "ваш ваша ваше ваши вашего высший высшее тип какой какова каков каково укажите в вы "
    "сколько вам лет уровень",
    "pl": "jaka jaki jakie jest twoja twój twoje pana pani w ile masz lat proszę podać",
    "tr": "nedir sizin kaç hangi seçin seçiniz lütfen şirkette şirketimizde grubunuz",
    "id": "anda apa apakah berapa saudara responden di mana tempat tinggal saat ini kamu bapak "
    "ibu sekarang silakan pilih terakhir per bulan rata tertinggi dimana bekerja tahun "
    "yang adalah tingkat",
    "zh": "您 的 是 您的 请问 請問 你 什么 什麼 请选择 請選擇 请填写 多少 多大 最高 目前 "
    "现在 現在 所在 哪个 哪個 哪里 哪裡 哪些 在 为 為 家庭 个人 每月 平均 所属 属于 "
    "受访者 岁 歲 了 处于",
    "ja": "あなた の は 教えてください を お が に ご 教えて ください 下さい お答え 答え "
    "選んで お選び 何 です か ですか 現在 について どちら どこ 最終 ご自身",
    "vi": "của bạn là gì anh chị ông bà quý vị bao nhiêu vui lòng cho biết hãy chọn hiện tại "
    "nay đang sống ở đâu nào mức hàng tháng cao nhất thuộc trong",
    "ko": "귀하의 응답자 최종 가구 은 는 이 가 무엇입니까 월평균 귀하 당신의 당신 을 를 의 "
    "에 무엇 어디 어떻게 되십니까 됩니까 입니까 되시나요 인가요 현재 월 평균 만 몇 세 살 "
    "선택 해주세요 해 주십시오 주세요 주시기 바랍니다 하여 소속",
    "th": "คุณ ท่าน ของ ของคุณ ของท่าน เท่าไร เท่าไหร่ คือ อะไร ปัจจุบัน โปรดระบุ ระบุ "
    "กรุณาเลือก กรุณา เลือก ช่วง ระดับ สูงสุด เฉลี่ย ต่อเดือน บาท ปี อยู่ ที่ใด ที่ไหน ใน "
    "ใด ทำงาน แบบเต็มเวลา ผู้ตอบแบบสอบถาม กี่ จบ ข้อมูลทั่วไป",
    "bn": "আপনার আপনি কত কী কি কোন কোথায় থাকেন বর্তমান সর্বোচ্চ অনুগ্রহ করে নির্বাচন করুন "
    "উল্লেখ পরিবারের পারিবারিক মাসিক মোট বছর এর জেলায় অঞ্চলে",
    "hi": "आपकी आपका आपके आप क्या है हैं कितनी कितना की का के कौन सा सी से कृपया बताएं बताइए "
    "चुनें वर्तमान उच्चतम स्तर वर्ष में कहाँ रहते परिवार पारिवारिक मासिक कुल",
    "uk": "ваш ваша ваше ваші вашу яка який яке які скільки вам років вкажіть у в ви проживаєте "
    "рівень будь ласка",
    "cs": "jaké jaký jaká je vaše váš vaší kolik vám let nejvyšší dosažené v prosím uveďte "
    "vyberte žijete",
    "sv": "vad är din ditt vilken vilket vilka du bor i hur högsta avslutade nuvarande vänligen "
    "ange välj",
    "da": "hvad er din dit hvilken hvilket du bor i højeste fuldførte nuværende angiv vælg "
    "venligst",
    "no": "hva er din ditt hvilken hvilket du bor i høyeste fullførte nåværende oppgi velg "
    "vennligst",
    "fi": "mikä mitkä on olet valitse korkein nykyinen",
    "el": "ποια ποιο ποιος είναι η το ο σας σου τι πόσο παρακαλώ επιλέξτε τρέχουσα σε ποιά",
    "hu": "mi az ön a legmagasabb kérjük adja meg hány éves jelenlegi",
    "ro": "care este dumneavoastră dvs ta tău în ce din ultima cea mai înaltă vă rugăm "
    "selectați locuiți",
    "fa": "شما چند چیست است خود لطفا لطفاً را کنید انتخاب ماهانه وضعیت کدام در",
    "ur": "آپ کی کا کے کیا ہے کتنی ماہانہ",
    "he": "מה מהו מהי שלך של אנא בחר ציין רמת",
    "sw": "yako wako ni nini gani una miaka mingapi cha ya",
}
# What a characteristic is called that these terms ask for; others are called by their term.
NOUNS = {
    "how_old": "Age",
    "ages": "Age",
    "where_do_you_live": "Place of residence",
    "where_are_you_based": "Location",
    "where_do_you_work": "Place of work",
    "how_large_is_your_organization": "Size of organisation",
    "size_of_your_organization": "Size of organisation",
    "how_large_is_your_company": "Size of company",
    "size_of_your_company": "Size of company",
    "how_many_employees": "Number of employees",
    "how_many_people_work": "Number of people",
    "best_describes_your_organization": "Type of organisation",
    "best_describes_your_company": "Type of company",
    "how_long_have_you_worked": "Length of service",
    "how_long_have_you_been_working": "Length of service",
    "how_long_have_you_been_employed": "Length of service",
    "married": "Marital status",
    "employed": "Employment",
    "years_have_you_been": "Length of service",
    "проживания": "Место проживания",
    "образования": "Образование",
    "wie_alt": "Alter",
    "wo_wohnen_sie": "Wohnort",
    "wie_viele_beschäftigte": "Zahl der Beschäftigten",
    "wie_viele_mitarbeiter": "Zahl der Mitarbeiter",
    "wie_viele_mitarbeitende": "Zahl der Mitarbeitenden",
    "wie_lange_arbeiten_sie": "Betriebszugehörigkeit",
    "combien_de_salariés": "Nombre de salariés",
    "où_habitez_vous": "Lieu de résidence",
    "cuántos_empleados": "Número de empleados",
    "dónde_vive": "Lugar de residencia",
    "dónde_vives": "Lugar de residencia",
    "quanti_dipendenti": "Numero di dipendenti",
    "dove_vivi": "Residenza",
    "quantos_funcionários": "Número de funcionários",
    "onde_mora": "Residência",
    "onde_vive": "Residência",
    "hoeveel_medewerkers": "Aantal medewerkers",
    "hoeveel_werknemers": "Aantal werknemers",
    "hoe_oud": "Leeftijd",
    "waar_woont": "Woonplaats",
    "عمرك": "العمر",
    "cinsiyetiniz": "Cinsiyet",
    "cinsiyetinizi": "Cinsiyet",
    "yaşınız": "Yaş",
    "yaş_aralığınızı": "Yaş",
    "cuántos_años_tienes": "Edad",
    "cuántos_años_tiene": "Edad",
    "ile_masz_lat": "Wiek",
    "institution_based": "Location",
    "best_describes_the_organization": "Type of organisation",
    "hur_gammal": "Ålder",
    "hvor_gammel": "Alder",
    "kuinka_vanha": "Ikä",
    "কোথায়_থাকেন": "বাসস্থান",
    "কোন_জেলায়": "জেলা",
}
_OF_AGE = (
    "age how_old alter ihr_alter wie_alt âge edad età eta idade leeftijd hoe_oud العمر عمرك السن "
    "возраст wiek ile_masz_lat yaş yaşınız 나이 나이대 연령 연령대 cuántos_años_tienes "
    "cuántos_años_tiene อายุ বয়স उम्र आयु tuổi độ_tuổi 年龄 年齡 年齢 umur usia вік věk ålder "
    "hur_gammal alder hvor_gammel ikä ikäsi kuinka_vanha ηλικία életkor életkora kor vârsta vârstă "
    "سن عمر גיל הגיל umri"
)
_AGES = frozenset(normalize("NFC", term.replace("_", " ")) for term in _OF_AGE.split())
_TWO = (
    "married employed retired verheiratet erwerbstätig berufstätig sex gender geschlecht sexe "
    "sexo sesso"
)
YES_NO = frozenset(_TWO.split())  # what two answers in ticks or codes may say
_QUESTION = re.compile(r"[^.?!:]{8,}\?(?=\s+\S)")  # what more is said behind it
_SHORT = 14  # words of a header at most
_NAME = 3  # words of a header that is a name already


def _spelt(text: str) -> str:
    return normalize("NFC", text).replace("organis", "organiz")


_TERMS = {
    k: frozenset(_spelt(t.replace("_", " ")) for t in line.split()) for k, line in TERMS.items()
}
_NOUNS = {normalize("NFC", term.replace("_", " ")): noun for term, noun in NOUNS.items()}
_ASKING = {language: frozenset(_spelt(line).split()) for language, line in ASKING.items()}
# Written without blanks, or with particles at the end of words.
_IN_RUNS = {
    language: (re.compile("|".join(every)), re.compile(f"(?:{'|'.join(every)})+"))
    for language in ("ko", "th", "zh", "ja")
    for every in [sorted(_TERMS[language] | _ASKING[language], key=len, reverse=True)]
}
# Titles above the questions on who respondents are; what stands below is one of them.
_ABOUT = re.compile(
    r"(your )?(socio)?-?demograph\w*( data| information| questions)?|about you(rself)?|background"
    r"|(respondent )?profile|(sozio)?demogra(ph|f)\w*|zur person|angaben zur person|profil"
    r"|données personnelles|datos (personales|demográficos)|dati (personali|anagrafici)"
    r"|dados (pessoais|demográficos)|persoonsgegevens|البيانات (الشخصية|الديموغرافية)",
    re.IGNORECASE,
)


def tells_who(header: str) -> bool:
    """Return whether a header asks who a respondent is, and nothing else."""
    return bool(_asked(header))


def named(header: str) -> str:
    """Name the characteristic that a question asks for: *Age* for *How old are you?*, else nothing.

    A header that is a name already needs no other.
    """
    terms = _asked(header)
    words = words_of(header)
    brief = len(words) <= _NAME and not header.rstrip().endswith(("?", "？"))
    run = any(not {*terms}.isdisjoint(_TERMS[language]) for language in _IN_RUNS)
    if not terms or (brief and (not run or [*map(_spelt, words)] == terms)):
        return ""
    term = max(terms, key=len)
    return _NOUNS.get(term) or raised(term.replace("organiz", "organis"))


def asks_age(header: str) -> bool:
    """Return whether a header asks for the age of a respondent."""
    return not _AGES.isdisjoint(_asked(header))


def _asked(header: str) -> list[str]:
    """List the terms of a header; none if other words are in it, or those of two languages."""
    first = _QUESTION.match(header.strip())
    words = [_spelt(word) for word in words_of(re.sub(r"(?<=[a-z])\d+$", "", header.strip()))]
    if first and len(words) > _SHORT:
        return _asked(first[0])
    if not 0 < len(words) <= _SHORT:
        return []
    found = (_terms(words, _TERMS[language], _ASKING[language]) for language in _TERMS)
    runs = (_in_run("".join(words), language) for language in _IN_RUNS)
    return next(filter(None, (*found, *runs)), [])


def _in_run(text: str, language: str) -> list[str]:
    """List the terms in a text without blanks; none if a part of it belongs to nothing."""
    part, whole = _IN_RUNS[language]
    if text.isascii() or not whole.fullmatch(text):
        return []
    return [each for each in part.findall(text) if each in _TERMS[language]]


def _terms(words: list[str], terms: frozenset[str], asking: frozenset[str]) -> list[str]:
    """List the terms among words; none if one of the words belongs to nothing."""
    found, at = [], 0
    while at < len(words):
        for end in range(min(len(words), at + 5), at, -1):
            if (term := " ".join(words[at:end])) in terms:
                found.append(term)
                at = end
                break
        else:
            if words[at] not in asking and not words[at].isdigit():
                return []
            at += 1
    return found


def is_about(title: str) -> bool:
    """Return whether a title stands above questions on who respondents are: *Demographics*."""
    return bool(_ABOUT.fullmatch(title.strip(" :.")))


def is_yes_or_no(header: str) -> bool:
    """Return whether yes and no say who a respondent is: *Married*, but not *Education*."""
    return not YES_NO.isdisjoint(words_of(header))
