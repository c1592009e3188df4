{#- The only place where lists of scores are taken apart: aggregates per place of the list in one pass
    over the pupils (four times as fast as a row per score), rolled up before they become rows.
    Blocks of places spare short papers the cost of long ones; 60 places are the contract's limit. -#}
{%- set blocks = [1, 21, 41] -%}
{%- set block_size = 20 -%}
{%- set score_places = [] -%}
{%- for i in range(1, 61) -%}
    {%- do score_places.append(list_item('pupil.scores', i)) -%}
{%- endfor -%}
with
    parameter as (
        {{ parameters_in_force([
            'task_group_n_min', 'task_b_norm', 'task_b_band', 'task_p_norm', 'task_p_band'
        ]) }}
    ),

    school as (select school_id, municipality_id from {{ ref('stg_school') }}),

    chosen as (
        select school_id, cal_year, season, programme_grade, subject, delivery_id
        from {{ ref('int_vpr_pupil_paper') }}
    ),

    form as (select delivery_id, part_no, form_id from {{ ref('int_vpr_task_form') }}),

    task as (select * from {{ ref('int_vpr_task') }}),

    form_year as (select distinct form_id, school_year from task),

    scale as (select * from {{ ref('int_vpr_scale') }}),

    pupil as (
        select
            p.school_id,
            p.delivery_id,
            form.form_id,
            coalesce(
                p.mark,
                case
                    when p.primary_score >= scale.cut5
                    then 5
                    when p.primary_score >= scale.cut4
                    then 4
                    when p.primary_score >= scale.cut3
                    then 3
                    when p.primary_score < scale.cut3
                    then 2
                end
            ) as mark,
            p.scores
        from {{ ref('stg_vpr_pupil') }} as p
        inner join
            chosen
            on p.school_id = chosen.school_id
            and p.delivery_id = chosen.delivery_id
            and p.cal_year = chosen.cal_year
            and p.season = chosen.season
            and p.programme_grade = chosen.programme_grade
            and p.subject = chosen.subject
        inner join form on p.delivery_id = form.delivery_id and p.part_no = form.part_no
        left join
            scale
            on p.cal_year = scale.cal_year
            and p.season = scale.season
            and p.programme_grade = scale.programme_grade
            and p.subject = scale.subject
        where p.is_present and p.scores is not null
    ),
    {% for first in blocks %}
        {%- set places = range(first, first + block_size) %}
        wide_{{ first }} as (
            select
                school_id,
                delivery_id,
                form_id,
                mark,
                count(*) as n_part
                {%- for i in places %}
                    , {{ task_sum(list_item('scores', i)) }} as total_{{ i }}
                {%- endfor %}
            from pupil
            {%- if first > 1 %} where {{ list_length('scores') }} >= {{ first }} {%- endif %}
            group by school_id, delivery_id, form_id, mark
        ),

        rolled_{{ first }} as (
            select
                case
                    when grouping(w.school_id) = 0
                    then 'school'
                    when grouping(s.municipality_id) = 0
                    then 'municipality'
                    else 'register'
                end as level,
                w.school_id,
                s.municipality_id,
                w.form_id,
                case
                    when grouping(w.mark) = 1 then 'all' else cast(w.mark as string)
                end as mark_group,
                case when grouping(w.school_id) = 0 then max(w.delivery_id) end as delivery_id,
                count(distinct w.school_id) as n_schools,
                sum(w.n_part) as n_part
                {%- for i in places %}, sum(w.total_{{ i }}) as total_{{ i }} {%- endfor %}
            from wide_{{ first }} as w
            inner join school as s on w.school_id = s.school_id
            inner join form_year on w.form_id = form_year.form_id
            inner join parameter on {{ of_year("form_year.school_year") }}
            group by
                grouping sets (
                    (w.school_id, s.municipality_id, w.form_id, w.mark),
                    (w.school_id, s.municipality_id, w.form_id),
                    (s.municipality_id, w.form_id, w.mark),
                    (s.municipality_id, w.form_id),
                    (w.form_id, w.mark),
                    (w.form_id)
                )
            having
                grouping(w.mark) = 1
                or (w.mark is not null and sum(w.n_part) >= max(task_group_n_min))
        ),

    {% endfor %}
    long as (
        {%- for first in blocks %}
            {%- set totals = [] %}
            {%- for i in range(first, first + block_size) %}
                {%- do totals.append('total_' ~ i) %}
            {%- endfor %}
            select
                level,
                school_id,
                municipality_id,
                delivery_id,
                form_id,
                mark_group,
                n_schools,
                n_part,
                {{
                rows_from_places(
                    {'task_position': range(first, first + block_size) | list, 'total': totals}
                )
            }}
            from rolled_{{ first }}
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    -- Only papers of which nothing prints the maxima are read once more.
    seen_element as (
        select
            pupil.form_id,
            {{
                rows_from_places(
                    {'task_position': range(1, 61) | list, 'score': score_places}
                )
            }}
        from pupil
        inner join
            (select distinct form_id from task where max_score is null) as unknown
            on pupil.form_id = unknown.form_id
    ),

    seen as (
        select task.task_id, max(seen_element.score) as max_seen
        from seen_element
        inner join
            task
            on seen_element.form_id = task.form_id
            and seen_element.task_position = task.task_position
        where seen_element.score > 0
        group by task.task_id
    ),

    report_ranked as (
        select
            r.school_id,
            s.municipality_id,
            r.delivery_id,
            form.form_id,
            r.n_part,
            {{ task_label('r.task_label') }} as given_label,
            r.pct_done,
            r.max_score,
            rank() over (
                partition by r.school_id, r.cal_year, r.season, r.programme_grade, r.subject
                order by d.precedence desc nulls last, r.delivery_id
            ) as preference
        from {{ ref('stg_vpr_task_result') }} as r
        inner join school as s on r.school_id = s.school_id
        inner join form on r.delivery_id = form.delivery_id and r.part_no = form.part_no
        left join
            {{ ref('stg_delivery_part') }} as d
            on d.table_name = 'vpr_task_result'
            and r.delivery_id = d.delivery_id
            and r.part_no = d.part_no
        left join
            chosen
            on r.school_id = chosen.school_id
            and r.cal_year = chosen.cal_year
            and r.season = chosen.season
            and r.programme_grade = chosen.programme_grade
            and r.subject = chosen.subject
        where r.unit_level = 'school' and chosen.school_id is null
    ),

    report as (
        select
            case
                when grouping(r.school_id) = 0
                then 'school'
                when grouping(r.municipality_id) = 0
                then 'municipality'
                else 'register'
            end as level,
            r.school_id,
            r.municipality_id,
            t.task_id,
            'all' as mark_group,
            case when grouping(r.school_id) = 0 then max(r.delivery_id) end as delivery_id,
            'report' as source,
            count(distinct r.school_id) as n_schools,
            sum(r.n_part) as n_part,
            sum(r.n_part) as n_counted,
            sum(r.pct_done / 100 * coalesce(r.max_score, t.max_score) * r.n_part) as points,
            null as n_not_started,
            null as n_not_taught
        from report_ranked as r
        inner join task as t on r.form_id = t.form_id and r.given_label = t.given_label
        where r.preference = 1
        group by
            grouping sets (
                (r.school_id, r.municipality_id, t.task_id),
                (r.municipality_id, t.task_id),
                (t.task_id)
            )
    ),

    figure as (
        select
            p.level,
            p.school_id,
            p.municipality_id,
            t.task_id,
            p.mark_group,
            p.delivery_id,
            'pupil' as source,
            p.n_schools,
            p.n_part,
            {{ task_sum_field('p.total', 'n_counted') }} as n_counted,
            {{ task_sum_field('p.total', 'points') }} as points,
            {{ task_sum_field('p.total', 'n_not_started') }} as n_not_started,
            {{ task_sum_field('p.total', 'n_not_taught') }} as n_not_taught
        from long as p
        inner join task as t on p.form_id = t.form_id and p.task_position = t.task_position
        where p.total > 0
        union all
        select *
        from report
    ),

    -- Once a task: the rows of mark groups rest on the same deliveries as the row of all.
    delivered as (
        select
            case
                when grouping(municipality_id) = 0 then 'municipality' else 'register'
            end as level,
            municipality_id,
            task_id,
            'all' as mark_group,
            {{ distinct_list('delivery_id') }} as delivery_ids
        from figure
        where level = 'school' and mark_group = 'all'
        group by grouping sets ((municipality_id, task_id), (task_id))
    ),

    -- Above the school forms of one paper meet: the same task under different headings. A school's
    -- paper is one part of one delivery and needs no further sum.
    summed as (
        select
            level,
            school_id,
            municipality_id,
            task_id,
            mark_group,
            delivery_id,
            source,
            n_schools,
            n_part,
            n_counted,
            points,
            n_not_started,
            n_not_taught
        from figure
        where level = 'school'
        union all
        select
            level,
            null,
            municipality_id,
            task_id,
            mark_group,
            null,
            case when min(source) = max(source) then max(source) else 'mixed' end,
            sum(n_schools),
            sum(n_part),
            sum(n_counted),
            sum(points),
            sum(n_not_started),
            sum(n_not_taught)
        from figure
        where level <> 'school'
        group by level, municipality_id, task_id, mark_group
    ),

    task_fact as (
        select
            t.task_id,
            t.school_year,
            t.cal_year,
            t.season,
            t.programme_grade,
            t.subject,
            t.task_label,
            t.task_no,
            t.task_level,
            t.kes_codes,
            t.kt_codes,
            t.meta_skill,
            coalesce(t.max_score, nullif(seen.max_seen, 0)) as max_score,
            coalesce(t.max_basis, case when seen.max_seen > 0 then 'seen' end) as max_basis
        from
            (
                select distinct
                    task_id,
                    school_year,
                    cal_year,
                    season,
                    programme_grade,
                    subject,
                    task_label,
                    task_no,
                    task_level,
                    kes_codes,
                    kt_codes,
                    meta_skill,
                    max_score,
                    max_basis
                from task
            ) as t
        left join seen on t.task_id = seen.task_id
    ),

    rated as (
        select
            s.*,
            f.school_year,
            f.cal_year,
            f.season,
            f.programme_grade,
            f.subject,
            f.task_label,
            f.task_no,
            f.task_level,
            f.kes_codes,
            f.kt_codes,
            f.meta_skill,
            f.max_score,
            f.max_basis,
            100.0 * s.points / nullif(f.max_score * s.n_counted, 0) as pct_done,
            case when f.task_level = 'Б' then task_b_norm else task_p_norm end as norm,
            case when f.task_level = 'Б' then task_b_band else task_p_band end as band,
            task_group_n_min,
            coalesce(
                d.delivery_ids,
                case when s.delivery_id is not null then {{ list_of(["s.delivery_id"]) }} end
            ) as delivery_ids
        from summed as s
        inner join task_fact as f on s.task_id = f.task_id
        left join
            delivered as d
            on s.level = d.level
            and s.task_id = d.task_id
            and s.mark_group = d.mark_group
            and coalesce(s.municipality_id, '') = coalesce(d.municipality_id, '')
        inner join parameter on {{ of_year("f.school_year") }}
    )

select
    level,
    school_id,
    municipality_id,
    school_year,
    cal_year,
    season,
    programme_grade,
    subject,
    mark_group,
    task_label,
    task_no,
    task_level,
    kes_codes,
    kt_codes,
    meta_skill,
    max_score,
    max_basis,
    source,
    cast(n_schools as integer) as n_schools,
    cast(n_part as integer) as n_part,
    cast(n_counted as integer) as n_counted,
    pct_done,
    100.0 * n_not_started / nullif(n_part, 0) as pct_not_started,
    100.0 * n_not_taught / nullif(n_part, 0) as pct_not_taught,
    case
        when n_counted < task_group_n_min or task_level is null or pct_done is null
        then null
        when pct_done >= norm + band
        then 'sufficient'
        when pct_done >= norm - band
        then 'borderline'
        else 'insufficient'
    end as zone,
    n_counted < task_group_n_min as low_confidence,
    delivery_ids
from rated
