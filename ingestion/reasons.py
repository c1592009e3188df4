"""Why a file or a row was not taken: codes, Russian sentences, what to do.

Belongs here: the catalogue of reasons and the exception that carries one. Not here: the
decisions themselves (`ingestion.read`, `ingestion.receive`, `expectations`). A sentence is made
of numbers, headings and names of layouts; never of the content of a pupil's cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Params = Mapping[str, str | float]


@dataclass(frozen=True)
class Reason:
    """One reason.

    Attributes:
        code: stable name, kept in `meta.delivery` and `meta.rejection`.
        template: Russian sentence that says what is wrong; `{name}` is a parameter.
        remedy: Russian sentence that says what the sender or the operator does about it; may
            hold parameters too.
    """

    code: str
    template: str
    remedy: str


class Refusal(Exception):  # noqa: N818  a verdict, not an error
    """A file that is not taken. Holds a code and safe parameters only.

    Args:
        code: a key of `REASONS`.
        params: values for the sentence's template.
    """

    def __init__(self, code: str, **params: str | float) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, str | float] = params

    def __str__(self) -> str:
        return sentence(self.code, self.params)


def written(number: float) -> str:
    """A number as people write it: 1,6; 100."""
    whole = int(number) == number
    return str(int(number)) if whole else f"{number:g}".replace(".", ",")


class _Known(dict[str, str | float]):
    def __missing__(self, key: str) -> str:
        return "…"


def sentence(code: str, params: Params | None = None) -> str:
    """What is wrong and what to do, in Russian.

    Raises:
        KeyError: the catalogue has no such code.
    """
    reason = REASONS[code]
    known = _Known(
        {k: written(v) if isinstance(v, float) else v for k, v in (params or {}).items()}
    )
    return f"{reason.template.format_map(known)}. {reason.remedy.format_map(known)}."


_RESAVE = "Откройте файл в Excel, проверьте и сохраните как «Книга Excel (.xlsx)», пришлите заново"
_RESEND = "Пришлите файл ещё раз"
_ONLY_TABLE = "Скопируйте таблицу в новую книгу значениями и пришлите её"
_FIX_CELL = "Исправьте ячейку и пришлите файл заново"

_FILE_REASONS = (
    # The file as an object of the file system.
    Reason(
        "NOT_A_FILE",
        "Это не обычный файл (ссылка, канал, устройство или второе имя другого файла)",
        "Положите в папку сам файл",
    ),
    Reason("EMPTY_FILE", "Файл пуст", _RESEND),
    Reason(
        "VAULT_DAMAGED",
        "Содержимое файла в хранилище не совпадает с его контрольной суммой",
        "Восстановите хранилище из резервной копии и запустите обработку ещё раз",
    ),
    # Structural pre-check.
    Reason("ENCRYPTED", "Файл защищён паролем", "Снимите пароль и пришлите файл заново"),
    Reason("MACROS", "В файле есть макросы", "Сохраните книгу без макросов (.xlsx)"),
    Reason("EMBEDDED_OBJECT", "В книгу вложены другие файлы", _ONLY_TABLE),
    Reason("EXTERNAL_LINKS", "Книга ссылается на другие книги", _ONLY_TABLE),
    Reason("ZIP_BROKEN", "Файл повреждён или передан не до конца", _RESEND),
    Reason(
        "ZIP_BOMB",
        "Содержимое файла при распаковке становится несоразмерно большим",
        _ONLY_TABLE,
    ),
    Reason(
        "ZIP_NAMES",
        "Внутри книги есть файлы с недопустимыми или повторяющимися именами",
        _ONLY_TABLE,
    ),
    Reason("TOO_LARGE", "Файл слишком велик: {size} при пределе {limit}", "Разделите его на части"),
    Reason(
        "TOO_MANY_COLUMNS",
        "На листе {columns} столбцов, предел {limit}",
        "Удалите лишние столбцы справа от таблицы и пришлите файл заново",
    ),
    Reason(
        "FAR_CELL",
        "На листе есть ячейка далеко за таблицей (строка {row}, столбец {column})",
        "Удалите все строки ниже и столбцы правее таблицы, сохраните и пришлите заново",
    ),
    Reason(
        "CELL_TOO_LONG",
        "В ячейке больше {limit} знаков",
        "Проверьте, что файл — таблица, и пришлите заново",
    ),
    Reason(
        "WRONG_EXTENSION",
        "Расширение файла не отвечает содержимому: имя «{extension}», содержимое — {content}",
        _RESAVE,
    ),
    Reason(
        "NOT_XLSX",
        "Это не таблица xlsx, xls или csv",
        "Пришлите заполненную форму или выгрузку из системы в виде таблицы (.xlsx): фотографии, "
        "PDF и документы Word не читаются",
    ),
    Reason(
        "OPEN_DOCUMENT",
        "Таблица сохранена в формате OpenDocument (.ods)",
        "Откройте её, выберите «Сохранить как», тип «Книга Excel (.xlsx)» и пришлите заново",
    ),
    Reason("HTML_IN_XLS", "Под видом книги Excel записана веб-страница без таблицы", _RESAVE),
    Reason(
        "XML_IN_XLS",
        "Под видом книги Excel записан XML, который не «Таблица XML 2003»",
        _RESAVE,
    ),
    Reason("XML_DTD", "Внутри файла есть объявления XML, которых в таблицах не бывает", _RESAVE),
    Reason("NUL_BYTE", "В файле есть нулевые байты: он повреждён или это не таблица", _RESEND),
    Reason(
        "ENCODING_UNKNOWN",
        "Не удалось определить кодировку: в тексте нет ни одного знакомого заголовка",
        "Сохраните файл как «CSV UTF-8» или .xlsx и пришлите заново",
    ),
    Reason("CSV_TRUNCATED", "Файл обрывается посреди последней строки", _RESEND),
    # The reading process.
    Reason(
        "PARSE_KILLED",
        "Программа чтения аварийно завершилась на этом файле (не хватило памяти или сбой)",
        _ONLY_TABLE,
    ),
    Reason("PARSE_TIMEOUT", "Файл не прочитан за отведённое время ({seconds} с)", _ONLY_TABLE),
    Reason(
        "READER_FAILED",
        "Программа чтения не справилась с файлом: внутренняя ошибка {error}",
        "Сообщите об этом разработчику; остальные файлы обработаны",
    ),
    Reason("UNREADABLE", "Файл не читается: он повреждён", _RESAVE),
    # Recognition.
    Reason(
        "UNKNOWN_LAYOUT",
        "Ни на одном листе не найдена известная таблица; {nearest}",
        "Пришлите отчёт в исходном виде или заполните шаблон (msoko template)",
    ),
    Reason(
        "ENVELOPE_MISSING",
        "Файл не говорит, к чему он относится: не найдено «{fields}»",
        "Назовите файл или папку по образцу «{example}» "
        "или передайте его: msoko deliver ФАЙЛ {options}",
    ),
    Reason(
        "TITLE_MISSING",
        "Над таблицей не сказано, к чему она относится: не найдено «{fields}»",
        "Впишите над таблицей строку по образцу «{example}» и пришлите файл заново",
    ),
    Reason(
        "TOLD_UNKNOWN",
        "При передаче файла указано то, чего нет в справочниках: «{field}»",
        "Передайте файл ещё раз: msoko deliver ФАЙЛ; допустимые значения — msoko deliver --help",
    ),
    Reason(
        "ENVELOPE_CONTRADICTION",
        "«{field}» в разных местах указано по-разному: {places}",
        "Исправьте название файла, папку или сам файл и пришлите заново",
    ),
    Reason("EMPTY_TEMPLATE", "Шаблон не заполнен", "Заполните форму и пришлите её"),
    Reason(
        "NO_DATA_ROWS", "Под заголовком таблицы нет строк с данными", "Пришлите таблицу целиком"
    ),
    Reason(
        "TOO_MANY_REJECTED",
        "Отклонено {rejected} из {rows} строк; допустимая доля {limit}",
        "Исправьте перечисленные строки и пришлите файл заново",
    ),
    Reason(
        "TEMPLATE_VERSION",
        "Заполнена форма «{form}» другой версии: {version}, действует {current}",
        "Получите новую форму (msoko template {form}) и перенесите в неё данные",
    ),
    Reason(
        "FORM_CHANGED",
        "Заголовки формы «{form}» изменены: не найдено «{headings}»",
        "Верните заголовки или перенесите данные в пустую форму (msoko template {form})",
    ),
    # Personal data that the installation does not take.
    Reason(
        "EXTRA_PERSONAL_DATA",
        "Лишние персональные данные: в файле есть то, чего в нём не ждут («{headings}»)",
        "Удалите эти столбцы и списки людей и пришлите только то, что просит форма; "
        "списки по именам принимаются лишь формой (msoko template) или выгрузкой системы целиком",
    ),
    Reason(
        "RESTRICTED_ROWS",
        "Списки детей с особыми данными принимаются только по явному разрешению",
        "Пришлите сводные данные школы; разрешение — restricted_rows: true в файле msoko.yml",
    ),
    Reason(
        "TOO_MANY_PARTS",
        "В файле больше {limit} отдельных частей (школа, учебный год, предмет)",
        "Разделите файл по учебным годам и пришлите части",
    ),
    # What the warehouse may hold.
    Reason(
        "SYNTHETIC_MIX",
        "Учебный (выдуманный) файл не принимается: в хранилище настоящие данные",
        "Уберите учебные файлы из папки входящих",
    ),
    Reason(
        "REAL_MIX",
        "Настоящий файл не принимается: в хранилище учебные (выдуманные) данные",
        "Очистите хранилище командой msoko reset и запустите обработку ещё раз",
    ),
    Reason(
        "CONFLICT",
        "Одновременно с этим файлом пришёл другой, «{other}»: он о том же самом, а строки иные",
        "Решите, какой из двух верный, и отзовите другой (msoko withdraw)",
    ),
    Reason(
        "WITHDRAWN_BEFORE",
        "Файл с этим содержимым отозван ранее и потому не принят",
        "Если отзыв был ошибкой, передайте файл командой msoko deliver",
    ),
    Reason(
        "HELD",
        "Файл прочитан, но таблицу, в которую он входит, задержала проверка; "
        "в силе остаётся прежнее состояние таблицы",
        "Строки и правило названы в отчёте о качестве: пришлите исправленный файл "
        "или отзовите неверный (msoko withdraw)",
    ),
    Reason(
        "NO_REGISTER",
        "Нет реестра школ: не с чем сопоставить школы файла",
        "Заполните шаблон реестра (msoko template school) и положите его в папку входящих",
    ),
)

_ROW_REASONS = (
    Reason("REQUIRED_EMPTY", "Не заполнен обязательный столбец", "Заполните ячейку"),
    Reason("NOT_A_NUMBER", "В ячейке не число", _FIX_CELL),
    Reason("OUT_OF_RANGE", "Число вне допустимых пределов ({minimum}…{maximum})", _FIX_CELL),
    Reason("NOT_IN_VOCABULARY", "Значения нет в списке допустимых", _FIX_CELL),
    Reason(
        "BAD_SCHOOL_YEAR",
        "Учебный год записан не по правилам",
        "Запишите учебный год как 2021/22",
    ),
    Reason(
        "NAME_INCOMPLETE",
        "Имя человека записано не полностью",
        "Впишите фамилию, имя и отчество полностью, без сокращений",
    ),
    Reason(
        "EXAMPLE_PERSON",
        "Вместо человека вписан пример с листа «Как заполнять»",
        "Замените пример настоящими данными или удалите строку",
    ),
    Reason(
        "BORN_TOO_LATE",
        "По этой дате рождения человеку в {year} году меньше {age} лет",
        "Исправьте дату рождения и пришлите файл заново",
    ),
    Reason("BAD_DATE", "В ячейке не дата", "Запишите дату как 20.04.2026"),
    Reason(
        "PERSONAL_TEXT",
        "В ячейке похоже на персональные данные: {kind}",
        "Уберите их: для человека есть свои столбцы, в остальных он не называется",
    ),
    Reason("BAD_CODE", "Код записан не по правилам", _FIX_CELL),
    Reason(
        "TASK_SCORE_INVALID",
        "Балл за задание не целое число, не X и не «не пройд.»",
        _FIX_CELL,
    ),
    Reason("SCORE_ABOVE_MAX", "Балл больше наибольшего ({maximum})", _FIX_CELL),
    Reason(
        "SUM_MISMATCH",
        "Итог не равен сумме баллов за задания",
        "Проверьте баллы и итог этой строки",
    ),
    Reason(
        "DUPLICATE_ROW",
        "Такая же запись уже есть в строке {row}: в них совпадает всё, что должно различать строки "
        "({key})",
        "Оставьте одну из двух строк или исправьте в одной из них эти столбцы",
    ),
    Reason("ERROR_CELL", "В ячейке ошибка Excel", "Исправьте формулу или впишите значение"),
    Reason(
        "UNCACHED_FORMULA",
        "В ячейке формула, значение которой не посчитано",
        "Откройте файл в Excel, дождитесь пересчёта, сохраните и пришлите заново",
    ),
    Reason(
        "FORMULA_TEXT",
        "В ячейке стоит текст формулы, а не её значение",
        "Впишите вместо формулы число или слово, которое она даёт, и пришлите файл заново",
    ),
    Reason(
        "SHIFTED_COLUMNS",
        "Значения строки сдвинуты относительно заголовков",
        "Верните значения в свои столбцы",
    ),
    Reason(
        "SUPPRESSED_VALUE",
        "Вместо числа стоит знак закрытого или отсутствующего значения",
        "Впишите число или запросите его у отправителя",
    ),
)

REASONS: Mapping[str, Reason] = {reason.code: reason for reason in _FILE_REASONS + _ROW_REASONS}
FILE_CODES = frozenset(reason.code for reason in _FILE_REASONS)
ROW_CODES = frozenset(reason.code for reason in _ROW_REASONS)
