"""Files of every layout, made from rows, and the reader's context.

Belongs here: what the tests of layouts share. The rows follow the real files: headings, titles,
separators, footers.
"""

import csv
import io
from dataclasses import dataclass, field
from functools import cache

import xlsxwriter

from ingestion.contracts import load_contracts
from ingestion.pseudonym import Pseudonymiser
from ingestion.read.layout import read_file, read_tables
from ingestion.read.model import ReadContext, Sheet
from ingestion.reference import load_reference

DELIVERY = "fedcbafedcbafedc"


@cache
def context():
    return ReadContext(load_contracts(), load_reference(), Pseudonymiser(b"k" * 32, "key"), "23")


def read(rows, name, told=None, *, sheet="Sheet1", uncached=frozenset(), more=()):
    """Read rows as one sheet, without a file."""
    sheets = [Sheet(sheet, True, [list(row) for row in rows], (), uncached), *more]
    return read_tables(sheets, name, told or {}, DELIVERY, context())


def workbook(sheets, hidden=()):
    """xlsx bytes of {sheet name: rows}."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for i, row in enumerate(rows):
            for j, cell in enumerate(row):
                if cell != "":
                    sheet.write(i, j, cell)
    book.close()
    return stream.getvalue()


def semicolons(rows, encoding="cp1251"):
    """csv bytes of rows."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode(encoding)


def table(reading, name=None):
    """Rows of a table as dictionaries without blanks."""
    found = [rows for rows in reading.tables if name in (None, rows.table)]
    columns = found[0].columns
    return [
        {key: value for key, value in zip(columns, row, strict=True) if value is not None}
        for row in zip(*columns.values(), strict=True)
    ]


@dataclass
class Example:
    """One file of one layout and what must come out of it."""

    name: str
    sheets: dict
    layout: str
    read: int
    keys: list
    structure: dict
    first: dict = field(default_factory=dict)
    hidden: tuple = ()

    def bytes(self):
        if self.name.endswith(".csv"):
            (rows,) = self.sheets.values()
            return semicolons(rows)
        return workbook(self.sheets, self.hidden)

    def reading(self):
        return read_file(self.bytes(), self.name, {}, DELIVERY, context())


def head(*, report, paper, subject, maximum=38, date="20.04.2026"):
    """Rows 1–7 of a report of the ФИС ОКО."""
    return [
        [report],
        [],
        [paper],
        ["Предмет:", subject],
        ["Максимальный первичный балл:", maximum],
        ["Дата:", date],
        [],
    ]


EXPORT_2020 = [
    ["groups", "user", "id", "code", "otc", "gender", "klass", "var-1", "var-2", "sum",
     "a-1-grade", "a-2-grade", "a-3-grade", "Учебник", "a-5-grade", "a-6-grade"],
    ["22-RU-ALT,VPR_22", "sch230001", "1", 50001.0, "4", "м", "а", "1", "", 4.0, "1", "X", 3.0,
     "ma4.8", "", ""],
    ["22-RU-ALT,VPR_22", "sch230001", "2", 50002.0, "", "", "", "отсутствовал", "", "", "", "", "",
     "", "", ""],
    ["22-RU-ALT,VPR_22", "sch230002", "3", 50001.0, "5", "ж", "б", "2", "", 2.0, "1", "0", 1.0,
     "", "", ""],
]  # fmt: skip
EXPORT_2021 = [
    ["логин школы", "регион", "номер обучающегося", "код обучающегося",
     "отметка за предыдущую четверть/триместр", "пол", "класс", "вариант", "всего баллов",
     "балл за 1", "балл за 2", "Учебник", "Др.уч. автор", "Др.уч. название", "", ""],
    ["sch230001", "город Горячий Ключ", "1", "40001", "3", "ж", "нет", "2", "2", "1", "1", "", "",
     "", "", ""],
    ["sch230001", "город Горячий Ключ", "2", "40002", "", "", "", "отсутствовал", "", "", "", "",
     "", "", "", ""],
]  # fmt: skip
CLASSES_2022 = [
    ["Пользователь", "Код региона", "Регион", "Муниципалитет", "Школа", "Дата загрузки",
     'Буква (цифра) класса. Введите "нет" - если отсутствует', "Основной учебник по предмету",
     "Другое (автор учебника)", "Другое (название учебника)"],
    ["edu230164", "23", "Краснодарский край", "reg23_m012 | город Горячий Ключ",
     'edu230164 | МБОУ "Гимназия №131"', "15.03.2022 19:27:37", "А", "is11.23 | | другое", "", ""],
]  # fmt: skip
HEAD_2022 = ["Пользователь", "Код региона", "Регион", "Муниципалитет", "Школа", "Дата загрузки",
             "Код", "Вариант", "1 (1б)", "5(1) (1б)", "10К1 (3б)", "Наименование класса", "Пол",
             "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов"]  # fmt: skip


