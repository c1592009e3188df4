{#- Risk zones of schools and municipalities, each with what it stands on. The zone is the figure's
    own (macros/values/comparison); here are the distances, the false-discovery line and how long
    it lasts. -#}
{%- set cut = ["measure_code", "breakdown", "grade", "subject"] -%}
with
    parameter as ({{ parameters_in_force(["risk_q"]) }}),

    figure as (
        select
            *,
            season is null and grade is null and subject is null as is_total,
            coalesce(krai_value, rf_value) as mean_value
        from {{ ref("indicator_value") }}
        where
            level in ('school', 'municipality')
            and (
                norm_value is not null
                or krai_value is not null
                or rf_value is not null
                or (season is null and grade is null and subject is null)
            )
    ),

    spread as (
        select
            municipality_id,
            school_year,
            season,
            {{ cut | join(", ") }},
            median(value) as municipal_median,
            1.4826 * {{ median_deviation("value") }} as deviation
        from figure
        where level = 'school' and status = 'ok' and value is not null
        group by municipality_id, school_year, season, {{ cut | join(", ") }}
    ),

    judged as (
        select
            figure.*,
            measure.good_sign,
            norm.bad_side,
            norm.name_ru as norm_name,
            norm.basis as norm_source,
            spread.municipal_median,
            case
                when figure.level = 'school' and spread.deviation > 0
                then (figure.value - spread.municipal_median) / spread.deviation
            end as z_robust,
            case
                when figure.zone = 'grey'
                then null
                when figure.norm_value is not null and norm.norm_level = 'proposal'
                then 'proposal'
                when figure.norm_value is not null
                then 'norm'
                when figure.krai_value is not null
                then 'krai'
                when figure.rf_value is not null
                then 'rf'
                else 'municipal'
            end as zone_basis,
            -- what the value must not be worse than
            case
                when norm.bad_side = 'beyond' and figure.value < 0
                then - figure.norm_value
                when figure.norm_value is not null
                then figure.norm_value
                when measure.good_sign is not null
                then figure.mean_value
            end as bound,
            case
                when norm.bad_side = 'below' or (norm.bad_side = 'beyond' and figure.value < 0)
                then -1
                when norm.bad_side is not null
                then 1
                else - measure.good_sign
            end as bad_sign
        from figure
        inner join
            {{ ref("int_measure") }} as measure
            on figure.measure_code = measure.measure_code
            and {{ in_force("measure", "figure") }}
        left join
            {{ ref("int_norm") }} as norm
            on figure.norm_value is not null
            and figure.measure_code = norm.measure_code
            and {{ in_force("norm", "figure") }}
            and (norm.breakdown is null or figure.breakdown = norm.breakdown)
        left join
            spread
            on figure.municipality_id = spread.municipality_id
            and figure.school_year = spread.school_year
            and figure.season is not distinct from spread.season
            {%- for column in cut %}
                and figure.{{ column }} is not distinct from spread.{{ column }}
            {%- endfor %}
    ),

    -- the interval turned into a one-sided test: its limit is {{ z95() }} errors away
    tested as (
        select
            *,
            case
                when status = 'ok' and ci_low < ci_high
                then
                    {{ z95() }}
                    * bad_sign
                    * (value - bound)
                    / nullif(
                        case when value < bound then ci_high - value else value - ci_low end, 0
                    )
            end as z_bad
        from judged
    ),

    probable as (select *, {{ normal_upper_tail("z_bad") }} as p_value from tested),

    {{
        benjamini_hochberg(
            "adjusted",
            "probable",
            "p_value",
            "p_adj",
            ["level", "municipality_id", "direction_code", "school_year"],
        )
    }},

    -- a year is red if one of its windows is; years that nothing judges do not count
    year_zone as (
        select
            level,
            municipality_id,
            school_id,
            {{ cut | join(", ") }},
            school_year,
            bool_or(zone = 'red') as is_red
        from figure
        where zone <> 'grey'
        group by level, municipality_id, school_id, {{ cut | join(", ") }}, school_year
    ),

    run as (
        select
            *,
            sum(case when is_red then 0 else 1 end) over (
                partition by level, municipality_id, school_id, {{ cut | join(", ") }}
                order by school_year
                rows between unbounded preceding and current row
            ) as run_no
        from year_zone
    ),

    lasting as (
        select
            *,
            sum(case when is_red then 1 else 0 end) over (
                partition by level, municipality_id, school_id, {{ cut | join(", ") }}, run_no
                order by school_year
                rows between unbounded preceding and current row
            ) as persistent_years
        from run
    ),

    library as ({{ edition_rows("recommendation_library", ["rec_code"]) }}),

    persistent as (
        select
            adjusted.*,
            coalesce(
                case when zone = 'red' then lasting.persistent_years end, 0
            ) as persistent_years
        from adjusted
        left join
            lasting
            on adjusted.level = lasting.level
            and adjusted.municipality_id = lasting.municipality_id
            and adjusted.school_id is not distinct from lasting.school_id
            and adjusted.school_year = lasting.school_year
            {%- for column in cut %}
                and adjusted.{{ column }} is not distinct from lasting.{{ column }}
            {%- endfor %}
    ),

    -- the text of the measure goes before that of the direction, the longer standing before the new
    advised as (
        select
            persistent.*,
            library.rec_code as recommendation_code,
            row_number() over (
                partition by
                    level,
                    municipality_id,
                    school_id,
                    school_year,
                    season,
                    {% for column in cut %}
                        persistent.{{ column }}{{ ", " if not loop.last }}
                    {% endfor %}
                order by
                    library.measure_code nulls last, library.persistent_from desc, library.rec_code
            ) as choice
        from persistent
        left join
            library
            on persistent.direction_code = library.direction_code
            and persistent.zone = library.zone
            and (library.measure_code is null or persistent.measure_code = library.measure_code)
            and persistent.persistent_years >= library.persistent_from
            and {{ in_force("library", "persistent") }}
    )

select
    level,
    direction_code,
    measure_code,
    municipality_id,
    school_id,
    school_year,
    season,
    grade,
    subject,
    breakdown,
    is_total,
    value,
    unit,
    n,
    ci_low,
    ci_high,
    status,
    zone,
    zone_basis,
    case
        when good_sign = 1 then 'higher' when good_sign = -1 then 'lower' else 'neutral'
    end as direction_of_better,
    norm_value,
    norm_name,
    norm_source,
    krai_value,
    rf_value,
    municipal_median,
    value - norm_value as deviation_norm,
    value - krai_value as deviation_krai,
    value - rf_value as deviation_rf,
    z_robust,
    p_value,
    p_adj,
    p_adj <= risk_q as passes_false_discovery,
    cast(persistent_years as integer) as persistent_years,
    recommendation_code,
    comparability,
    low_confidence,
    norm_unconfirmed as has_unconfirmed,
    delivery_ids
from advised
inner join parameter on {{ of_year("advised.school_year") }}
where choice = 1
