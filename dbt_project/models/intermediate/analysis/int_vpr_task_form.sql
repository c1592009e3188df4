{%- set paper = ['school_year', 'cal_year', 'season', 'programme_grade', 'subject'] -%}
with
    part_task as (
        select
            delivery_id,
            part_no,
            {{ paper | join(', ') }},
            task_position,
            is_running_number,
            {{ task_label('task_label') }} as task_label,
            max_score
        from {{ ref('stg_vpr_paper_task') }}
        union all
        select
            delivery_id,
            part_no,
            {{ paper | join(', ') }},
            null,
            false,
            {{ task_label('task_label') }},
            max(max_score)
        from {{ ref('stg_vpr_task_result') }}
        where unit_level = 'school' and school_id is not null
        group by delivery_id, part_no, {{ paper | join(', ') }}, {{ task_label('task_label') }}
    ),

    part as (
        select
            delivery_id,
            part_no,
            {{ paper | join(', ') }},
            count(*) as n_tasks,
            bool_and(is_running_number) as is_running_number,
            {{
                sorted_list(
                    "lpad(cast(coalesce(task_position, 0) as string), 2, '0') || ' ' || task_label || '/'"
                    ~ " || coalesce(cast(max_score as string), '')"
                )
            }}
            as form
        from part_task
        group by delivery_id, part_no, {{ paper | join(', ') }}
    )

select
    *,
    dense_rank() over (order by {{ paper | join(', ') }}, is_running_number, form) as form_id,
    row_number() over (
        partition by {{ paper | join(', ') }}, is_running_number, form order by delivery_id, part_no
    )
    = 1 as is_first
from part
