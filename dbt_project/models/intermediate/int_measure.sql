-- The catalogue's measures as the figures need them, computed once for all directions.
with edition as ({{ edition_rows("measures", ["measure_code"]) }})

select
    measure_code,
    indicator_code,
    direction_code,
    kind,
    interval_method,
    min_n,
    unit,
    case
        unit
        when '%'
        then 100.0
        when 'п.п.'
        then 100.0
        when 'на 100'
        then 100.0
        when 'на 1000'
        then 1000.0
        else 1.0
    end as multiplier,
    case
        better when 'higher' then 1 when 'true' then 1 when 'lower' then -1 when 'false' then -1
    end as good_sign,
    procedure,
    planned_by,
    coalesce(grade_from, 1) as first_grade,
    coalesce(grade_to, 11) as last_grade,
    total,
    keeps_breakdown,
    main_breakdown,
    has_school_level,
    coalesce(school_min_n, 0) as school_min_n,
    of_persons,
    audience,
    audience_above,
    coalesce(missing_reason, 'в сданных формах нет нужных сведений') as missing_reason,
    coalesce(
        absent_reason, case when planned_by = 'year' then missing_reason end, 'форма не сдана'
    ) as absent_reason,
    unconcerned_reason,
    nobody_reason,
    tables,
    methodology_version,
    first_year,
    last_year
from edition
where implemented
