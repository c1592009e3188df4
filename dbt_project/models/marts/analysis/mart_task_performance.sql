-- Performance of tasks as it is shown: of a few pupils only their number.
with parameter as ({{ parameters_in_force(["value_n_show"]) }})

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
    n_schools,
    n_part,
    n_counted,
    case when n_counted >= value_n_show then pct_done end as pct_done,
    case
        when n_part >= value_n_show and n_counted >= value_n_show then pct_not_started
    end as pct_not_started,
    case
        when n_part >= value_n_show and n_counted >= value_n_show then pct_not_taught
    end as pct_not_taught,
    case when n_counted >= value_n_show then zone end as zone,
    low_confidence,
    delivery_ids
from {{ ref("int_task_performance") }} as performance
inner join parameter on {{ of_year("performance.school_year") }}