def row_2022(code, *, uploaded="15.03.2022 19:27:37", scores=("1", "0", "3"), total="4",
             school='edu230164 | МБОУ "Гимназия №131"', variant="1"):  # fmt: skip
    return [school.split(" ")[0], "23", "Краснодарский край", "reg23_m012 | город Горячий Ключ",
            school, uploaded, code, variant, *scores, "А", "м", "4", total]  # fmt: skip


F1 = [
    *head(report="Индивидуальные результаты", paper="ВПР 2026 Русский язык 4 класс",
          subject="Русский язык")[:6],
    ["Уровень сложности задания", "", "", "", "", "", "Б", "П"],
    ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант", "1 (2б)",
     "12.2 (1б)", "Первичный балл", "Отметка", "Отметка по журналу"],
    ["МБОУ «СОШ №1»(edu230001) | Кол-во участников: 2"],
    ["edu230001", "Горячий Ключ(reg23_m012)", "МБОУ «СОШ №1»", 40001, "4А", 1, 2, 1, 3, 3, 4],
    ["edu230001", "Горячий Ключ(reg23_m012)", "МБОУ «СОШ №1»", 40002, "4А", 2, 2, "X", 2, 3, 4],
    ["МБОУ «СОШ №2»(edu230002) | Кол-во участников: 1"],
    ["", "", "", 40001, "4А", 1, 2, 1, 3, 4, ""],
]  # fmt: skip
FORM_2026 = [
    ["Код участника", "Вариант", "1 (5б)", "4К1 (3б)", "Порядковый номер класса",
     "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов", "", "1", "5"],
    [40001, 1, 5, "X", 1, 4, 5, "", "2", "4"],
    [40002, "отсутствовал", "", "", "", "", 0, "", "отсутствовал", "3"],
    ["", "", "", "", "", "", 0, "", "", "2"],
    ["", "", "", "", "", "", 0],
]  # fmt: skip
FORM_OLD = [
    ["Код", "Вариант (часть 1)", "1 (1б)", "Вариант (часть 2)", "11.3 k1 (2б)",
     'Класс № (список формируется из листа "Классы")', "Пол",
     "Отметка за предыдущий триместр/ четверть", "Итого баллов"],
    [50001, 1, 1, 2, 2, "5а", "ж", 4, 3],
    [50002, "отсутствовал", "", "", "", "", "", "", 0],
    ["", "", "", "", "", "", "", "", 0],
]  # fmt: skip
UNITS = ["Вся выборка", "Краснодарский край", "Горячий Ключ(reg23_m012)",
         "МБОУ «СОШ №1»(edu230001)"]  # fmt: skip
F3 = [
    *head(report="Статистика по отметкам", paper="ВПР 2026 Русский язык 4 класс",
          subject="Русский язык"),
    ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5],
    [UNITS[0], 36000, "1,722,202", 5.06, 30, 40, 24.94],
    [UNITS[1], 1200, "60\xa0000", "5,1", 30, 40, 24.9],
    [UNITS[2], 20, 700, 5, 30, 40, 25],
    [UNITS[3], "", 89, 5, 30, 40, 25],
]  # fmt: skip
SCORES = [
    *head(report="Распределение первичных баллов", paper="ВПР 2026 Русский язык 4 класс",
          subject="Русский язык", maximum=2),
    ["Группы участников", "Кол-во ОО", "Кол-во участников", 0, 1, 2],
    [UNITS[0], 36000, "1,722,202", "20,5", 30, 49.5],
    [UNITS[3], "", 89, 20, 30, 50],
]  # fmt: skip
TASKS = [
    *head(report="Выполнение заданий", paper="ВПР 2026 Русский язык 4 класс",
          subject="Русский язык")[:6],
    ["", "", "Макс балл", 4, 2, 1],
    ["Группы участников", "Кол-во ОО", "Кол-во участников", "1К1", "1К2", "2"],
    [UNITS[0], 36000, "1,722,202", 55.5, 60, 70],
    [UNITS[3], "", 89, 50, "61,5", 72],
]  # fmt: skip
_LOW, _SAME, _UP = ("Понизили (Отметка < Отметка по журналу)",
                    "Подтвердили (Отметка = Отметке по журналу)",
                    "Повысили (Отметка > Отметка по журналу)")  # fmt: skip
