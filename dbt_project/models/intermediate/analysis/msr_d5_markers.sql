{#- Measure D5.01d: how many own screening markers fired. A paper's row counts its own markers; the row
    of the whole year also holds what is tested over all papers together (OBJ2). -#}
with
    marker as (
        select *
        from {{ ref('mart_objectivity') }}
        where marker_code <> 'OFFICIAL' and fired is not null
    )

select
    'D5.01d' as measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    programme_grade as grade,
    case when season = 'autumn' then programme_grade + 1 else programme_grade end as grade_label,
    subject,
    'all' as breakdown,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as base_numerator,
    cast(null as double) as base_denominator,
    count(*) as n,
    cast(count(case when fired then 1 end) as double) as value,
    cast(null as double) as sd,
    {{ joined_text("case when fired then marker_code end") }} as value_text,
    {{ union_of_lists('delivery_ids') }} as delivery_ids,
    bool_or(has_unconfirmed) as has_unconfirmed
from marker
group by school_id, school_year, cal_year, season, programme_grade, subject
