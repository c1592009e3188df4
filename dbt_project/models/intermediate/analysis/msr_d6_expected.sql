{#- Measures D6.08a and D6.09a: what is left of the school's pooled ВПР share when what its conditions
    let one expect is taken away; with the limits of that residual. -#}
with
    residual as (
        select
            case measure_code when 'D1.03a' then 'D6.08a' else 'D6.09a' end as measure_code,
            school_id,
            span as school_year,
            n,
            residual as value,
            ci_low,
            ci_high,
            has_unconfirmed,
            delivery_ids
        from {{ ref("mart_context_expected") }}
        where n_years = 1 and status = 'ok'
    ),

    measured as ({{ measure_rows("residual", ["n", "value", "has_unconfirmed"]) }})

select measured.*, residual.ci_low, residual.ci_high
from measured
inner join
    residual
    on measured.measure_code = residual.measure_code
    and measured.school_id = residual.school_id
    and measured.school_year = residual.school_year
