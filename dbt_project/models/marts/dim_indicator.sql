with
    indicator as (select * from {{ ref("indicators") }}),

    direction as (select * from {{ ref("directions") }}),

    implemented as (
        select
            indicator_code,
            count(distinct measure_code) as n_measures,
            count(distinct case when implemented then measure_code end) as n_implemented
        from {{ ref("measures") }}
        group by indicator_code
    )

select
    indicator.indicator_code,
    indicator.direction_code,
    direction.direction_no,
    direction.name_ru as direction_name,
    indicator.name_ru as indicator_name,
    indicator.order_row,
    indicator.order_quote,
    indicator.site_section,
    direction.edition,
    direction.mart as direction_mart,
    implemented.n_measures,
    implemented.n_implemented,
    indicator.methodology_version,
    indicator.valid_from,
    indicator.valid_to
from indicator
inner join
    direction
    on indicator.direction_code = direction.direction_code
    and {{ in_force_with("direction", "indicator") }}
inner join implemented on indicator.indicator_code = implemented.indicator_code