JOURNAL_HEAD = head(report="Сравнение отметок с отметками по журналу",
                    paper="ВПР 2026 Математика 5 класс", subject="Математика",
                    maximum=20)  # fmt: skip
JOURNAL_ROWS = [
    [UNITS[1], 1000, 10, 100, 80, 800, 10, 100],
    [UNITS[3], 10, "10,0", 1, 80, 8, 10, 1],
]
JOURNAL_WIDE = [
    *JOURNAL_HEAD,
    ["Группы участников", "Кол-во участников(всего)", f"{_LOW} %", f"{_LOW} Кол-во участников",
     f"{_SAME} %", f"{_SAME} Кол-во участников", f"{_UP} %", f"{_UP} Кол-во участников"],
    *JOURNAL_ROWS,
]  # fmt: skip
JOURNAL_BARE = [
    *JOURNAL_HEAD,
    ["Группы участников", "Кол-во участников(всего)", f"{_LOW} %", "Кол-во участников",
     f"{_SAME} %", "Кол-во участников", f"{_UP} %", "Кол-во участников"],
    *JOURNAL_ROWS,
]  # fmt: skip
JOURNAL_TWO_ROWS = [
    *JOURNAL_HEAD,
    ["Группы участников", "Кол-во участников(всего)", _LOW, "", _SAME, "", _UP, ""],
    ["", "", *["%", "Кол-во участников"] * 3],
    *JOURNAL_ROWS,
]


def _long(unit, total, shares):
    names = (f"{_LOW} %", f"{_SAME} %", f"{_UP} %")
    return [
        [unit, "", ""],
        *([name, n, share] for name, (n, share) in zip(names, shares, strict=True)),
        ["Всего", total, 100],
    ]


JOURNAL_LONG = [
    *JOURNAL_HEAD,
    ["Группы участников", "Кол-во участников", "%"],
    *_long(UNITS[1], 1000, [(100, 10), (800, 80), (100, 10)]),
    *_long(UNITS[3], 10, [(1, "10,0"), (8, 80), (1, 10)]),
]
COMPACT = ["№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", "Фамилия", "Имя", "Отчество",
           "Вариант", "Код участника", "№ бланка", "Ответы в краткой форме",
           "Ответы в развернутой форме", "Первичный балл", "Итоговый балл"]  # fmt: skip


def compact_row(n, primary=30, score=70, school="111002"):
    return [n, "0101", school, "11А", "", "", f"Фамильев{n}", "Имён", "Отчествович", 301,
            f"770000{n}", "20001", "++-+--73", "1(1)2(3)0(2)", primary, score]  # fmt: skip


FOOTERS = [
    ["", "Средние", *[""] * 12, 30, 70],
    ["Минимальная граница", *[""] * 14, 24],
    ["Всего участников", "2"],
]
STACKED = [
    ["01 - Русский язык 2025.05.30"], COMPACT, compact_row(1), compact_row(2, "", ""), *FOOTERS,
    [],
    ["22 - Математика базовая 2025.06.02"], COMPACT, compact_row(1, 20, 5), *FOOTERS,
    [],
    ["02 - Математика профильная 2025.06.02"], COMPACT, compact_row(2, 20, 80), *FOOTERS,
]  # fmt: skip


def spaced(cells):
    """Every second column empty, as merged cells leave it."""
    return [cell for pair in zip(cells, [""] * len(cells), strict=True) for cell in pair]


