"""Text files of the outbox compute nothing when a spreadsheet opens them."""

import pytest

from ingestion.reply.harmless import without_formulas


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1;б\r\n", "'=1+1;б\r\n"),
        ('а;"=HYPERLINK(""x"")";б\n=2', 'а;"\'=HYPERLINK(""x"")";б\n\'=2'),
        ("а;+7 918;@SUM(A1)\n-cmd;б", "а;'+7 918;'@SUM(A1)\n'-cmd;б"),
        ("а,=1\tб\t=2", "а,'=1\tб\t'=2"),
        ("-5;-5,5;-1 000.25;-7%;-;а-б;а=б\n-12", "-5;-5,5;-1 000.25;-7%;-;а-б;а=б\n-12"),
        ("а\t\tб\n\tв\t-3", "а\t\tб\n\tв\t-3"),
        ("-5+1;-А1", "'-5+1;'-А1"),
        ("код;ФИО\n1;Анна\n", "код;ФИО\n1;Анна\n"),
    ],
)
def test_formulas_become_texts(text, expected, encoding):
    assert without_formulas(text.encode(encoding)) == expected.encode(encoding)


def test_a_cell_that_begins_with_a_tab():
    assert without_formulas('а;"\t=1"'.encode()) == "а;\"'\t'=1\"".encode()
