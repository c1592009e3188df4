{#- Measure D1.08c: tasks of ВПР that test meta-subject skills. -#}
with
    task as (
        select *
        from {{ ref("int_task_performance") }}
        where
            level = 'school'
            and mark_group = 'all'
            and meta_skill is not null
            and pct_done is not null
    ),

    paper as (
        select
            school_id,
            school_year,
            cal_year,
            season,
            programme_grade,
            subject,
            count(*) as n_tasks,
            sum(pct_done) as total_pct,
            max(n_part) as n_part,
            {{ union_of_lists("delivery_ids") }} as delivery_ids
        from task
        group by school_id, school_year, cal_year, season, programme_grade, subject
    ),

    measured as (
        select
            'D1.08c' as measure_code,
            school_id,
            school_year,
            cal_year,
            season,
            programme_grade as grade,
            sum(total_pct) / sum(n_tasks) as value,
            sum(n_part) as n,
            {{ union_of_lists("delivery_ids") }} as delivery_ids,
            -- which requirements are meta-subject ones is a proposal
            true as has_unconfirmed
        from paper
        group by school_id, school_year, cal_year, season, programme_grade
    )

    {{ measure_rows("measured", ["cal_year", "season", "grade", "n", "value", "has_unconfirmed"]) }}