SPARSE = [
    ["Протокол проверки"],
    ["20 - … Республика"],
    [*[""] * 7, "12 - Обществознание 2022.06.16"],
    spaced(["№", "Код МСУ", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Фамилия", "Имя",
            "Отчество", "Серия", "Номер", "Задания с кратким ответом",
            "Задания с развёрнутым ответом", "Первичный балл", "Тестовый балл"]),
    spaced([str(n) for n in range(1, 16)]),
    spaced([1, 213, "13450", "11", "0001", "12", "Фамильева", "Имя", "Отчествовна", "0312",
            "001234", "++", "1(1)", 30, 70]),
    spaced([2, 213, "13451", "11", "0001", "12", "Фамильев", "Имя", "Отчествович", 312, 1235, "",
            "", "", ""]),
]  # fmt: skip
LANGUAGE = [
    ["Английский язык п:2022.06.14; у:2022.06.16"],
    ["№", "Код ППЭ", "Код ОО", "Класс", "Фамилия", "Имя", "Отчество", "Документ",
     "Задания с кратким ответом", "Задания с развёрнутым ответом", "Устная часть",
     "Первичный балл устной части", "Первичный балл письм. части", "Балл"],
    [1, "п:1111 у:1081", 111002.0, "11", "Фамильева", "Имя", "Отчествовна", "0312 001234", "+",
     "1", "2", 18, 60, 85],
]  # fmt: skip
OGE_DENSE = [
    ["09 - Обществознание 2023.05.30"],
    ["№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", "Фамилия", "Имя",
     "Отчество", "Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл",
     "Оценка"],
    ["1", "006036", "9А", "11", "2", "770001", "Фамильев", "Имя", "Отчествович", "++-", "1(1)",
     "20", "4"],
    ["2", "006036", "9А", "11", "2", "770002", "Фамильева", "Имя", "Отчествовна", "---", "0(1)",
     "3", "2"],
]  # fmt: skip
OGE_REGIONAL = [
    ["Протокол проверки"],
    ["02 - Математика 2023.06.06"],
    spaced(["№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код МСУ", "Фамилия", "Имя",
            "Отчество", "Серия", "Номер", "Задания с кратким ответом",
            "Задания с развёрнутым ответом", "Первичный балл", "Оценка"]),
    spaced([1, "13450", "9", "0001", "12", 213, "Фамильева", "Имя", "Отчествовна", "0312",
            "001234", "++", "1(1)", 18, 4]),
]  # fmt: skip
BASE = [
    ["22 - Математика базовая 2023.06.01"],
    OGE_DENSE[1],
    ["1", "006036", "11А", "11", "2", "770001", "Фамильев", "Имя", "Отчествович", "++-", "", "17",
     "5"],
]  # fmt: skip
APPEALS_TWO_ROWS = [
    ["01 - Русский язык 2021.06.03"],
    ["№", "Код ОО", "Фамилия", "Имя", "Отчество", "Серия", "Номер", "Текущие", "", "Состояние",
     "Дата изменений", "Балл до изменения", "Разница"],
    ["", "", "", "", "", "", "", "Первичный балл", "Балл", "", "", "", ""],
    [1, "111002", "Фамильева", "Имя", "Отчествовна", 312, 1234, 40, 76, "Удовлетворена",
     "05.07.2021 9:54:41", 72, 4],
]  # fmt: skip
APPEALS_BY_CELL = [
    ["№", "Код ОО", "Фамилия", "Имя", "Отчество", "Серия", "Номер", "Экзамен", "Первичный балл",
     "Балл", "Состояние", "Дата изменений", "Балл до изменения", "Разница"],
    [1, "111002", "Фамильева", "Имя", "Отчествовна", "0312", "001234", "Математика(2026.06.02)",
     20, 76, "Удовлетворена", "05.07.2026 9:54:41", 72, 4],
    [2, "111002", "Фамильева", "Имя", "Отчествовна", "0312", "001234", "Русский язык(2026.06.04)",
     40, 80, "Удовлетворена", "06.07.2026 10:00:00", 78, 2],
]  # fmt: skip
BIAS = [
    ["Год", "Логин", "Муниципалитет", "ОО", "4 РУ", "4 МА", "5 РУ", "5 МА",
     "Количество маркеров"],
    [2019, "sch230001", "Горячий Ключ", "СОШ №1", 1, 0, "", "", 1],
    [2021, "edu230002", "Горячий Ключ", "СОШ №2", 1, 1, "", "", 2],
]  # fmt: skip
OFFICIAL = [
    ["Учебный год", "Код школы", "Название школы", "Номер документа", "Дата документа"],
    ["2020/21", "edu230001", "СОШ №1", "12-3", "01.02.2021"],
]
DECISIONS = [
    ["Код школы", "Название школы", "Учебный год", "Решение", "Номер документа", "Дата документа",
     "Основание"],
    ["edu230001", "СОШ №1", "2020/21", "включить", "12-3", "01.02.2021", "две процедуры"],
]  # fmt: skip
REGISTER = [
    ["Код школы в реестре", "Краткое название", "Полное название", "Логин ФИС ОКО",
     "Код ОО в РЦОИ", "ИНН", "ОГРН", "Вид школы", "Тип населённого пункта", "Код муниципалитета",
     "Муниципалитет", "Открыта", "Закрыта", "Правопреемник"],
    ["s1", "МБОУ СОШ №1", "", "edu230001", "006036", 2312345678.0, "1022300000000", "СОШ",
     "город", "gk", "Горячий Ключ", "01.09.1990", "", ""],
    ["s2", "Лицей", "", "edu230002", "006037", "2312345679", "", "лицей", "станица", "gk",
     "Горячий Ключ", "", "", ""],
]  # fmt: skip

