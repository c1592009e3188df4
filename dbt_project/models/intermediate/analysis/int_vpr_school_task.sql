{{ config(materialized='ephemeral') }}

{#- The only place where lists of scores are taken apart: aggregates per place of the list in one pass
    over the pupils (four times as fast as a row per score), in blocks of places so that short papers
    do not pay for long ones; 60 places are the limit of the contract. -#}
{%- set paper = ['school_year', 'cal_year', 'season', 'programme_grade', 'subject'] -%}
{%- set blocks = [1, 21, 41] -%}
{%- set block_size = 20 -%}
{%- set counts = ['n_counted', 'points', 'max_seen', 'n_not_started', 'n_not_taught'] -%}
with
    chosen as (
        select school_id, cal_year, season, programme_grade, subject, delivery_id
        from {{ ref('int_vpr_pupil_paper') }}
    ),

    scale as (select * from {{ ref('int_vpr_scale') }}),

    pupil as (
        select
            p.school_id,
            p.delivery_id,
            p.part_no,
            {% for c in paper %} p.{{ c }}, {% endfor %}
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
            and p.cal_year = chosen.cal_year
            and p.season = chosen.season
            and p.programme_grade = chosen.programme_grade
            and p.subject = chosen.subject
            and p.delivery_id = chosen.delivery_id
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
                part_no,
                mark,
                {{ paper | join(', ') }},
                count(*) as n_part
                {%- for i in places %}
                    {%- set score = list_item('scores', i) %},
                    count(*) filter (where {{ score }} >= -1) as n_counted_{{ i }},
                    sum({{ score }}) filter (where {{ score }} > 0) as points_{{ i }},
                    max({{ score }}) as max_seen_{{ i }},
                    count(*) filter (where {{ score }} = -1) as n_not_started_{{ i }},
                    count(*) filter (where {{ score }} = -2) as n_not_taught_{{ i }}
                {%- endfor %}
            from pupil
            {%- if first > 1 %} where len(scores) >= {{ first }} {%- endif %}
            group by school_id, delivery_id, part_no, mark, {{ paper | join(', ') }}
        ),

        long_{{ first }} as (
            select
                school_id,
                delivery_id,
                part_no,
                mark,
                {{ paper | join(', ') }},
                n_part,
                {%- set columns = {'task_position': places | list} %}
                {%- for name in counts %}
                    {%- set expressions = [] %}
                    {%- for i in places %} {% do expressions.append(name ~ '_' ~ i) %} {% endfor %}
                    {%- do columns.update({name: expressions}) %}
                {%- endfor %}
                {{ rows_from_places(columns) }}
            from wide_{{ first }}
        ),
    {% endfor %}
    place as (
        {%- for first in blocks %}
            select *
            from long_{{ first }}
            where n_counted + n_not_taught > 0
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    -- Task labels: Latin K for Cyrillic К and 5(1) for 5.1 are spellings of one label.
    task as (
        select
            delivery_id,
            part_no,
            cal_year,
            season,
            programme_grade,
            subject,
            task_position,
            replace(replace(replace(task_label, 'K', 'К'), '(', '.'), ')', '') as task_label,
            is_running_number,
            max_score,
            count(*) over (partition by delivery_id, part_no) as n_tasks
        from {{ ref('stg_vpr_paper_task') }}
    ),

    report_chosen as (
        select
            r.*,
            rank() over (
                partition by r.school_id, r.cal_year, r.season, r.programme_grade, r.subject
                order by d.precedence desc nulls last, r.delivery_id
            ) as preference
        from {{ ref('stg_vpr_task_result') }} as r
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
        where r.unit_level = 'school' and r.school_id is not null and chosen.school_id is null
    ),

    report as (
        select
            *,
            replace(replace(replace(task_label, 'K', 'К'), '(', '.'), ')', '') as label,
            count(*) over (partition by delivery_id, part_no, school_id) as n_tasks
        from report_chosen
        where preference = 1
    ),

    school_task as (
        select
            place.school_id,
            place.delivery_id,
            {% for c in paper %} place.{{ c }}, {% endfor %}
            place.mark,
            place.n_part,
            'pupil' as source,
            coalesce(task.task_label, cast(place.task_position as varchar)) as task_label,
            coalesce(task.is_running_number, true) as is_running_number,
            place.task_position,
            coalesce(task.n_tasks, 0) as n_tasks,
            task.max_score as file_max,
            {% for name in counts %} place.{{ name }}{{ ', ' if not loop.last }}{% endfor %}
        from place
        left join
            task
            on place.delivery_id = task.delivery_id
            and place.part_no = task.part_no
            and place.task_position = task.task_position
        union all
        select
            school_id,
            delivery_id,
            {{ paper | join(', ') }},
            cast(null as integer),
            n_part,
            'report',
            label,
            false,
            cast(null as integer),
            n_tasks,
            max_score,
            n_part,
            pct_done / 100.0 * max_score * n_part,
            cast(null as integer),
            cast(null as bigint),
            cast(null as bigint)
        from report
    )

select *
from school_task
