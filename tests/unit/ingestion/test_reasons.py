from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingestion.reasons import FILE_CODES, REASONS, ROW_CODES, Refusal, sentence

SOURCES = Path(__file__).parents[3] / "ingestion"


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_says_what_and_what_to_do_in_russian(code):
    text = sentence(code)
    what, remedy = REASONS[code].template, REASONS[code].remedy
    assert text == f"{sentence(code)}"
    for part in (what, remedy):
        assert re.search("[а-яё]", part)
        assert not part.endswith(".")
    assert "{" not in text


def test_codes_belong_to_files_or_rows():
    assert set(REASONS) == FILE_CODES | ROW_CODES
    assert not FILE_CODES & ROW_CODES


def test_parameters_stand_in_the_sentence():
    text = sentence("FAR_CELL", {"row": 1_048_576, "column": 16_384})
    assert "строка 1048576, столбец 16384" in text
    assert text.endswith(".")


def test_a_missing_parameter_does_not_hide_the_reason():
    assert sentence("TOO_LARGE", {"size": "5 МБ"}) == (
        "Файл слишком велик: 5 МБ при пределе …. Разделите его на части."
    )


def test_a_refusal_prints_as_its_sentence():
    refusal = Refusal("TOO_MANY_COLUMNS", columns=20_000, limit=702)
    assert (refusal.code, refusal.params) == ("TOO_MANY_COLUMNS", {"columns": 20_000, "limit": 702})
    assert "20000" in str(refusal)


def test_an_unknown_code_is_an_error():
    with pytest.raises(KeyError):
        sentence("NO_SUCH_CODE")


def test_the_code_raises_known_reasons_only():
    raised = {
        code
        for path in SOURCES.rglob("*.py")
        for code in re.findall(r'Refusal\(\s*"([A-Z_0-9]+)"', path.read_text(encoding="utf-8"))
    }
    assert raised <= set(REASONS)