_RU4 = "VPR|2026|spring|4|RU"
_MA5 = "VPR|2026|spring|5|MA"
_TITLES = {"title": 5, "empty": 2, "header": 1}
_SCHOOL_1 = "edu230001"

EXAMPLES = {
    "export 2020": Example(
        "2020/4/Математика.xlsx", {"Sheet1": EXPORT_2020}, "vpr_export_2020", 3,
        ["vpr_pupil|*|VPR|2020|autumn|4|MA"], {"header": 1},
        {"school_code": "sch230001", "pupil_code": "50001", "grade_label": 5, "variant": "1",
         "programme_grade": 4, "school_year": "2020/21", "sex": "m", "journal_mark": 4,
         "class_label": "А", "primary_score": 4, "scores": [1, -1, 3], "is_present": True},
    ),
    "export 2021": Example(
        "2021/4/Проведение работы по математике, 4 класс. ВПР 2021.xlsx", {"Sheet": EXPORT_2021},
        "vpr_export_2021", 2, ["vpr_pupil|edu230001|VPR|2021|spring|4|MA"], {"header": 1},
        {"school_code": "sch230001", "pupil_code": "40001", "sex": "f", "primary_score": 2,
         "grade_label": 4, "scores": [1, 1]},
    ),
    "export 2022": Example(
        "2022/11/Химия.xlsx",
        {"Классы": CLASSES_2022, "Протокол": [HEAD_2022, row_2022("1003"), row_2022("1004")]},
        "vpr_export_2022", 2, ["vpr_pupil|edu230164|VPR|2022|spring|11|HI"],
        {"header": 1, "auxiliary": 2},
        {"school_code": "edu230164", "school_name_given": 'МБОУ "Гимназия №131"',
         "pupil_code": "1003", "scores": [1, 0, 3], "primary_score": 4, "grade_label": 11},
    ),
    "Ф1": Example(
        "2849657.xlsx", {"РУ 4 Индивидуальные результаты": F1}, "vpr_f1", 3,
        [f"vpr_pupil|m:горячий ключ|{_RU4}"],
        {"header": 1, "title": 6, "empty": 1, "separator": 2},
        {"school_code": _SCHOOL_1, "class_label": "4А", "mark": 3, "journal_mark": 4,
         "scores": [2, 1], "primary_score": 3},
    ),
    "form 2026": Example(
        f"{_SCHOOL_1}/Форма сбора результатов Русский язык 4 класс ВПР 2026.xlsx",
        {"Протокол": FORM_2026, "Служебный": [["1"], ["2"], ["отсутствовал"]],
         "Порядковый номер класса": [[n] for n in range(1, 6)]},
        "vpr_form_2026", 2, [f"vpr_pupil|{_SCHOOL_1}|{_RU4}"],
        {"header": 1, "empty_template": 2, "auxiliary": 8},
        {"school_code": _SCHOOL_1, "pupil_code": "40001", "scores": [5, -1], "class_label": "1",
         "primary_score": 5},
        hidden=("Служебный",),
    ),
    "form of earlier years": Example(
        f"{_SCHOOL_1}/Математика 5 класс (по программе 4 класса) ВПР 2020.xlsx",
        {"Протокол": FORM_OLD, "Классы": [["5а"], ["5б"]]}, "vpr_form_old", 2,
        [f"vpr_pupil|{_SCHOOL_1}|VPR|2020|autumn|4|MA"],
        {"header": 1, "empty_template": 1, "auxiliary": 2},
        {"pupil_code": "50001", "variant": "1/2", "scores": [1, 2], "grade_label": 5,
         "class_label": "5А", "sex": "f"},
    ),
    "Ф3": Example(
        "Ф3.xlsx", {"РУ 4 Статистика по отметкам": F3}, "vpr_f3", 4,
        [f"vpr_marks|{_SCHOOL_1}|{_RU4}"], _TITLES,
        {"unit_level": "sample", "unit_name": "Вся выборка", "n_part": 1722202, "pct_2": 5.06,
         "pct_5": 24.94},
    ),
    "score distribution": Example(
        "x.xlsx", {"РУ 4 Распределение первичных ба": SCORES}, "vpr_score_distribution", 2,
        [f"vpr_score_distribution|{_SCHOOL_1}|{_RU4}"], _TITLES,
        {"unit_level": "sample", "primary_score": 0, "pct": 20.5, "n_part": 1722202},
    ),
    "task performance": Example(
        "x.xlsx", {"РУ 4 Выполнение заданий": TASKS}, "vpr_task_result", 2,
        [f"vpr_task_result|{_SCHOOL_1}|{_RU4}"], {"title": 6, "empty": 1, "header": 1},
        {"task_label": "1К1", "max_score": 4, "pct_done": 55.5},
    ),
    "journal, wide": Example(
        "x.xlsx", {"МА 5 Сравнение отметок с отметк": JOURNAL_WIDE}, "vpr_journal_wide", 2,
        [f"vpr_journal|{_SCHOOL_1}|{_MA5}"], _TITLES,
        {"unit_level": "region", "n_compared": 1000, "n_lowered": 100, "n_confirmed": 800,
         "n_raised": 100, "pct_lowered": 10.0, "pct_confirmed": 80.0, "pct_raised": 10.0},
    ),
    "journal, bare headings": Example(
        "x.xlsx", {"МА 5 Сравнение отметок с отметк": JOURNAL_BARE}, "vpr_journal_wide", 2,
        [f"vpr_journal|{_SCHOOL_1}|{_MA5}"], _TITLES, {"n_lowered": 100, "pct_raised": 10.0},
    ),
    "journal, two header rows": Example(
        "x.xlsx", {"МА 5 Сравнение отметок с отметк": JOURNAL_TWO_ROWS}, "vpr_journal_wide", 2,
        [f"vpr_journal|{_SCHOOL_1}|{_MA5}"], {**_TITLES, "header": 2},
        {"n_lowered": 100, "pct_raised": 10.0},
    ),
    "journal, long": Example(
        "x.xlsx", {"МА 5 Сравнение отметок с отметк": JOURNAL_LONG}, "vpr_journal_long", 2,
        [f"vpr_journal|{_SCHOOL_1}|{_MA5}"], {**_TITLES, "continuation": 8},
        {"unit_level": "region", "n_compared": 1000, "n_lowered": 100, "n_confirmed": 800,
         "n_raised": 100, "pct_lowered": 10.0},
    ),
    "ЕГЭ, stacked exams": Example(
        "РЦОИ.xlsx", {"Лист1": STACKED}, "ege_compact", 4,
        ["ege_result|111002|EGE|2025|main|11|RU|none|2025-05-30",
         "ege_result|111002|EGE|2025|main|11|MA|base|2025-06-02",
         "ege_result|111002|EGE|2025|main|11|MA|profile|2025-06-02"],
        {"title": 3, "header": 3, "footer": 9, "empty": 2},
        {"school_code": "111002", "pid_basis": "code", "test_score": 70, "primary_score": 30,
         "is_present": True, "class_label": "11А", "level": "none"},
    ),
    "ЕГЭ, sparse": Example(
        "x.xlsx", {"Лист1": SPARSE}, "ege_regional", 2,
        ["ege_result|m:213|EGE|2022|main|11|OB|none|2022-06-16"],
        {"title": 3, "header": 1, "column_numbers": 1},
        {"school_code": "13450", "pid_basis": "document", "test_score": 70},
    ),
    "ЕГЭ, language": Example(
        "x.xlsx", {"Лист1": LANGUAGE}, "ege_language", 1,
        ["ege_result|111002|EGE|2022|main|11|EN|none|2022-06-14"], {"title": 1, "header": 1},
        {"school_code": "111002", "primary_score": 78, "test_score": 85},
    ),
    "ЕГЭ, base maths": Example(
        "x.csv", {"csv": BASE}, "ege_base", 1,
        ["ege_result|006036|EGE|2023|main|11|MA|base|2023-06-01"], {"title": 1, "header": 1},
        {"mark": 5, "primary_score": 17, "school_code": "006036"},
    ),
    "ОГЭ, csv": Example(
        "x.csv", {"csv": OGE_DENSE}, "oge_protocol", 2,
        ["oge_result|006036|OGE|2023|main|9|OB|none|2023-05-30"], {"title": 1, "header": 1},
        {"school_code": "006036", "mark": 4, "primary_score": 20, "pid_basis": "code"},
    ),
    "ОГЭ, sparse": Example(
        "x.xlsx", {"Лист1": OGE_REGIONAL}, "oge_protocol", 1,
        ["oge_result|13450|OGE|2023|main|9|MA|none|2023-06-06"], {"title": 2, "header": 1},
        {"mark": 4, "pid_basis": "document"},
    ),
    "appeals, two header rows": Example(
        "Апелляции.xlsx", {"Лист1": APPEALS_TWO_ROWS}, "exam_change", 1,
        ["exam_change|111002|EGE|2021|main|11|RU|none|2021-06-03"], {"title": 1, "header": 2},
        {"score_before": 72, "score_after": 76, "primary_score": 40,
         "change_state": "Удовлетворена"},
    ),
    "appeals, exam in a cell": Example(
        "Апелляции.xlsx", {"Лист1": APPEALS_BY_CELL}, "exam_change", 2,
        ["exam_change|111002|EGE|2026|main|11|MA|profile|2026-06-02",
         "exam_change|111002|EGE|2026|main|11|RU|none|2026-06-04"], {"header": 1},
        {"score_before": 72, "score_after": 76, "level": "profile"},
    ),
    "appeals of the ОГЭ": Example(
        "Апелляции.xlsx",
        {"Лист1": [
            ["02 - Математика 2023.06.06"],
            ["№", "Код ОО", "Фамилия", "Имя", "Отчество", "Код участника", "Первичный балл",
             "Оценка", "Состояние", "Дата изменений", "Оценка до изменения"],
            [1, "13450", "Фамильева", "Имя", "Отчествовна", "770001", 15, 4, "Удовлетворена",
             "20.06.2023 10:00:00", 3],
        ]},
        "exam_change_marks", 1, ["exam_change|13450|OGE|2023|main|9|MA|none|2023-06-06"],
        {"title": 1, "header": 1}, {"score_before": 3, "score_after": 4, "pid_basis": "code"},
    ),
    "bias list": Example(
        "Список.xlsx", {"Лист1": BIAS}, "bias_list", 2, ["bias_list|2019", "bias_list|2021"],
        {"header": 1},
        {"list_year": 2019, "school_code": "sch230001", "m_4ru": 1, "m_4ma": 0, "n_markers": 1},
    ),
    "official ШНОР list": Example(
        "ШНОР.xlsx", {"Лист1": OFFICIAL}, "shnor_official", 1, ["shnor_official|2020/21"],
        {"header": 1}, {"school_code": _SCHOOL_1, "document_no": "12-3"},
    ),
    "ШНОР decisions": Example(
        "Решения.xlsx", {"Лист1": DECISIONS}, "shnor_decision", 1, ["shnor_decision|*"],
        {"header": 1}, {"decision": "include", "reason": "две процедуры"},
    ),
    "school register": Example(
        "Реестр.xlsx", {"Лист1": REGISTER}, "school", 2, ["school|*"], {"header": 1},
        {"school_id": "s1", "rcoi_code": "006036", "inn": "2312345678", "school_kind": "sosh",
         "place_type": "city"},
    ),
}  # fmt: skip
