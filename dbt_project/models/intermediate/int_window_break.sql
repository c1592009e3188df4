with
    listed as (
        select
            procedure,
            cal_year,
            season,
            max(case when code = 'programme_shift' then 1 else 0 end) as programme_shift,
            max(case when code = 'season' then 1 else 0 end) as season_shift,
            max(case when code = 'population' then 1 else 0 end) as population
        from {{ ref("comparability_break") }}
        group by procedure, cal_year, season
    ),

    scale as (
        select
            *,
            lag(max_score) over previous_window as previous_max,
            lag(cut3) over previous_window as previous_cut3,
            lag(cut4) over previous_window as previous_cut4,
            lag(cut5) over previous_window as previous_cut5
        from {{ ref("int_vpr_scale") }}
        window
            previous_window as (
                partition by programme_grade, subject
                order by cal_year, case season when 'spring' then 1 else 2 end
            )
    ),

    scale_change as (
        select 'VPR' as procedure, cal_year, season, programme_grade as grade, subject
        from scale
        where
            previous_cut3 is not null
            and (
                previous_max <> max_score
                or previous_cut3 <> cut3
                or previous_cut4 <> cut4
                or previous_cut5 <> cut5
            )
    )

select
    procedure,
    cal_year,
    season,
    cast(null as integer) as grade,
    cast(null as string) as subject,
    programme_shift = 1 as programme_shift,
    season_shift = 1 as season_shift,
    population = 1 as population,
    false as scale_change
from listed
union all
select procedure, cal_year, season, grade, subject, false, false, false, true
from scale_change
