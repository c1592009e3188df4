{#- One direction's figures from its measures: school, municipality and register; cuts and totals
    of the school year; interval, status, comparability, norm, means of the krai and РФ, zone,
    deliveries.

    Sources of the formulas: Wilson (1927) for a school's share, Newcombe (1998, method 10) for a
    difference of shares, Student for means; above the school a delete-one jackknife over schools,
    because pupils of one school are alike (a pooled Wilson interval would cover far too rarely).

    direction: code of the direction.
    models: msr models with base_numerator and base_denominator.
    derived: msr models without these two columns: their differences have no interval. -#}
{% macro direction_value(direction, models, derived=[]) %}
    {%- set cut = "measure_code, school_year, season, grade, subject, breakdown" -%}
    {%- set flags = ["programme_shift", "season_shift", "population", "scale_change", "biased"] -%}
    with
        measure as (
            select *
            from {{ ref("measures") }}
            where implemented and valid_to is null and direction_code = '{{ direction }}'
        ),

        school as (select * from {{ ref("int_school") }}),

        parameter as (
            {{
            parameter_row(
                [
                    "value_n_show",
                    "value_low_confidence_n",
                    "zone_gap_red",
                    "zone_gap_yellow",
                    "zone_z_municipal",
                ]
            )
        }}
        ),

        quantile as (select * from {{ ref("t_quantile") }}),

        norm as (select * from {{ ref("norms") }} where valid_to is null),

        reference as (select * from {{ ref("int_reference_value") }}),

        measure_state as (select * from {{ ref("int_measure_state") }}),

        window_break as (select * from {{ ref("int_window_break") }}),

        bias as (
            select distinct school_id, list_year, subject, programme_grade
            from {{ ref("int_bias_mark") }}
            where mark > 0
        ),

        msr as (
            {%- for model in models %}
                select {{ msr_columns() }}, base_numerator, base_denominator
                from {{ ref(model) }}
                {%- if not loop.last or derived %}
                    union all
                {%- endif %}
            {%- endfor %}
            {%- for model in derived %}
                select {{ msr_columns() }}, null, null
                from {{ ref(model) }}
                {%- if not loop.last %}
                    union all
                {%- endif %}
            {%- endfor %}
        ),

        -- numerators and denominators of every kind: a mean weighs by its pupils, a flag is one
        -- school
        cell as (
            select
                msr.*,
                measure.kind,
                case
                    when measure.kind in ('flag', 'count', 'enum')
                    then msr.value
                    when measure.kind = 'ratio' or msr.base_denominator is not null
                    then msr.numerator
                    else msr.n * msr.value
                end as x,
                case
                    when measure.kind in ('flag', 'count', 'enum')
                    then case when msr.value is not null then 1 end
                    when measure.kind = 'ratio' or msr.base_denominator is not null
                    then case when msr.numerator is not null then msr.denominator end
                    when msr.value is not null
                    then msr.n
                end as d,
                case
                    when
                        measure.kind not in ('ratio', 'flag', 'count', 'enum')
                        and msr.sd is not null
                    then (msr.n - 1) * msr.sd * msr.sd + msr.n * msr.value * msr.value
                end as ss,
                coalesce(named.programme_shift, false)
                or (
                    measure.procedure = 'VPR' and coalesce(msr.grade_label <> msr.grade, false)
                ) as programme_shift,
                coalesce(named.season_shift, false) as season_shift,
                coalesce(named.population, false) as population,
                coalesce(scaled.scale_change, false) as scale_change,
                measure.procedure = 'VPR'
                and (detailed.school_id is not null or undetailed.school_id is not null) as biased
            from msr
            inner join measure on msr.measure_code = measure.measure_code
            left join
                window_break as named
                on measure.procedure = named.procedure
                and msr.cal_year = named.cal_year
                and msr.season = named.season
                and named.grade is null
            left join
                window_break as scaled
                on measure.procedure = scaled.procedure
                and msr.cal_year = scaled.cal_year
                and msr.season = scaled.season
                and msr.grade = scaled.grade
                and msr.subject = scaled.subject
            left join
                bias as detailed
                on msr.school_id = detailed.school_id
                and msr.cal_year = detailed.list_year
                and msr.subject = detailed.subject
                and msr.grade = detailed.programme_grade
            left join
                bias as undetailed
                on msr.school_id = undetailed.school_id
                and msr.cal_year = undetailed.list_year
                and undetailed.subject is null
        ),

        cut_row as (
            select
                {{ cut }},
                school_id,
                cal_year,
                x,
                d,
                base_numerator as bx,
                base_denominator as bd,
                case when kind in ('flag', 'count', 'enum') then coalesce(n, 1) else n end as n,
                ss,
                value_text,
                delivery_ids,
                has_unconfirmed,
                {{ flags | join(", ") }},
                cast(null as varchar) as absence,
                cast(null as varchar) as absence_reason
            from cell
            where
                season is not null or grade is not null or subject is not null or breakdown <> 'all'
        ),

        total_cell as (
            select
                cell.*,
                case
                    when measure.keeps_breakdown then cell.breakdown else 'all'
                end as total_breakdown
            from cell
            inner join measure on cell.measure_code = measure.measure_code
        ),

        total_row as (
            select
                measure_code,
                school_year,
                cast(null as varchar) as season,
                cast(null as integer) as grade,
                cast(null as varchar) as subject,
                total_breakdown as breakdown,
                school_id,
                case when min(cal_year) = max(cal_year) then min(cal_year) end as cal_year,
                sum(x) as x,
                sum(d) as d,
                -- what cannot be counted into the whole does not enter it
                sum(base_numerator) as bx,
                sum(base_denominator) as bd,
                cast(
                    case
                        when max(kind) in ('flag', 'enum')
                        then max(n)
                        when max(kind) = 'ratio' and sum(d) > 0
                        then sum(d)
                        else sum(n)
                    end as bigint
                ) as n,
                case when count(ss) = count(*) then sum(ss) end as ss,
                case
                    when count(*) = 1
                    then max(value_text)
                    else
                        {{ joined_text("case breakdown when 'all' then value_text else breakdown || ': ' || value_text end", "; ") }}
                end as value_text,
                {{ union_of_lists("delivery_ids") }} as delivery_ids,
                bool_or(has_unconfirmed) as has_unconfirmed,
                {%- for flag in flags %} bool_or({{ flag }}) as {{ flag }}, {%- endfor %}
                cast(null as varchar) as absence,
                cast(null as varchar) as absence_reason
            from total_cell
            group by measure_code, school_year, total_breakdown, school_id
        ),

        -- which figures there should be: the calendar of procedures × schools that were open
        span as (select min(school_year) as first_year, max(school_year) as last_year from cell),

        planned as (
            select
                measure.measure_code,
                calendar.school_year,
                calendar.season,
                calendar.cal_year,
                calendar.programme_grade as grade,
                calendar.subject,
                measure.main_breakdown as breakdown,
                school.school_id,
                calendar.held,
                calendar.grade_label between school.first_grade and school.last_grade as has_grade,
                calendar.subject <> '*'
                and (
                    not calendar.held
                    or calendar.selection = 'all'
                    or (calendar.procedure = 'OGE' and calendar.selection is null)
                ) as is_for_all
            from {{ ref("assessment_calendar") }} as calendar
            inner join measure on calendar.procedure = measure.procedure and measure.by_calendar
            inner join span on calendar.school_year between span.first_year and span.last_year
            inner join
                school
                on coalesce(school.opened_on, date '1900-01-01')
                <= make_date(cast(left(calendar.school_year, 4) as integer) + 1, 8, 31)
                and coalesce(school.closed_on, date '2999-01-01')
                > make_date(cast(left(calendar.school_year, 4) as integer), 9, 1)
            -- base mathematics has a threshold and no test score
            where calendar.subject <> 'MA_base' or measure.keeps_breakdown
        ),

        -- the calendar may name any foreign language by one code
        present as (
            select measure_code, school_id, school_year, season, grade, subject
            from cell
            union
            select
                measure_code, school_id, school_year, season, grade, {{ subject_group("subject") }}
            from cell
        ),

        missing_cut as (
            select
                planned.measure_code,
                planned.school_year,
                planned.season,
                planned.grade,
                planned.subject,
                planned.breakdown,
                planned.school_id,
                planned.cal_year,
                case
                    when planned.held and planned.has_grade then 'no_data' else 'not_applicable'
                end as absence,
                case
                    when not planned.held
                    then 'процедура не проводилась'
                    when not planned.has_grade
                    then 'в школе нет таких классов'
                    else 'форма не сдана'
                end as absence_reason
            from planned
            left join
                present
                on planned.measure_code = present.measure_code
                and planned.school_id = present.school_id
                and planned.school_year = present.school_year
                and planned.season = present.season
                and planned.grade = present.grade
                and planned.subject = present.subject
            where planned.is_for_all and present.school_id is null
        ),

        missing_total as (
            select
                planned.measure_code,
                planned.school_year,
                planned.breakdown,
                planned.school_id,
                case
                    when bool_or(planned.held and planned.has_grade)
                    then 'no_data'
                    else 'not_applicable'
                end as absence,
                case
                    when bool_or(planned.held and planned.has_grade)
                    then 'форма не сдана'
                    when bool_or(planned.held)
                    then 'в школе нет таких классов'
                    else 'процедура не проводилась'
                end as absence_reason
            from planned
            left join
                total_row
                on planned.measure_code = total_row.measure_code
                and planned.school_id = total_row.school_id
                and planned.school_year = total_row.school_year
                and planned.breakdown = total_row.breakdown
            where total_row.school_id is null
            group by planned.measure_code, planned.school_year, planned.breakdown, planned.school_id
        ),

        missing as (
            select {{ cut }}, school_id, cal_year, absence, absence_reason
            from missing_cut
            union all
            select
                measure_code,
                school_year,
                null,
                null,
                null,
                breakdown,
                school_id,
                null,
                absence,
                absence_reason
            from missing_total
        ),

        school_cell as (
            select *
            from cut_row
            union all
            select *
            from total_row
            union all
            select
                {{ cut }},
                school_id,
                cal_year,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                [],
                false,
                false,
                false,
                false,
                false,
                false,
                absence,
                absence_reason
            from missing
        ),

        school_base as (
            select
                'school' as level,
                school_cell.*,
                school.municipality_id,
                x / nullif(d, 0) - coalesce(bx / nullif(bd, 0), 0) as estimate
            from school_cell
            inner join school on school_cell.school_id = school.school_id
        ),

        -- above the school: a municipality and the whole register
        unit as not materialized(
            select 'municipality' as unit_level, municipality_id as unit_id, school_base.*
            from school_base
            union all
            select 'register' as unit_level, null as unit_id, school_base.*
            from school_base
        ),

        whole as (
            select
                unit_level,
                unit_id,
                {{ cut_of("unit") }},
                case when min(cal_year) = max(cal_year) then min(cal_year) end as cal_year,
                sum(x) as x,
                sum(d) as d,
                sum(bx) as bx,
                sum(bd) as bd,
                cast(
                    coalesce(
                        case when max(measure.kind) in ('ratio', 'flag', 'count') then sum(d) end,
                        sum(case when d is not null or absence is null then n end)
                    ) as bigint
                ) as n,
                median(case when d > 0 and n >= measure.min_n then estimate end) as median_estimate,
                {{ median_deviation("case when d > 0 and n >= measure.min_n then estimate end") }}
                as estimate_deviation,
                {{ union_of_lists("delivery_ids") }} as delivery_ids,
                coalesce(bool_or(has_unconfirmed), false) as has_unconfirmed,
                {%- for flag in flags %}
                    {% if flag == "biased" %} false
                    {% else %} bool_or({{ flag }})
                    {% endif %} as {{ flag }},
                {%- endfor %}
                case
                    when count(*) filter (where absence is null) > 0
                    then null
                    when count(*) filter (where absence = 'no_data') > 0
                    then 'no_data'
                    else 'not_applicable'
                end as absence,
                case
                    when count(*) filter (where absence = 'no_data') > 0
                    then max(absence_reason) filter (where absence = 'no_data')
                    else min(absence_reason)
                end as absence_reason
            from unit
            inner join measure on unit.measure_code = measure.measure_code
            where measure.kind <> 'enum'
            group by unit_level, unit_id, {{ cut_of("unit") }}
        ),

        -- the whole without one school, once for each school
        left_out as (
            select
                whole.unit_level,
                whole.unit_id,
                {{ cut_of("whole") }},
                (whole.x - unit.x) / nullif(whole.d - unit.d, 0) - case
                    when whole.bd > 0
                    then
                        (whole.bx - coalesce(unit.bx, 0))
                        / nullif(whole.bd - coalesce(unit.bd, 0), 0)
                    else 0
                end as estimate_without
            from unit
            inner join
                whole
                on unit.unit_level = whole.unit_level
                and unit.unit_id is not distinct from whole.unit_id
                and {{ same_cut("unit", "whole") }}
            where unit.d > 0
        ),

        jackknife as (
            select
                unit_level,
                unit_id,
                {{ cut }},
                count(estimate_without) as n_estimates,
                sqrt((count(estimate_without) - 1) * var_pop(estimate_without)) as jackknife_error
            from left_out
            group by unit_level, unit_id, {{ cut }}
        ),

        above as (
            select whole.*, jackknife.n_estimates, jackknife.jackknife_error
            from whole
            left join
                jackknife
                on whole.unit_level = jackknife.unit_level
                and whole.unit_id is not distinct from jackknife.unit_id
                and {{ same_cut("whole", "jackknife") }}
        ),

        every_row as (
            select
                level,
                school_id,
                municipality_id,
                {{ cut }},
                cal_year,
                x,
                d,
                bx,
                bd,
                n,
                estimate,
                ss,
                value_text,
                delivery_ids,
                has_unconfirmed,
                {{ flags | join(", ") }},
                absence,
                absence_reason,
                cast(null as bigint) as n_estimates,
                cast(null as double) as jackknife_error,
                cast(null as double) as median_estimate
            from school_base
            union all
            select
                unit_level,
                null,
                unit_id,
                {{ cut }},
                cal_year,
                x,
                d,
                bx,
                bd,
                n,
                x / nullif(d, 0) - coalesce(bx / nullif(bd, 0), 0),
                null,
                null,
                delivery_ids,
                has_unconfirmed,
                {{ flags | join(", ") }},
                absence,
                absence_reason,
                n_estimates,
                jackknife_error,
                median_estimate
            from above
        ),

        judged as (
            select
                every_row.*,
                measure.indicator_code,
                measure.kind,
                measure.interval_method,
                measure.better,
                measure.methodology_version,
                case
                    when level <> 'school' and measure.kind = 'flag' then '%' else measure.unit
                end as unit,
                -- shares are kept as fractions until here
                case
                    when
                        measure.kind = 'ratio'
                        or bd is not null
                        or (measure.kind = 'flag' and level <> 'school')
                    then 100.0
                    else 1.0
                end as multiplier,
                case
                    when absence is not null
                    then absence
                    when measure.kind = 'enum' and value_text in ('no_data', 'insufficient_n')
                    then value_text
                    when measure.kind = 'enum' and value_text is not null
                    then 'ok'
                    when estimate is null
                    then 'no_data'
                    when
                        measure.min_n > 0 and coalesce(n, 0) < greatest(measure.min_n, value_n_show)
                    then 'insufficient_n'
                    else 'ok'
                end as status,
                case
                    when absence is not null
                    then absence_reason
                    when measure.kind = 'enum'
                    then null
                    when estimate is null
                    then measure.missing_reason
                    when measure.min_n > 0 and n < value_n_show
                    then
                        'участников меньше '
                        || cast(cast(value_n_show as integer) as varchar)
                        || ': значение не показывается'
                    when measure.min_n > 0 and n < measure.min_n
                    then 'участников меньше ' || cast(measure.min_n as varchar)
                end as status_reason,
                measure.min_n > 0 and coalesce(n < value_n_show, false) as is_hidden,
                coalesce(
                    measure.min_n > 0
                    and n >= measure.min_n
                    and n < value_low_confidence_n
                    and estimate is not null,
                    false
                ) as low_confidence,
                case
                    when level = 'school' and n between 2 and 301
                    then n - 1
                    when level = 'school' and n > 301
                    then 300
                    when level <> 'school' and n_estimates between 2 and 301
                    then n_estimates - 1
                    when level <> 'school' and n_estimates > 301
                    then 300
                end as df,
                zone_gap_red,
                zone_gap_yellow,
                zone_z_municipal
            from every_row
            inner join measure on every_row.measure_code = measure.measure_code
            cross join parameter
            where measure.has_school_level or level <> 'school'
        ),

        bounded as (
            select
                judged.*,
                case
                    when is_hidden or interval_method = 'none' or estimate is null
                    then null
                    when level <> 'school'
                    then multiplier * (estimate - quantile.t_975 * nullif(jackknife_error, 0))
                    when kind = 'ratio'
                    then multiplier * {{ wilson_limit("estimate", "d", z95(), "-") }}
                    when bd > 0
                    then multiplier * {{ share_difference_limit("low") }}
                    when interval_method = 't'
                    then
                        estimate
                        - quantile.t_975
                        * sqrt(greatest(ss - n * estimate * estimate, 0) / nullif(n - 1, 0) / n)
                end as raw_low,
                case
                    when is_hidden or interval_method = 'none' or estimate is null
                    then null
                    when level <> 'school'
                    then multiplier * (estimate + quantile.t_975 * nullif(jackknife_error, 0))
                    when kind = 'ratio'
                    then multiplier * {{ wilson_limit("estimate", "d", z95(), "+") }}
                    when bd > 0
                    then multiplier * {{ share_difference_limit("high") }}
                    when interval_method = 't'
                    then
                        estimate
                        + quantile.t_975
                        * sqrt(greatest(ss - n * estimate * estimate, 0) / nullif(n - 1, 0) / n)
                end as raw_high
            from judged
            left join quantile on judged.df = quantile.df
        ),

        valued as (
            select
                *,
                case
                    when is_hidden or kind = 'enum'
                    then null
                    when kind = 'count' and level <> 'school'
                    then x
                    else multiplier * estimate
                end as value,
                case when kind = 'ratio' and raw_low < 0 then 0 else raw_low end as ci_low,
                case when kind = 'ratio' and raw_high > 100 then 100 else raw_high end as ci_high
            from bounded
        ),

        -- the spread of the schools of one municipality, for figures that nothing else judges
        spread as (
            select
                unit_id as municipality_id,
                {{ cut_of("whole") }},
                median_estimate as municipal_median,
                1.4826 * estimate_deviation as municipal_deviation
            from whole
            where unit_level = 'municipality'
        ),

        compared as (
            select
                valued.*,
                norm.value as norm_value,
                norm.bad_side,
                {{ is_unconfirmed("norm.confidence") }} as norm_row_unconfirmed,
                reference.krai_value,
                reference.rf_value,
                coalesce(reference.krai_value, reference.rf_value) as mean_value,
                measure_state.stale_since,
                case
                    better
                    when 'higher'
                    then 1
                    when 'lower'
                    then -1
                    when 'false'
                    then -1
                    when 'true'
                    then 1
                end as good_sign,
                case
                    when valued.level = 'school' and spread.municipal_deviation > 0
                    then (valued.estimate - spread.municipal_median) / spread.municipal_deviation
                end as z_robust
            from valued
            left join
                norm
                on valued.measure_code = norm.measure_code
                and (norm.breakdown is null or valued.breakdown = norm.breakdown)
                and valued.value is not null
            left join
                reference
                on valued.measure_code = reference.measure_code
                and valued.cal_year = reference.cal_year
                and valued.season = reference.season
                and valued.grade = reference.grade
                and valued.subject = reference.subject
                and valued.breakdown = reference.breakdown
            left join measure_state on valued.measure_code = measure_state.measure_code
            left join
                spread
                on valued.municipality_id = spread.municipality_id
                and {{ same_cut("valued", "spread") }}
        ),

        gapped as (
            select
                *,
                -- how far on the bad side of the mean, in points of percent
                good_sign
                * (mean_value - value)
                * case when unit in ('%', 'п.п.') then 1 else 100 end as gap,
                case
                    good_sign when 1 then ci_high < mean_value when -1 then ci_low > mean_value
                end as excludes_mean
            from compared
        )

    select
        measure_code,
        indicator_code,
        '{{ direction }}' as direction_code,
        level,
        school_id,
        municipality_id,
        school_year,
        cast(cal_year as integer) as cal_year,
        season,
        cast(grade as integer) as grade,
        subject,
        breakdown,
        case when kind in ('ratio', 'flag', 'count') and not is_hidden then x end as numerator,
        case when kind in ('ratio', 'flag', 'count') then d end as denominator,
        -- sums of fractions depend on the order of rows in their last digits
        round(value, 9) as value,
        value_text,
        unit,
        n,
        round(ci_low, 9) as ci_low,
        round(ci_high, 9) as ci_high,
        round(multiplier * median_estimate, 9) as school_median,
        status,
        status_reason,
        coalesce(
            nullif(
                concat_ws(
                    ', ',
                    case when programme_shift then 'programme_shift' end,
                    case when season_shift then 'season' end,
                    case when scale_change then 'scale_change' end,
                    case when population then 'population' end,
                    case when biased then 'biased' end
                ),
                ''
            ),
            'comparable'
        ) as comparability,
        low_confidence,
        norm_value,
        has_unconfirmed or (norm_value is not null and norm_row_unconfirmed) as norm_unconfirmed,
        krai_value,
        rf_value,
        case
            when status <> 'ok' or value is null
            then 'grey'
            when norm_value is not null
            then
                case
                    when bad_side = 'below' and value >= norm_value
                    then 'green'
                    when bad_side = 'above' and value <= norm_value
                    then 'green'
                    when bad_side = 'beyond' and abs(value) <= norm_value
                    then 'green'
                    when interval_method = 'none'
                    then 'red'
                    when bad_side = 'below' and ci_high < norm_value
                    then 'red'
                    when bad_side = 'above' and ci_low > norm_value
                    then 'red'
                    when bad_side = 'beyond' and (ci_low > norm_value or ci_high < - norm_value)
                    then 'red'
                    else 'yellow'
                end
            when good_sign is null
            then 'grey'
            when mean_value is not null
            then
                case
                    when excludes_mean and gap >= zone_gap_red
                    then 'red'
                    when gap >= zone_gap_yellow
                    then 'yellow'
                    else 'green'
                end
            when z_robust * good_sign <= - zone_z_municipal
            then 'yellow'
            else 'green'
        end as zone,
        stale_since,
        delivery_ids,
        methodology_version
    from gapped
{% endmacro %}

{#- The columns that every msr model has. -#}
{% macro msr_columns() -%}
    measure_code,
    school_id,
    school_year,
    cal_year,
    season,
    grade,
    grade_label,
    subject,
    breakdown,
    numerator,
    denominator,
    n,
    value,
    sd,
    value_text,
    delivery_ids,
    has_unconfirmed
{%- endmacro %}

{#- The columns that tell one figure of a unit from another, of one relation. -#}
{% macro cut_of(relation) -%}
    {%- for name in ["measure_code", "school_year", "season", "grade", "subject", "breakdown"] -%}
        {{ relation }}.{{ name }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether two rows are the same cut; empty season, grade and subject mean the year's total. -#}
{% macro same_cut(left, right) -%}
    {{ left }}.measure_code = {{ right }}.measure_code
    and {{ left }}.school_year = {{ right }}.school_year
    and {{ left }}.season is not distinct from {{ right }}.season
    and {{ left }}.grade is not distinct from {{ right }}.grade
    and {{ left }}.subject is not distinct from {{ right }}.subject
    and {{ left }}.breakdown = {{ right }}.breakdown
{%- endmacro %}
