with edition as ({{ edition_rows("norms", ["norm_code"]) }})

select
    measure_code,
    breakdown,
    value,
    bad_side,
    name_ru,
    norm_level,
    basis,
    confidence,
    first_year,
    last_year
from edition
