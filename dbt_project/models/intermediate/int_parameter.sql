with edition as ({{ edition_rows("parameters", ["parameter_code"]) }})

select parameter_code, cast(value as double) as value, first_year, last_year
from edition
