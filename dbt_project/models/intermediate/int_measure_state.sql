-- Since when the tables of a measure stand at an older delivery than they should.
with
    measure as (select distinct measure_code, tables from {{ ref("measures") }} where implemented),

    table_state as (select * from {{ source("meta", "table_state") }} where stale_since is not null)

select measure.measure_code, min(table_state.stale_since) as stale_since
from measure
inner join table_state on {{ text_list_contains("measure.tables", "table_state.table_name") }}
group by measure.measure_code
