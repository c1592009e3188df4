{%- set paper = ['school_year', 'cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    form as (select * from {{ ref('int_vpr_task_form') }} where is_first),

    part_task as (
        select
            delivery_id,
            part_no,
            task_position,
            {{ task_label('task_label') }} as task_label,
            max_score
        from {{ ref('stg_vpr_paper_task') }}
        union all
        select delivery_id, part_no, null, {{ task_label('task_label') }}, max(max_score)
        from {{ ref('stg_vpr_task_result') }}
        where unit_level = 'school' and school_id is not null
        group by delivery_id, part_no, {{ task_label('task_label') }}
    ),

    -- The printed lists hold slips: a row repeated under the number of its neighbour. Of two rows
    -- with one number the one stays whose number of the КИМ stands nowhere else.
    printed as (
        select
            *,
            {{ task_label('kim_no') }} as kim_label,
            count(*) over (
                partition by cal_year, season, programme_grade, subject, {{ task_label('kim_no') }}
            ) as n_same_label
        from {{ ref('vpr_task_catalogue') }}
    ),

    unrepeated as (
        select
            *,
            row_number() over (
                partition by cal_year, season, programme_grade, subject, task_no
                order by n_same_label, kim_label
            ) as preference
        from printed
    ),

    catalogue as (
        select
            cal_year,
            season,
            programme_grade,
            subject,
            cast(task_no as integer) as task_no,
            kim_label as kim_no,
            level as task_level,
            max_score,
            kes_codes,
            kt_codes,
            meta_skill,
            count(*) over (partition by cal_year, season, programme_grade, subject) as n_tasks,
            -- alternative tasks share one number of the КИМ
            count(*) over (partition by cal_year, season, programme_grade, subject, kim_label)
            > 1 as is_shared_no
        from unrepeated
        where preference = 1
    ),

    -- Without an edition of the same year the nearest one serves if the paper has as many tasks.
    edition_ranked as (
        select
            form.form_id,
            c.cal_year,
            c.season,
            row_number() over (
                partition by form.form_id
                order by abs(form.cal_year - c.cal_year), c.cal_year, c.season
            ) as distance_rank
        from form
        inner join
            (
                select distinct cal_year, season, programme_grade, subject, n_tasks from catalogue
            ) as c
            on form.programme_grade = c.programme_grade
            and form.subject = c.subject
            and (
                form.n_tasks = c.n_tasks or (form.cal_year = c.cal_year and form.season = c.season)
            )
    ),

    described as (
        select
            form.form_id,
            {% for c in paper %} form.{{ c }}, {% endfor %}
            t.task_position,
            t.task_label as given_label,
            case
                when c.is_shared_no
                then c.kim_no || ' (место ' || c.task_no || ')'
                when c.kim_no is not null
                then c.kim_no
                when count(*) over (partition by form.form_id, t.task_label) > 1
                then t.task_label || ' (место ' || t.task_position || ')'
                else t.task_label
            end as task_label,
            coalesce(c.task_no, t.task_position) as task_no,
            c.task_level,
            c.kes_codes,
            c.kt_codes,
            c.meta_skill,
            t.max_score as file_max,
            c.max_score as catalogue_max
        from form
        inner join part_task as t on form.delivery_id = t.delivery_id and form.part_no = t.part_no
        left join edition_ranked as e on form.form_id = e.form_id and e.distance_rank = 1
        left join
            catalogue as c
            on e.cal_year = c.cal_year
            and e.season = c.season
            and form.programme_grade = c.programme_grade
            and form.subject = c.subject
            and case
                when form.is_running_number
                then t.task_label = cast(c.task_no as string)
                else t.task_label = c.kim_no and not c.is_shared_no
            end
    )

select
    form_id,
    {{ paper | join(', ') }},
    task_position,
    given_label,
    task_label,
    dense_rank() over (order by {{ paper | join(', ') }}, task_label) as task_id,
    min(task_no) over task as task_no,
    max(task_level) over task as task_level,
    max(kes_codes) over task as kes_codes,
    max(kt_codes) over task as kt_codes,
    max(meta_skill) over task as meta_skill,
    coalesce(max(file_max) over task, max(catalogue_max) over task) as max_score,
    case
        when max(file_max) over task is not null
        then 'file'
        when max(catalogue_max) over task is not null
        then 'catalogue'
    end as max_basis
from described
window task as (partition by {{ paper | join(', ') }}, task_label)
